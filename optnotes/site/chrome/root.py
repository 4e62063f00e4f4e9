"""What stands beside the sites: the page that leads to them, the one for wrong addresses, the map of all pages."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import quote, urljoin
from xml.sax.saxutils import quoteattr

import lxml.html
from jinja2 import Template

from optnotes.site.chrome.released import write_versions
from optnotes.site.records.addresses import load_addresses
from optnotes.site.settings import base_address, place
from optnotes.site.words.languages import TONGUES
from optnotes.site.words.text import LANGUAGES, ROOT

SOURCE = ROOT / "docs" / "_root"
# These need to know where the site stands.
PUBLISHED = ("404.html", "robots.txt", "sitemap.xml")
# Listings and lists that a program fills, and a page that is empty until a reader types.
UNLISTED = ("_", "genindex.html", "py-modindex.html", "search.html")
SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{}</urlset>\n'
)


def alternates(base: str, file: str) -> list[tuple[str, str]]:
    """Return the addresses of a page by language, and that of the page where readers choose."""
    return [*((code, urljoin(base, f"{place(code)}/{quote(file)}")) for code in LANGUAGES), ("x-default", base)]


def entries(html: Path, base: str) -> Iterator[str]:
    """Yield the entry of each page in each language; twins have the same name."""
    site, moved = html / place(LANGUAGES[0]), load_addresses().moved
    for file in sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html")):
        if not file.startswith(UNLISTED) and file.removesuffix(".html") not in moved:
            found = alternates(base, file)
            twins = "".join(
                f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(address)}/>' for code, address in found
            )
            yield from (f"<url><loc>{address}</loc>{twins}</url>\n" for _, address in found[: len(LANGUAGES)])


def filled(name: str) -> str:
    """Return a page that names every language."""
    return Template((SOURCE / name).read_text(encoding="utf-8"), autoescape=True).render(
        tongues=TONGUES, places={code: place(code) for code in TONGUES}, within=place("")
    )


def anchored(name: str, base: str, links: str) -> str:
    """Return a page with whole addresses in some of its links."""
    page = lxml.html.document_fromstring(filled(name))
    for link in cast(list[lxml.html.HtmlElement], page.xpath(links)):
        link.set("href", urljoin(base, link.get("href")))
    return f"{lxml.html.tostring(page, encoding='unicode', doctype='<!doctype html>').strip()}\n"


def write_root(html: Path, base: str) -> None:
    """Copy what needs no address; write the rest where the address is known."""
    shutil.copytree(SOURCE, html, dirs_exist_ok=True)
    (html / "index.html").write_text(filled("index.html"), encoding="utf-8")
    write_versions(html)
    for name in PUBLISHED:
        (html / name).unlink(missing_ok=True)
    if base:
        # Search engines read whole addresses only; a page for wrong addresses is shown at any depth.
        written = {
            "index.html": anchored("index.html", base, "//link[@rel='alternate' or @rel='canonical']"),
            "404.html": anchored("404.html", base, "//*[@href]"),
            "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n",
            "sitemap.xml": SITEMAP.format("".join(entries(html, base))),
        }
        for name, text in written.items():
            (html / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_root(Path(sys.argv[1]), base_address())
