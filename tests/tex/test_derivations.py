"""Every line of every derivation follows from those before it, and a small error in any line is noticed."""

import re
from dataclasses import replace
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
from tests.tex.derivations import Checker, DerivationError, check, conditions, equations, tex_of, with_tex, without
from tests.tex.mutants import Mutant, line_mutants
from tests.tex.reader import normalise

SEEDS = range(4)
MORE = range(12)  # a mutant that survives one seed meets the next, and what is sound passes them all

NAMING = ("definition", "recurrence", "minimum")
NAMES = [*derived(), *consequences()]
CONDITION = re.compile(
    r"\b(independent(?!ly of)\w*|mean zero|zero|positive|orthonormal|less than|at most|none|adding up"
    r"|variance one|both)\b"
)
CITED = re.compile(r"\{eq\}`(?:[^`<]*<)?eq-([\w-]+)")


@cache
def derivation(name):
    return load_derivation(derivation_path(name))


def fails(changed, draw=0) -> bool:
    for seed in MORE:
        try:
            check(changed, seed, draw)
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
        for mutant in line_mutants(tex_of(step), checker.reader.scope, probabilities, step.kind in NAMING)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_follows(name):
    """At another draw than its mutants, whose lines before the error hold at theirs."""
    for seed in MORE:
        check(derivation(name), seed, draw=1)


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


def test_a_meaning_that_names_a_condition_says_what_holds_without_it():
    """The test above then shows that it is needed."""
    bare = [
        (name, given.symbol)
        for name in NAMES
        for given in derivation(name).given
        if given.meaning and CONDITION.search(given.meaning["en"]) and not given.otherwise
    ]
    assert bare == []


def test_a_reason_cites_only_formulas_that_its_derivation_uses():
    """The test of what is needed then holds for them."""
    beside = [
        (name, formula)
        for name in NAMES
        for step in derivation(name).steps
        for words in step.reason.values()
        for formula in CITED.findall(words)
        if formula.replace("-", "_") not in {each.formula for each in derivation(name).steps}
    ]
    assert beside == []


def test_every_size_takes_several_values():
    """Save where a statement is of two features."""
    fixed = {name for name in NAMES for values in derivation(name).sizes.values() if len(set(values)) < 2}
    assert fixed == {"correlation_condition", "even_split"}


def test_every_derivation_is_of_a_formula():
    assert {derivation(name).of for name in NAMES} <= equations().keys()
    assert all(derivation(name).statement for name in consequences())
    assert not set(consequences()) & equations().keys()


def made(given: dict[str, str], *lines: tuple[str, str]) -> Derivation:
    laws = tuple(Given(symbol, law, None, None) for symbol, law in given.items())
    return Derivation("made", {"d": (2, 3)}, laws, tuple(Step(kind, tex, "", {}) for kind, tex in lines))


def test_a_gradient_is_by_the_argument_and_a_known_subscript_is_a_part_of_the_name():
    given = {r"\mathcal{L}": "function loss", "u": "normal d", r"\lambda": "uniform 0.2 2"}
    first = "definition", r"\mathcal{L}_\lambda(w) = \mathcal{L}(w) + \lambda \lVert w \rVert_2^2"
    last = "derivative", r"\nabla \mathcal{L}_\lambda(u) = \nabla \mathcal{L}(u) + 2 \lambda u"
    wrong = "derivative", r"\nabla \mathcal{L}_\lambda(u) = \nabla \mathcal{L}(u) + \lambda u"
    check(made(given, first, last), 0)
    assert fails(made(given, first, wrong))
    assert fails(made(given, first, ("derivative", r"\nabla \mathcal{L} = \nabla \mathcal{L}(u)")))


def test_shared_noise_does_not_average_out():
    line = "mean", r"\operatorname{Var}[\sum_{j=1}^{d} \epsilon_j] = d s^2"
    shared = "mean", r"\operatorname{Var}[\sum_{j=1}^{d} \epsilon_j] = d^2 s^2"
    given = {"s": "uniform 0.2 2", r"\epsilon": "two-point s d"}
    check(made(given, line), 0)
    assert fails(made(given | {r"\epsilon": "shared two-point s d"}, line))
    check(made(given | {r"\epsilon": "shared two-point s d"}, shared), 0)


def test_the_order_of_a_derivative_is_not_the_power_of_what_is_derived():
    vector, number = {"w": "normal d"}, {"x": "uniform 1 2"}
    check(made(vector, ("derivative", r"\frac{\partial \lVert w \rVert_2^2}{\partial w_i} = 2 w_i")), 0)
    check(made(number, ("derivative", r"\frac{\partial^2 x^3}{\partial x^2} = 6 x")), 0)
    assert fails(made(number, ("derivative", r"\frac{\partial x^3}{\partial x^2} = 6 x")))


def short(given: str, *lines: tuple[str, str], **sizes: tuple[int, ...]) -> Derivation:
    """A derivation of nothing; ``given`` reads "symbol: law; symbol: law"."""
    laws = (entry.split(": ") for entry in given.split("; "))
    steps = tuple(Step(kind, tex, "", {}) for kind, tex in lines)
    return Derivation("short", sizes, tuple(Given(symbol, law, None, None) for symbol, law in laws), steps)


SOUND = {
    "recurrence": (
        short(
            "w: normal n; h_0: normal; \\phi: function tanh; \\phi': slope \\phi",
            ("recurrence", r"h_k = \phi(w_k h_{k-1}), \quad k = 1, \dots, n"),
            ("derivative", r"\frac{\partial h_k}{\partial h_{k-1}} = w_k \phi'(w_k h_{k-1})"),
            ("definition", "p_k = 2 h_{k-1}"),
            ("equality", r"p_n = 2 h_{n-1}"),
            ("derivative", r"\frac{\partial h_n}{\partial h_0} = \prod_{k=1}^{n} w_k \phi'(w_k h_{k-1})"),
            n=(3,),
        ),
        [(0, r"h_k = w_k h_{k-1}, \quad k = 1, \dots, n"), (1, r"\frac{\partial h_k}{\partial h_{k-1}} = w_k")],
    ),
    "element of a bracket": (
        short(
            "X: normal n d; w: normal d",
            ("equality", r"(X w)_i = \sum_{j=1}^{d} X_{ij} w_j"),
            ("definition", "v_l = X w"),
            ("derivative", r"\frac{\partial (v_l)_i}{\partial X_{ij}} = w_j"),
            ("derivative", r"\frac{\partial (v_l)_i}{\partial (X)_{ij}} = w_j"),
            n=(3,),
            d=(2,),
        ),
        [(0, r"(X w)_i = \sum_{j=1}^{d} X_{ij} w_1"), (2, r"\frac{\partial (v_l)_i}{\partial X_{ij}} = w_1")],
    ),
    "flat": (
        short("r: uniform 1 2; x: flat r", ("mean", r"\mathbb{E}[x^2] = \frac{r^2}{3}")),
        [(0, r"\mathbb{E}[x^2] = \frac{r^2}{2}")],
    ),
    "a mean of a name that came after another mean": (
        short(
            "s: uniform 1 2; x: two-point s",
            ("mean", r"\mathbb{E}[x] = 0"),
            ("definition", "z = 3 x"),
            ("mean", r"\operatorname{Var}[z] = 9 s^2"),
        ),
        [(2, r"\operatorname{Var}[z] = 3 s^2")],
    ),
    "identity": (
        short("x: normal n", ("derivative", r"\frac{\partial x}{\partial x} = I"), n=(3,)),
        [(0, r"\frac{\partial x}{\partial x} = 2 I")],
    ),
    "limit": (
        short("a: uniform 1 2", ("limit", r"\lim_{t \to \infty} \frac{a t}{t + a} = a")),
        [
            (0, r"\lim_{t \to \infty} \frac{a t}{t + a} = a + 1"),
            (0, r"\lim_{t \to \infty} \frac{a t^2}{t + a} = a"),
            (0, r"\lim_{t \to \infty} \cos(t) = a"),
            (0, r"\lim_{t \to \infty} \frac{a t}{t + a} = 1.01 a"),
            (0, r"\lim_{t \to \infty} \frac{a t}{t + a} = 1.00001 a"),
            (0, r"\lim_{t \to \infty} (\frac{a t}{t + a} + 0.001 \log(t)) = a"),
        ],
    ),
    "a bound that is attained": (
        short(
            "x: normal d; y: normal d",
            ("definition", "p = x^\\top y"),
            ("attained", r"p^2 \le \lVert x \rVert_2^2 \lVert y \rVert_2^2"),
            d=(2, 3),
        ),
        [
            (1, r"p^2 \le 1.1 \lVert x \rVert_2^2 \lVert y \rVert_2^2"),  # true, but not attained
            (1, r"p^2 \le 0.9 \lVert x \rVert_2^2 \lVert y \rVert_2^2"),  # true at most draws
            (1, r"p^2 \le \lVert x \rVert_1^2 \lVert y \rVert_1^2 + 1"),
        ],
    ),
    "a bound that is attained at an edge": (
        short("x: uniform 1 2", ("attained", r"x^2 \le 4")),
        [(0, r"x^2 \le 5"), (0, r"x^2 \le 3.9")],
    ),
    "a bound that is attained beyond a kink": (  # where a first search stops at two of four seeds
        short(
            "c: normal d; v: normal d",
            ("attained", r"\min_i \lvert c_i \rvert \lVert v \rVert_2 \le \lVert c \odot v \rVert_2"),
            d=(3,),
        ),
        [(0, r"1.01 \min_i \lvert c_i \rvert \lVert v \rVert_2 \le \lVert c \odot v \rVert_2")],
    ),
    "a bound with a hollow": (  # s = 0, where a first search stops
        short("s: uniform 0 1; z: uniform 0.2 0.9", ("bound", r"1 + z s \le 1 + s + s^2")),
        [(0, r"1 + 1.3 z s \le 1 + s + s^2")],
    ),
    "a bound that most draws keep": (
        short(
            "x: normal d; y: normal d",
            ("bound", r"\lVert x + y \rVert_2 \le \lVert x \rVert_2 + \lVert y \rVert_2"),
            d=(3,),
        ),
        [(0, r"\lVert x + y \rVert_2 \le 0.999 \lVert x \rVert_2 + \lVert y \rVert_2")],
    ),
    "a bound of what a recurrence makes": (
        short(
            "a: uniform 0.2 0.9; h_0: normal",
            ("recurrence", r"h_k = a h_{k-1}, \quad k = 1, \dots, n"),
            ("bound", r"\lvert h_n \rvert \le 0.9^n \lvert h_0 \rvert"),
            n=(3, 2),
        ),
        [(1, r"\lvert h_n \rvert \le 0.899^n \lvert h_0 \rvert")],
    ),
    "a bound at a minimum that moves": (
        short(
            "c: uniform 1 2; u: normal",
            ("minimum", r"w = \arg\min_{u} ((u - c)^2 + u^2)"),
            ("bound", r"\lvert w \rvert \le 1"),
        ),
        [(1, r"\lvert w \rvert \le 0.999")],
    ),
    "a known name with an index": (
        short("q_l: normal", ("definition", "p_l = 2 q_l"), ("equality", "p_l = q_l + q_l")),
        [(1, "p_l = q_l")],
    ),
    "a name that a later statement explains": (
        replace(load_derivation(derivation_path("gradient_ratio")), name="short"),
        [(1, r"r = \frac{s_{L-1}}{s_0}")],
    ),
}


@pytest.mark.parametrize(("sound", "faults"), SOUND.values(), ids=SOUND)
def test_a_sound_line_passes_and_an_unsound_one_does_not(sound, faults):
    for seed in SEEDS:
        check(sound, seed)
    for number, tex in faults:
        assert fails(with_tex(sound, number, tex)), tex


def test_the_error_of_a_limit_falls_like_one_over_t_for_three_decades():
    slowly = r"\frac{a \log(t)}{\log(t) + 1}", r"(a + \frac{0.001}{\log(t)})", r"\frac{a t + \log(t)}{t}"
    for slow in (r"\cos(t)", r"\frac{a \sqrt{t}}{\sqrt{t} + 1}", *slowly):
        with pytest.raises(DerivationError, match="does not fall like 1/t over three decades"):
            check(made({"a": "uniform 1 2"}, ("limit", rf"\lim_{{t \to \infty}} {slow} = a")), 0)


def test_a_bound_that_breaks_elsewhere_is_found_by_search():
    """At every value drawn it holds."""
    given = {"a": "uniform 0.2 0.9", "h": "normal"}
    sound = made(given, ("bound", r"a h^2 \le 0.9 h^2"))
    check(sound, 0)
    broken = with_tex(sound, 0, r"a h^2 \le 0.8999 h^2")
    for seed in SEEDS:
        with pytest.raises(DerivationError, match="a search found a place where it fails"):
            check(broken, seed)


def test_a_bad_line_and_a_bad_law_are_named_with_file_and_line():
    sound = derivation("sigmoid_derivative")
    number = next(n for n, step in enumerate(sound.steps) if step.kind == "equality")
    text = derivation_path(sound.name).read_text("utf-8").splitlines()
    with pytest.raises(DerivationError) as error:
        check(with_tex(sound, number, sound.steps[number].tex + " + 1"), 0)
    place, line, said = str(error.value).split(":", 2)
    assert place == str(derivation_path(sound.name))
    assert text[int(line) - 1].strip() == "- kind: equality"
    assert said.startswith(f" step {number + 1} (equality): ")
    assert "'=' does not hold" in said
    bad = replace(sound, given=tuple(replace(given, law="gamma 2") for given in sound.given))
    with pytest.raises(DerivationError, match=r"sigmoid_derivative\.yaml:\d+: symbol x: expected a law, got 'gamma 2'"):
        check(bad, 0)


def test_intervals_and_names_with_an_index_inside_are_compared():
    given = {"w": "sparse d", "a": "uniform 0.2 2"}
    first = "definition", r"\partial (a w_i) = [a w_i, 2 a]"
    check(made(given, first, ("derivative", r"\partial (a w_i) = [w_i a, a + a]")), 0)
    assert fails(made(given, first, ("derivative", r"\partial (a w_i) = [w_i a, a]")))
    assert fails(made(given, first, ("derivative", r"\partial (a w_i) = [w_i, 2 a]")))


def test_the_minimum_of_a_name_is_over_a_letter_in_its_lines():
    given = {"w": "normal d", "a": "normal d"}
    lines = ("definition", "r = w - a"), ("definition", r"J = \lVert r \rVert_2^2")
    minimum = "minimum", r"\hat{w} = \arg\min_{w} J"
    check(made(given, *lines, minimum, ("equality", r"\hat{w} = a")), 0)
    assert fails(made(given, *lines, minimum, ("equality", r"\hat{w} = w")))


def test_a_derivative_by_an_element_with_two_indices():
    given = {"X": "normal 2 d", "w": "normal d"}
    first = "definition", "y = X w"
    check(made(given, first, ("derivative", r"\frac{\partial y_i}{\partial X_{ij}} = w_j")), 0)
    assert fails(made(given, first, ("derivative", r"\frac{\partial y_i}{\partial X_{ij}} = 2 w_j")))


def test_a_statement_that_waits_for_a_later_one_is_read_in_the_end():
    steps = (
        Step("formula", "", "condition_number", {}),
        Step("equality", r"\kappa = \lambda_{\max} / \lambda_{\min}", "", {}),
    )
    sound = replace(made({"H": "positive-definite d"}), steps=steps)
    check(sound, 0)
    assert fails(with_tex(sound, 1, r"\kappa = \lambda_{\max}"))
