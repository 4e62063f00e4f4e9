"""Shows a cell's published result in the page's language, and quotes its numbers in prose."""

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole
from sphinx.util.logging import getLogger
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.figures.style import MODES
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.explorers import explorer_node
from optnotes.site.pages.figuretools import figure_id, figure_tools
from optnotes.site.pages.store import store_of
from optnotes.site.renderer import MIME
from optnotes.site.words.text import Language, format_number, site_labels

logger = getLogger(__name__)


class OptnotesRenderer:
    """Renders our own output type; drops the plain SVG that only other notebook readers need."""

    mime_priority_overrides = (("*", MIME, 1),)

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the nodes of a published result, or None for the types that are not ours."""
        if data.mime_type == "image/svg+xml":
            return []
        if data.mime_type != MIME or inline:
            return None
        published: dict[str, Any] = data.content
        env = renderer.renderer.sphinx_env
        slug = published["slug"]
        for name, value in published["numbers"].items():
            store_of(env).note("numbers", f"{slug}.{name}", value)
        shown: list[nodes.Element] = []
        if "explorer" in published:
            shown.append(explorer_node(env, slug, published["explorer"]))
        code = code_node(slug, Path(env.config.optnotes_root), env.config.language)
        if "figure" not in published:
            return [*shown, code]
        rendering = published["figure"][env.config.language]
        return [*shown, figure_node(renderer, slug, rendering), figure_tools(renderer, slug, rendering["svg"], code)]


class code_box(details):  # noqa: N801 - docutils names nodes in lower case
    """An example's whole source: what is shown is what ran. On a screen it has a page of its own, since it is long."""


def code_node(slug: str, confdir: Path, language: Language) -> code_box:
    """Return the source of an example."""
    source = (confdir / "examples" / f"{slug}.py").read_text(encoding="utf-8")
    box = code_box(classes=["source"], page=f"_modules/examples/{slug}")
    box += summary("", site_labels(language)("figure.code"))
    box += nodes.literal_block(source, source, language="python")
    return box


def visit_code_box(self: HTML5Translator, node: code_box) -> None:
    """Lead to the page of the source."""
    address = self.builder.get_relative_uri(self.builder.current_docname, node["page"])
    link = f'<a class="source" href="{escape(address)}">{escape(node[0].astext())}</a>'
    self.body.append(f'<p class="figure-files screen-only">{link}</p>\n')
    raise nodes.SkipNode


def code_pages(app: Sphinx) -> tuple[()]:
    """Let viewcode write the sources of the examples, too: it forgets modules from which nothing is documented."""
    env: Any = app.env
    modules = env.__dict__.setdefault("_viewcode_modules", {})
    for path in sorted((Path(app.confdir) / "examples").glob("[!_]*.py")):
        modules[f"examples.{path.stem}"] = (path.read_text(encoding="utf-8"), {}, {}, "")
    return ()


def figure_node(renderer: NbElementRenderer, slug: str, rendering: dict[str, Any]) -> nodes.figure:
    """Return one figure with an image for each colour mode; the theme shows the one that fits."""
    figure = nodes.figure(ids=[figure_id(slug)], classes=["bundle"])
    renderer.renderer.document.note_explicit_target(figure)
    for mode in MODES:
        svg = rendering["svg"][mode]
        width, height = svg_size(svg)
        name = f"{slug}-{renderer.renderer.sphinx_env.config.language}-{mode}.svg"
        uri = renderer.write_file([name], svg.encode(), overwrite=True)
        figure += nodes.image(
            uri=uri,
            alt=rendering["alt"],
            classes=[f"only-{mode}"],
            width=str(width),
            height=str(height),
            loading="lazy",
        )
    figure += nodes.caption(rendering["caption"], rendering["caption"])
    return figure


def svg_size(svg: str) -> tuple[int, int]:
    """Width and height in CSS pixels, so that the page does not jump when the image comes in."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    points = (float(found.group(1)), float(found.group(2)))
    return round(points[0] * 96 / 72), round(points[1] * 96 / 72)


class number_node(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils names nodes in lower case
    """A number to be filled in once all pages are read."""


class NumberRole(SphinxRole):
    """``{num}`example.name:.2f``: a number that an example computed, written as the language writes it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a placeholder and declare the quotation."""
        key, colon, spec = self.text.partition(":")
        if colon and not spec:
            text = f"num: expected a format after the colon, got '{self.text}'"
            return [], [self.inliner.reporter.error(text, line=self.lineno)]
        store_of(self.env).note("quotes", key, spec)
        node = number_node("", key=key, spec=spec)
        self.set_source_info(node)
        return [node], []


class FillNumbers(SphinxPostTransform):
    """Puts the numbers in."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        """Replace each placeholder on the page."""
        numbers = self.env.optnotes_numbers  # type: ignore[attr-defined]
        for node in list(self.document.findall(number_node)):
            text = "?"
            if node["key"] not in numbers:
                logger.warning("no example on any page publishes the number '%s'", node["key"], location=node)
            else:
                try:
                    text = format_number(numbers[node["key"]], node["spec"], self.config.language)
                except ValueError as error:
                    logger.warning("the number '%s': %s", node["key"], error, location=node)
            node.replace_self(nodes.inline("", text, classes=["number"]))


def remember_root(app: Sphinx, config: Config) -> None:
    """Let the renderer, which sees no application, find the examples."""
    config.optnotes_root = str(app.confdir)


def styles_first(app: Sphinx) -> None:
    """Copy the styles of cells before pages are written: myst-nb does so after, when their hash is not in the pages."""
    if app.builder.format == "html":
        (Path(app.outdir) / "_static").mkdir(parents=True, exist_ok=True)
        add_global_html_resources(app, None)
