"""``{figure-of} example``: shows a figure that another page computed, or one panel of it as a small drawing."""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.logging import getLogger

from optnotes.site.figures.thumbnail import thumbnail
from optnotes.site.pages.store import store_of

logger = getLogger(__name__)


class teaser_node(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A place for a figure, until all pages are read."""


class FigureOf(SphinxDirective):
    """The directive; its argument is the name of the example."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"panel": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        """Leave a place for the figure."""
        node = teaser_node(slug=self.arguments[0], panel=self.options.get("panel"))
        self.set_source_info(node)
        self.env.note_dependency(f"{self.config.optnotes_root}/examples/{self.arguments[0]}.py")
        return [node]


def note_figures(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the images of every figure, once Sphinx has collected their files."""
    for figure in doctree.findall(nodes.figure):
        if "bundle" in figure["classes"]:
            images = [dict(image.attributes) for image in figure.findall(nodes.image)]
            caption = next(figure.findall(nodes.caption)).astext()
            store_of(app.env).note("figures", figure["ids"][0], (images, caption))


def show_figures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace each place on the page, with a link to the page that computed the figure."""
    declared = store_of(app.env).on("figures")
    found = {name: (page, *shown) for page, figures in declared.items() for name, shown in figures}
    for node in list(doctree.findall(teaser_node)):
        name = f"fig-{node['slug'].replace('_', '-')}"
        if name not in found:
            logger.warning("no page shows the figure of '%s'", node["slug"], location=node)
            node.parent.remove(node)
            continue
        page, images, caption = found[name]
        if node["panel"]:
            show_panel(Path(app.srcdir, images[0]["uri"]), node)
            continue
        figure = nodes.figure(classes=["bundle", "teaser"])
        figure += [nodes.image(**image) for image in images]
        uri = app.builder.get_relative_uri(docname, page)
        figure += nodes.caption("", "", nodes.reference("", caption, internal=True, refuri=f"{uri}#{name}"))
        node.replace_self(figure)


def show_panel(light: Path, node: teaser_node) -> None:
    """Replace a place by one panel of a figure, for the web; a link beside it says where it leads."""
    try:
        drawing = thumbnail(light.read_text(encoding="utf-8"), node["panel"])
    except ValueError as error:
        logger.warning("%s: %s", node["slug"], error, location=node)
        node.parent.remove(node)
    else:
        node.replace_self(nodes.raw("", drawing, format="html"))
