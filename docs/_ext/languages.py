"""Pages in several languages on one site: what the theme says around them, and where their lines break.

A page under `zh/` or `ja/` is in that language. Sphinx knows one language a build; the cells of a
translation are shared with the original, so that all languages are one build.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from docs._ext.pages import language_of

STRINGS: dict[str, dict[str, str]] = {
    "en": {},
    "zh": {
        "Show the answer": "显示答案",
        "Hide the answer": "收起答案",
        "Search": "搜索",
        "Next": "下一页",
        "Previous": "上一页",
        "Home": "首页",
        "On this page": "本页内容",
        "Back to top": "回到顶部",
        "Skip to content": "跳到正文",
        "Download as a notebook": "下载为 notebook",
        "with the answers": "带答案的",
        "Repository": "项目仓库",
        "Edit this page": "编辑本页",
    },
    "ja": {
        "Search": "検索",
        "Next": "次へ",
        "Previous": "前へ",
        "Home": "ホーム",
        "On this page": "このページの内容",
        "Back to top": "トップへ戻る",
        "Skip to content": "本文へ移動",
        "Repository": "リポジトリ",
        "Edit this page": "このページを編集",
    },
}
"""What is not in here stays English."""

HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans", "ja": "ja"}
NAMES = {"en": "English", "zh": "中文", "ja": "日本語"}


def translations_of(docname: str, docnames: set[str]) -> dict[str, str]:
    """The same page in other languages, by language; the start page where there is none."""
    language = language_of(docname)
    page = docname.removeprefix(f"{language}/")
    others = {}
    for other in STRINGS:
        prefix = "" if other == "en" else f"{other}/"
        if other != language:
            others[other] = prefix + page if prefix + page in docnames else prefix + "index"
    return others


def speak(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Gives the templates the page's own language."""
    language = language_of(pagename)
    strings = STRINGS[language]
    context["language"] = HTML_LANGUAGES[language]
    context["search_page"] = "search" if language == "en" else f"search-{language}"
    context["other_languages"] = [
        (HTML_LANGUAGES[other], NAMES[other], context["pathto"](target))
        for other, target in translations_of(pagename, app.env.found_docs).items()
        if target in app.env.found_docs
    ]
    theirs = context.get("_", str)

    def gettext(message: str) -> str:
        return strings.get(message.strip()) or theirs(message)

    context["_"] = context["gettext"] = gettext


class JoinLines(SphinxTransform):
    """Takes away the space that a line break would leave between Chinese or Japanese characters."""

    default_priority = 800
    _wide = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
    _punctuation = r"[\u3000-\u303f\uff00-\uffef\u2018-\u201d]"
    _needless = re.compile(rf"(?<={_wide})\n(?={_wide})|(?<={_punctuation})\n|\n(?={_punctuation})")

    def apply(self, **kwargs: Any) -> None:
        """Joins the lines of every paragraph of a page in such a language."""
        if language_of(self.env.docname) == "en":
            return
        for paragraph in self.document.findall(nodes.TextElement):
            if isinstance(paragraph, nodes.FixedTextElement):
                continue
            for place, child in enumerate(paragraph.children):
                if isinstance(child, nodes.Text) and "\n" in child:
                    paragraph[place] = self._joined(paragraph, place)

    def _joined(self, paragraph: nodes.TextElement, place: int) -> nodes.Text:
        before = paragraph[place - 1].astext()[-1:] if place else ""
        after = paragraph[place + 1].astext()[:1] if place + 1 < len(paragraph) else ""
        joined = self._needless.sub("", before + paragraph[place].astext() + after)
        return nodes.Text(joined[len(before) : len(joined) - len(after)])


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_transform(JoinLines)
    app.connect("html-page-context", speak)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
