"""How much there is, in each language: `python -m docs._ext.figures`."""

from __future__ import annotations

import re

from docs._ext.languages import NAMES
from docs._ext.pages import DOCS, cells, prose


def main() -> None:
    """Prints a table."""
    print(f"{'':10}{'pages':>7}{'words':>8}   (Chinese and Japanese: characters)")
    for language, name in NAMES.items():
        folder = DOCS if language == "en" else DOCS / language
        others = {"_build", *(set(NAMES) if language == "en" else ())}
        pages = [page for page in folder.rglob("*.md") if not others & set(page.relative_to(folder).parts)]
        text = "\n".join(prose(page.read_text("utf-8")) for page in pages)
        wide = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", text))
        words = len(re.findall(r"[A-Za-z][\w'-]*", text)) if language == "en" else wide
        print(f"{name:10}{len(pages):7}{words:8}")
    chapters = sorted((DOCS / "tutorial").glob("[0-9]*.md"))
    found = [cell for chapter in chapters for cell in cells(chapter.read_text("utf-8"))]
    asserted = sum(len(re.findall(r"^\s*assert ", cell.code, flags=re.MULTILINE)) for cell in found)
    answers = sum(cell.hidden for cell in found)
    print(f"{len(chapters)} executed chapters, {len(found)} cells, {asserted} assertions, {answers} answers")


if __name__ == "__main__":
    main()
