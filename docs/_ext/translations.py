"""Keeps the translations beside what they translate: `python -m docs._ext.translations check`.

`docs/translations.json` holds, for every section of every translated page, a digest of the original and of
its translation as they were when somebody last read them side by side. A side that changes alone no longer
fits its record. After bringing the other side along, `python -m docs._ext.translations accept PAGE` records
the pair. For a change that the other side does not need (a typing error), add `--wording`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from docs._ext.pages import DOCS, Section, cells, fences, hand_written, sections

RECORD = DOCS / "translations.json"
ROOT = DOCS.parent

Record = dict[str, list[list[str]]]


def pairs() -> dict[str, tuple[Path, Path]]:
    """Original and Chinese translation by the original's path from the root."""
    translated = sorted((DOCS / "zh").rglob("*.md"))
    originals = [ROOT / "README.md", *(DOCS / page.relative_to(DOCS / "zh") for page in translated)]
    return {
        original.relative_to(ROOT).as_posix(): (original, _translation_of(original)) for original in originals
    }


def _translation_of(original: Path) -> Path:
    if original.parent == ROOT:
        return original.with_suffix(".zh.md")
    return DOCS / "zh" / original.relative_to(DOCS)


def _read(page: Path) -> str:
    return hand_written(page.read_text("utf-8"))


def structure_faults(page: str, original: str, translation: str) -> list[str]:
    """Where the two sides are not built alike: sections, cells, pictures' words, commands."""
    faults = []
    ours, theirs = sections(original), sections(translation)
    if [section.level for section in ours] != [section.level for section in theirs]:
        faults.append(
            f"{page}: {len(ours)} sections, but {len(theirs)} in the translation (or other levels): "
            f"{[s.title for s in ours]} and {[s.title for s in theirs]}"
        )
    our_cells, their_cells = cells(original), cells(translation)
    if [cell.name for cell in our_cells] != [cell.name for cell in their_cells]:
        faults.append(
            f"{page}: the cells are {[cell.name for cell in our_cells]}, "
            f"but {[cell.name for cell in their_cells]} in the translation"
        )
    faults += [
        f"{page}: cell {mine.name!r} has {'an' if mine.alt else 'no'} alternative text, its translation "
        f"{'one' if other.alt else 'none'}"
        for mine, other in zip(our_cells, their_cells, strict=False)
        if bool(mine.alt) != bool(other.alt)
    ]
    if fences(original) != fences(translation):
        faults.append(f"{page}: the commands in plain fences differ from those of the translation")
    return faults


def drift(
    page: str, original: list[Section], translation: list[Section], known: list[list[str]]
) -> list[str]:
    """Sections whose pair of texts is not the recorded one."""
    found = []
    for mine, other, pair in zip(original, translation, known, strict=False):
        sides = ("the original", mine.digest, pair[0]), ("the translation", other.digest, pair[1])
        changed = [side for side, now, then in sides if now != then]
        if changed:
            found.append(
                f"{page}, line {mine.line}, section {mine.title!r}: {' and '.join(changed)} changed "
                "since both were last read side by side"
            )
    if len(known) != len(original):
        found.append(f"{page}: {len(original)} sections, but {len(known)} are recorded")
    return found


def check(record: Record) -> list[str]:
    """Every fault of every page; empty when all is well."""
    faults = []
    for page, (original, translation) in pairs().items():
        if not translation.exists():
            faults.append(f"{page}: no translation at {translation.relative_to(ROOT)}")
            continue
        ours, theirs = _read(original), _read(translation)
        faults += structure_faults(page, ours, theirs)
        faults += drift(page, sections(ours), sections(theirs), record.get(page, []))
    return faults


def accept(record: Record, page: str, wording: bool) -> list[str]:
    """Records the present pair of a page; refuses where one side changed alone, unless told it may."""
    original, translation = pairs()[page]
    ours, theirs = sections(_read(original)), sections(_read(translation))
    known = record.get(page, [])
    if not wording and len(known) == len(ours):
        alone = [
            f"{page}, section {mine.title!r}: only one side changed; bring the other along, "
            "or add --wording if it needs nothing"
            for mine, other, pair in zip(ours, theirs, known, strict=False)
            if (mine.digest == pair[0]) != (other.digest == pair[1])
        ]
        if alone:
            return alone
    record[page] = [[mine.digest, other.digest] for mine, other in zip(ours, theirs, strict=True)]
    return []


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m docs._ext.translations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="name every section whose translation may be out of date")
    accepting = commands.add_parser("accept", help="record that both sides of a page say the same")
    accepting.add_argument("page", nargs="+", choices=list(pairs()), metavar="PAGE")
    accepting.add_argument("--wording", action="store_true", help="one side may have changed alone")
    options = parser.parse_args()

    record: Record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    if options.command == "check":
        faults = check(record)
    else:
        faults = [fault for page in options.page for fault in accept(record, page, options.wording)]
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
