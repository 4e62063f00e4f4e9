"""What the spectral_decay example shows."""

from functools import partial

import pytest
import torch
from torch import nn

from examples import spectral_decay
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, spectral_decay)
numbers = partial(numbers_of, spectral_decay)


def test_growth_becomes_decay_by_the_predicted_factor():
    found = numbers()
    assert found["drawn_layer"] == pytest.approx(spectral_decay.FACTOR, rel=0.1)
    assert found["normalised_layer"] == pytest.approx(found["predicted"], rel=0.1)


def test_no_layer_lengthens_any_more():
    assert result().largest == pytest.approx(1)
    assert (result().normalised < 1).all()


def test_the_layer_of_pytorch_divides_by_the_same_number():
    torch.manual_seed(0)
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(8, 8).double(), n_power_iterations=200)
    plain = layer.parametrizations.weight.original
    torch.testing.assert_close(layer.weight, plain / torch.linalg.matrix_norm(plain, 2))


def test_repeatable():
    assert_deterministic(spectral_decay, result())


def test_published():
    assert_plain(numbers())
