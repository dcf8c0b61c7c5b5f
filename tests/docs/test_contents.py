"""The lists of pages: complete, in order, in the reader's language, and no hole where the files are read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from docs._ext import contents
from docs._ext.pages import DOCS, language_of

EVERY_PAGE = [
    path.relative_to(DOCS).with_suffix("").as_posix()
    for path in sorted(DOCS.rglob("*.md"))
    if "_build" not in path.parts
]


def below(docname: str) -> list[str]:
    return [docname, *(name for child in contents.children(docname) for name in below(child))]


def test_every_page_is_reached_from_the_start_page_once():
    assert sorted(below("index")) == sorted(EVERY_PAGE)


def test_chapters_follow_one_another_in_every_language():
    chapters = [name.rpartition("/")[2] for name in contents.children("tutorial/index")]
    assert chapters == sorted(chapters)
    assert [name.rpartition("/")[2] for name in contents.children("zh/tutorial/index")] == chapters
    assert contents.children("api")[0] == "api/environment"
    assert contents.children("other_libraries")[0] == "interop/results"
    assert contents.children("environment") == []


class Links(HTMLParser):
    """Address and words of every link of a sidebar."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append([dict(attrs)["href"], ""])

    def handle_data(self, data):
        if self.found:
            self.found[-1][1] += data


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_a_sidebar_is_in_the_language_of_its_page(language: str):
    html = contents.sidebar(f"{language}/index", lambda name: name)
    links = Links(html).found
    every_page = [name for names in contents.PAGES.values() for name in names]
    assert {contents.in_language(name, language) for name in every_page} <= {address for address, _ in links}
    for address, words in links:
        told = contents.IN_ENGLISH[language] in words
        assert told == (language_of(address) == "en"), words
        title = words.replace(contents.IN_ENGLISH[language], "")
        assert re.search(r"[\u3040-\u30ff\u3400-\u9fff]", title), f"{title} is in no other language"


def test_a_sidebar_opens_where_the_reader_is():
    html = contents.sidebar("zh/tutorial/07_q_learning", lambda name: f"../{name}.html")
    assert html.count(" current") == 2  # the page and the one that it is below
    assert '<a class="reference internal" href="../zh/tutorial/07_q_learning.html">7. Q 学习</a>' in html


def test_english_stays_among_itself():
    html = contents.sidebar("index", lambda name: name)
    assert "zh/" not in html
    assert "language-note" not in html


@pytest.mark.parametrize("page", [name for name in EVERY_PAGE if name not in ("changelog", "contributing")])
def test_a_page_has_no_hole_where_its_file_is_read(page: str):
    """Cells of the tutorial are code to read; what only Sphinx understands would be nothing."""
    text = contents.path_of(page).read_text("utf-8")
    assert re.findall(r"^(?:```|:::)\{(?!code-cell|shared-cell)\S+", text, re.MULTILINE) == []
    assert re.findall(r"^% |\]\(\S+\)\{\.", text, re.MULTILINE) == []


def test_the_chinese_readme_says_where_a_link_leads_to_english():
    """On the site the notes are put in when it is built."""
    text = (DOCS.parent / "README.zh.md").read_text("utf-8")
    leads = re.findall(r"\]\(((?!http)[^)]+)\)(（英文）)?", text)  # noqa: RUF001
    pages = [(target, note) for target, note in leads if target.endswith(".md") and "docs/ja/" not in target]
    assert len(pages) > 5
    for target, note in pages:
        assert bool(note) == ("docs/zh/" not in target and target != "README.md"), target


@pytest.mark.parametrize("page", [name for name in EVERY_PAGE if language_of(name) != "en"])
def test_nobody_is_led_to_english_where_there_is_a_translation(page: str):
    """A page may lead to its own original, where that holds more."""
    path, language = contents.path_of(page), language_of(page)
    for target in re.findall(r"\]\(([^:)#]+\.md)", path.read_text("utf-8")):
        name = (path.parent / target).resolve().relative_to(DOCS).with_suffix("").as_posix()
        assert contents.in_language(name, language) in (name, page) or language_of(name) != "en", target
