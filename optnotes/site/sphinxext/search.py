"""Full-text search by Pagefind, in place of Sphinx's own.

Pagefind ranks by how often a page says a word, shows the passage, and loads only the part of its index that a query
needs. Question pages outweigh the reference, and the words of the source listings are left out.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

from optnotes.site.text import ROOT

logger = getLogger(__name__)

FOLDER = "pagefind"
SYNONYMS = ROOT / "docs" / "data" / "synonyms.yaml"
ARTICLE = re.compile(r'<article class="bd-article">.*?</article>', re.DOTALL)
# Sphinx gives the anchor to the section, Pagefind looks for it at the heading.
HEADING = re.compile(r'<section[^>]* id="([^"]+)">\s*(?:<span id="[^"]+"></span>\s*)*<h([1-6])>')
LEFT_OUT = ("annotation", ".headerlink", "details.source", ".formula-footer", "dl.symbols", "script")
# Every question page ends with its citations; a search for "BibTeX" means the page about citing.
CITATION = re.compile(r'<(p|div) class="(rubric|citation-text)\b')
WEIGHTS = (("questions/", 5.0), ("api/", 0.4), ("drill", 0.3), ("claims", 0.3), ("glossary", 0.3), ("formulas", 0.3))
# The parts of Pagefind's output that bring their own interface.
UNUSED = ("pagefind-*ui.*", "pagefind-highlight.js")


def without_sphinx_search(app: Sphinx) -> None:
    """Keep Sphinx from writing its index and its page."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def search_page(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Add the page that shows the results."""
    if app.builder.name != "html":
        return []
    words = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))[app.config.language]
    return [("search", {"synonyms": json.dumps(words, ensure_ascii=False)}, "search.html")]


def weight(docname: str) -> float:
    """How much a word on this page counts."""
    return next((value for start, value in WEIGHTS if docname.startswith(start)), 1.0)


def record(html: str, docname: str) -> str:
    """Return the article of a written page as Pagefind should read it."""
    found = ARTICLE.search(html)
    if found is None:
        return ""
    article = HEADING.sub(r'<section><h\2 id="\1">', found[0])
    if docname.startswith("questions/"):
        article = CITATION.sub(r'<\1 data-pagefind-ignore class="\2', article)
    if docname.startswith("api/"):  # "optnotes.dropout" must not beat the page on dropout by its short title
        article = article.replace("<h1", f'<h1 data-pagefind-meta="title:optnotes.{Path(docname).name} — API"', 1)
    return article.replace("<article", f'<article data-pagefind-body data-pagefind-weight="{weight(docname)}"', 1)


def write_index(pages: dict[str, str], language: str, out: Path) -> None:
    """Index the articles, one an address, and write the bundle that the search page loads."""
    with TemporaryDirectory() as folder:
        for url, article in pages.items():
            path = Path(folder, url)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'<html lang="{language}"><body>{article}</body></html>', encoding="utf-8")
        # Its Python client waits 0.1 s for each page and stops the program while the last files are being written.
        options = ("--site", folder, "--output-path", str(out), "--force-language", language, "--keep-index-url")
        subprocess.run(
            [sys.executable, "-m", "pagefind", *options, "--exclude-selectors", ",".join(LEFT_OUT), "--quiet"],
            check=True,
        )


def index_pages(app: Sphinx, exception: Exception | None) -> None:
    """Write the index after the pages, unless none of them has changed."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir) / FOLDER
    written = {name: Path(app.builder.get_outfilename(name)) for name in app.env.found_docs}  # type: ignore[attr-defined]
    entry = out / "pagefind-entry.json"
    if entry.is_file() and all(path.stat().st_mtime <= entry.stat().st_mtime for path in written.values()):
        return
    pages = {
        app.builder.get_target_uri(name): record(path.read_text(encoding="utf-8"), name)
        for name, path in written.items()
    }
    shutil.rmtree(out, ignore_errors=True)
    write_index(pages, app.config.language, out)
    for pattern in UNUSED:
        for path in out.glob(pattern):
            path.unlink()
    logger.info("optnotes: %d pages can be searched", len(pages))


def setup(app: Sphinx) -> None:
    """Hook in."""
    app.connect("builder-inited", without_sphinx_search)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", index_pages, priority=950)  # after slim.py has written its last page
