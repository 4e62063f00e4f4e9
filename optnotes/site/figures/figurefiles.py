"""What a reader takes away of a figure besides the picture of the page: an SVG whose words are text, and a PDF.

Both are made from the SVG that the page shows: drawing once more would take most of the time of a build.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, cast
from unicodedata import normalize
from xml.sax.saxutils import unescape

import typst
from lxml import etree
from matplotlib.font_manager import FontEntry, FontProperties, fontManager, get_font

from optnotes.site.figures.style import UNITS, face

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
PLACED = re.compile(r"(?P<place>.*) scale\((?P<scale>[\d.]+) -[\d.]+\)")
SHIFTED = re.compile(r"translate\((?P<x>[-\d.]+)(?: (?P<y>[-\d.]+))?\)(?: scale\((?P<scale>[\d.]+)\))?")
GLYPH = re.compile(r"#(?P<face>.+)-(?P<index>[0-9a-f]+)")
LIGATURES = range(0xFB00, 0xFB07)
LONG = "STIXSize"  # fonts of roots and brackets as high as what they hold: outlines they stay
EM = 100  # matplotlib places glyphs in hundredths of the size
# No date, and no fonts of the machine: equal figures give equal files.
PAGE = b"""#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""


@cache
def faces() -> dict[str, tuple[FontEntry, dict[int, str]]]:
    """The font behind each name that an SVG of matplotlib gives, and the characters of its glyphs."""
    face()  # the process that draws is another
    found = {}
    for entry in fontManager.ttflist:
        if entry.name.startswith(LONG):
            continue
        # Several files may bear a name; their glyphs differ.
        looks: dict[str, Any] = {name: getattr(entry, name) for name in ("style", "weight", "stretch")}
        font = get_font(fontManager.findfont(FontProperties(family=entry.name, **looks)))
        characters = {int(glyph): _character(code) for code, glyph in font.get_charmap().items()}
        for glyph in range(font.num_glyphs):  # f_f, and i.f_ for an i after it, are called by their letters
            letters = font.get_glyph_name(cast(Any, glyph)).partition(".")[0].split("_")
            if set(map(len, letters)) == {1}:
                characters.setdefault(glyph, "".join(letters))
        found[font.postscript_name] = entry, characters
    return found


def _character(code: int) -> str:
    return normalize("NFKC", chr(code)) if code in LIGATURES else chr(code)


@cache
def compiler() -> typst.Compiler:
    """Typst without the fonts of the machine: the letters of a figure are outlines."""
    return typst.Compiler(ignore_system_fonts=True)


def to_pdf(svg: str) -> bytes:
    """One page as large as the figure, in lines and outlines as on the screen."""
    made = compiler().compile(PAGE, sys_inputs={"svg": svg})
    assert isinstance(made, bytes)
    return made


def with_text(svg: str) -> str:
    """The figure with text in place of the outlines of its letters, so that words can be found and changed."""
    root = etree.fromstring(svg.encode())
    for said in list(root.iter(etree.Comment)):
        outlines = said.getnext()
        if outlines is not None and (placed := PLACED.fullmatch(outlines.get("transform", ""))):
            _write(outlines, str(said.text).strip(), placed["place"], float(placed["scale"]))
    return etree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class Glyph:
    """A character where an SVG of matplotlib puts its outline."""

    use: etree._Element
    entry: FontEntry
    character: str
    x: float
    y: float
    scale: float

    @property
    def style(self) -> tuple[float, float, str]:
        """What its neighbours have in common with it: height, size, face."""
        look = f"font-family: '{self.entry.name}', sans-serif"
        for name, value in (("style", self.entry.style), ("weight", self.entry.weight)):
            look += f"; font-{name}: {value}" if value not in ("normal", 400) else ""
        return self.y, self.scale, look


def _glyphs(outlines: etree._Element) -> Iterator[Glyph]:
    """Yield those that a font of letters has."""
    for use in outlines.findall(f"{SVG}use"):
        named, shift = GLYPH.fullmatch(use.get(LINK, "")), SHIFTED.fullmatch(use.get("transform", "translate(0)"))
        if named and shift and named["face"] in faces():
            entry, characters = faces()[named["face"]]
            if character := characters.get(int(named["index"], 16)):
                yield Glyph(
                    use, entry, character, float(shift["x"]), float(shift["y"] or 0), float(shift["scale"] or 1)
                )


def _write(outlines: etree._Element, said: str, place: str, scale: float) -> None:
    """Put text beside a group of outlines, and take out those that it replaces."""
    glyphs, plain = list(_glyphs(outlines)), "$" not in said
    if not glyphs or (plain and "".join(glyph.character for glyph in glyphs) != unescape(said)):
        return
    text = etree.Element(f"{SVG}text", transform=place, style=outlines.get("style", ""))
    for (y, size, look), run in groupby(glyphs, key=lambda glyph: glyph.style):
        found = list(run)
        # The face of the pages is drawn larger than its size says.
        drawn = size * scale * EM * (1000 / UNITS if found[0].entry.name == face() else 1)
        part = etree.SubElement(text, f"{SVG}tspan", style=f"{look}; font-size: {drawn:.4g}px")
        part.set("y", f"{-y * scale:.2f}")
        part.set("x", f"{found[0].x * scale:.2f}" if plain else " ".join(f"{each.x * scale:.2f}" for each in found))
        part.text = "".join(each.character for each in found)
    for glyph in glyphs:
        outlines.remove(glyph.use)
    outlines.addnext(text)
