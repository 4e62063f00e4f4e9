"""What the pages call proved symbolically is proved again here, and no wrong line ever gets that mark."""

from functools import cache

import pytest

from optnotes.site.records.derivations import (
    Derivation,
    Given,
    Step,
    consequences,
    derivation_path,
    derived,
    load_derivation,
)
from optnotes.site.records.proved import compared, count_lines, load_proved
from tests.tex.derivations import DerivationError, check, tex_of, with_tex
from tests.tex.mutants import line_mutants
from tests.tex.symbolic import Recorder, proved

STORED = load_proved()


@cache
def derivation(name):
    return load_derivation(derivation_path(name))


@pytest.mark.parametrize("name", [*derived(), *consequences()])
def test_what_is_stored_is_proved(name):
    stored = STORED.get(name, frozenset())
    assert stored <= set(compared(derivation(name)))
    assert set(proved(derivation(name))) == stored


def wrong(changed):
    try:
        for seed in range(4):
            check(changed, seed)
    except DerivationError:
        return True
    return False


@pytest.mark.parametrize("name", STORED)
def test_no_wrong_line_is_proved(name):
    sound = derivation(name)
    recorder = Recorder(sound, 0)
    recorder.run()
    for number in STORED[name]:
        step = sound.steps[number - 1]
        if step.formula:
            continue
        for mutant in line_mutants(tex_of(step), recorder.reader.scope, {"p", "q"}, names=False):
            changed = with_tex(sound, number - 1, mutant.tex)
            if number in proved(changed, recorder.new, number):
                assert not wrong(changed), (number, mutant.label)


def made(given, *lines):
    laws = tuple(Given(symbol, law, None, None) for symbol, law in given.items())
    return Derivation("made", {"n": (3,)}, laws, tuple(Step(kind, tex, "", {}) for kind, tex in lines))


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"x": "normal"}, [("equality", "x^2 = x x")]),
        ({"x": "normal n"}, [("equality", "(x_i + 1)^2 = x_i^2 + 2 x_i + 1")]),
        ({"p": "uniform 0.1 0.9", "m": "bernoulli p"}, [("mean", r"\mathbb{E}[m^3] = p")]),
        ({"s": "uniform 1 2", "u": "gauss s"}, [("mean", r"\mathbb{E}[u^4] = 3 s^4")]),
        ({"s": "uniform 1 2", "u": "flat s"}, [("mean", r"\operatorname{Var}[u] = \frac{s^2}{3}")]),
        ({"x": "normal"}, [("derivative", r"\frac{\mathrm{d} \tanh(x)}{\mathrm{d} x} = 1 - \tanh(x)^2")]),
        ({"x": "normal"}, [("bound", r"2 x \le x^2 + 1")]),
        ({"x": "normal n", "a": "normal", "b": "normal"},
         [("equality", r"\sum_{i=1}^{n} (a x_i + b) = a \sum_{k=1}^{n} x_k + n b")]),
        ({"x": "normal n"}, [("equality", r"\sum_{i=1}^{n} (x_i - \frac{1}{n} \sum_{k=1}^{n} x_k) = 0")]),
        ({"x": "normal n"}, [("equality", r"\sum_{i=1}^{n} \sum_{j=1}^{n} x_i x_j = (\sum_{i=1}^{n} x_i)^2")]),
        ({"x": "normal n", "m": "normal"},
         [("equality", r"\log \sum_{j=1}^{n} e^{x_j - m} = \log \sum_{j=1}^{n} e^{x_j} - m")]),
        ({"w": "normal", "\\phi": "function tanh", "\\phi'": "slope \\phi"},
         [("derivative", r"\frac{\mathrm{d} \phi(w^2)}{\mathrm{d} w} = 2 w \phi'(w^2)")]),
    ],
)  # fmt: skip
def test_a_true_line_is_proved(given, lines):
    assert proved(made(given, *lines)) == [1]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"x": "uniform 1 2"}, ("bound", r"x \le x^2")),  # true for the values drawn, not for all positive ones
        ({"s": "uniform 1 2", "u": "two-point s"}, ("mean", r"\mathbb{E}[u^3] = \frac{3 s^3}{2}")),  # true of one law
        ({"x": "normal n"}, ("equality", r"\sum_{i=1}^{n} x_i = x_1 + x_2 + x_3")),  # true of one size
        ({"x": "normal n"}, ("equality", r"\sum_{i=1}^{n} (x_i + 1) = \sum_{i=1}^{n} x_i + 3")),  # likewise
        ({"x": "normal n"}, ("equality", r"\sum_{i=1}^{2} x_i = x_1 + x_2")),
        ({"s": "uniform 1 2", "u": "two-point s n"}, ("mean", r"\mathbb{E}[\sum_{i=1}^{n} u_i] = 0")),
        ({"s": "uniform 1 2", "u": "two-point s n"}, ("mean", r"\sum_{i=1}^{n} \mathbb{E}[u_i^2] = n s^2")),
        ({"x": "normal n"}, ("derivative", r"\frac{\partial \sum_{j=1}^{n} x_j^2}{\partial x_i} = 2 x_i")),
        ({"x": "normal n"}, ("bound", r"x_1^2 \le x_1^2 + x_2^2")),  # an entry that a number names
        ({"x": "normal n"}, ("equality", r"\lVert x \rVert_2^2 = x^\top x")),
        ({"x": "normal n"}, ("equality", r"\max_i x_i = \max(x)")),
    ],
)  # fmt: skip
def test_a_line_that_holds_only_where_it_was_checked_is_not_called_proved(given, line):
    check(made(given, line), 0)
    assert proved(made(given, line)) == []


@pytest.mark.parametrize(
    "line",
    [
        r"\sum_{i=1}^{n} x_i y_i = \sum_{i=1}^{n} x_i \sum_{j=1}^{n} y_j",
        r"\sum_{i=1}^{n} x_i^2 = (\sum_{i=1}^{n} x_i)^2",
        r"y_i \sum_{j=1}^{n} x_j = \sum_{j=1}^{n} x_j y_j",
        r"\sum_{i=1}^{n} (x_i + 1) = \sum_{i=1}^{n} x_i + 1",
    ],
)
def test_a_wrong_line_with_sums_is_not_proved(line):
    assert proved(made({"x": "normal n", "y": "normal n"}, ("equality", line)), [[False]]) == []


def test_a_name_is_not_proved_by_being_given():
    lines = (
        ("equality", r"\lVert x \rVert_2^2 = x^\top x"),
        ("definition", "y_i = 2 x_i"),
        ("equality", "y_i = x_i + x_i"),
    )
    assert proved(made({"x": "normal n"}, *lines)) == [3]


def test_the_counts_are_those_of_the_lines():
    counts = count_lines()
    assert counts["proved"] == sum(map(len, STORED.values()))
    assert counts["lines"] > counts["proved"] > 70
