"""Full-text search by Pagefind, in place of Sphinx's own.

Pagefind ranks by how often a page says a word, shows the passage, and loads only the part of its index that a query
needs. Question pages outweigh the reference, and the words of the source listings are left out.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

from optnotes.site.chrome.passages import Passage, passages
from optnotes.site.words.text import ROOT

logger = getLogger(__name__)

FOLDER = "pagefind"
TYPED = ROOT / "docs" / "data" / "search.yaml"
WORD = re.compile(r"[\w-]*[^\W\d_][\w-]*")
# How much a word of the headings above a passage counts, and one of those that readers type for a symptom.
ABOVE, TYPED_WORDS = 0.5, 8.0
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
    typed = yaml.safe_load(TYPED.read_text(encoding="utf-8"))[app.config.language]
    known = {"without": typed["without"].split(), "same": list(typed["same"].items())}
    return [("search", {"known": json.dumps(known, ensure_ascii=False)}, "search.html")]


def plain(text: str) -> str:
    """Text as the search compares it."""
    return text.lower().replace("ё", "е")


def record(passage: Passage, language: str) -> str:
    """A passage as Pagefind reads it: what leads to it, the headings above it, its words."""
    title = "title" if passage.weight >= 1 else "name"  # Pagefind prefers a passage whose title says the word
    shown = {title: passage.title, "address": passage.address, "above": " › ".join(passage.above)}
    meta = "".join(f'<p data-pagefind-meta="{key}" hidden>{escape(text)}</p>' for key, text in shown.items())
    above = f'<p data-pagefind-weight="{ABOVE}">{escape(shown["above"])}</p>'
    content = passage.content.replace('<p class="typed"', f'<p class="typed" data-pagefind-weight="{TYPED_WORDS}"')
    body = f'<main data-pagefind-body data-pagefind-weight="{passage.weight}">{content}{above}</main>'
    return f'<html lang="{language}"><body>{meta}{body}</body></html>'


def write_index(found: Sequence[Passage], language: str, out: Path) -> None:
    """Index the passages and write the bundle that the search page loads."""
    with TemporaryDirectory() as folder:
        for number, passage in enumerate(found):
            Path(folder, f"{number:06}.html").write_text(record(passage, language), encoding="utf-8")
        # Its Python client waits 0.1 s for each page and stops the program while the last files are being written.
        options = ("--site", folder, "--output-path", str(out), "--force-language", language)
        subprocess.run([sys.executable, "-m", "pagefind", *options, "--quiet"], check=True)
    said = {word for passage in found for word in WORD.findall(plain(passage.text))}
    (out / "words.json").write_text(json.dumps(sorted(said), ensure_ascii=False), encoding="utf-8")


def index_pages(app: Sphinx, exception: Exception | None) -> None:
    """Write the index after the pages, unless none of them has changed."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir) / FOLDER
    written = {name: Path(app.builder.get_outfilename(name)) for name in app.env.found_docs}  # type: ignore[attr-defined]
    entry = out / "pagefind-entry.json"
    if entry.is_file() and all(path.stat().st_mtime <= entry.stat().st_mtime for path in written.values()):
        return
    found = [
        passage
        for name, path in written.items()
        for passage in passages(path.read_text(encoding="utf-8"), name, app.builder.get_target_uri(name))
    ]
    shutil.rmtree(out, ignore_errors=True)
    write_index(found, app.config.language, out)
    for pattern in UNUSED:
        for path in out.glob(pattern):
            path.unlink()
    logger.info("optnotes: %d passages can be searched", len(found))
