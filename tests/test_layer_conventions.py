"""Converters of layer parameters, against the installed torch."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.layer_conventions import keep_probability, running_momentum


def test_keep_probability_value():
    assert keep_probability(0.2) == 0.8


@given(st.floats(0.05, 0.9))
def test_keep_probability_is_what_torch_divides_survivors_by(p):
    """Survivors of torch's dropout are divided by the keep probability."""
    kept = torch.nn.functional.dropout(torch.ones(1000, dtype=torch.float64), p)
    (value,) = kept[kept != 0].unique().tolist()
    assert value == pytest.approx(1 / keep_probability(p))


def test_running_momentum_value():
    assert running_momentum(0.1) == 0.9


@given(st.floats(0.01, 0.99))
def test_running_momentum_is_the_weight_of_the_old_value_in_torch(momentum):
    """From a running mean of one, a batch of zeros leaves the weight of the old value."""
    layer = torch.nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64)
    layer.running_mean.fill_(1.0)
    layer(torch.zeros(4, 1, dtype=torch.float64))
    assert layer.running_mean.item() == pytest.approx(running_momentum(momentum))


@given(st.floats(0.0, 1.0))
def test_running_momentum_is_its_own_inverse(momentum):
    """There and back again."""
    assert running_momentum(running_momentum(momentum)) == pytest.approx(momentum)
