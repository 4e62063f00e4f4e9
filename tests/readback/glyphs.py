"""What a browser must draw for a formula, by MathML Core alone, and what of it a font cannot draw.

A glyph counts when it is in the font *and* leaves ink. Beside the characters that stand in a formula its layout asks
for more: the radical of a root in all sizes and in pieces, fences that grow, sums and products of displayed size,
accents over several letters, primes in their form for scripts. Fraction bars are drawn without the font.
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.ttLib import TTFont

from tests.readback.marks import PRIMES, SILENT
from tests.readback.mathml import accent, ems, kind

FENCES = set("()[]{}|‖⟨⟩⌊⌋⌈⌉")
LARGE = set("∑∏∐∫⋂⋃")
SCRIPTED = {"msub", "msup", "msubsup"}


@dataclass(frozen=True)
class Need:
    """A character and the form in which it is drawn: as it is, tall, wide, large, or within a script."""

    character: str
    form: str = "plain"
    em: float = 0.0  # the least height of a fence that says it

    def __str__(self) -> str:
        return f"{self.character} (U+{ord(self.character):04X}), {self.form}" + f" {self.em}em" * bool(self.em)


def needs(mathml: str) -> set[Need]:
    """Everything that is drawn for a formula, in one ``<math>`` element or several."""
    formulas = ElementTree.fromstring(f"<p>{mathml}</p>")
    return {need for formula in formulas for need in _needs(formula, formula.get("display") == "block")}


def _needs(element: Element, display: bool) -> Iterator[Need]:
    name = element.tag.rpartition("}")[2]
    if name.startswith("annotation"):
        return
    if name in ("mi", "mo", "mn", "mtext", "ms"):
        for character in SILENT.sub("", element.text or ""):
            yield Need(slanted(character) if slants(element) else character)
    if name in ("msqrt", "mroot"):
        yield from (Need("√"), Need("√", "tall"))
    if name == "mo":
        yield from _operator(element, (element.text or "").strip(), display)
    if accent(element) and len(list(element[0].iter())) > 1 and element[1].get("stretchy") != "false":
        yield Need((element[1].text or "").strip(), "wide")
    if name in SCRIPTED:
        texts = ["".join(script.itertext()) for script in list(element)[1:]]
        yield from (Need(character, "in a script") for text in texts for character in text if character in PRIMES)
    for child in element:
        yield from _needs(child, display)


def _operator(element: Element, text: str, display: bool) -> Iterator[Need]:
    """What an operator asks for beside its character."""
    if text in FENCES and element.get("stretchy") != "false":
        yield Need(text, "tall", ems(element.get("minsize", "0em")))
    if text in LARGE and display and element.get("largeop") != "false":
        yield Need(text, "large")


def slants(element: Element) -> bool:
    """Whether browsers draw this token from the italic alphabet."""
    alone = len((element.text or "").strip()) == 1
    return kind(element) == "mi" and alone and element.get("mathvariant") != "normal"


def slanted(character: str) -> str:
    """The italic letter of mathematics, where there is one."""
    name = unicodedata.name(character, "")
    found = re.fullmatch(r"(LATIN|GREEK) (SMALL|CAPITAL) LETTER ([A-Z]+)( SYMBOL)?", name)
    variants = {"ϵ": "EPSILON SYMBOL", "ϑ": "THETA SYMBOL", "ϰ": "KAPPA SYMBOL", "ϕ": "PHI SYMBOL", "ϱ": "RHO SYMBOL"}
    variants |= {"ϖ": "PI SYMBOL", "∂": "PARTIAL DIFFERENTIAL", "ς": "SMALL FINAL SIGMA"}
    if character == "h":
        return "ℎ"
    wanted = variants.get(character) or (f"{found[2]} {found[3]}" if found else None)
    return unicodedata.lookup(f"MATHEMATICAL ITALIC {wanted}") if wanted else character


class Font:
    """A font as a browser sees it."""

    def __init__(self, data: bytes) -> None:
        self.font = TTFont(io.BytesIO(data))
        self.cmap: dict[int, str] = self.font.getBestCmap()
        self.glyphs = self.font.getGlyphSet()
        self.math = self.font["MATH"].table
        self.em: int = self.font["head"].unitsPerEm

    def inked(self, glyph: str) -> bool:
        """Whether a glyph is there and leaves ink."""
        if glyph not in self.glyphs:
            return False
        pen = ControlBoundsPen(self.glyphs)
        self.glyphs[glyph].draw(pen)
        return pen.bounds is not None and pen.bounds[0] < pen.bounds[2] and pen.bounds[1] < pen.bounds[3]

    def script_forms(self, glyph: str) -> list[str]:
        """Glyphs drawn for this one within scripts."""
        if "GSUB" not in self.font:
            return []
        gsub = self.font["GSUB"].table
        features = [record.Feature for record in gsub.FeatureList.FeatureRecord if record.FeatureTag == "ssty"]
        lookups = {index for feature in features for index in feature.LookupListIndex}
        found: list[str] = []
        for table in (table for index in sorted(lookups) for table in gsub.LookupList.Lookup[index].SubTable):
            table = getattr(table, "ExtSubTable", table)
            forms = {**getattr(table, "alternates", {}), **getattr(table, "mapping", {})}.get(glyph, [])
            found += [forms] if isinstance(forms, str) else forms
        return found

    def draws(self, need: Need, master: "Font") -> bool:
        """Whether this font has what a formula needs; the master knows which sizes and forms there are."""
        glyph = self.cmap.get(ord(need.character))
        if glyph is None or not self.inked(glyph):
            return False
        if need.form == "plain":
            return True
        if need.form == "in a script":
            forms = self.script_forms(glyph)
            known = master.script_forms(master.cmap[ord(need.character)])
            return glyph in known or (len(forms) == len(known) and all(map(self.inked, forms)))
        sizes, pieces = self.stretched(need)
        if len(sizes) < 2 or not all(self.inked(glyph) for glyph in (*sizes, *pieces)):
            return False
        if need.form == "tall":
            return any(pieces.values()) and max(sizes.values()) > need.em * self.em
        return max(sizes.values()) == max(master.stretched(need)[0].values())

    def stretched(self, need: Need) -> tuple[dict[str, int], dict[str, bool]]:
        """Sizes of a character by glyph, and its pieces, which repeat or not."""
        side = "Horiz" if need.form == "wide" else "Vert"
        coverage = getattr(self.math.MathVariants, f"{side}GlyphCoverage")
        glyph = self.cmap[ord(need.character)]
        if coverage is None or glyph not in coverage.glyphs:
            return {}, {}
        built = getattr(self.math.MathVariants, f"{side}GlyphConstruction")[coverage.glyphs.index(glyph)]
        parts = built.GlyphAssembly.PartRecords if built.GlyphAssembly else []
        sizes = {each.VariantGlyph: each.AdvanceMeasurement for each in built.MathGlyphVariantRecord}
        return sizes, {part.glyph: bool(part.PartFlags & 1) for part in parts}


def undrawn(needed: set[Need], data: bytes, master: bytes) -> list[str]:
    """What a font cannot draw, in words."""
    font, whole = Font(data), Font(master)
    return sorted(str(need) for need in needed if not font.draws(need, whole))
