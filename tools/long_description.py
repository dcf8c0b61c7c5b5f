"""The README as PyPI shows it: its links and pictures lead into the repository that pyproject.toml names.

A hook of hatchling, which builds the packages. Without `Repository` in `[project.urls]` it stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["LongDescription", "with_absolute_links"]

_TARGET = re.compile(r"(!?)(\[[^\]]*\]\()(?!https?://|#|mailto:)([^)\s]+)")


class LongDescription(MetadataHookInterface):
    """Writes the README into the metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds the field ``readme``."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        repository = metadata.get("urls", {}).get("Repository")
        if repository:
            text = with_absolute_links(text, repository, f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def with_absolute_links(text: str, repository: str, tag: str) -> str:
    """Markdown whose relative links lead to the files of a tag.

    Args:
        text: the Markdown.
        repository: address of a repository on GitHub.
        tag: name of the tag.
    """

    def absolute(link: re.Match[str]) -> str:
        is_picture, words, path = link.groups()
        return f"{is_picture}{words}{repository.rstrip('/')}/{'raw' if is_picture else 'blob'}/{tag}/{path}"

    return _TARGET.sub(absolute, text)
