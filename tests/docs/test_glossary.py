"""The field's words: three languages agree on them, and they stand on the pages that the glossary names."""

from __future__ import annotations

import re

import pytest

from docs._ext.pages import DOCS

COLUMNS = {"en": ("en", "zh", "ja"), "zh": ("zh", "en", "ja"), "ja": ("ja", "en", "zh")}
"""The languages of the first three columns of each language's page."""

ROW = re.compile(
    r"^\| \*\*(.+?)\*\* \| (.+?) \| (.+?) \| .+ \| \[\d+\]\(.*?(\d\d_\w+)\.md\) \|$", flags=re.MULTILINE
)


def folder(language: str) -> str:
    return "" if language == "en" else f"{language}/"


def rows(language: str) -> list[tuple[dict[str, str], str]]:
    """The names of each term by language, and its page of the tutorial."""
    found = ROW.findall((DOCS / f"{folder(language)}glossary.md").read_text("utf-8"))
    return [(dict(zip(COLUMNS[language], names, strict=True)), page) for *names, page in found]


def test_the_three_pages_agree_on_every_name():
    assert len(rows("en")) > 30
    assert rows("en") == rows("zh") == rows("ja")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_term_stands_on_the_page_that_the_glossary_names(language: str):
    missing = [
        (name, page)
        for names, page in rows(language)
        for name in re.findall(r"[^、,()\uff08\uff09]+", names[language].lower())
        if name.strip() not in " ".join(_page(language, page).split())
    ]
    assert missing == []


@pytest.mark.parametrize(
    "term", ["反向传播", "激活函数", "损失函数", "均方误差", "贝尔曼", "时序差分", "自举"]
)
def test_a_chinese_term_can_be_searched_for(term: str):
    assert any(term in _page("zh", page) for _, page in rows("zh"))


def _page(language: str, page: str) -> str:
    return (DOCS / f"{folder(language)}tutorial/{page}.md").read_text("utf-8").lower()
