"""Exercises: the gap that a student fills, the answer, and the check that says what is wrong.

An answer is a hidden cell of its page. The cell's front matter holds the gap, the code that a student begins
with, where `...` stands for what is asked. After the line `# check` come assertions, each with words for
whoever fails it. A translation gives these words in its `shared-cell`, a line for each.
"""

# ruff: noqa: RUF001 - Chinese punctuation is meant
from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docs._ext import checking
from docs._ext.pages import Cell

CHECKER = "the-check"
"""The id of the cell that the checks need."""

MARK = "\n# check\n"
"""What parts an answer from what checks it."""

SAYS = {
    "en": checking.says,
    "zh": {
        "empty": "还没有填写：{}。",
        "right": "正确。",
        "wrong": "还不对。{}",
        "stopped": "无法检查这个答案。{}：{}",
    },
}
PURPOSE = {
    "en": "Run this cell once; then the exercises below can tell whether an answer is right.",
    "zh": "先运行这个单元格，下面的习题才能检查答案对不对。",
}


@dataclass(frozen=True)
class Exercise:
    """What becomes of an answer on a page.

    Attributes:
        gap: what a student begins with.
        answer: what could stand there.
        check: a cell that prints whether it is right.
    """

    gap: str
    answer: str
    check: str


def exercise(cell: Cell, words: Sequence[str] = ()) -> Exercise:
    """The exercise that a cell of a page answers; `words` in another language replace those of the check.

    Raises:
        ValueError: for an answer that nothing checks, an assertion without words, or a translation that has
            more or fewer words than there are assertions.
    """
    answer, _, check = translated(cell.name, cell.code, words).partition(MARK)
    gaps = ", ".join(f'"{name}"' for name in asked(cell.gap))
    return Exercise(cell.gap, answer.rstrip(), f"with check({gaps}):\n{textwrap.indent(check, '    ')}")


def translated(name: str, code: str, words: Sequence[str]) -> str:
    """The code of an answer and its check, with other words in the check if there are any.

    Raises:
        ValueError: as `exercise`.
    """
    answer, _, check = code.partition(MARK)
    found = [node.msg for node in ast.walk(ast.parse(check)) if isinstance(node, ast.Assert)]
    messages = [message for message in found if message]
    if not messages or len(messages) < len(found):
        raise ValueError(f"{name}: after a line '# check' there should be assertions, each with words")
    if words and len(messages) != len(words):
        raise ValueError(f"{name}: {len(messages)} assertions, but {len(words)} lines of translation")
    return answer + MARK + (_with_words(check, messages, words) if words else check)


def checker(language: str) -> str:
    """The code of the cell that the checks need."""
    source = Path(checking.__file__).read_text("utf-8").partition('"""\n\n')[2].rstrip()
    lines = "".join(f'    "{key}": "{word}",\n' for key, word in SAYS[language].items())
    return f"# {PURPOSE[language]}\n" + re.sub(
        r"says = \{\n.*?\n\}", lambda _: f"says = {{\n{lines}}}", source, flags=re.DOTALL
    )


def _with_words(check: str, messages: list[ast.expr], words: Sequence[str]) -> str:
    lines = check.encode().split(b"\n")  # ast counts bytes
    pairs = sorted(zip(messages, words, strict=True), key=lambda pair: pair[0].lineno, reverse=True)
    for message, other in pairs:
        first, last = message.lineno - 1, (message.end_lineno or message.lineno) - 1
        before, after = lines[first][: message.col_offset], lines[last][message.end_col_offset :]
        kind = b"f" if isinstance(message, ast.JoinedStr) else b""
        quoted = json.dumps(other, ensure_ascii=False).encode()
        lines[first : last + 1] = [before + kind + quoted + after]
    return b"\n".join(lines).decode()


def asked(gap: str) -> list[str]:
    """The names that a gap leaves open."""
    names = []
    for node in ast.parse(gap).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)]
    return names
