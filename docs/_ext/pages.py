"""What a page of the documentation is made of: prose, code cells, sections. Knows nothing of Sphinx."""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "zh", "ja")
"""English at the top; the others each in a folder of that name."""

_FENCE = re.compile(r"^(`{3,}|:{3,})")
_CELL = re.compile(r"^```\{(code-cell|shared-cell)\} *(.*)$")
_GENERATED = re.compile(
    r"^<!-- generated: (?!environment ).*?^<!-- end of what is generated -->$", re.MULTILINE | re.DOTALL
)
_HEADING = re.compile(r"^(#{1,6}) +(.+)$")


@dataclass(frozen=True)
class Cell:
    """A code cell, or the place in a translation where the cell of that name is shown.

    Attributes:
        name: how a translation refers to it.
        code: what is executed; empty in a translation.
        alt: what the picture it makes shows, in words; empty if it makes none.
        hidden: whether it is folded away, as answers are.
        line: where it begins in the file, from 1.
        gap: of an answer, the code that a student begins with.
        words: of an answer in a translation, what the check says, assertion by assertion.
    """

    name: str
    code: str
    alt: str
    hidden: bool
    line: int
    gap: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading, and the prose and cells below it up to the next heading.

    Attributes:
        level: 1 for the title.
        title: its words.
        prose: the text, with each cell replaced by its name.
        line: where it begins in the file, from 1.
    """

    level: int
    title: str
    prose: str
    line: int

    @property
    def digest(self) -> str:
        """Changes when the words change; line breaks and blank lines do not matter."""
        words = " ".join(f"{self.title} {self.prose}".split())
        return hashlib.sha256(words.encode()).hexdigest()[:12]


def parse(text: str) -> list[str | Cell]:
    """The page in order: lines of prose (without the front matter) and cells."""
    lines = text.split("\n")
    parts: list[str | Cell] = []
    i = 0
    if lines[0] == "---":
        i = lines.index("---", 1) + 1
        parts += [""] * i  # so that places keep their line numbers
    while i < len(lines):
        opening = _CELL.match(lines[i])
        if not opening:
            parts.append(lines[i])
            i += 1
            continue
        end = lines.index("```", i)
        parts.append(_cell(opening[1], opening[2], lines[i + 1 : end], i + 1))
        parts += [""] * (end - i)
        i = end + 1
    return parts


def _cell(kind: str, argument: str, lines: list[str], line: int) -> Cell:
    if kind == "shared-cell":
        options = [text for text in lines if text.startswith(":")]
        code, name = [], argument.strip()
    else:
        n_options = 0
        if lines and lines[0] == "---":
            n_options = lines.index("---", 1) + 1
        else:
            while n_options < len(lines) and lines[n_options].startswith(":"):
                n_options += 1
        options, code = lines[:n_options], lines[n_options:]
        name = _option(options, "name")
    return Cell(
        name,
        "\n".join(code).strip("\n"),
        _option(options, "alt"),
        "hide-cell" in str(options),
        line,
        _block(options, "gap"),
        tuple(text for text in lines if text and not text.startswith(":")) if kind == "shared-cell" else (),
    )


def _option(lines: list[str], key: str) -> str:
    for line in lines:
        found = re.match(rf"^[: ]*{key}: *(.+)$", line)
        if found:
            return found[1].strip().strip("\"'")
    return ""


def _block(lines: list[str], key: str) -> str:
    """What stands indented under `key: |`."""
    text = re.search(rf"^{key}: \|\n((?: .*\n|\n)*)", "\n".join([*lines, ""]), flags=re.MULTILINE)
    return textwrap.dedent(text[1]).strip("\n") if text else ""


def cells(text: str) -> list[Cell]:
    """The cells of a page, in order."""
    return [part for part in parse(text) if isinstance(part, Cell)]


def sections(text: str) -> list[Section]:
    """The sections of a page, in order; a line in a fence is no heading."""
    found: list[tuple[int, str, list[str], int]] = []
    fence = ""
    for number, part in enumerate(parse(text), start=1):
        if isinstance(part, Cell):
            if found:
                found[-1][2].append(f"[{part.name}]")
            continue
        mark = _FENCE.match(part)
        if mark:
            fence = "" if fence and part.strip() == fence else fence or mark[1]
        heading = None if fence else _HEADING.match(part)
        if heading:
            found.append((len(heading[1]), heading[2].strip(), [], number))
        elif found:
            found[-1][2].append(part)
    return [Section(level, title, "\n".join(prose), line) for level, title, prose, line in found]


def hand_written(text: str) -> str:
    """A page without what is made from the code, but for docstrings that somebody translates."""
    return _GENERATED.sub("", text)


def language_of(docname: str) -> str:
    """`zh` for `zh/index`, and for the results of a search, `search-zh`; `en` for what names no language."""
    folder = docname.split("/", 1)[0].removeprefix("search-")
    return folder if folder in LANGUAGES else "en"


def fences(text: str) -> list[str]:
    """The plain fenced blocks of a page (commands to type), which a translation leaves as they are."""
    return [block for info, block in _fenced(text) if not info.startswith("{")]


def prose(text: str) -> str:
    """The words of a page: without cells, fenced blocks and front matter."""
    lines = "\n".join(part for part in parse(text) if isinstance(part, str))
    for info, block in _fenced(text):
        lines = lines.replace(f"```{info}\n{block}```", "")
    return lines


def _fenced(text: str) -> list[tuple[str, str]]:
    """What follows the opening backticks, and the lines between, of every fenced block that is no cell."""
    lines = "\n".join(part for part in parse(text) if isinstance(part, str))
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", lines, flags=re.MULTILINE | re.DOTALL)
