"""The decks of one language as an archive: pages that reveal.js shows without a network, and the same slides as PDF."""

import tempfile
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import sphinx_revealjs

from optnotes.site.takeaway.book import Book
from optnotes.site.takeaway.epub import math_css, zip_entry
from optnotes.site.takeaway.landscape import landscape
from optnotes.site.takeaway.pdf import fonts, print_page, settle
from optnotes.site.takeaway.slides import Deck, decks, section_of

# A maintained builder for Sphinx brings reveal.js along, at a locked version.
REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
SHOW = {
    "reveal.css": REVEAL / "dist" / "reveal.css",
    "reveal.js": REVEAL / "dist" / "reveal.js",
    "notes.js": REVEAL / "plugin" / "notes" / "notes.js",
    "LICENSE.reveal.txt": REVEAL / "LICENSE",
}
OWN = {name: Path(__file__).with_name(name) for name in ("slides.css", "slides.js")}
PRINT = (
    "@page { size: 1280px 720px; margin: 0; } .slide { break-after: page; } .slide:last-child { break-after: auto; }"
)


def shown(book: Book, deck: Deck) -> str:
    """Write a deck as a page for a browser."""
    styles = "".join(f'<link rel="stylesheet" href="{name}">' for name in ("reveal.css", "math.css", "slides.css"))
    scripts = "".join(f'<script src="{name}" defer></script>' for name in ("reveal.js", "notes.js", "slides.js"))
    slides = "".join(section_of(slide, True) for slide in deck.slides)
    return (
        f'<!DOCTYPE html>\n<html lang="{book.language}"><head><meta charset="utf-8"><title>{escape(deck.title)}</title>'
        f'<meta name="viewport" content="width=device-width">{styles}{scripts}</head>'
        f'<body><div class="reveal"><div class="slides">\n{slides}</div></div></body></html>\n'
    )


def printed(book: Book, deck: Deck) -> str:
    """Write a deck as a page for the printer: a sheet for each slide, with all of its lines."""
    css = "\n".join([fonts(), math_css(book.math_font.as_uri()), OWN["slides.css"].read_text(encoding="utf-8"), PRINT])
    slides = "".join(section_of(slide, False) for slide in deck.slides)
    return (
        f'<!DOCTYPE html>\n<html lang="{book.language}"><head><meta charset="utf-8"><title>{escape(deck.title)}</title>'
        f'<style>{css}</style></head><body>{slides}<script src="{OWN["slides.js"].as_uri()}"></script></body></html>\n'
    )


def figure(book: Book, name: str) -> bytes:
    """A figure of the site, wider than tall."""
    return landscape((book.site / "_images" / name).read_bytes())


def files(book: Book) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the archive."""
    images: dict[str, bytes] = {}
    for deck in decks(book):
        yield f"{deck.name}.html", shown(book, deck).encode()
        with tempfile.TemporaryDirectory() as folder:
            for name in deck.images:  # beside the page that the printer reads
                images[name] = images.get(name) or figure(book, name)
                (Path(folder) / name).write_bytes(images[name])
            path = Path(folder) / "settled.pdf"
            settle(print_page(printed(book, deck), Path(folder), "--virtual-time-budget=10000"), book, path, deck.title)
            yield f"{deck.name}.pdf", path.read_bytes()
    yield "math.css", math_css(book.math_font.name).encode()
    yield book.math_font.name, book.math_font.read_bytes()
    yield from sorted(images.items())
    for name, path in (SHOW | OWN).items():
        yield name, path.read_bytes()


def write_slides(book: Book, path: Path) -> None:
    """Write the archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files(book):
            archive.writestr(zip_entry(f"optnotes-{book.language}/{name}"), content, zipfile.ZIP_DEFLATED)
