"""The text face with the characters that the pages of a site show, and no others."""

import io
import re
import string
from html import unescape
from pathlib import Path

from fontTools import subset as fonttools
from fontTools.ttLib import TTFont

# Formulas and code have faces of their own; what stands in tags is not shown.
OTHER_FACES = re.compile(r"<(math|pre|code|script|style)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
# Scripts write numbers and words that no page holds.
WRITTEN = set(string.printable) - set(string.whitespace) | set("0123456789−×·⁰¹²³⁴⁵⁶⁷⁸⁹⁻ «»“”—–…")
FEATURES = ["ccmp", "kern", "liga", "mark", "tnum"]


def letters(html: str) -> set[str]:
    """Characters of a page in its text face."""
    return set(unescape(TAG.sub("", OTHER_FACES.sub("", html)))) - {"\n"}


def subset(master: Path, wanted: set[str]) -> bytes:
    """Return the face as WOFF2 with those of the wanted characters that it has."""
    options = fonttools.Options(hinting=False, layout_features=FEATURES, name_IDs=[0, 1, 2, 13, 14])
    with TTFont(master, recalcTimestamp=False) as font:
        subsetter = fonttools.Subsetter(options)
        subsetter.populate(text="".join(sorted(wanted)))
        subsetter.subset(font)
        font.flavor = "woff2"
        stream = io.BytesIO()
        font.save(stream, reorderTables=False)
    return stream.getvalue()
