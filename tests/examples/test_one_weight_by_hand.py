"""What the one_weight_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest

from examples import one_weight_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, one_weight_by_hand)
numbers = partial(numbers_of, one_weight_by_hand)
PENCIL = {
    "mu": 5,  # 1 + 4
    "pull": 8,  # 2 + 6
    "free": 1.6,
    "alpha": 2,  # 2 × 1
    "ridge": 8 / 7,
    "mu_copies": 14,  # 4 + 9 + 0 + 1
    "pull_copies": 16,  # 4 + 9 + 0 + 3
    "copies": 8 / 7,
    "prior": 8 / 7,  # 1 / 0.5 = 2
    "step_1": 0.8,  # 0.1 × 8
    "step_2": 1.2,  # 0.8 + 0.1 × (8 - 5 × 0.8)
    "share_1": 0.5,
    "share_2": 0.75,
    "alpha_stop": 5,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-9)


@pytest.mark.parametrize("step", [1, 2])
def test_descent_has_gone_the_share_of_the_filter(step):
    assert numbers()[f"step_{step}"] == pytest.approx(numbers()[f"share_{step}"] * numbers()["free"])


def test_repeatable():
    assert_deterministic(one_weight_by_hand, result())


def test_published():
    assert_plain(numbers())
