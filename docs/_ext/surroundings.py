"""What stands around a page on the site, in the page's language: sidebar, neighbours, description.

A link that leads a reader out of their language says so.
"""

from __future__ import annotations

import posixpath
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from docs._ext import contents
from docs._ext.pages import language_of

DESCRIPTION_LENGTH = 200  # what search engines show of one


def surround(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Gives the templates what they need; before the theme, which makes its sidebar of `toctree`."""
    language = language_of(pagename)
    context["toctree"] = lambda **_: contents.sidebar(pagename, context["pathto"])
    if language != "en":
        context["master_doc"] = f"{language}/index"  # where the name of the site leads
    _, before, after = app.builder.relations.get(pagename, (None, None, None))  # type: ignore[attr-defined]
    for side, neighbour in (("prev", before), ("next", after)):
        if neighbour and language_of(neighbour) != language:
            context[side] = None
    if doctree is not None:
        said = escape(description(doctree))
        context["metatags"] = f'{context.get("metatags", "")}<meta name="description" content="{said}">'


def description(doctree: nodes.document) -> str:
    """The beginning of a page's first paragraph, cut between words."""
    for paragraph in doctree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if words and not isinstance(paragraph[0], nodes.image):
            return words if len(words) <= DESCRIPTION_LENGTH else _cut(words)
    return ""


def _cut(words: str) -> str:
    begun = words[:DESCRIPTION_LENGTH]
    return (begun.rpartition(" ")[0] or begun) + " …"


class NoteOtherLanguage(SphinxPostTransform):
    """Puts a note behind every link from a translated page to one that is not."""

    default_priority = 20  # links are resolved by then
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Looks at every link of the page."""
        language = language_of(self.env.docname)
        if language not in contents.IN_ENGLISH:
            return
        for link in list(self.document.findall(nodes.reference)):
            address = str(link.get("refuri", "")).partition("#")[0]
            if not link.get("internal") or not address.endswith(".html"):
                continue
            page = posixpath.normpath(posixpath.join(posixpath.dirname(self.env.docname), address))
            if language_of(page) == "en" and link.parent is not None:
                note = nodes.inline("", contents.IN_ENGLISH[language], classes=["language-note"])
                link.parent.insert(link.parent.index(link) + 1, note)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", contents.add_toctree)
    app.connect("html-page-context", surround)
    app.add_post_transform(NoteOtherLanguage)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
