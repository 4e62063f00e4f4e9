"""What the mc_dropout example shows."""

from functools import partial

import pytest
import torch

from examples import mc_dropout
from examples.mc_dropout import BINS, SHIFTS
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, mc_dropout)
numbers = partial(numbers_of, mc_dropout)


@pytest.mark.parametrize("name", SHIFTS)
def test_loss_falls_as_one_over_the_number_of_passes(name):
    measured, predicted = result().loss[name].mean(1), result().loss_predicted[name].mean(1)
    # The prediction stops at the second order of the logarithm.
    torch.testing.assert_close(measured, predicted, rtol=0.03, atol=0.0)
    assert (measured.diff() < 0).all()


def test_average_gains_on_noisy_pixels():
    assert numbers()["average_noisy"] < 0.9 * numbers()["single_noisy"] < 0.9 * numbers()["one_noisy"]
    assert numbers()["ece_average_noisy"] < 0.5 * numbers()["ece_single_noisy"]


def test_average_is_too_cautious_on_clean_pixels():
    assert numbers()["ece_average_clean"] > 1.3 * numbers()["ece_single_clean"]
    assert numbers()["confidence_average_clean"] < numbers()["accuracy_average_clean"] - 0.03
    assert numbers()["confidence_single_clean"] > numbers()["accuracy_single_clean"]


def test_averaging_hardly_changes_the_predicted_class():
    for name in SHIFTS:
        assert abs(numbers()[f"accuracy_average_{name}"] - numbers()[f"accuracy_single_{name}"]) < 0.02


def test_calibration_error_by_hand():
    """Two predictions, confidences 0.85 and 0.65, the first right and the second wrong."""
    probabilities = torch.tensor([[[0.85, 0.15], [0.35, 0.65]]])
    labels = torch.tensor([[0, 0]])
    assert mc_dropout.calibration_error(probabilities, labels) == pytest.approx((0.15 + 0.65) / 2)
    assert BINS == 10


def test_perfectly_calibrated_predictions_have_no_error():
    generator = torch.Generator().manual_seed(1)
    probabilities = torch.rand(1, 100_000, 3, generator=generator).softmax(-1)
    labels = torch.multinomial(probabilities[0], 1, generator=generator).T
    # Binned shares of a hundred thousand draws: a few thousandths of noise.
    assert mc_dropout.calibration_error(probabilities, labels) < 0.01


def test_repeatable():
    assert_deterministic(mc_dropout, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(mc_dropout, result())
    assert {"one_noisy", "average_noisy", "single_noisy", "ece_average_clean"} <= placeholders("mc_dropout", "alt")
