"""The face of words: what pages show is in it, nothing else; it is smaller than its master and the same each time."""

import io

import pytest
from fontTools.ttLib import TTFont

from optnotes.site.lean.slim import FACES
from optnotes.site.lean.textfont import WRITTEN, letters, subset
from optnotes.site.words.text import ROOT

MASTERS = {name: ROOT / "docs" / "_static" / source for name, source in FACES.items()}
RUSSIAN = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ«»—№")


def test_letters_are_those_of_words():
    page = "<p title='q'>Ёж &lt; 5</p><math><mi>x</mi></math><pre>y</pre><code class='z'>z</code>"
    assert letters(page) == set("Ёж <5")


@pytest.mark.parametrize("name", MASTERS)
def test_a_face_has_what_is_wanted_and_no_more(name):
    data = subset(MASTERS[name], set("Ёfi"))
    with TTFont(io.BytesIO(data)) as font:
        assert set(map(chr, font.getBestCmap())) == set("Ёfi")
        assert font.flavor == "woff2"
    assert data == subset(MASTERS[name], set("fiЁ"))


@pytest.mark.parametrize("name", MASTERS)
def test_russian_english_and_what_scripts_write_are_in_the_masters(name):
    with TTFont(MASTERS[name]) as font:
        assert set(map(chr, font.getBestCmap())) >= RUSSIAN | WRITTEN


def test_letters_of_words_and_of_formulas_are_of_one_height():
    math = ROOT / "docs" / "_static" / "fonts" / "STIXTwoMath.woff2"
    with TTFont(MASTERS["regular"]) as text, TTFont(math) as formulas:
        assert text["OS/2"].sxHeight / text["head"].unitsPerEm == pytest.approx(
            formulas["OS/2"].sxHeight / formulas["head"].unitsPerEm
        )
