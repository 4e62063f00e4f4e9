"""What the scaling_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest

from examples import scaling_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, scaling_by_hand)
numbers = partial(numbers_of, scaling_by_hand)
PENCIL = {
    "mu": 5,  # (2 + 4 + 4 + 10) / 4
    "s": 3,  # the root of (9 + 1 + 1 + 25) / 4
    "z_1": -1,
    "z_2": -1 / 3,
    "z_3": 5 / 3,
    "z_new": 8 / 3,
    "m_1": 0,
    "m_2": 0.25,
    "m_3": 1,
    "m_new": 1.375,  # (13 - 2) / 8
    "flat": 0.5,  # (1 + 1) / 4
    "steep": 8,  # (16 + 16) / 4
    "kappa": 16,
    "step": 4 / 17,  # 2 / 8.5
    "factor_flat": 15 / 17,
    "factor_steep": -15 / 17,
    "rate": 15 / 17,
    "kappa_scaled": 1,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], abs=1e-12)


def test_the_factor_makes_a_millionth_in_that_many_steps():
    steps = numbers()["steps"]
    assert (15 / 17) ** steps <= scaling_by_hand.TOLERANCE < (15 / 17) ** (steps - 1)


def test_repeatable():
    assert_deterministic(scaling_by_hand, result())


def test_published():
    assert_plain(numbers())
