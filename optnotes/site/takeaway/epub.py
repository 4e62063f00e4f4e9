"""The book as EPUB 3 with MathML, written so that epubcheck has nothing to say and equal sources give equal bytes."""

import re
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import lxml.html
from lxml import etree

from optnotes.site.takeaway.book import Book, Chapter, copy_of, released, relink, timestamp
from optnotes.site.words.linear import linear
from optnotes.site.words.text import ROOT

XHTML = "http://www.w3.org/1999/xhtml"
MATHML = "http://www.w3.org/1998/Math/MathML"
SPACES = {"math": MATHML, "svg": "http://www.w3.org/2000/svg"}
STATIC = ROOT / "docs" / "_static"
BOOK_CSS = Path(__file__).with_name("book.css")
WORDS_CSS = Path(__file__).with_name("words.css")
STYLES = ("math.css", BOOK_CSS.name, WORDS_CSS.name)
MEDIA = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}
FEATURES = ("alternativeText", "MathML", "describedMath", "structuralNavigation", "tableOfContents", "readingOrder")
ACCESS = (
    ("schema:accessMode", "textual"),
    ("schema:accessMode", "visual"),
    ("schema:accessModeSufficient", "textual"),
    *(("schema:accessibilityFeature", feature) for feature in (*FEATURES, "displayTransformability")),
    ("schema:accessibilityHazard", "none"),
    ("dcterms:conformsTo", "EPUB Accessibility 1.1 - WCAG 2.1 Level AA"),
)
CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)


def page(language: str, title: str, body: str) -> str:
    """Wrap the content of one file."""
    links = "".join(f'<link rel="stylesheet" type="text/css" href="{name}"/>' for name in STYLES)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="{XHTML}" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" xml:lang="{language}">'
        f"<head><title>{escape(title)}</title>{links}</head><body>{body}</body></html>\n"
    )


def put_words_beside(formula: lxml.html.HtmlElement) -> None:
    """Give a formula to readers without MathML, too: hidden wherever it can be drawn, never as TeX.

    No reader honours ``altimg``, and one that does not know MathML does not know ``alttext``; so a style chooses.
    """
    words = linear(formula)
    formula.set("alttext", words)
    for held in formula.xpath(".//semantics"):
        for annotation in held.xpath("annotation | annotation-xml"):
            held.remove(annotation)
        held.drop_tag()
    both = lxml.html.Element("span")
    formula.getparent().replace(formula, both)
    both.tail, formula.tail = formula.tail, None
    drawn, spoken = (etree.SubElement(both, "span", {"class": name}) for name in ("drawn", "worded"))
    drawn.append(formula)
    spoken.text = words


def to_xhtml(content: lxml.html.HtmlElement) -> str:
    """Serialise HTML as XHTML, formulas and drawings in their own namespaces."""
    written = etree.tostring(content, encoding="unicode", with_tail=False)
    for name, space in SPACES.items():
        written = re.sub(rf"<{name}(?=[ >])", f'<{name} xmlns="{space}"', written)
    return written.replace(' viewbox="', ' viewBox="')  # a parser of HTML makes all names small


def math_css(font: str) -> str:
    """Return the site's style of formulas, with the address of their font."""
    return (STATIC / "math.css").read_text(encoding="utf-8").replace("fonts/STIXTwoMath.woff2", font)


def files(book: Book) -> Iterator[tuple[str, bytes, str]]:
    """Yield name, bytes and manifest properties of every file of the publication, the package file apart."""
    images: set[Path] = set()
    for chapter in book.chapters:
        content = copy_of(chapter)
        images |= set(relink(book, chapter, content, address))
        for formula in content.xpath("//math"):
            put_words_beside(formula)
        body = to_xhtml(content)
        properties = " ".join(value for value, tag in (("mathml", "<math "), ("svg", "<svg ")) if tag in body)
        yield f"{chapter.name}.xhtml", page(book.language, chapter.title, body).encode(), properties
    yield "title.xhtml", page(book.language, "optnotes", title_page(book)).encode(), ""
    yield "nav.xhtml", page(book.language, book.text("site.contents"), navigation(book)).encode(), "nav"
    yield "math.css", math_css(book.math_font.name).encode(), ""
    for path in (BOOK_CSS, WORDS_CSS, book.math_font, *sorted(images)):
        yield path.name, path.read_bytes(), ""


def address(chapter: Chapter, fragment: str) -> str:
    """Address of an anchor within the publication."""
    return f"{chapter.name}.xhtml" + (f"#{fragment}" if fragment else "")


def title_page(book: Book) -> str:
    """Title, release and licence."""
    release = released()
    lines = (book.text("book.subtitle"), book.text("book.release", **release), book.text("site.copyright"))
    return (
        f'<section class="title-page"><h1>{release["title"]}</h1>'
        + "".join(f"<p>{escape(line)}</p>" for line in lines)
        + "</section>"
    )


def navigation(book: Book) -> str:
    """Contents down to the sections of each chapter."""
    entries = []
    for chapter in book.chapters:
        sections = [
            f'<li><a href="{address(chapter, section.get("id"))}">{escape(heading_of(section))}</a></li>'
            for section in chapter.content.xpath("section/section[h2]")
        ]
        nested = f"<ol>{''.join(sections)}</ol>" if sections else ""
        entries.append(f'<li><a href="{address(chapter, "")}">{escape(chapter.title)}</a>{nested}</li>')
    listed = f"<h1>{book.text('site.contents')}</h1><ol>{''.join(entries)}</ol>"
    return f'<nav epub:type="toc" role="doc-toc" id="toc">{listed}</nav>'


def heading_of(section: lxml.html.HtmlElement) -> str:
    """Words of a section's heading."""
    return " ".join(section.find("h2").text_content().split())


def package(book: Book, held: list[tuple[str, bytes, str]]) -> str:
    """Write the package file: metadata, manifest, reading order."""
    release = released()
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"optnotes/{release['version']}/{book.language}")
    items, spine = [], ["title.xhtml", "nav.xhtml", *(f"{chapter.name}.xhtml" for chapter in book.chapters)]
    for name, _, properties in held:
        media = MEDIA.get(Path(name).suffix, "application/xhtml+xml")
        extra = f' properties="{properties}"' if properties else ""
        items.append(f'<item id="{identify(name)}" href="{name}" media-type="{media}"{extra}/>')
    metadata = (
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier><dc:title>{release["title"]}</dc:title>'
        f"<dc:language>{book.language}</dc:language><dc:creator>{escape(book.text('book.author'))}</dc:creator>"
        f"<dc:description>{escape(book.text('book.subtitle'))}</dc:description>"
        f"<dc:rights>{escape(book.text('site.copyright'))}</dc:rights><dc:date>{release['date']}</dc:date>"
        f'<meta property="dcterms:modified">{timestamp():%Y-%m-%dT%H:%M:%SZ}</meta>{accessibility(book)}'
    )
    order = "".join(f'<itemref idref="{identify(name)}"/>' for name in spine)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'unique-identifier="id" xml:lang="{book.language}">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        f"<manifest>{''.join(items)}</manifest>"
        f"<spine>{order}</spine></package>\n"
    )


def accessibility(book: Book) -> str:
    """Say what a reader needs to see or hear, and what the publication offers instead."""
    facts = [*ACCESS, ("schema:accessibilitySummary", book.text("book.accessibility"))]
    facts.append(("a11y:certifiedBy", book.text("book.author")))
    return "".join(f'<meta property="{name}">{escape(value)}</meta>' for name, value in facts)


def identify(name: str) -> str:
    """Turn a file name into an XML id."""
    return "f-" + re.sub(r"[^\w-]", "-", name)


def write_epub(book: Book, path: Path) -> None:
    """Write the publication; the mimetype comes first and uncompressed."""
    held = list(files(book))
    entries = [("META-INF/container.xml", CONTAINER.encode()), ("OPS/content.opf", package(book, held).encode())]
    entries += [(f"OPS/{name}", content) for name, content, _ in held]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(zip_entry("mimetype"), "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in entries:
            archive.writestr(zip_entry(name), content, zipfile.ZIP_DEFLATED)


def zip_entry(name: str) -> zipfile.ZipInfo:
    """Return an entry with the time of the release, and none of the machine's own settings."""
    entry = zipfile.ZipInfo(name, timestamp().timetuple()[:6])
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry
