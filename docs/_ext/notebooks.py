"""The tutorial as Jupyter notebooks, without outputs: `python -m docs._ext.notebooks FOLDER`."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs._ext.pages import DOCS, Cell, cells, language_of, parse


def chapters() -> list[Path]:
    """The pages of the tutorial, in every language that it is written in."""
    return sorted(DOCS.glob("tutorial/[0-9]*.md")) + sorted(DOCS.glob("*/tutorial/[0-9]*.md"))


def place(page: Path) -> str:
    """Where a chapter's notebook lies among the others: `en/01_setting_up.ipynb`."""
    return f"{language_of(page.relative_to(DOCS).as_posix())}/{page.stem}.ipynb"


def notebook(page: Path) -> dict[str, Any]:
    """A chapter in Jupyter's format; a translation's cells come from its original."""
    code = {cell.name: cell.code for cell in cells((DOCS / "tutorial" / page.name).read_text("utf-8"))}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": list(_cells(parse(page.read_text("utf-8")), code)),
    }


def write(folder: Path) -> None:
    """Writes every notebook, and an archive for each language."""
    for page in chapters():
        target = folder / place(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(notebook(page), indent=1, ensure_ascii=False) + "\n", "utf-8")
    for language in sorted({place(page).split("/")[0] for page in chapters()}):
        shutil.make_archive(str(folder / f"gridq-tutorial-{language}"), "zip", folder / language)


def _cells(parts: list[str | Cell], code: dict[str, str]) -> Iterator[dict[str, Any]]:
    prose: list[str] = []
    for part in [*parts, None]:
        if isinstance(part, str):
            prose.append(part)
            continue
        # links to other pages of the site lead nowhere from a notebook; their words stay
        text = re.sub(r"\[([^]]*)\]\([^):]*\.md[^)]*\)", r"\1", "\n".join(prose).strip())
        if text:
            before = part.name if part else "the-end"
            yield {"cell_type": "markdown", "id": f"before-{before}", "metadata": {}, "source": text}
        if part:
            yield {
                "cell_type": "code",
                "id": part.name,
                "metadata": {},
                "source": code[part.name],
                "outputs": [],
                "execution_count": None,
            }
        prose = []


if __name__ == "__main__":
    write(Path(sys.argv[1]))
