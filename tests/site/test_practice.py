"""Tasks of the drill: each has a test, says its numbers, prints what counts as right; ids and options are stable."""

import gzip
import hashlib
import re

import pytest

from optnotes.site.formulas import practice
from optnotes.site.pages.drill import SCHEDULER
from optnotes.site.records.questions import KINDS, LEVELS, load_question, question_numbers, question_path
from optnotes.site.words.data import DataError
from optnotes.site.words.text import LANGUAGES, ROOT, format_number

ITEMS = [item for number in question_numbers() for item in load_question(question_path(number)).drill]
TASKS = [item for item in ITEMS if item.kind in ("compute", "code", "curve")]
COMPUTE = [item for item in ITEMS if item.value]
# dist/index.mjs of ts-fsrs 5.4.2, as npm has it.
PUBLISHED = "ad4a4b3b7e259fcbf02764454c8f9db4ea3bf5aae2f473198129ecb7728f1a19"
GOOD = """claims: []
drill:
- id: 37-d1
  level: basic
  kind: compute
  question: {ru: что, en: what}
  answer: {ru: это, en: this}
  value: {formula: soft_threshold, arguments: {v: 1, threshold: 0.5}, format: .1f, tolerance: 0.01}
- id: 37-d2
  level: basic
  kind: curve
  question: {ru: что, en: what}
  answer: {ru: это, en: this}
  pictures:
    along: x
    range: [-1, 1]
    curves: [{formula: relu, alt: {ru: а, en: a}}, {formula: gelu, alt: {ru: б, en: b}}]
"""


def names(items):
    return pytest.mark.parametrize("item", items, ids=[item.id for item in items])


def test_there_are_enough_of_each_kind_on_each_page():
    assert len(ITEMS) >= 200
    assert len(TASKS) >= 50
    for number in question_numbers():
        kinds = {item.kind for item in ITEMS if item.id.startswith(number)}
        assert kinds == set(KINDS), number
        assert {item.level for item in ITEMS if item.id.startswith(number)} == set(LEVELS), number


@names(TASKS)
def test_every_task_has_a_test(item):
    number, name = item.id.split("-")
    assert f"\ndef test_{number}_{name}():" in (ROOT / "tests" / "claims" / f"test_{number}.py").read_text("utf-8")


def numbers_in(text):
    """The numbers of a text, however its language writes them."""
    return {float(found.replace("−", "-").replace(",", ".")) for found in re.findall(r"−?\d+(?:[.,]\d+)?", text)}


def given(value):
    """The numbers among the arguments; zeros and ones that are only layout may be left unsaid."""
    if isinstance(value, list | dict):
        return set().union(*map(given, value.values() if isinstance(value, dict) else value))
    return {float(value)}


@names(COMPUTE)
def test_the_question_says_every_argument_of_its_formula(item):
    for language in LANGUAGES:
        said = numbers_in(item.question[language]) | {0.0, 1.0}
        # "of twenty blocks" is said in figures as well
        assert given(item.value.call.arguments) <= said, language


@names(COMPUTE)
def test_what_is_printed_counts_as_right(item):
    value = practice.evaluate(item.value.call)
    assert 0 < item.value.tolerance <= 0.05
    for language in LANGUAGES:
        (printed,) = numbers_in(format_number(value, item.value.spec, language))
        assert abs(printed - value) <= item.value.tolerance * abs(value) / 2, language
        assert abs(float(f"{value:.6g}") - value) <= item.value.tolerance * abs(value) / 10


def test_the_right_option_stands_at_no_fixed_place():
    places = [
        next(place for place, (of, _) in enumerate(practice.shuffled(item.id, "abc")) if of == 0)
        for item in ITEMS
        if item.kind == "curve"
    ]
    assert set(places) == {0, 1, 2}
    assert practice.shuffled("31-d22", "abc") == practice.shuffled("31-d22", "abc")


@names([item for item in ITEMS if item.pictures])
def test_curves_differ_and_stay_in_their_frame(item):
    *drawn, axes = practice.paths(item.pictures)
    assert len(set(drawn)) == len(drawn)
    for path in drawn:
        points = [tuple(map(float, each.split())) for each in path.removeprefix("M").split("L")]
        assert all(0 <= x <= practice.WIDTH and 0 <= y <= practice.HEIGHT for x, y in points)
    assert axes.count("M") == 2


@names([item for item in ITEMS if item.code])
def test_code_differs_from_its_cure_and_hides_which_is_which(item):
    wrong, cured = practice.code_of(item.id[:2], item.code)
    assert wrong != cured
    assert practice.CURED not in wrong + cured
    assert max(map(len, (wrong + cured).splitlines())) <= 100


def test_the_scheduler_is_the_published_one():
    text = SCHEDULER.read_bytes().decode()
    licence, _, code = text.partition("*/\n")
    assert SCHEDULER.with_suffix(".LICENSE").read_text("utf-8").strip() in licence
    assert hashlib.sha256(f"{code}//# sourceMappingURL=index.mjs.map\n".encode()).hexdigest() == PUBLISHED


def test_the_scripts_stay_small():
    script = ROOT / "docs" / "_static" / "practice.js"
    assert len(gzip.compress(script.read_bytes())) <= 6 * 1024  # with the page
    assert len(gzip.compress(SCHEDULER.read_bytes())) <= 15 * 1024  # when repetition begins


def test_good_tasks_are_read(tmp_path):
    path = tmp_path / "37.yaml"
    path.write_text(GOOD, "utf-8")
    compute, curve = load_question(path).drill
    assert practice.evaluate(compute.value.call) == 0.5
    assert len(practice.paths(curve.pictures)) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("kind: compute", "kind: guess", 5, "expected one of recall, why, compute, code, curve, got 'guess'"),
        ("kind: compute", "kind: why", 5, "field 'drill[0].kind': expected no field value, got 'why'"),
        ("kind: compute", "kind: code", 5, "field 'drill[0].kind': expected one field code, got 'code'"),
        (
            "kind: curve",
            "kind: curve\n  options: [{ru: а, en: a}, {ru: б, en: b}]",
            11,
            "one field options or pictures",
        ),
        ("soft_threshold", "hard_threshold", 8, "field 'drill[0].value.formula': expected one of "),
        ("threshold: 0.5", "bound: 0.5", 8, "field 'drill[0].value.formula': expected its arguments (missing a"),
        ("format: .1f", "format: big", 8, "field 'drill[0].value.format': expected a format such as .2f, got 'big'"),
        ("tolerance: 0.01", "tolerance: -1", 8, "field 'drill[0].value.tolerance': expected a number, zero or more"),
        ("range: [-1, 1]", "range: [1, -1]", 16, "expected two numbers, the smaller one first, got [1, -1]"),
        (", {formula: gelu, alt: {ru: б, en: b}}", "", 17, "expected two or more to choose from, the right one first"),
    ],
)
def test_bad_tasks_are_named_by_line_and_field(tmp_path, old, new, line, expected):
    path = tmp_path / "37.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError) as error:
        load_question(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert expected in str(error.value)
