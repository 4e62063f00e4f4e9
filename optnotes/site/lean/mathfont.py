"""The math font with the glyphs that the formulas of a site need, and no others."""

import io
import logging
import re
from functools import cache
from html import unescape
from pathlib import Path

from fontTools import subset as fonttools
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.WARNING)

MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
ANNOTATION = re.compile(r"<annotation\b.*?</annotation>", re.DOTALL)
TOKEN = re.compile(r"<(mi|mo|mn|mtext|ms)\b([^>]*)>([^<]*)</")
# Browsers draw a single letter in <mi> from the italic alphabets of Unicode.
ITALIC = {
    **{chr(0x41 + i): chr(0x1D434 + i) for i in range(26)},
    **{chr(0x61 + i): chr(0x1D44E + i) for i in range(26)},
    **{chr(0x391 + i): chr(0x1D6E2 + i) for i in range(25)},
    **{chr(0x3B1 + i): chr(0x1D6FC + i) for i in range(25)},
    **dict(zip("h∂ϵϑϰϕϱϖ", "ℎ𝜕𝜖𝜗𝜘𝜙𝜚𝜛", strict=True)),
}
# Function application, invisible times, invisible comma and invisible plus are drawn by no font.
INVISIBLE = set("\u2061\u2062\u2063\u2064\u200b\xa0 \n")
# What the layout of an element draws beside the characters that stand in it; larger sizes follow from the font.
IMPLIED = {"msqrt": "√", "mroot": "√"}
# A pointed v, which nobody takes for an upsilon, and primes for superscripts, which Chromium does not look for.
DRAWN_AS = {"𝑣": "u1D463.alt", "′": "minute.ssty"}
# TeX sets the scripts of single letters at one height, whatever their own; browsers ask these constants.
CONSTANTS = {"SubscriptBaselineDropMin": -100, "SuperscriptBaselineDropMax": 350}
RADICAL_ADVANCE = 900
TALLEST = 2900


def characters(html: str) -> set[str]:
    """Characters that the formulas of a page show, those that a layout implies among them."""
    found: set[str] = set()
    for formula in set(MATH.findall(html)):
        for tag, attributes, written in TOKEN.findall(ANNOTATION.sub("", formula)):
            text = unescape(written)
            italic = tag == "mi" and len(text) == 1 and "normal" not in attributes
            found.update(ITALIC.get(text, text) if italic else text)
        found.update(drawn for tag, drawn in IMPLIED.items() if f"<{tag}>" in formula or f"<{tag} " in formula)
    return found - INVISIBLE


@cache
def covered(master: Path) -> frozenset[str]:
    """Characters that a font has."""
    with TTFont(master) as font:
        return frozenset(map(chr, font.getBestCmap()))


def subset(master: Path, wanted: set[str]) -> bytes:
    """Return the font with the wanted characters and their stretched forms, set as browsers need it."""
    options = fonttools.Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 6, 13, 14])
    with TTFont(master, recalcTimestamp=False) as font:
        for table in font["cmap"].tables:
            table.cmap.update({ord(each): name for each, name in DRAWN_AS.items() if ord(each) in table.cmap})
        for name, value in CONSTANTS.items():
            getattr(font["MATH"].table.MathConstants, name).Value = value
        _fewer_sizes(font)
        subsetter = fonttools.Subsetter(options)
        subsetter.populate(text="".join(sorted(wanted)))
        subsetter.subset(font)
        _even_radicals(font)
        font.flavor = "woff2"
        stream = io.BytesIO()
        font.save(stream, reorderTables=False)
    return stream.getvalue()


def _fewer_sizes(font: TTFont) -> None:
    """Leave the sizes of brackets beyond the tallest to their pieces: Chromium keeps room for the widest in each."""
    for sizes in font["MATH"].table.MathVariants.VertGlyphConstruction:
        if sizes.GlyphAssembly:
            kept = [each for each in sizes.MathGlyphVariantRecord if each.AdvanceMeasurement <= TALLEST]
            sizes.MathGlyphVariantRecord, sizes.VariantCount = kept, len(kept)


def _even_radicals(font: TTFont) -> None:
    """Make all sizes of the radical equally wide: Chromium keeps room for the widest behind every root."""
    radical = font.getBestCmap().get(ord("√"))
    if radical is None:
        return
    variants = font["MATH"].table.MathVariants
    sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(radical)]
    names = [each.VariantGlyph for each in sizes.MathGlyphVariantRecord]
    names += [each.glyph for each in sizes.GlyphAssembly.PartRecords]
    glyphs, strings = font.getGlyphSet(), font["CFF "].cff.topDictIndex[0].CharStrings
    drawn = {}
    for name in dict.fromkeys([radical, *names]):
        advance, _ = font["hmtx"][name]
        squeeze = min(1.0, RADICAL_ADVANCE / advance)
        pen = T2CharStringPen(RADICAL_ADVANCE, glyphs)
        glyphs[name].draw(TransformPen(pen, (squeeze, 0, 0, 1, RADICAL_ADVANCE - squeeze * advance, 0)))
        drawn[name] = pen.getCharString(strings[name].private, strings[name].globalSubrs)
    for name, string in drawn.items():
        strings[name] = string
        font["hmtx"][name] = (RADICAL_ADVANCE, 0)
