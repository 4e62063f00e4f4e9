"""Bias and variance: values, an oracle and a law."""

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.generalization import bias_variance
from tests.laws import normal, seeds


def test_bias_variance_value():
    """Predictions 1, 2, 6 have mean 3 and squared deviations 4, 1, 9."""
    predictions = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    torch.testing.assert_close(bias_variance(predictions, 2.0, 0.5).item(), 0.25 + 1.0 + 14 / 3)


@given(seeds(), st.floats(-2.0, 2.0), st.floats(0.0, 2.0))
def test_bias_variance_is_the_mean_over_models_and_noise(seed, truth, sigma):
    """Noise of plus or minus sigma, all cases enumerated."""
    predictions = normal(seed, 4)
    errors = [(truth + sign * sigma - each) ** 2 for each, sign in itertools.product(predictions, (-1, 1))]
    torch.testing.assert_close(bias_variance(predictions, truth, sigma), torch.stack(errors).mean())


@given(seeds())
def test_bias_variance_shifts_from_bias_to_nothing(seed):
    """A constant on all predictions changes the bias alone; without bias and noise the variance is left."""
    predictions = normal(seed, 5)
    centred = predictions - predictions.mean()
    torch.testing.assert_close(bias_variance(centred, 0.0, 0.0), predictions.var(correction=0))
    torch.testing.assert_close(bias_variance(centred + 3.0, 0.0, 0.0), predictions.var(correction=0) + 9.0)
