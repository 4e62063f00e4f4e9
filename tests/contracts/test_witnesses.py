"""The page of a formula counts the tests made for all formulas that run for this one."""

import re

import pytest

from optnotes.site.records.records import load_generic
from tests.contracts.arguments import FORMULAS, WITH_TENSORS
from tests.contracts.test_fuzz import test_whatever_the_arguments_the_formula_returns_or_refuses as fuzz
from tests.contracts.test_transforms import test_vmap_over_any_dimension_is_the_loop as vmap
from tests.contracts.witnesses import ROOMS, TESTS, formulas_of, generic


def test_the_stored_numbers_are_those_of_the_tests():
    """After a change: ``python -m tests.contracts.witnesses``."""
    assert load_generic() == generic()
    assert set(load_generic()) == set(FORMULAS)


def test_no_test_that_is_counted_can_be_left_out():
    sources = [path.read_text("utf-8") for room in ROOMS for path in (TESTS / room).glob("*.py")]
    assert not any(re.search(r"\b(skip|skipif|xfail|importorskip)\b\(", source) for source in sources)


def test_a_test_counts_for_each_formula_that_it_is_given_once():
    assert set(formulas_of(fuzz)) == set(FORMULAS)
    assert set(formulas_of(vmap)) == set(WITH_TENSORS)

    @pytest.mark.parametrize("dtype", ["optnotes.activations.elu"])
    @pytest.mark.parametrize(("name", "other"), [("activations.gelu", "activations.relu"), ("gelu", 1), ("nothing", 2)])
    def test_of_two(name, other, dtype):
        pass

    assert list(formulas_of(test_of_two)) == ["optnotes.activations.gelu"] * 2
