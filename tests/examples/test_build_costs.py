"""What the build_costs example shows."""

from functools import partial

import pytest

from examples import build_costs
from optnotes.site.records.records import BUILDS_OF_SCALE
from tests.bench.synthetic import SIZES, SLOPE
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, result_of

result = partial(result_of, build_costs)
numbers = partial(numbers_of, build_costs)


def test_the_slope_is_the_exponent_of_a_power_law():
    rows = [{"pages": 10.0, "cold": 9.0}, *({"pages": n, "cold": 7 * n**1.3} for n in (100.0, 700.0))]
    assert build_costs.slope(rows, "cold") == pytest.approx(1.3)


def test_every_size_was_measured_and_no_line_rises():
    assert tuple(row["pages"] for row in result().rows) == SIZES
    for name in BUILDS_OF_SCALE:
        assert numbers()[f"many_{name}"] < numbers()[f"few_{name}"], name


def test_costs_grow_no_faster_than_the_number_of_pages():
    for name in (*BUILDS_OF_SCALE, "mebibytes"):
        assert numbers()[f"slope_{name}"] <= SLOPE, name


def test_repeatable_plain_and_drawn():
    assert_deterministic(build_costs, result())
    assert_plain(numbers())
    assert_drawn(build_costs, result())
