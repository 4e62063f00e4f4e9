"""What the own_statistics example shows."""

from functools import partial

import pytest
import torch

from examples import own_statistics
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, own_statistics)
numbers = partial(numbers_of, own_statistics)


def test_training_statistics_keep_the_accuracy():
    # Standard error of a mean over 40 sets of 500 examples: 0.0026.
    assert numbers()["trained_gap"] < 4 * 0.0026


def test_own_statistics_lose_it_as_predicted():
    assert numbers()["own_gap"] < 4 * 0.0035  # the same, for an accuracy of one half
    assert numbers()["own"] < numbers()["trained"] - 0.25


def test_without_a_shift_both_agree():
    assert (result().trained[0] - result().own[0]).mean().abs() < 0.005


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_prediction_by_drawing(share):
    generator = torch.Generator().manual_seed(7)
    y = torch.where(torch.rand(400_000, generator=generator) < share, 1.0, -1.0)
    x = own_statistics.APART / 2 * y + torch.randn(y.shape, generator=generator)
    # Standard error below 0.0008.
    assert ((x - x.mean()).sign() == y).double().mean().item() == pytest.approx(
        own_statistics.own_accuracy(share), abs=0.004
    )


def test_extremes_of_the_prediction():
    assert own_statistics.own_accuracy(1.0) == pytest.approx(0.5)
    assert own_statistics.own_accuracy(0.5) == pytest.approx(0.8413447)


def test_repeatable():
    assert_deterministic(own_statistics, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(own_statistics, result())
    assert placeholders("own_statistics", "alt") == {"trained_predicted", "own", "share"}
