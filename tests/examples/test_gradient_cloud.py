"""What the gradient_cloud example shows."""

import random
from functools import cache
from itertools import product

import pytest
import torch

from examples import gradient_cloud
from tests.examples import assert_deterministic, assert_drawn, assert_plain, placeholders


@cache
def result():
    return gradient_cloud.compute()


def numbers():
    return gradient_cloud.numbers(result())


NOISY = list(product(gradient_cloud.PROBABILITIES[1:], gradient_cloud.MASKS))


def by_hand(X, y, p):
    """Mean and covariance over all masks of each example, written out."""
    w = torch.tensor(gradient_cloud.WEIGHTS, dtype=X.dtype)
    mean, spread = torch.zeros(2).double(), torch.zeros(2, 2).double()
    for x, target in zip(X, y, strict=True):
        first, second = torch.zeros(2).double(), torch.zeros(2, 2).double()
        for keep in product((0, 1), repeat=2):
            chance = 1.0
            for each in keep:
                chance *= 1 - p if each else p
            row = x * torch.tensor(keep) / (1 - p)
            g = 2 * (row @ w - target) * row / len(X)
            first, second = first + chance * g, second + chance * g.outer(g)
        mean, spread = mean + first, spread + second - first.outer(first)
    return mean, spread


@pytest.mark.parametrize("key", random.Random(38).sample(NOISY, 5))
def test_both_moments_are_those_of_all_masks(key):
    p, masks = key
    mean, spread = by_hand(*gradient_cloud.data(), p)
    torch.testing.assert_close(result().mean[key], mean)
    torch.testing.assert_close(result().covariance[key], spread / masks)


@pytest.mark.parametrize("key", NOISY)
def test_drawn_gradients_agree_within_chance(key):
    found = gradient_cloud.summary(result(), key)
    assert abs(found["noise"] / found["noise_predicted"] - 1) < 0.1
    # The mean of the drawn gradients scatters by the noise over the root of their number.
    assert abs(found["shift"] - found["shift_predicted"]) < 3 * found["noise_predicted"] / gradient_cloud.DRAWS**0.5
    assert abs(found["inside"] - gradient_cloud.SHARE) < 0.06


def test_averaging_removes_noise_and_not_the_shift():
    assert numbers()["one_noise"] / numbers()["most_noise"] == pytest.approx(4, rel=0.1)
    assert numbers()["one_shift_predicted"] == numbers()["most_shift_predicted"] > 1


def test_small_p_scatters_by_its_root_and_shifts_in_proportion():
    small, larger = (gradient_cloud.summary(result(), (p, 1)) for p in (0.05, 0.1))
    odds = (0.1 / 0.9) / (0.05 / 0.95)
    assert larger["shift_predicted"] / small["shift_predicted"] == pytest.approx(odds, rel=1e-9)
    assert larger["noise_predicted"] / small["noise_predicted"] == pytest.approx(odds**0.5, rel=0.05)


def test_without_dropout_there_is_one_point():
    drawn = result().drawn[0.0, 1]
    torch.testing.assert_close(drawn, result().plain.expand_as(drawn))


def test_repeatable():
    assert_deterministic(gradient_cloud, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(gradient_cloud, result())
    assert {"masks", "one_noise", "most_noise", "most_shift"} == placeholders("gradient_cloud", "caption")
