"""Bounds of rounding errors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optnotes.site.bounds import bound
from optnotes.site.text import format_number


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
