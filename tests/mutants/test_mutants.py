"""The verdict on planted faults, and that what is not changed is not noticed."""

import importlib
import inspect
import random

import pytest

from tests.mutants import code, drawing, tex, words
from tests.mutants.code import change, function, modules
from tests.mutants.report import Planted, report, share, slice_of
from tests.words import test_words

DIFF = "--- a.py\n+++ a.py\n@@ -1 +1 @@\n     before\n-    return a\n+    return b\n"
NAME = "optnotes.penalties.lasso.x_lambda_max__mutmut_3"
KEY, OTHER = ("a", "one"), ("a", "other")


def test_a_mutant_is_known_by_its_function_and_its_lines():
    assert function(NAME) == "optnotes.penalties.lasso.lambda_max"
    assert function("optnotes.penalties.noise.x__check_x__mutmut_12") == "optnotes.penalties.noise._check_x"
    assert change(DIFF) == ("return a", "return b")


@pytest.mark.parametrize("key", code.reasons(), ids=lambda key: key[0])
def test_a_reason_is_that_of_a_line_that_stands_there(key):
    name, out, _ = key
    module, _, of = name.rpartition(".")
    lines = inspect.getsource(inspect.unwrap(getattr(importlib.import_module(module), of))).splitlines()
    assert set(out.splitlines()) <= {line.strip() for line in lines}


@pytest.mark.parametrize(
    ("survivors", "noticed", "reasons", "good"),
    [
        (1, 19, {KEY: "a is b"}, True),
        (0, 20, {}, True),
        (1, 18, {KEY: "a is b"}, False),
        (1, 19, {}, False),
        (1, 19, {OTHER: "a is b"}, False),
        (0, 20, {("a", "0"): "a is b"}, False),
        (0, 0, {}, False),
    ],
)
def test_verdict(survivors, noticed, reasons, good):
    planted = [Planted("k", KEY, False)] * survivors + [Planted("k", ("a", str(i)), True) for i in range(noticed)]
    lines, verdict = report(planted, reasons, 0.95)
    assert lines[0] == f"{noticed + survivors} faults planted: {share(noticed, noticed + survivors)}"
    assert verdict == good


def test_a_reason_for_what_was_not_planted_is_left_alone():
    lines, good = report([Planted("k", OTHER, True)], {KEY: "a is b"}, 0.95)
    assert good
    assert len(lines) == 1


def test_a_change_that_stays_true_is_no_fault():
    planted = [Planted("k", KEY, False), Planted("k", OTHER, True)]
    lines, good = report(planted, {KEY: "a is b"}, 1.0, faultless=True)
    assert good
    assert lines[:2] == ["1 more leave true what is said", "1 faults planted: 1 of 1 noticed, 100.0 %"]
    assert not report(planted, {}, 1.0, faultless=True)[1]


def test_a_reason_may_be_that_of_a_kind():
    planted = [Planted("k", KEY, False), Planted("k", OTHER, True)]
    assert report(planted, {("k",): "nobody sees it"}, 0.5)[1]
    assert not report(planted, {("other",): "nobody sees it"}, 0.5)[1]


def test_a_share_is_not_rounded_up():
    assert share(1999, 2000) == "1999 of 2000 noticed, 99.9 %"


def test_parts_make_the_whole():
    names = modules()
    assert "optnotes.penalties.lasso" in names
    assert not any(".site" in name for name in names)
    assert sorted(name for k in range(1, 4) for name in slice_of(names, f"{k}/3")) == names
    with pytest.raises(SystemExit, match="k/n"):
        slice_of(names, "4/3")


def test_all_kinds_are_planted_in_a_formula():
    planted = list(tex.of_formula("optnotes.gradients.backprop"))
    assert {each.kind for each in planted} == {"formulas", "first relations", "indices in all places"}
    assert all(each.noticed for each in planted)


def test_the_results_of_the_browsers_are_read(tmp_path):
    path = tmp_path / "r.xml"
    path.write_text('<s><testcase name="a"/><testcase name="b"><failure/></testcase></s>', "utf-8")
    assert [(each.key, each.noticed) for each in drawing.read(path)] == [(("a",), True), (("b",), False)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return words.Copy(tmp_path_factory.mktemp("copy"))


@pytest.mark.parametrize(
    "file",
    [
        "ru/questions/36-l2.md",
        "data/36.yaml",
        "data/text/lasso_path.yaml",
        "references.bib",
        "locale/ru/penalties/ridge.po",
    ],
)
def test_what_is_not_changed_is_not_noticed(copy, file):
    assert copy.noticed(words.Slip("none", file, "", copy.text(file))) == ""
    assert copy.noticed(words.Slip("none", file, "", copy.text(file) + "\n")) == ""


@pytest.mark.parametrize("number", [n for n, kind in enumerate(words.KINDS) if kind is not words.NOUNS])
def test_a_slip_of_every_kind_is_noticed_and_taken_back(copy, number):
    slip = next(iter(words.KINDS[number](copy, random.Random(5))))
    whole = copy.text(slip.file)
    assert slip.new != whole
    assert copy.noticed(slip) in {check.__name__ for check in words.CHECKS} | {"DataError", "ValueError"}
    assert copy.text(slip.file) == whole


def test_the_copy_is_sound(copy):
    assert set(copy.every) == set(test_words.EVERY)
