"""Holds a build to the record of addresses, and leads from each old one to the new one without a script.

A page that has moved leaves a page that refreshes to the new one. An anchor that has moved is an empty element at its
new place; where its old page is still there, a line at its end has the anchor and a link.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

from optnotes.site.pages.store import store_of
from optnotes.site.records.addresses import Addresses, load_addresses, split
from optnotes.site.words.text import site_labels

logger = getLogger(__name__)

# What a directive names; everything else that stays has a label of its own. Counters differ by language.
NAMED = re.compile(r"((claim|drill|exercise)-\d|equation-eq-|(derivation|fig|symptom|term)-).+")
PASSING = re.compile(r"id\d+|(footcite|index|module)-.*|term-\d+")
WITHIN = (nodes.section, nodes.term)  # hold a mark themselves; beside a term HTML has no place for one
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><meta name="robots" content="noindex">
<link rel="canonical" href="{address}"><meta http-equiv="refresh" content="0; url={address}"></head>
<body><p><a href="{address}">{title}</a></p></body></html>
"""


def record(app: Sphinx) -> Addresses:
    """The record of this site; a site without one promises nothing."""
    path = app.config.optnotes_addresses
    return load_addresses(Path(app.confdir) / path) if path else Addresses({}, {})


def places(document: nodes.document) -> dict[str, nodes.Element]:
    """Elements of a page by their anchors."""
    elements: list[nodes.Element] = list(document.findall(nodes.Element))
    found: dict[str, nodes.Element] = {}
    for node in elements:
        found |= dict.fromkeys(node.get("ids", ()), node)
    return found


def note_anchors(app: Sphinx, document: nodes.document) -> None:
    """Keep the anchors of a page that are not counted or made from a heading."""
    store = store_of(app.env)
    labelled = {document.nameids[name] for name, explicit in document.nametypes.items() if explicit}
    ids = set(places(document))
    kept = {each for each in ids if NAMED.fullmatch(each) or each in labelled}
    for anchor in sorted({"", *(each for each in kept if not PASSING.fullmatch(each))}):
        store.note("anchors", anchor, 0)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Name the addresses that lead nowhere."""
    present = {page: {anchor for anchor, _ in found} for page, found in store_of(env).on("anchors").items()}
    for problem in record(app).lost(present):
        logger.warning("%s", problem, type="optnotes", subtype="address")


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write again the pages that an anchor has left or reached since."""
    now = record(app).moved
    before = getattr(env, "optnotes_moved", {})
    env.optnotes_moved = now  # type: ignore[attr-defined]
    changed = {split(each)[0] for move in now.items() ^ before.items() for each in move}
    return sorted(changed & env.found_docs)


def arrivals(app: Sphinx, docname: str) -> dict[str, str]:
    """Anchors that have come to a page, with the anchors they have become."""
    held = record(app)
    ends = {old: split(held.now(old)) for old in held.moved}
    return {split(old)[1]: anchor for old, (page, anchor) in ends.items() if anchor and page == docname}


def receive(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Put old anchors at their new places, and a line for each that went to another page."""
    found = places(document)
    for old, new in arrivals(app, docname).items():
        if old not in found and new in found:
            place = found[new]
            mark = nodes.raw("", f'<span id="{escape(old)}"></span>', format="html")
            inside, index = (place, 0) if isinstance(place, WITHIN) else (place.parent, place.parent.index(place))
            inside.insert(index, mark)
    held = record(app)
    for old in held.moved:
        page, anchor = split(old)
        target, fragment = split(held.now(old))
        if page == docname and anchor and target in app.env.titles and target != docname:
            link = nodes.reference("", app.env.titles[target].astext(), internal=True)
            link["refuri"] = f"{app.builder.get_relative_uri(docname, target)}#{fragment}"
            line = nodes.paragraph("", f"{site_labels(app.config.language)('address.moved')} ", link, ids=[anchor])
            next(iter(document.findall(nodes.section))).append(line)


def write_moved_pages(app: Sphinx, error: Exception | None) -> None:
    """Leave a page at each address that had one."""
    if error is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    held = record(app)
    for old in held.moved:
        target = held.now(old)
        if "#" not in old and target in app.env.titles:
            path = Path(app.outdir) / f"{old}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            address = escape(app.builder.get_relative_uri(old, target))
            title = escape(app.env.titles[target].astext())
            path.write_text(PAGE.format(language=app.config.language, title=title, address=address), encoding="utf-8")
