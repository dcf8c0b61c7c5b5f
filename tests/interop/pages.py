"""The pages of docs/interop as data: what to install, and the examples."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "interop"
_PIECE = re.compile(
    r"^#{1,2} (?P<heading>[^\n]+)$|^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Page:
    """A page with a recipe.

    Attributes:
        name: its file name without ``.md``.
        install: its ``pip install`` lines.
        examples: the Python blocks, by the heading above each.
    """

    name: str
    install: tuple[str, ...]
    examples: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Page:
        """Takes a page apart."""
        heading = path.stem
        install: list[str] = []
        examples: dict[str, str] = {}
        for piece in _PIECE.finditer(path.read_text()):
            if piece["heading"]:
                heading = piece["heading"]
            elif piece["language"] == "python":
                examples[heading] = piece["code"]
            else:
                install += [line for line in piece["code"].splitlines() if line.startswith("pip install ")]
        return cls(path.stem, tuple(install), examples)

    @classmethod
    def all(cls) -> list[Page]:
        """Every page of docs/interop that installs something."""
        pages = map(cls.read, sorted(PAGES.glob("*.md")))
        return [page for page in pages if page.install]

    @property
    def distributions(self) -> list[str]:
        """The packages pinned by the last install line, without versions and extras."""
        return [re.split(r"[=<>\[]", word)[0] for word in shlex.split(self.install[-1])[2:]]
