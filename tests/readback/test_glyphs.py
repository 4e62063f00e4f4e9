"""The font that a build ships draws every character of every formula and every glyph that a layout implies."""

import io

import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

from optnotes.site.lean.mathfont import characters, subset
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.lean.slim import FONT
from optnotes.site.words.text import LANGUAGES
from tests.readback.glyphs import Need, needs, undrawn
from tests.readback.sources import DOCS, blocks, inline

MASTER = DOCS / "_static" / FONT


@pytest.fixture(scope="module")
def formulas():
    within = set().union(*map(inline, LANGUAGES))
    return [*(to_mathml(tex, True) for tex in blocks().values()), *(to_mathml(tex, False) for tex in within)]


@pytest.fixture(scope="module")
def shipped(formulas):
    return subset(MASTER, set().union(*map(characters, formulas)))


@pytest.fixture(scope="module")
def needed(formulas):
    return set().union(*map(needs, formulas))


@pytest.fixture(scope="module")
def before(needed, shipped):
    return set(undrawn(needed, shipped, MASTER.read_bytes()))


def test_the_shipped_font_draws_every_formula(before):
    assert before == set()


def test_every_form_is_asked_for(needed):
    assert {need.form for need in needed} >= {"plain", "tall", "large", "in a script"}
    assert {need.character for need in needed if need.form == "tall"} >= set("√({")
    assert {need.character for need in needed if need.form == "large"} >= set("∑∏")


@pytest.mark.parametrize(
    ("mathml", "expected"),
    [
        ("<msqrt><mi>x</mi></msqrt>", {Need("√"), Need("√", "tall"), Need("𝑥")}),
        ("<mi mathvariant='normal'>h</mi><mi>h</mi><mi>ϕ</mi><mi>Δ</mi>", set(map(Need, "hℎ𝜙𝛥"))),
        ("<mo minsize='1.8em'>(</mo><mo stretchy='false'>)</mo>", {Need("("), Need("(", "tall", 1.8), Need(")")}),
        ("<mover><mrow><mi>x</mi><mi>y</mi></mrow><mo>^</mo></mover>",
         {Need("𝑥"), Need("𝑦"), Need("^"), Need("^", "wide")}),
        ("<msup><mi>x</mi><mo>′</mo></msup>", {Need("𝑥"), Need("′"), Need("′", "in a script")}),
        ("<mo>∑</mo><annotation>z</annotation>", {Need("∑"), Need("∑", "large")}),
    ],
)  # fmt: skip
def test_what_a_layout_implies(mathml, expected):
    assert needs(f'<math display="block">{mathml}</math>') == expected


def damaged(data: bytes, character: str, form: str) -> bytes:
    """The font without one thing that is drawn for a character."""
    font = TTFont(io.BytesIO(data))
    glyph = font.getBestCmap()[ord(character)]
    if form == "character":
        for table in font["cmap"].tables:
            table.cmap.pop(ord(character), None)
    elif form == "outline":
        empty(font, glyph)
    else:
        variants = font["MATH"].table.MathVariants
        built = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(glyph)]
        match form:
            case "sizes":
                built.MathGlyphVariantRecord = built.MathGlyphVariantRecord[:1]
            case "pieces":
                built.GlyphAssembly = None
            case "largest":
                empty(font, built.MathGlyphVariantRecord[-1].VariantGlyph)
    return saved(font)


def saved(font: TTFont) -> bytes:
    stream = io.BytesIO()
    font.flavor = None  # packing costs a second
    font.save(stream)
    return stream.getvalue()


def empty(font: TTFont, glyph: str) -> None:
    """Leave a glyph in the font and nothing in it."""
    if "glyf" in font:
        font["glyf"][glyph] = Glyph()
    else:
        font["CFF "].cff[0].CharStrings[glyph].setProgram(["endchar"])


@pytest.mark.parametrize(
    ("character", "form"),
    [("√", "character"), ("−", "character"), ("𝑤", "character"), ("−", "outline"), ("√", "sizes"), ("√", "pieces"),
     ("√", "largest"), ("(", "sizes"), ("{", "pieces"), ("∑", "sizes"), ("∏", "largest")],
)  # fmt: skip
def test_a_glyph_dropped_from_the_font_is_noticed(needed, shipped, before, character, form):
    found = set(undrawn(needed, damaged(shipped, character, form), MASTER.read_bytes())) - before
    assert found
    assert all(each.startswith(character) for each in found)


def test_the_form_of_a_prime_for_scripts_must_come_along(shipped):
    prime = {Need("′", "in a script")}
    font = TTFont(io.BytesIO(shipped))
    names = font.getBestCmap()
    feature = f"feature ssty {{ sub {names[ord('′')]} by {names[ord('√')]}; }} ssty;"
    addOpenTypeFeaturesFromString(font, feature)
    richer = saved(font)
    del font["GSUB"]
    assert undrawn(prime, richer, richer) == []
    assert undrawn(prime, saved(font), richer) == ["′ (U+2032), in a script"]
