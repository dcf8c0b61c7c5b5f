"""The tutorial as Jupyter notebooks, without outputs: `python -m docs._ext.notebooks FOLDER`.

Every chapter is written twice in every language: for students, with a gap in each exercise, and with the
answers. In both, a cell under each exercise checks what stands there.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs._ext.exercises import CHECKER, checker, exercise
from docs._ext.pages import DOCS, Cell, cells, language_of, parse

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CARRIED_ALONG = DOCS / "_build" / "extra"
"""Files of the site that are no pages."""

FOLDED = {"jupyter": {"source_hidden": True}}

_WIDE = r"[\u2018-\u201d\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_BREAK_IN_CHINESE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")  # Jupyter would show it as a space


def chapters() -> list[Path]:
    """The pages of the tutorial, in every language that it is written in."""
    return sorted(DOCS.glob("tutorial/[0-9]*.md")) + sorted(DOCS.glob("*/tutorial/[0-9]*.md"))


def place(page: Path, answers: bool = False) -> str:
    """Where a chapter's notebook lies among the others: `en/01_setting_up.ipynb`, or in `en-answers`."""
    language = language_of(page.relative_to(DOCS).as_posix())
    return f"{language}{'-answers' if answers else ''}/{page.stem}.ipynb"


def notebook(page: Path, answers: bool = False) -> dict[str, Any]:
    """A chapter in Jupyter's format; a translation's cells come from its original."""
    originals = {cell.name: cell for cell in cells((DOCS / "tutorial" / page.name).read_text("utf-8"))}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": list(_cells(page, originals, answers)),
    }


def write(folder: Path) -> None:
    """Writes every notebook, and an archive for each language, with the answers and without."""
    for page in chapters():
        for answers in (False, True):
            target = folder / place(page, answers)
            target.parent.mkdir(parents=True, exist_ok=True)
            written = json.dumps(notebook(page, answers), indent=1, ensure_ascii=False)
            target.write_text(written + "\n", "utf-8")
    for kind in sorted({path.parent.name for path in folder.glob("*/*.ipynb")}):
        shutil.make_archive(str(folder / f"gridq-tutorial-{kind}"), "zip", folder / kind)


def _cells(page: Path, originals: dict[str, Cell], answers: bool) -> Iterator[dict[str, Any]]:
    prose: list[str] = []
    has_checker = False
    for part in [*parse(page.read_text("utf-8")), None]:
        if isinstance(part, str):
            prose.append(part)
            continue
        original = originals[part.name] if part else None
        if original and original.gap and not has_checker:
            language = language_of(page.relative_to(DOCS).as_posix())
            yield _code(CHECKER, checker(language), FOLDED)
            has_checker = True
        text = "\n".join(prose).strip()
        if text:
            yield _markdown(f"before-{part.name if part else 'the-end'}", text, page)
        if original and part and original.gap:
            asked = exercise(original, part.words)
            yield _code(part.name, asked.answer if answers else asked.gap)
            # folded, because what it compares with would give the answer away
            yield _code(part.name.replace("answer", "check"), asked.check, FOLDED)
        elif original:
            yield _code(original.name, original.code)
        prose = []


def _code(name: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": metadata or {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _markdown(name: str, text: str, page: Path) -> dict[str, Any]:
    """Prose, with its pictures inside the notebook."""
    # links to other pages of the site lead nowhere from a notebook; their words stay
    text = _BREAK_IN_CHINESE.sub("", text)
    text = re.sub(r"(?<!!)\[([^]]*)\]\([^):]*\.md[^)]*\)", r"\1", text)
    pictures = [page.parent / f"{name}.png" for name in re.findall(r"!\[[^]]*\]\(([^)]*)\.svg\)", text)]
    text = re.sub(r"(!\[[^]]*\])\([^)]*/([^)/]*)\.svg\)", r"\1(attachment:\2.png)", text)
    attachments = {
        picture.name: {"image/png": base64.b64encode(picture.read_bytes()).decode()} for picture in pictures
    }
    cell = {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}
    return cell | ({"attachments": attachments} if attachments else {})


# -- for Sphinx ----------------------------------------------------------------------------------------


def write_for_site(app: Sphinx) -> None:
    """Before the build: every chapter as a file that the site carries along."""
    shutil.rmtree(CARRIED_ALONG, ignore_errors=True)
    write(CARRIED_ALONG / "notebooks")


def offer(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Tells the page's template where its notebooks lie: for students, and with the answers."""
    page = DOCS / f"{pagename}.md"
    if page in chapters():
        context["notebook"] = f"notebooks/{place(page)}"
        context["notebook_with_answers"] = f"notebooks/{place(page, answers=True)}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", write_for_site)
    app.connect("html-page-context", offer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    write(Path(sys.argv[1]))
