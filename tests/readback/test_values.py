"""The MathML of every formula, read back by a program that knows no converter, says what its source says.

Blocks also give the value of their function: a reading shared with ``tests.tex.reader`` begins only behind the MathML.
"""

import pytest

import optnotes
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.words.text import LANGUAGES
from tests.formula_docs import code_values, same, tex_values
from tests.points import Draw, all_points
from tests.readback.mathml import read
from tests.readback.sources import blocks, inline
from tests.readback.tex import normal
from tests.tex.test_formulas import SEEDS

BLOCKS = blocks()
POINTS = all_points()


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_what_is_drawn_gives_the_value_of_the_function(name):
    function, drawn = optnotes.formulas()[name], read(to_mathml(BLOCKS[name], display=True))
    for seed in SEEDS:
        arguments = POINTS[name](Draw(seed))
        expected, actual = code_values(function, arguments), tex_values(function, arguments, drawn)
        assert same(expected, actual), f"seed {seed}: the function gives {expected}, what is drawn {actual}: {drawn}"


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_what_is_drawn_is_what_the_docstring_says(name):
    assert normal(read(to_mathml(BLOCKS[name], display=True))) == normal(BLOCKS[name])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_drawn_within_a_line_is_what_its_source_says(language):
    found = inline(language)
    assert len(found) > 200
    for tex in found:
        assert normal(read(to_mathml(tex, display=False))) == normal(tex)
