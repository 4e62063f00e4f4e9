"""Softplus: values, torch below its threshold, the sigmoid as its slope, the distance to ReLU."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from optnotes.activations import sigmoid, softplus
from tests.activations.kinks import GRID, autograd


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    torch.testing.assert_close(softplus(scalar(math.log(3.0))).item(), math.log(4.0))
    torch.testing.assert_close(softplus(scalar(-745.0)).item(), math.exp(-745.0))
    assert softplus(scalar(1e300)).item() == 1e300


def test_softplus_matches_torch_below_its_threshold_and_keeps_what_torch_drops_beyond():
    below = GRID[GRID < 20]
    torch.testing.assert_close(softplus(below), functional.softplus(below))
    beyond = scalar(21.0)
    assert functional.softplus(beyond).item() == 21.0
    torch.testing.assert_close(softplus(beyond).item() - 21.0, math.log1p(math.exp(-21.0)), rtol=1e-5, atol=0.0)


def test_the_slope_is_the_sigmoid():
    torch.testing.assert_close(autograd(softplus, GRID), sigmoid(GRID))


@given(st.floats(-700.0, 700.0))
def test_softplus_minus_its_mirror_image_is_the_identity(x):
    torch.testing.assert_close(softplus(scalar(x)) - softplus(scalar(-x)), scalar(x))


@given(st.floats(-700.0, 700.0).filter(lambda x: abs(x) > 1e-3))
def test_softplus_exceeds_relu_most_at_zero(x):
    excess = (softplus(scalar(x)) - torch.relu(scalar(x))).item()
    assert 0 <= excess < math.log(2) == softplus(scalar(0.0)).item()
