"""The directive `shared-cell`: a translation shows the executed cell of the page it translates.

A cell runs once, on the original page; the translation gets a copy of the code and its outputs, with the
words around it (a picture's alternative text, the button before an answer) in its own language.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from docs._ext.exercises import translated
from docs._ext.languages import STRINGS
from docs._ext.pages import language_of


class shared_cell(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes so
    """Stands for a cell of another page until that page has been executed."""


class SharedCell(SphinxDirective):
    """```{shared-cell} name```, with the option `alt` where the cell makes a picture.

    Under an answer stand the words of its check, a line for each assertion.
    """

    has_content = True
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Puts the placeholder."""
        page = self.env.docname.split("/", 1)[1]
        self.env.note_dependency(str(self.env.doc2path(page)))
        placeholder = shared_cell(page=page, name=self.arguments[0], alt=self.options.get("alt", ""))
        placeholder["words"] = [line for line in self.content if line]
        self.set_source_info(placeholder)
        return [placeholder]


class FillSharedCells(SphinxPostTransform):
    """Copies the cells in, before myst-nb chooses among their outputs (its priority is 4)."""

    default_priority = 3

    def run(self, **kwargs: Any) -> None:
        """Replaces every placeholder of this document."""
        originals: dict[str, dict[str, nodes.Element]] = {}
        for placeholder in list(self.document.findall(shared_cell)):
            page, name = placeholder["page"], placeholder["name"]
            if page not in originals:
                originals[page] = self._named_cells(page)
            if name not in originals[page]:
                raise ExtensionError(f"{self.env.docname}: page {page!r} has no cell named {name!r}")
            placeholder.replace_self(self._translated(originals[page][name].deepcopy(), placeholder))

    def _named_cells(self, page: str) -> dict[str, nodes.Element]:
        return {
            node["cell_metadata"].get("name"): node
            for node in self.env.get_doctree(page).findall(nodes.container)
            if node.get("nb_element") == "cell_code"
        }

    def _translated(self, cell: nodes.Element, placeholder: nodes.Element) -> nodes.Element:
        if placeholder["alt"]:
            for image in cell.findall(nodes.image):
                image["alt"] = placeholder["alt"]
        if placeholder["words"]:
            code = next(cell.findall(nodes.literal_block))
            code.rawsource = translated(placeholder["name"], code.astext(), placeholder["words"])
            code[:] = [nodes.Text(code.rawsource)]
        strings = STRINGS[language_of(self.env.docname)]
        for prompt in ("prompt_show", "prompt_hide"):
            if prompt in cell:
                cell[prompt] = strings[cell[prompt]]
        return cell


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_node(shared_cell)
    app.add_directive("shared-cell", SharedCell)
    app.add_post_transform(FillSharedCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
