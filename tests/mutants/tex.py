"""Small errors in the TeX of formulas and of lines of derivations, in relations and indices, too."""

from collections.abc import Iterator

from tests.formula_docs import read
from tests.mutants.report import Planted, slice_of
from tests.tex import test_derivations, test_indices, test_mutants, test_relations
from tests.tex.derivations import with_tex
from tests.tex.test_formulas import FORMULAS, READ

BAR = 0.99
FAULTLESS = True  # its reasons are proofs that the equation stays true


def plant(part: str = "") -> Iterator[Planted]:
    """Formulas, then derivations, these at another draw than the tests, whose luck is noticed here."""
    for name in slice_of(READ, part):
        yield from of_formula(name)
    for name in slice_of(test_derivations.NAMES, part):
        derivation = test_derivations.derivation(name)
        for number, mutant in test_derivations.mutants_of(name):
            noticed = test_derivations.fails(with_tex(derivation, number, mutant.tex), draw=2)
            yield Planted("derivations", (name, f"line {number + 1}", mutant.label), noticed)


def of_formula(name: str) -> Iterator[Planted]:
    """Errors in the equation alone, its first relation, the last digit of a constant, and a name in all its places."""
    tex = read(FORMULAS[name]).tex
    for mutant in test_mutants.mutants_of(name):
        yield Planted("formulas", (name, mutant.label), test_mutants.killed(name, mutant))
    relation = test_relations.first_relation(tex)
    for other in test_relations.SIGNS.keys() - {relation}:
        noticed = not test_relations.true(name, tex.replace(relation, f"{other} ", 1))
        yield Planted("first relations", (name, f"{relation} -> {other}"), noticed)
    for constant in test_relations.long_constants(tex):
        other = f"{constant[:-1]}{(int(constant[-1]) + 1) % 10}"
        noticed = not test_relations.long_constants(tex.replace(constant, other)) <= test_relations.CONSTANTS
        yield Planted("last digits", (name, f"{constant} -> {other}"), noticed)
    short = name.rpartition(".")[2]
    if short in test_indices.TABLES:
        table = test_indices.TABLES[short]()
        for label, names in test_indices.shifts(*test_indices.names_of(name)):
            noticed = any(test_indices.wrong(FORMULAS[name], *names, table))
            yield Planted("indices in all places", (name, label), noticed)


def reasons() -> dict[tuple[str, ...], str]:
    """They stand where the tests have them."""
    found: dict[tuple[str, ...], str] = dict(test_mutants.EQUIVALENT)
    for name in test_derivations.NAMES:
        for line, label, because in test_derivations.derivation(name).equivalent:
            found[name, f"line {line}", label] = because
    return found
