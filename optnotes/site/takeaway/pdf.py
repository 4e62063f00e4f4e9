"""The book as PDF, printed by Chromium: formulas are MathML, figures stay vectors, headings become the outline.

Chromium cannot put page numbers into the contents, so the book is printed twice: the outline of the first print says
where each chapter begins.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import pikepdf
from lxml import etree

from optnotes.site.takeaway.book import Book, Chapter, copy_of, relink, timestamp
from optnotes.site.takeaway.epub import BOOK_CSS, math_css, title_page

PRINT_CSS = Path(__file__).with_name("print.css")
FACES = (
    ("DejaVu Serif", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"),
    ("DejaVu Sans", "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique"),
    ("DejaVu Sans Mono", "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique"),
)
NODE = re.compile(r"node\d{8}")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str:
    """Find the browser that prints."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError(f"the PDF needs one of {', '.join(NAMES)} on the PATH")
    return found


def fonts() -> str:
    """Fonts that matplotlib ships, so that Cyrillic looks the same on every machine."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    rules = []
    for family, *files in FACES:
        styles = ("", "font-weight: bold;", "font-style: italic;")
        rules += [
            f'@font-face {{ font-family: "{family}"; src: url("{(folder / file).as_uri()}.ttf"); {style} }}'
            for file, style in zip(files, styles, strict=True)
        ]
    return "\n".join(rules)


def anchor(chapter: Chapter, fragment: str) -> str:
    """Id of an anchor in the one long document."""
    return f"{chapter.name}--{fragment}" if fragment else chapter.name


def document(book: Book, starts: dict[str, int]) -> str:
    """Write the whole book as one HTML file; ``starts`` holds the first page of each chapter, once known."""
    bodies = []
    for chapter in book.chapters:
        content = copy_of(chapter)
        images = {path.name: path.as_uri() for path in relink(book, chapter, content, lambda *to: f"#{anchor(*to)}")}
        for image in content.xpath("//img[@src]"):
            image.set("src", images[image.get("src")])
        for element in content.xpath("//*[@id]"):
            element.set("id", anchor(chapter, element.get("id")))
        content.set("id", chapter.name)
        bodies.append(etree.tostring(content, encoding="unicode", method="html", with_tail=False))
    formulas = math_css(book.math_font.as_uri())
    css = "\n".join([fonts(), formulas, *(path.read_text(encoding="utf-8") for path in (BOOK_CSS, PRINT_CSS))])
    return (
        f'<!DOCTYPE html>\n<html lang="{book.language}"><head><meta charset="utf-8"><title>optnotes</title>'
        f"<style>{css}</style></head><body>{title_page(book)}{contents(book, starts)}{''.join(bodies)}</body></html>\n"
    )


def contents(book: Book, starts: dict[str, int]) -> str:
    """Write the contents with page numbers; sections are in the outline."""
    entries = [
        f'<li><a href="#{chapter.name}"><span>{escape(chapter.title)}</span>'
        f"<span>{starts.get(chapter.name, '')}</span></a></li>"
        for chapter in book.chapters
    ]
    return f'<nav><p class="contents">{book.text("site.contents")}</p><ol>{"".join(entries)}</ol></nav>'


def print_page(html: str, folder: Path, *options: str) -> Path:
    """Let the browser print; nothing is loaded from outside."""
    source, printed = folder / "book.html", folder / "book.pdf"
    source.write_text(html, encoding="utf-8")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={folder}/profile",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={printed}",
        *options,
    )
    subprocess.run([chromium(), *flags, source.as_uri()], check=True, capture_output=True, timeout=600)
    return printed


def chapter_starts(path: Path, book: Book) -> dict[str, int]:
    """Return the first page of each chapter, from the outline."""
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        pages: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = pikepdf.NameTree(pdf.Root.Names.Dests) if "/Names" in pdf.Root else {}
        found = {}
        titles = {chapter.title: chapter.name for chapter in book.chapters}
        for item in outline.root:
            target: Any = item.destination or cast(Any, item.action).D
            if isinstance(target, pikepdf.String | pikepdf.Name):
                target = named[str(target)]
            if item.title in titles:
                found[titles[item.title]] = pages[target[0].objgen]
    missing = [chapter.title for chapter in book.chapters if chapter.name not in found]
    if missing:
        raise ValueError(f"the outline of the PDF lacks: {', '.join(missing)}")
    return found


def write_pdf(book: Book, path: Path) -> None:
    """Print twice, then replace what the clock wrote."""
    with tempfile.TemporaryDirectory() as folder:
        starts = chapter_starts(print_page(document(book, {}), Path(folder)), book)
        printed = print_page(document(book, starts), Path(folder))
        if chapter_starts(printed, book) != starts:
            raise ValueError("the page numbers moved between the two prints")
        settle(printed, book, path)


def strings(holder: Any) -> Iterator[tuple[Any, str | int]]:
    """Yield where an object holds its strings, but not those of the objects it refers to."""
    keys = range(len(holder)) if isinstance(holder, pikepdf.Array) else list(holder.keys())
    for key in keys:
        value = holder[key]
        if isinstance(value, pikepdf.String):
            yield holder, key
        elif isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect:
            yield from strings(value)


def renumber(pdf: pikepdf.Pdf) -> None:
    """Count the cells of tables from one: the browser names them after a counter of its process."""
    containers = [each for each in pdf.objects if isinstance(each, pikepdf.Array | pikepdf.Dictionary)]
    found = [place for each in containers for place in strings(each) if NODE.fullmatch(str(place[0][place[1]]))]
    names = sorted({str(holder[key]) for holder, key in found})
    settled = {name: pikepdf.String(f"node{number:08}") for number, name in enumerate(names, 1)}
    for holder, key in found:
        holder[key] = settled[str(holder[key])]


def settle(printed: Path, book: Book, path: Path, title: str = "") -> None:
    """Write the file with the title and the times of the release."""
    with pikepdf.open(printed) as pdf:
        stamp = f"D:{timestamp():%Y%m%d%H%M%S}Z"
        for key in list(pdf.docinfo.keys()):
            del pdf.docinfo[key]
        pdf.docinfo.update(
            {
                "/Title": f"optnotes: {title or book.text('book.subtitle')}",
                "/Author": book.text("book.author"),
                "/CreationDate": stamp,
                "/ModDate": stamp,
            }
        )
        renumber(pdf)
        pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
