"""Every line of every derivation follows from those before it, and a small error in any line is noticed."""

from functools import cache

import pytest

from optnotes.site.derivations import derivation_path, derived, load_derivation
from tests.tex.derivations import Checker, DerivationError, check, conditions, equations, tex_of, with_tex, without
from tests.tex.mutants import Mutant, mutants
from tests.tex.reader import normalise

SEEDS = range(4)
MORE = range(12)  # a mutant that survives one seed meets the next

NAMES = derived()


@cache
def derivation(name):
    return load_derivation(derivation_path(name))


def fails(changed) -> bool:
    for seed in MORE:
        try:
            check(changed, seed)
        except DerivationError:
            return True
    return False


@cache
def mutants_of(name) -> list[tuple[int, Mutant]]:
    """Every line of its own with small errors, by its number."""
    checker = Checker(derivation(name), 0)
    checker.run()
    probabilities = {normalise(given.symbol) for given in derivation(name).given if given.symbol in ("p", "q")}
    return [
        (number, mutant)
        for number, step in enumerate(derivation(name).steps)
        if not step.formula
        for mutant in mutants(tex_of(step), checker.reader.scope, probabilities)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_follows(name):
    for seed in SEEDS:
        check(derivation(name), seed)


@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_killed_or_listed_as_equivalent(name):
    survivors = [
        (number + 1, mutant.label)
        for number, mutant in mutants_of(name)
        if not fails(with_tex(derivation(name), number, mutant.tex))
    ]
    assert survivors == [(line, label) for line, label, _ in derivation(name).equivalent]


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_that_is_used_and_every_condition_is_needed(name):
    for number, step in enumerate(derivation(name).steps[:-1]):
        if step.formula:
            assert fails(without(derivation(name), number)), f"nothing needs {step.formula}"
    for loose in conditions(derivation(name)):
        assert fails(loose), "a condition is not needed"


def test_every_derivation_is_of_a_formula():
    assert set(NAMES) <= equations().keys()
