"""The verdict on a run of mutmut: too few noticed, one without a reason, and a reason without a survivor all fail."""

import pytest

from tests.mutants.__main__ import change, function, report

DIFF = "--- a.py\n+++ a.py\n@@ -1 +1 @@\n     before\n-    return a\n+    return b\n"
NAME = "optnotes.penalties.lasso.x_lambda_max__mutmut_3"
REASON = {"function": "optnotes.penalties.lasso.lambda_max", "out": "return a", "in": "return b", "reason": "a is b"}


def test_a_mutant_is_known_by_its_function_and_its_lines():
    assert function(NAME) == "optnotes.penalties.lasso.lambda_max"
    assert function("optnotes.penalties.noise.x__check_x__mutmut_12") == "optnotes.penalties.noise._check_x"
    assert change(DIFF) == ("return a", "return b")


@pytest.mark.parametrize(
    ("survivors", "killed", "reasons", "good"),
    [
        (1, 19, [REASON], True),
        (0, 20, [], True),
        (1, 18, [REASON], False),
        (1, 19, [], False),
        (1, 19, [REASON | {"in": "return c"}], False),
        (0, 20, [REASON], False),
        (0, 0, [], False),
    ],
)
def test_verdict(survivors, killed, reasons, good):
    statuses = {f"optnotes.penalties.lasso.x_lambda_max__mutmut_{i}": "killed" for i in range(4, 4 + killed)}
    diffs = {NAME: DIFF} if survivors else {}
    lines, verdict = report(statuses | dict.fromkeys(diffs, "survived"), diffs, reasons)
    assert lines[0] == f"{killed + survivors} mutants: {killed} killed, 0 timed out, {survivors} survived"
    assert verdict == good


def test_a_reason_for_a_function_that_was_not_tried_is_left_alone():
    lines, good = report({"optnotes.penalties.ridge.x_map_penalty__mutmut_1": "killed"}, {}, [REASON])
    assert good
    assert len(lines) == 1
