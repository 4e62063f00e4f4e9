"""Swish: values, torch.nn.functional.silu and autograd, the dip and the range of the slope."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from torch.nn import functional

from optnotes.activations import swish, swish_derivative
from tests.activations.kinks import GRID, autograd, check

AXIS = torch.linspace(-30, 30, 60001, dtype=torch.float64)


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    gate = 1 / (1 + math.exp(-0.7 * 2.0))
    torch.testing.assert_close(swish(scalar(2.0), beta=0.7).item(), 2.0 * gate)
    expected = gate + 0.7 * 2.0 * gate * (1 - gate)
    torch.testing.assert_close(swish_derivative(scalar(2.0), beta=0.7).item(), expected)


def test_default_is_silu_of_torch():
    check(swish, swish_derivative, functional.silu)


@given(st.floats(0.0, 5.0))
def test_derivative_matches_autograd(beta):
    torch.testing.assert_close(swish_derivative(GRID, beta), autograd(lambda x: swish(x, beta), GRID))


def test_gradcheck():
    x = torch.tensor([-2.0, 0.0, 1.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: swish(x, 1.3), x)
    assert torch.autograd.gradcheck(lambda x: swish_derivative(x, 1.3), x)


@given(st.floats(-50.0, 50.0), st.floats(0.0, 5.0))
def test_swish_minus_its_mirror_image_is_the_identity(x, beta):
    """The gates at x and minus x sum to one."""
    torch.testing.assert_close(swish(scalar(x), beta) - swish(scalar(-x), beta), scalar(x))


def test_steep_gate_gives_relu_and_no_gate_half_the_input():
    torch.testing.assert_close(swish(GRID, beta=1e6), torch.relu(GRID))
    torch.testing.assert_close(swish(GRID, beta=0.0), GRID / 2)


def test_silu_is_not_monotone():
    """The minimum value is the place of the minimum plus one."""
    found = minimize_scalar(lambda x: swish(scalar(x)).item(), bounds=(-3, 0), options={"xatol": 1e-10})
    torch.testing.assert_close([found.x, found.fun], [-1.278465, -0.278465], rtol=0.0, atol=1e-6)
    torch.testing.assert_close(found.fun, found.x + 1, rtol=0.0, atol=1e-6)


def test_slope_leaves_the_unit_interval():
    slope = swish_derivative(AXIS)
    torch.testing.assert_close([slope.min().item(), slope.max().item()], [-0.0998, 1.0998], rtol=0.0, atol=1e-4)
