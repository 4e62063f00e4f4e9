"""The harness finds what is there to be found, and only that."""

import math

import pytest

from tests.attack.__main__ import describe, statements
from tests.attack.search import SEED, Choice, Interval, Statement, whole

PLANE = {"x": Interval(-1.0, 1.0), "y": Interval(0.01, 100.0, log=True), "side": Choice(("left", "right"))}


def bowl(x, y, side):
    """Negative in one small region of one side only."""
    return (x - 0.3) ** 2 + math.log(y / 2) ** 2 - 0.01 + (side == "left")


def test_a_small_region_where_the_statement_fails_is_found():
    miss = Statement("the bowl has no bottom", PLANE, bowl, draws=200, steps=200).nearest_miss()
    assert miss.margin < 0
    assert miss.setting["side"] == "right"
    with pytest.raises(AssertionError, match="'the bowl has no bottom' fails by -"):
        Statement("the bowl has no bottom", PLANE, bowl, draws=200, steps=200).check()


def test_local_search_comes_closer_than_drawing_alone():
    drawn = Statement("", PLANE, bowl, draws=20, steps=0).nearest_miss(3)
    assert Statement("", PLANE, bowl, draws=20, steps=100).nearest_miss(3).margin < drawn.margin / 2


def test_settings_stay_in_their_domain_and_a_seed_repeats_them():
    seen = []

    def note(**setting):
        seen.append(setting)
        return 1.0

    statement = Statement("", PLANE | {"seed": SEED, "n": whole(2, 5)}, note)
    statement.check()
    first, seen = list(seen), []
    statement.check()
    assert [each["x"] for each in first] == [each["x"] for each in seen]
    assert all(-1 <= each["x"] <= 1 and 0.01 <= each["y"] <= 100 and each["n"] in range(2, 6) for each in first)
    assert len({each["seed"] for each in first}) > 30


def test_what_is_not_a_number_refutes():
    assert Statement("", {"x": Interval(0.0, 1.0)}, lambda x: math.nan).nearest_miss().margin == -math.inf


def test_the_list_names_every_statement_with_its_domain(capsys):
    describe()
    lines = capsys.readouterr().out.splitlines()
    assert "test_31.NO_SCALE_UP_TO_FOUR: no scale up to four saves the sigmoid over forty layers" in lines
    assert "    scale: from 0.1 to 4" in lines
    assert "    depth: whole, from 1 to 8" in lines
    assert "    norm: layer, rms" in lines
    assert len([line for line in lines if not line.startswith(" ")]) == len(statements()) > 20
