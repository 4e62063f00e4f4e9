"""What the variance_shift example shows."""

from functools import partial

import pytest
import torch

from examples import variance_shift
from examples.variance_shift import PROBABILITIES
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, variance_shift)
numbers = partial(numbers_of, variance_shift)


def test_running_variance_of_torch_is_as_predicted():
    # A variance over 20 000 dropped values has a standard error of about a hundredth, the largest of 256 four of them.
    assert numbers()["ratio_error"] < 0.1
    assert numbers()["ratio"] == pytest.approx(numbers()["ratio_predicted"], rel=0.02)
    torch.testing.assert_close(result().ratio[0], torch.ones_like(result().ratio[0]))


def test_rectified_units_shift_more_than_centred_ones():
    assert numbers()["ratio_smallest"] > numbers()["centred"]
    assert (result().ratio_predicted.diff(dim=0) > 0).all()


def test_shift_multiplies_from_layer_to_layer():
    assert (result().before.diff(dim=1) < 0).all()
    measured, predicted = result().before.mean(0), result().before_predicted.mean(0)
    # The product takes the mean of the factors, as if all units had the same; the error grows with depth.
    torch.testing.assert_close(measured, predicted.to(measured), rtol=0.12, atol=0.0)


def test_no_shift_behind_the_last_normalisation():
    assert numbers()["behind"] > 0.99


def test_broken_twin_that_ignores_the_mean_predicts_too_little():
    centred = torch.tensor([1 / (1 - p) for p in PROBABILITIES])[:, None]
    assert (result().ratio / centred)[-1].min() > 1.1


def test_repeatable():
    assert_deterministic(variance_shift, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(variance_shift, result())
    assert {"ratio", "centred", "first", "last"} <= placeholders("variance_shift", "alt")
