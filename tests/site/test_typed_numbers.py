"""Beside a measurement a number is measured too: what is typed by hand there is listed below with its reason.

Looked at are the experiment sections of the question pages, from ``qNN-experiment`` to ``qNN-break``, and the words of
the figures; looked for are decimals, percentages and powers of ten. Whole numbers are not: most of them are names.
"""

import re

import pytest
import yaml

from optnotes.site.words.languages import NARROW_SPACE
from optnotes.site.words.text import DATA, LANGUAGES, ROOT
from tests.site.pages import TARGET, directives

PAGES = sorted((ROOT / "docs").glob("*/questions/*.md"))
FIGURES = sorted(path for path in (DATA / "text").glob("*.yaml") if path.stem != "site")
PERCENT = re.compile(r"(?<=\d)\s?(?:%|per ?cent\b|процент(?:а|ов)?\b)")
NUMBER = re.compile(r"10(?:[⁻⁰¹²³⁴-⁹]+|\^\{?[-−]?\d+)|\d+[.,]\d+(?:e[-+]?\d+)?%?|\d+(?:e[-+]?\d+%?|%)")
BAND = "bands cover the middle 80% of the repetitions"
TYPED = {
    ("31", "0.693"): "the logarithm of two",
    ("31", "2.303"): "the logarithm of ten",
    ("33", "10%"): "one of ten classes",
    ("33", "95%"): "the level of a quantile",
    ("35", "95%"): "the level of an interval",
    ("activation_explorer", "0.01"): "default slope of LeakyReLU",
    ("40", "0.1"): "a momentum as two libraries write it",
    ("40", "0.9"): "a momentum as two libraries write it",
    ("40", "0.01"): "a momentum as two libraries write it",
    ("40", "0.99"): "such a momentum, and a share of variance in a line of code",
    ("40", "1.35"): "quartiles of the normal distribution",
    ("40", "10^-8"): "a unit, as an example",
    ("40", "127.5"): "half of the range of a byte",
    ("clip_percentile", "10%"): "what the 90th percentile leaves",
    ("condition_steps", "10^6"): "the accuracy that the experiment asks for",
    ("depth_explorer", "80%"): BAND,
    ("exact_zeros", "10^-3"): "threshold chosen for the experiment",
    ("loss_explorer", "0.9"): "a threshold that the slider offers",
    ("random_products", "0.9"): "the eigenvalue, part of the formula in the label",
    ("regularisers_compared", "20%"): "share of wrong labels chosen for the experiment",
    ("regularisers_compared", "95%"): "the level of an interval",
    ("trainability_map", "0.5"): "end of an axis",
    ("trainability_map", "3.5"): "end of an axis",
}


def experiment(text):
    """The lines between the two labels of a question page, without what directives hold."""
    lines = text.splitlines()
    for line, head, content in directives(text):
        if head.startswith("{code-cell}"):
            lines[line : line + len(content.splitlines())] = [""] * len(content.splitlines())
    labels = [re.fullmatch(r"\(q\d\d-(experiment|break)\)=", line) for line in lines]
    first, last = (number for number, label in enumerate(labels) if label)
    return lines[first:last]


def shown(text):
    """Prose as typed: a role keeps only the words written into it, a slot keeps nothing."""
    words = re.sub(r"\{[\w:]+\}`([^`]*)`", lambda role: TARGET.sub("", role[1]) if TARGET.search(role[1]) else "", text)
    return re.sub(r"\{[A-Za-z_]\w*(?::[^{}]*)?\}", "", words)


def typed(text):
    """Numbers that no slot filled, written alike in both languages."""
    return [number.replace(",", ".").replace("{", "") for number in NUMBER.findall(PERCENT.sub("%", shown(text)))]


def strings(loaded):
    """All texts of a file of words, whatever holds them."""
    if isinstance(loaded, str):
        yield loaded
    elif isinstance(loaded, dict | list):
        for each in loaded.values() if isinstance(loaded, dict) else loaded:
            yield from strings(each)


def found(path):
    """The typed numbers of a page or a figure, as keys of the table above."""
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        return {(path.stem[:2], number) for line in experiment(text) for number in typed(line)}
    numbers = {(path.stem, number) for text in strings(yaml.safe_load(text)) for number in typed(text)}
    return numbers - {(path.stem, "90%")}  # the upper end of a band


@pytest.mark.parametrize("path", [*PAGES, *FIGURES], ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_no_measured_number_is_typed(path):
    assert found(path) <= TYPED.keys(), "quote it by {num}, or list it with the reason why no run produces it"


def test_the_list_holds_nothing_that_is_gone():
    assert set().union(*map(found, [*PAGES, *FIGURES])) == TYPED.keys()


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("The gap is 0.37.", ["0.37"]),
        ("Разрыв — 0,37.", ["0.37"]),
        ("It wins in 12% of runs.", ["12%"]),
        ("Выигрывает в 12,5 % повторов.", ["12.5%"]),
        ("It wins in 12 per cent, {num}`a.b` percentage points more.", ["12%"]),
        ("It falls to 1e-6, or $10^{-6}$, or 10⁻⁶.", ["1e-6", "10^-6", "10⁻⁶"]),
        ("At $p = 0.25$ nothing changes.", ["0.25"]),
        ("{setting}`At 0.75 it turns <dropout_explorer?p=75>`.", ["0.75"]),
        ("{num}`lasso_path.violation:.2f` of {num}`lasso_path.seeds` in 3 of 4 runs, {eq}`eq-l1-loss`.", []),
        ("bands: {low:.1f} to {high:.0%}", []),
    ],
)
def test_the_reader_of_numbers_sees_them(line, numbers):
    assert typed(line) == numbers


def test_a_typed_percentage_is_spaced_like_a_computed_one():
    """In Russian a narrow no-break space stands before the sign, so that no line begins with it."""
    written = [*ROOT.glob("docs/ru/**/*.md"), *DATA.glob("**/*.yaml"), *ROOT.glob("docs/locale/ru/**/*.po")]
    lines = [(path, line) for path in written for line in path.read_text("utf-8").splitlines()]
    assert [f"{path.name}: {line}" for path, line in lines if re.search(r"\d %", line)] == []
    assert any(f"95{NARROW_SPACE}%" in line for _, line in lines)


def test_every_question_has_an_experiment():
    assert len(PAGES) == len(LANGUAGES) * 10
    assert all(any("{num}`" in line for line in experiment(path.read_text("utf-8"))) for path in PAGES)
