"""What a search engine or a messenger shows of a page: the first sentence of its answer, and a card."""

import re
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import lxml.html
from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.figures.card import HEIGHT, WIDTH, card
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.settings import place
from optnotes.site.words.languages import TONGUES
from optnotes.site.words.linear import linear
from optnotes.site.words.text import site_labels

TAGS = re.compile(r"<[^>]*>")
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\s*')  # of docutils, beside that of the theme


def plain(node: nodes.Node) -> str:
    """Return the words of a node, formulas as a reader would type them, without marks of sources."""
    if isinstance(node, nodes.math):
        return linear(lxml.html.fragment_fromstring(to_mathml(node.astext(), False)))
    if isinstance(node, nodes.footnote_reference) or "place" in getattr(node, "attributes", {}).get("classes", ()):
        return ""
    if isinstance(node, nodes.Text):
        return node.astext()
    return "".join(map(plain, node.children))


def first_sentence(doctree: nodes.document) -> str:
    """Return the first sentence of the answer, or of the page; one sentence stands on one line."""
    answers: list[nodes.Element] = [
        part for part in doctree.findall(nodes.section) if any(name.endswith("-answer") for name in part["ids"])
    ]
    for paragraph in (answers or [doctree])[0].findall(nodes.paragraph):
        if sentence := plain(paragraph).strip().partition("\n")[0].strip():
            return re.sub(r"\s+([.,;:])", r"\1", sentence)
    return ""


def describe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the description to the head of the page."""
    text = first_sentence(doctree) if doctree else ""
    if not text:
        named = f"{unescape(TAGS.sub('', context['title']))} — " if context.get("title") else ""
        text = f"{named}{context['docstitle']}. {site_labels(app.config.language)('site.motto')}"
    tags = f'\n<meta name="description" content="{escape(text)}">'
    if app.config.optnotes_baseurl:
        tags += social(app, pagename, context, text)
    context["metatags"] = VIEWPORT.sub("", context.get("metatags", "")) + tags


def social(app: Sphinx, pagename: str, context: dict[str, Any], text: str) -> str:
    """Return the tags of a messenger's preview, whose addresses must be absolute, and draw its card."""
    # Pages that a program fills share the card of the home page.
    own = "/" not in pagename or pagename.startswith("questions/")
    name = f"{pagename.rpartition('/')[2]}.png" if own and context.get("title") else "index.png"
    title = TAGS.sub("", context["title"]) if name != "index.png" else context["docstitle"]
    path = Path(app.outdir) / "_static" / "cards" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(card(unescape(title), site_labels(app.config.language)("site.motto")))
    root = urljoin(app.config.optnotes_baseurl, f"{place(app.config.language)}/")
    facts = {
        "og:type": "article",
        "og:site_name": context["docstitle"],
        "og:title": unescape(title),
        "og:description": text,
        "og:url": urljoin(root, f"{pagename}.html"),
        "og:locale": f"{app.config.language}_{TONGUES[app.config.language].territory}",
        "og:image": urljoin(root, f"_static/cards/{name}"),
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": unescape(title),
    }
    tags = "".join(f'\n<meta property="{key}" content="{escape(value)}">' for key, value in facts.items())
    return f'{tags}\n<meta name="twitter:card" content="summary_large_image">'
