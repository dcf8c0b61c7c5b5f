"""Search in every language: its words, and a page for its results that speaks the reader's language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sphinx
from sphinx.application import Sphinx
from sphinx.search import SearchEnglish, languages

WORDS = {"zh": "zh_CN", "ja": "ja"}
"""Sphinx's own translations of what a search says while it runs."""


class SearchEnglishAndCJK(SearchEnglish):
    """English words by their stems; Chinese and Japanese by pairs of neighbouring characters.

    Neither language puts spaces between its words, and a dictionary to find them would weigh more than this
    site. All pairs of a query must stand on a page, which in practice means that the word does.
    """

    _cjk = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")

    def split(self, input: str) -> list[str]:
        """Words and pairs."""
        words = super().split(self._cjk.sub(" ", input))
        runs = self._cjk.findall(input)
        return words + [run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1))]

    js_splitter_code = r"""
var splitQuery = (query) => {
  const cjk = /[\u3040-\u30ff\u3400-\u9fff]+/g;
  const pairs = (query.match(cjk) || []).flatMap((run) =>
    Array.from({length: Math.max(1, run.length - 1)}, (_, i) => run.slice(i, i + 2)));
  const words = query.replace(cjk, " ").split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu);
  return words.filter((word) => word).concat(pairs);
};
"""


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page of results for each other language, beside Sphinx's English one: its links start there."""
    for language in WORDS:
        yield f"search-{language}", {}, "search.html"


def bring_words(app: Sphinx, error: Exception | None) -> None:
    """Puts the words of those pages where their template looks for them."""
    if error is None:
        for language, locale in WORDS.items():
            words = Path(sphinx.package_dir, "locale", locale, "LC_MESSAGES", "sphinx.js")
            shutil.copyfile(words, Path(app.outdir, "_static", f"words-{language}.js"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    languages["en"] = SearchEnglishAndCJK
    app.connect("html-collect-pages", pages)
    app.connect("build-finished", bring_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
