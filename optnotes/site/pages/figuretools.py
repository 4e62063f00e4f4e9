"""The row under a figure: its files in both colour modes, its code, how to cite it.

The PNG is drawn by the reader's browser from the SVG of the page: stored ones would weigh more than the site.
"""

from html import escape

from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.figures.figurefiles import to_pdf, with_text
from optnotes.site.figures.style import MODES
from optnotes.site.pages.cite import copier, in_language, page_url
from optnotes.site.pages.details import details, summary
from optnotes.site.words.text import Label, site_labels

LICENCE, DEED = "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"


class picture_button(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A button that a script shows: it makes a PNG of the size of a slide."""


class figure_citation(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """How to cite a figure, until its number is known."""


def figure_id(slug: str) -> str:
    """Anchor of an example's figure."""
    return f"fig-{slug.replace('_', '-')}"


def figure_tools(renderer: NbElementRenderer, slug: str, svgs: dict[str, str], code: nodes.Element) -> nodes.container:
    """Return the row of one figure."""
    env = renderer.renderer.sphinx_env
    text = site_labels(env.config.language)
    row = nodes.container(classes=["figure-tools"])
    for mode in MODES:
        name = f"{slug}-{env.config.language}-{mode}"
        files = {"SVG": (f"{name}.svg", with_text(svgs[mode]).encode())}
        if mode == "light":  # paper is white
            files["PDF"] = f"{name}.pdf", to_pdf(svgs[mode])
        links: list[nodes.Element] = [_link(renderer, kind, *file) for kind, file in files.items()]
        links.insert(1, picture_button(mode=mode))
        row += _files(text, mode, links)
    row += code
    row += figure_citation(figure=figure_id(slug))
    return row


def _link(renderer: NbElementRenderer, kind: str, name: str, content: bytes) -> addnodes.download_reference:
    uri = renderer.write_file(["files", name], content, overwrite=True)
    return addnodes.download_reference("", "", nodes.Text(kind), reftarget=uri)


def _files(text: Label, mode: str, links: list[nodes.Element]) -> nodes.paragraph:
    line = nodes.paragraph("", text(f"figure.{mode}"), classes=["figure-files", "screen-only"])
    for link in links:
        line += [nodes.Text(" "), link]
    return line


def visit_picture_button(self: HTML5Translator, node: picture_button) -> None:
    """Write the button."""
    self.body.append(f'<button type="button" hidden data-picture="{escape(node["mode"])}">PNG</button>')
    raise nodes.SkipNode


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Cite each figure by its number."""
    for node in list(document.findall(figure_citation)):
        node.replace_self(citation(app, document, docname, node["figure"]))


def citation(app: Sphinx, document: nodes.document, docname: str, figure: str) -> details:
    """Return the line to put beside a figure on a slide, with a button that copies it, and the licence."""
    text = site_labels(app.config.language)
    number = ".".join(map(str, app.env.toc_fignumbers.get(docname, {}).get("figure", {}).get(figure, ())))
    named = f"{app.config.numfig_format['figure'] % number}, " if number else ""
    page = page_url(app.config.html_baseurl, docname)
    heading = next(iter(document.findall(nodes.title)), None)
    title = named + (heading.astext() if heading else docname)
    line = in_language(f"optnotes-{figure}", title, f"{page}#{figure}" if page else "", app.config.language)
    box = details(classes=["figure-cite", "screen-only"])
    box += summary("", text("figure.cite"))
    said = nodes.inline("", f"{line} {LICENCE}.", classes=["citation-line"])
    copy = copier(words=text("figure.copy"), copies="line", done=text("formula.copied"))
    box += nodes.paragraph("", "", said, nodes.Text(" "), copy)
    licence = nodes.reference("", LICENCE, refuri=DEED, classes=["external"])
    box += nodes.paragraph("", "", nodes.Text(f"{text('figure.licence')} "), licence)
    return box
