"""What a reader of the site would stumble over: `python -m docs._ext.site_check docs/_build/html`.

Every link inside the site must lead to a file, and to an anchor where it names one; every picture must have
words in its place. Links to other sites are counted, not followed: their health is not ours.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Page:
    """What was found on a page."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    silent_pictures: list[str] = field(default_factory=list)
    language: str = ""


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        if tag == "html":
            self.page.language = attributes.get("lang", "")
        if tag in ("a", "link") and "href" in attributes:
            self.page.links.append(attributes["href"])
        if tag in ("img", "script") and "src" in attributes:
            self.page.links.append(attributes["src"])
        if tag == "img" and not attributes.get("alt", "").strip():
            self.page.silent_pictures.append(attributes.get("src", "?"))


def read(text: str) -> Page:
    """What a page holds."""
    page = Page()
    _Reader(page).feed(text)
    return page


def _is_there(fragment: str, page: Page | None) -> bool:
    """Whether a page has the anchor; `name=value` is none, but what the playground is to begin with."""
    return page is None or fragment == "" or "=" in fragment or fragment in page.anchors


def check(site: Path) -> tuple[list[str], int, int]:
    """Faults of a site; the links inside it; the links to elsewhere."""
    pages = {path.resolve(): read(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    faults, n_inside, n_outside = [], 0, 0
    for path, page in pages.items():
        where = path.relative_to(site.resolve())
        faults += [f"{where}: picture {name!r} has no alternative text" for name in page.silent_pictures]
        if not page.language:
            faults.append(f"{where}: the page names no language")
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                n_outside += 1
                continue
            n_inside += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                faults.append(f"{where}: {link!r} leads nowhere")
            elif not _is_there(unquote(parts.fragment), pages.get(target)):
                faults.append(f"{where}: {link!r} names an anchor that is not there")
    return faults, n_inside, n_outside


def main() -> int:
    """The command line."""
    site = Path(sys.argv[1])
    faults, n_inside, n_outside = check(site)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{n_inside} links inside the site, {n_outside} to elsewhere; {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
