"""The math font with the glyphs that the formulas of a site need, and no others."""

import io
import logging
import re
from functools import cache
from html import unescape
from pathlib import Path

from fontTools import subset as fonttools
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
# Latin Modern lacks these: the hat, the bar and the script l come from the reader's system.
FALLBACK = set("ˆ‾ℓ")


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
    """Return the font with the wanted characters, their stretched forms, and the primes drawn for superscripts."""
    options = fonttools.Options(hinting=False, layout_features=["ssty"], name_IDs=[0, 1, 2, 13, 14])
    with TTFont(master, recalcTimestamp=False) as font:
        for lookup in font["GSUB"].table.LookupList.Lookup if "GSUB" in font else ():
            for table in lookup.SubTable:
                # Drawings of their own for small letters would double the file; only primes are unreadable without.
                if hasattr(table, "alternates"):
                    table.alternates = {name: forms for name, forms in table.alternates.items() if name == "minute"}
        subsetter = fonttools.Subsetter(options)
        subsetter.populate(text="".join(sorted(wanted)))
        subsetter.subset(font)
        font.flavor = "woff2"
        stream = io.BytesIO()
        font.save(stream, reorderTables=False)
    return stream.getvalue()
