"""Which pages there are, in which order, and what the sidebar of each language calls them.

A page says nothing of this itself: where it is read as plain Markdown, a list for Sphinx would be a hole.
What Sphinx needs is added to a page when it is read; a page that lists its children for everybody holds them
between the lines `<!-- generated: children -->`.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from pathlib import Path
from typing import Any

from docs._ext.pages import DOCS, LANGUAGES, language_of

PAGES = {
    "learn": ["tutorial/index", "glossary", "book_map", "deviations"],
    "use": [
        "environment",
        "layouts",
        "agents",
        "command_line",
        "watching",
        "playground",
        "experiments",
        "how_many_seeds",
        "other_libraries",
        "dynamic_programming",
        "evaluation",
    ],
    "look up": ["api", "checkpoint", "reproducibility", "reliability", "benchmarks"],
    "take part": ["contributing", "design", "development", "third_party_listing", "changelog"],
}
"""The sidebar, by its parts."""

FOLDERS = {"tutorial/index": "tutorial", "api": "api", "other_libraries": "interop"}
"""Pages with pages below them, and the folder of those."""

FIRST = [
    *(f"api/{name}" for name in ("environment", "exact", "testing", "agents", "training", "experiments")),
    "interop/results",
]
"""What comes before its neighbours, which stand in the order of their names."""

CAPTIONS = {
    "learn": {"en": "Learn", "zh": "学习", "ja": "学ぶ"},
    "use": {"en": "Use", "zh": "使用", "ja": "使う"},
    "look up": {"en": "Look up", "zh": "查阅", "ja": "調べる"},
    "take part": {"en": "Take part", "zh": "参与", "ja": "参加する"},
}

IN_ENGLISH = {"zh": "（英文）", "ja": "（英語）"}  # noqa: RUF001
"""What follows a link that leads out of the reader's language."""

TITLES = {
    "en": {
        "deviations": "Deviations from the book",
        "environment": "The environment",
        "dynamic_programming": "Dynamic programming",
        "evaluation": "Evaluation",
        "contributing": "How to contribute",
        "design": "How it is built",
        "changelog": "What has changed",
    },
    "zh": {
        "tutorial/index": "教程",
        "glossary": "术语表",
        "book_map": "从书到代码",
        "deviations": "与书不同之处",
        "environment": "环境 GridQ-v0",
        "layouts": "地图",
        "agents": "智能体",
        "command_line": "命令行",
        "watching": "观看",
        "playground": "游乐场",
        "experiments": "成批实验",
        "how_many_seeds": "多少个种子",
        "other_libraries": "其他库",
        "dynamic_programming": "动态规划",
        "evaluation": "评估",
        "api": "参考手册",
        "checkpoint": "检查点格式",
        "reproducibility": "可复现性",
        "reliability": "可靠性",
        "benchmarks": "性能测量",
        "contributing": "怎样参与",
        "design": "怎样搭成",
        "development": "怎样开发",
        "third_party_listing": "被收录",
        "changelog": "更新记录",
    },
    "ja": {
        "tutorial/index": "チュートリアル",
        "glossary": "用語集",
        "book_map": "本のコードとの対応",
        "deviations": "本から変えたところ",
        "environment": "環境 GridQ-v0",
        "layouts": "レイアウト",
        "agents": "エージェント",
        "command_line": "コマンドライン",
        "watching": "見る",
        "playground": "プレイグラウンド",
        "experiments": "実験",
        "how_many_seeds": "シードはいくつ必要か",
        "other_libraries": "ほかのライブラリ",
        "dynamic_programming": "動的計画法",
        "evaluation": "評価",
        "api": "リファレンス",
        "checkpoint": "チェックポイント形式",
        "reproducibility": "再現性",
        "reliability": "信頼性",
        "benchmarks": "ベンチマーク",
        "contributing": "参加のしかた",
        "design": "設計",
        "development": "開発",
        "third_party_listing": "外部リストへの登録",
        "changelog": "変更履歴",
    },
}
"""What a sidebar calls a page, where not by its title."""


def path_of(docname: str) -> Path:
    """The file of a page."""
    return DOCS / f"{docname}.md"


def in_language(page: str, language: str) -> str:
    """The page in that language, or the English one where there is no other."""
    translated = f"{language}/{page}"
    return translated if language != "en" and path_of(translated).exists() else page


def children(docname: str) -> list[str]:
    """The pages below a page, in order."""
    language = language_of(docname)
    prefix = "" if language == "en" else f"{language}/"
    page = docname.removeprefix(prefix)
    if page == "index":
        listed = [prefix + name for names in PAGES.values() for name in names]
        others = [f"{other}/index" for other in LANGUAGES if other != "en"] if language == "en" else []
        return [name for name in listed if path_of(name).exists()] + others
    if page not in FOLDERS:
        return []
    folder = DOCS / prefix / FOLDERS[page]
    names = sorted(path.relative_to(DOCS).with_suffix("").as_posix() for path in folder.glob("*.md"))
    return sorted(
        (name for name in names if name != docname),
        key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST),
    )


def title_of(docname: str) -> str:
    """A page's own title."""
    found = re.search(r"^# (.+)$", path_of(docname).read_text("utf-8"), re.MULTILINE)
    return found[1] if found else docname


# -- for whoever reads the files -----------------------------------------------------------------------


def children_listed(arguments: str) -> str:
    """The pages below a page as a list with links.

    Args:
        arguments: the page, and after a space the page that the list stands on where that is another.
    """
    docname, *others = arguments.split()
    here = posixpath.dirname([docname, *others][-1])
    return "\n".join(
        f"- [{title_of(child)}]({posixpath.relpath(child, here or '.')}.md)" for child in children(docname)
    )


# -- for Sphinx ----------------------------------------------------------------------------------------


def add_toctree(app: Any, docname: str, source: list[str]) -> None:
    """Adds to a page what Sphinx needs to know of those below it."""
    below = children(docname)
    if below:
        lines = "\n".join(f"/{child}" for child in below)
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{lines}\n```\n"


def sidebar(docname: str, link: Any) -> str:
    """The sidebar of a page as HTML, all of it in the page's own language.

    Args:
        docname: the page.
        link: from a page to its address, seen from this one.
    """
    language = language_of(docname)
    parts = []
    for part, names in PAGES.items():
        items = "".join(_item(name, language, docname, link) for name in names)
        caption = CAPTIONS[part][language]
        parts.append(f'<p class="caption"><span class="caption-text">{caption}</span></p><ul>{items}</ul>')
    return "\n".join(parts)


def _item(name: str, language: str, current: str, link: Any, level: int = 1) -> str:
    docname = in_language(name, language) if level == 1 else name
    title = (TITLES[language].get(name) if level == 1 else None) or title_of(docname)
    is_elsewhere = language != language_of(docname)
    below = [] if is_elsewhere else children(docname)
    inner = "".join(_item(child, language, current, link, level + 1) for child in below)
    open_here = " current" if current in (docname, *below) else ""
    words = escape(re.sub(r"`(.+?)`", r"\1", title))
    note = f'<span class="language-note">{IN_ENGLISH[language]}</span>' if is_elsewhere else ""
    link_here = f'<a class="reference internal" href="{escape(link(docname))}">{words}{note}</a>'
    inner = f"<ul>{inner}</ul>" if inner else ""
    return f'<li class="toctree-l{level}{open_here}">{link_here}{inner}</li>'
