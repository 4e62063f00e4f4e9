"""Faults that only pixels show, how each is planted in the served page, and the check that notices it."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from tests.browser.tabs import BROWSERS

PAGE = "questions/36-l2.html"
# The formula in which the faults are planted: it has roots, fractions, hats, minus signs, and exponents over indices.
TEX = r"\frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}"
# A second one, in a line of text.
INLINE = r"w_{t-1}"
Plant = Callable[[Path], None]


@dataclass(frozen=True)
class Planted:
    """A fault, how it is planted in a folder that is then served, and the check that notices it."""

    fault: str
    plant: Plant
    noticed_by: str
    browsers: tuple[str, ...] = BROWSERS


def style(rule: str) -> Plant:
    """Add a rule to the style sheet of the site."""

    def plant(folder: Path) -> None:
        sheet = folder / "_static" / "site.css"
        sheet.write_text(sheet.read_text(encoding="utf-8") + rule, encoding="utf-8")

    return plant


def page(pattern: str, replacement: str) -> Plant:
    """Change the page itself; something must change."""

    def plant(folder: Path) -> None:
        path = folder / PAGE
        html, changes = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
        assert changes, pattern
        path.write_text(html, encoding="utf-8")

    return plant


def without(character: str) -> Plant:
    """Drop a glyph from the shipped font."""

    def plant(folder: Path) -> None:
        (path,) = (folder / "_static").glob("math-*.woff2")
        options = subset.Options(hinting=False, layout_features=["*"], flavor="woff2")
        with TTFont(path) as font:
            kept = set(font.getBestCmap()) - {ord(character)}
            subsetter = subset.Subsetter(options)
            subsetter.populate(unicodes=kept)
            subsetter.subset(font)
            stream = io.BytesIO()
            font.flavor = "woff2"
            font.save(stream)
        path.write_bytes(stream.getvalue())

    return plant


PLANTED = (
    Planted("the font lost its minus", without("\N{MINUS SIGN}"), "fallback"),
    # Firefox takes the sign from a font of the system: without pixels of it in hand, only the font itself tells.
    Planted("the font lost its radical", without("\N{SQUARE ROOT}"), "invisible", ("chromium",)),
    Planted("a rule hides operators", style("mo{visibility:hidden}"), "invisible"),
    Planted("a rule makes operators transparent", style("mo{color:transparent}"), "invisible"),
    Planted(
        "a rule hides the bars of fractions", style("mfrac{visibility:hidden}mfrac>*{visibility:visible}"), "invisible"
    ),
    Planted("a rule hides radicals", style("msqrt{visibility:hidden}msqrt>*{visibility:visible}"), "invisible"),
    Planted("white on white, in dark mode", style("[data-theme=dark] math{color:#14181e}"), "invisible"),
    Planted("white on white, in light mode", style("[data-theme=light] math mi{color:#fff}"), "invisible"),
    Planted("accents without their marks", page(r"(<mover[^>]*><mi>\w</mi><mo[^>]*>)[^<]+(</mo>)", r"\1\2"), "empty"),
    Planted("exponents on their indices", style("msubsup>:nth-child(3){transform:translateY(1em)}"), "scripts_apart"),
    Planted(
        "exponents on their base", style("msubsup>:nth-child(3){transform:translate(-.5em,.5em)}"), "scripts_apart"
    ),
    Planted("cut at the right edge", style(".math-scroll{flex:none;overflow:hidden;width:60px}"), "misplaced"),
    Planted("cut above and below", style(".math-scroll{overflow:hidden;height:60px}"), "misplaced"),
    Planted("ink cut at the edge", style("math{clip-path:inset(0 15px 0 0)}"), "invisible"),
    Planted("a picture lies on the formulas", style("math{background:#fff;color:#fff}"), "invisible"),
    Planted(
        "one browser alone draws operators larger",
        style("@supports(-moz-appearance:none){mo{font-size:1.4em}}"),
        "disagreements",
    ),
    Planted(
        "one browser alone sets formulas to the right",
        style("@supports(-moz-appearance:none){.math-scroll{justify-content:end}}"),
        "disagreements",
    ),
)
