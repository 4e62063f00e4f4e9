"""What the adam_decay example shows."""

import math
from functools import partial

import pytest

from examples import adam_decay
from examples.adam_decay import COPIES, LAM, LR, SEEDS, STEPS
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, adam_decay)
numbers = partial(numbers_of, adam_decay)


def test_adamw_leaves_the_same_share_whatever_the_noise():
    """The share left is (1 - ηλ) to the number of steps for every size of noise."""
    # Each weight walks at random by about the learning rate per step, damped by the decay.
    error = LR * math.sqrt(STEPS / (SEEDS * COPIES))
    assert numbers()["adamw_gap"] < 4 * error


def test_adam_spares_noisy_weights_as_predicted():
    assert numbers()["adam_gap"] < 4 * LR * math.sqrt(STEPS / (SEEDS * COPIES))
    assert (result().left["adam"].mean(-1).diff() > 0).all()
    assert numbers()["adam_small"] < 0.1 < 0.9 < numbers()["adam_large"]


def test_far_from_zero_the_share_has_a_closed_form():
    """For noise far above the penalty's gradient Adam divides the strength by the size of the noise."""
    large = result().left["adam"][-2:].mean(-1)
    for size, share in zip(adam_decay.NOISES[-2:], large.tolist(), strict=True):
        assert share == pytest.approx((1 - LR * LAM / size) ** STEPS, abs=0.01)


def test_gradient_descent_and_adam_reach_the_ridge_solution():
    assert numbers()["gd_within"] == numbers()["adam_within"] == 1e-12


def test_adamw_passes_by_and_heads_for_least_squares():
    assert numbers()["adamw_closest"] < 0.2 < 1 < numbers()["adamw_end"]
    assert numbers()["adamw_left"] < 0.1 * numbers()["least_squares"]
    # All weights of least squares lie inside the box of half-width one over the strength, so that the box is not felt.
    assert result().least_squares.abs().max() < 1 / adam_decay.RIDGE_LAM


def test_broken_twin_that_swaps_the_two_methods_is_noticed(monkeypatch):
    monkeypatch.setattr(adam_decay, "adam_step", adam_decay.adamw_step)
    monkeypatch.setattr(adam_decay, "STEPS", 200)
    left = adam_decay.decay()["adam"].mean(-1)
    # Two hundred steps of true Adam would leave more than 0.99 of the noisiest and less than 0.7 of the quietest.
    assert left.max() - left.min() < 0.05


def test_repeatable():
    assert_deterministic(adam_decay, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(adam_decay, result())
    assert {"adamw_predicted", "adam_small", "adam_large"} <= placeholders("adam_decay", "alt")
