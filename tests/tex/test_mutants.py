"""A small error in the TeX of any formula is noticed: the tests of the equations are themselves tested."""

from functools import cache

import pytest
import torch

from tests.formula_docs import bindings, code_values, elementwise, ends, inside, kinds, read, same, tex_values
from tests.points import Draw
from tests.tex.mutants import Mutant, line_mutants, mutants
from tests.tex.reader import Reader, TexMismatch, evaluate, normalise
from tests.tex.test_formulas import FORMULAS, POINTS, READ

SEEDS = range(12)  # a mutant that survives one seed meets the next

LOOSER = "a looser upper bound is true as well"
SHIFT = "the sum of deviations from the mean is zero, so a shift of the other factor adds nothing"
EVEN = "the product of the sigmoid at plus and minus the same argument is even"

# (full formula name, label of the mutant) -> why it equals the equation.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("optnotes.activations.sigmoid_derivative", "^{ [- -> ] x}"): EVEN,
    ("optnotes.activations.sigmoid_derivative", "\\le\\frac [1 -> {2}] 4,"): LOOSER,
    ("optnotes.activations.sigmoid_derivative", ")\\le [\\frac14 -> ( 1 )] ,\\qquad"): LOOSER,
    ("optnotes.activations.sigmoid_derivative", ")\\le [\\frac14 -> \\frac{ 4 }{ 1 }] ,\\qquad"): LOOSER,
    ("optnotes.activations.tanh_derivative", "^{ [- -> ] u}"): EVEN,
    ("optnotes.activations.tanh_derivative", ")\\le [1 -> 2] ,\\qquad"): LOOSER,
    (
        "optnotes.descent.contraction_rate",
        "\\max( [\\lvert1-\\eta\\lambda_\\min\\rvert -> ( 1-\\eta\\lambda_\\min )] ,\\lvert",
    ): "where the first difference is negative, the second has the larger absolute value",
    ("optnotes.features.pearson", "i- [\\bar x -> \\frac{ \\bar x }{2}] )("): SHIFT,
    ("optnotes.features.pearson", "i- [\\bar x -> \\bar y] )("): SHIFT,
    ("optnotes.features.pearson", "i- [\\bar y -> \\frac{ \\bar y }{2}] )}"): SHIFT,
    ("optnotes.features.pearson", "i- [\\bar y -> n] )}"): SHIFT,
    ("optnotes.features.pearson", "_i [- -> +] \\bar x"): SHIFT,
    ("optnotes.features.pearson", "_i [-\\bar x -> ] )("): SHIFT,
    ("optnotes.features.pearson", "_i [- -> +] \\bar y"): SHIFT,
    ("optnotes.features.pearson", "_i [-\\bar y -> ] )}"): SHIFT,
    ("optnotes.outputs.softmax", "m= [\\max -> \\min] _j"): "the softmax does not change when all logits shift",
    (
        "optnotes.outputs.softmax",
        "_j [z_j -> \\frac{ z_j }{2}] ",
    ): "half the largest logit is a shift, too",
    ("optnotes.features.covariance", "j} [- -> +] \\mu_"): SHIFT,
    ("optnotes.features.covariance", "j} [-\\mu_j -> ] )("): SHIFT,
    ("optnotes.features.covariance", "k} [- -> +] \\mu_"): SHIFT,
    ("optnotes.features.covariance", "k} [-\\mu_k -> ] )"): SHIFT,
    ("optnotes.features.covariance", "}- [\\mu_j -> \\frac{ \\mu_j }{2}] )("): SHIFT,
    ("optnotes.features.covariance", "}- [\\mu_k -> \\frac{ \\mu_k }{2}] )"): SHIFT,
}


@cache
def point(name, seed):
    """Arguments and returned values; at odd seeds every tensor of any shape holds a zero."""
    function, arguments = FORMULAS[name], POINTS[name](Draw(seed))
    for key, value in arguments.items() if seed % 2 else ():
        if isinstance(value, torch.Tensor) and value.ndim and elementwise(kinds(function), key):
            interval = kinds(function)[key].interval
            if interval is None or inside(0.0, interval):
                arguments[key] = value.clone(memory_format=torch.contiguous_format)
                arguments[key].view(-1)[0] = 0.0
    return arguments, code_values(function, arguments)


@cache
def mutants_of(name) -> list[Mutant]:
    function = FORMULAS[name]
    bound = bindings(function, point(name, 0)[0])
    reader = Reader(read(function).tex, bound)
    probabilities = set()
    for entry in read(function).parameters:
        interval = kinds(function)[entry.name].interval
        if entry.symbol and interval and ends(interval)[0] >= 0 and ends(interval)[1] <= 1:
            probabilities.add(normalise(entry.symbol))
    return mutants(read(function).tex, reader.scope, probabilities)


def killed(name, mutant: Mutant) -> bool:
    for seed in SEEDS:
        arguments, expected = point(name, seed)
        try:
            if not same(expected, tex_values(FORMULAS[name], arguments, mutant.tex)):
                return True
        except ValueError:
            return True
    return False


@pytest.mark.parametrize("name", READ)
def test_every_mutant_is_killed(name):
    survivors = [m.label for m in mutants_of(name) if (name, m.label) not in EQUIVALENT and not killed(name, m)]
    assert not survivors


def test_equivalent_mutants_exist_and_survive():
    for name, label in EQUIVALENT:
        (mutant,) = [m for m in mutants_of(name) if m.label == label]
        assert not killed(name, mutant), f"{name}: {label} is no longer equivalent"


def test_there_are_many_mutants():
    assert sum(len(mutants_of(name)) for name in READ) > 10 * len(READ)


PLANTED = [
    r"y = \lambda x + p b",  # the half dropped
    r"y = \frac{\lambda}{2} x - p b",  # a sign
    r"y = \frac{\lambda}{2} x",  # a term dropped
    r"y = p b",  # the first term dropped
    r"y = \frac{\lambda}{3} x + p b",  # a number
    r"y = \frac{\lambda}{2} x + (1 - p) b",  # drop for keep probability
    r"y = \frac{\lambda}{2} x + p",  # a factor dropped
    r"y = \frac{\lambda}{2} p + p b",  # one symbol for another
    r"y_{ij} = \max(X_{ji}, 0) \lVert v \rVert_2^2",  # indices exchanged
    r"y_{ij} = \min(X_{ij}, 0) \lVert v \rVert_2^2",  # another function
    r"y_{ij} = \max(X_{ij}, 0) \lVert v \rVert_2",  # a power dropped
    r"y_{ij} = \max(X_{ij}, 0) \lVert v \rVert_1^2",  # another norm
    r"y = \sum_{i=2}^{n} v_i^2",  # a lower bound
    r"y = \sum_{i=1}^{n - 1} v_i^2",  # an upper bound
    r"y = \mathbb{1}[x \ge 0] (X v)",  # a condition
    r"y = \mathbb{1}[x > 0] (v)",  # a matrix dropped
]


def test_the_generator_plants_what_it_promises():
    scalar, vector, matrix = torch.tensor(1.0), torch.ones(3), torch.ones(3, 3)
    values = {r"\lambda": scalar, "x": scalar, "p": scalar, "b": scalar, "n": scalar, "v": vector, "X": matrix}
    equations = (
        r"y = \frac{\lambda}{2} x + p b",
        r"y_{ij} = \max(X_{ij}, 0) \lVert v \rVert_2^2",
        r"y = \sum_{i=1}^{n} v_i^2",
        r"y = \mathbb{1}[x > 0] (X v)",
    )
    planted = [mutant.tex for tex in equations for mutant in mutants(tex, values, {"p"})]
    found = {normalise(tex.replace(r"( \lambda )", r"\lambda")) for tex in planted}
    assert {normalise(tex) for tex in PLANTED} - found == set()


def test_the_left_side_of_a_line_and_its_first_relation_are_changed_unless_it_names_something():
    values = {"q": torch.tensor(2.0), "r": torch.tensor(3.0)}
    found = {normalise(mutant.tex.rstrip(", ")) for mutant in line_mutants("-q + r \\le 1", values, (), names=False)}
    assert {normalise(tex) for tex in ("q + r \\le 1", "-q - r \\le 1", "-q \\le 1", "-q + r \\ge 1")} <= found
    assert {
        mutant.tex.split("\\le")[0].strip() for mutant in line_mutants("-q + r \\le 1", values, (), names=True)
    } == {"-q+r"}


def test_what_a_known_function_is_said_to_be_is_compared():
    x = {"x": torch.tensor(0.7, dtype=torch.float64)}
    evaluate(r"\Phi(x) = \frac{1}{2} + \frac{1}{2} \operatorname{erf}(x / \sqrt{2})", x)
    with pytest.raises(TexMismatch):
        evaluate(r"\Phi(x) = \frac{1}{2} + \operatorname{erf}(x / \sqrt{2})", x)
