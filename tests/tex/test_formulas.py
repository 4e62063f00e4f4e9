"""The TeX of every formula, read by a program, gives the value the function returns."""

import importlib

import pytest

import optnotes
from optnotes.site.tex.tokens import name_size, spell, texts, tokens
from tests.formula_docs import bindings, code_values, read, same, symbols, tex_values
from tests.points import Draw, all_points
from tests.tex.reader import evaluate

FORMULAS = optnotes.formulas()
POINTS = all_points()
SEEDS = (0, 1, 2, 3)

# Full formula name -> (why its TeX is not read, the test that stands in: "tests.module::test_name").
EXCEPTIONS: dict[str, tuple[str, str]] = {}

READ = sorted(set(FORMULAS) - set(EXCEPTIONS))


def test_every_formula_has_a_point_and_every_point_a_formula():
    assert set(FORMULAS) == set(POINTS)


def test_exceptions_are_few_and_have_a_stand_in():
    assert len(EXCEPTIONS) <= 6
    assert set(EXCEPTIONS) <= set(FORMULAS)
    for _, stand_in in EXCEPTIONS.values():
        module, test = stand_in.split("::")
        assert callable(getattr(importlib.import_module(module), test))


@pytest.mark.parametrize("name", READ)
def test_tex_gives_the_value_of_the_function(name):
    function = FORMULAS[name]
    for seed in SEEDS:
        arguments = POINTS[name](Draw(seed))
        expected, actual = code_values(function, arguments), tex_values(function, arguments)
        assert same(expected, actual), f"seed {seed}: the function gives {expected}, its TeX {actual}"


@pytest.mark.parametrize("name", READ)
def test_every_symbol_of_the_docstring_occurs_in_the_equation(name):
    """A parameter's symbol occurs in the TeX, and every new name is returned or used further on."""
    function = FORMULAS[name]
    arguments = POINTS[name](Draw(0))
    spelled = " ".join(texts(read(function).tex))

    def occurrences(symbol: str) -> int:
        return f" {spelled} ".count(f" {' '.join(texts(symbol))} ")

    for entry in read(function).parameters:
        assert entry.symbol is None or occurrences(entry.symbol), f"{entry.name}: {entry.symbol} is not in the equation"
    for left in evaluate(read(function).tex, bindings(function, arguments)):
        base = spell(tokens(left)[: name_size(tokens(left))])
        used = base and occurrences(base) > 1
        returned = any(left == symbol or symbol.startswith(f"{left}_") for symbol in symbols(function))
        assert used or returned or occurrences(left) > 1, f"{left} is neither returned nor used"
