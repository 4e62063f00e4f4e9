"""Which glyphs of which fonts a printed book shows, and which ones its formulas need."""

import re
from collections import Counter, defaultdict
from html import unescape
from pathlib import Path
from typing import Any

import pypdf
from fontTools.ttLib import TTFont

from optnotes.site.lean.mathfont import ANNOTATION, INVISIBLE, ITALIC, MATH, TOKEN
from optnotes.site.takeaway.epub import STATIC
from optnotes.site.takeaway.pdf import FACES
from tests.browser.sheets import read

PIECE = "\0"  # what a piece of a large bracket is called
NUMBER = 55  # height in points under which a sheet has only its number
RADICAL = re.compile(r"<m(?:sqrt|root)\b")


def font_name(font: Any) -> str:
    """Name of a font of a PDF without the mark of a subset."""
    font = font.get_object()
    holder = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    described = holder.get("/FontDescriptor")
    name = (described and described.get_object().get("/FontName")) or font.get("/BaseFont") or "?"
    return str(name).removeprefix("/").rpartition("+")[2]


def drawn_characters(path: Path) -> dict[str, Counter[str]]:
    """Count the characters that each font draws in a PDF."""
    found: dict[str, Counter[str]] = defaultdict(Counter)

    def visit(text: str, _: object, __: object, font: Any, ___: float) -> None:
        if font is not None:
            found[font_name(font)].update(each for each in text if not each.isspace())

    for page in pypdf.PdfReader(path).pages:
        page.extract_text(visitor_text=visit)
    return found


def empty_sheets(path: Path) -> list[int]:
    """Sheets on which the lower three fifths hold no words, though no chapter begins on the next one."""
    pdf = pypdf.PdfReader(path)
    top = [item for item in pdf.outline if not isinstance(item, list)]
    begun = {pdf.get_destination_page_number(item) for item in top}
    found = []
    for number, page in enumerate(pdf.pages[: len(pdf.pages) - 1]):
        body = [each for each in read(page)[1] if each > NUMBER]
        if number > max(2, min(begun)) - 1 and number + 1 not in begun and min(body, default=842) > 505:
            found.append(number + 1)
    return found


def needed_characters(html: str) -> Counter[str]:
    """Count the characters that the formulas of a document show."""
    found: Counter[str] = Counter()
    for formula in MATH.findall(html):
        bare = ANNOTATION.sub("", formula)
        for tag, attributes, written in TOKEN.findall(bare):
            text = unescape(written)
            italic = tag == "mi" and len(text) == 1 and "normal" not in attributes
            found.update(each for each in (ITALIC.get(text, text) if italic else text) if each not in INVISIBLE)
        found["√"] += len(RADICAL.findall(bare))
    return +found


def shipped_math_fonts() -> set[str]:
    """Names of the fonts that draw formulas."""
    names = set()
    for path in (STATIC / "fonts").glob("*.woff2"):
        with TTFont(path) as font:
            names.add(font["name"].getDebugName(6))
    return names


def shipped_fonts() -> set[str]:
    """Names of all fonts that the book may use."""
    return shipped_math_fonts() | {file for _, *files in FACES for file in files}
