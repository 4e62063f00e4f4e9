"""Bounds of rounding errors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optnotes.site.figures.bounds import bound, ranges
from optnotes.site.words.text import format_number


@given(st.floats(0, 1e3), st.integers(-16, -3))
def test_a_bound_is_a_power_of_ten_with_room_to_spare(error, exponent):
    found = bound(error, float(f"1e{exponent}"))
    assert found >= 10 * error * (1 - 1e-12)
    assert found >= float(f"1e{exponent}")
    assert found == float(f"1e{round(math.log10(found))}")


@pytest.mark.parametrize("error", [0.0, 5e-324, 3e-16, 9.9e-15])
def test_digits_of_a_rounding_error_do_not_reach_the_page(error):
    assert format_number(bound(error, 1e-13), ".0e", "en") == "10⁻¹³"


def test_an_error_above_the_usual_bound_is_told():
    assert bound(2e-13, 1e-13) == 1e-11


def test_a_stated_range_stands_until_a_run_leaves_it():
    stated = {"loss": (1.0, 1.5), "share": (0.05, 0.2)}
    inside = ranges({"loss": 1.2, "share": 0.11}, stated)
    assert inside == {"loss_low": 1.0, "loss_high": 1.5, "share_low": 0.05, "share_high": 0.2}
    assert ranges({"loss": 1.2, "share": 0.11, "other": 3.0}, stated) == inside
    outside = ranges({"loss": 1.62, "share": 0.04}, stated)
    assert outside == {"loss_low": 1.0, "loss_high": 1.62, "share_low": 0.04, "share_high": 0.2}
