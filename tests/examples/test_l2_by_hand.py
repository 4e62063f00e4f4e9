"""What the l2_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest

from examples import l2_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, l2_by_hand)
numbers = partial(numbers_of, l2_by_hand)
PENCIL = {
    "mu_silent": 0,
    "mu_weak": 0.5,  # 0.25 + 0.25
    "mu_strong": 8,  # 4 + 4
    "pull_weak": 0.5,
    "pull_strong": 8,
    "free_weak": 1,
    "free_strong": 1,
    "ridge_silent": 0,
    "ridge_weak": 0.2,  # 0.5 / (0.5 + 2)
    "ridge_strong": 0.8,  # 8 / (8 + 2)
    "dof": 1,
    "kappa": 5,  # (8 + 2) / (0 + 2)
    "factor": 0.95,  # 1 - 0.1 × 0.5
    "sgd_large": 9.5,
    "sgd_small": 0.19,
    "adamw_large": 9.5,
    "adamw_small": 0.19,
    "adam_large": 9.9,  # 10 - 0.1
    "adam_small": 0.1,  # 0.2 - 0.1
    "adam_lost_large": 0.01,
    "adam_lost_small": 0.5,
    "sgd_lost_large": 0.05,
    "sgd_lost_small": 0.05,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    # Adam's epsilon is 1e-8 beside a penalty of 0.1 and more: seven digits hold.
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", ["silent", "weak", "strong"])
def test_the_weight_is_the_kept_fraction_of_the_free_one(name):
    assert numbers()[f"ridge_{name}"] == pytest.approx(numbers()[f"kept_{name}"] * numbers()[f"free_{name}"])


def test_repeatable():
    assert_deterministic(l2_by_hand, result())


def test_published():
    assert_plain(numbers())
