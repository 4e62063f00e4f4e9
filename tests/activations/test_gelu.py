"""GELU: values, torch in both forms and autograd, the dip, the distance between the forms."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from torch.nn import functional

from optnotes.activations import gelu, gelu_derivative, gelu_tanh, gelu_tanh_derivative
from tests.activations.kinks import check

AXIS = torch.linspace(-10, 10, 40001, dtype=torch.float64)


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    below, density = (1 + math.erf(1.5 / math.sqrt(2))) / 2, math.exp(-(1.5**2) / 2) / math.sqrt(2 * math.pi)
    torch.testing.assert_close(gelu(scalar(1.5)).item(), 1.5 * below)
    torch.testing.assert_close(gelu_derivative(scalar(1.5)).item(), below + 1.5 * density)
    inner = math.sqrt(2 / math.pi) * (1.5 + 0.044715 * 1.5**3)
    torch.testing.assert_close(gelu_tanh(scalar(1.5)).item(), 1.5 / 2 * (1 + math.tanh(inner)))
    slope = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * 1.5**2)
    expected = (1 + math.tanh(inner)) / 2 + 1.5 / 2 * slope / math.cosh(inner) ** 2
    torch.testing.assert_close(gelu_tanh_derivative(scalar(1.5)).item(), expected)


def test_exact_form_matches_torch():
    check(gelu, gelu_derivative, functional.gelu)


def test_tanh_form_matches_torch():
    check(gelu_tanh, gelu_tanh_derivative, lambda x: functional.gelu(x, approximate="tanh"))


def test_gradcheck():
    x = torch.tensor([-2.0, 0.0, 1.7], dtype=torch.float64, requires_grad=True)
    for function in (gelu, gelu_derivative, gelu_tanh, gelu_tanh_derivative):
        assert torch.autograd.gradcheck(function, x)


@given(st.floats(-30.0, 30.0))
def test_gelu_is_the_input_times_a_probability(x):
    """The normal distribution of scipy, in the far left tail too."""
    torch.testing.assert_close(gelu(scalar(x)).item(), float(x * norm.cdf(x)), rtol=1e-9, atol=0.0)


@given(st.floats(-30.0, 30.0))
def test_gelu_minus_its_mirror_image_is_the_identity(x):
    """The probabilities below x and below minus x sum to one."""
    torch.testing.assert_close(gelu(scalar(x)) - gelu(scalar(-x)), scalar(x))
    torch.testing.assert_close(gelu_tanh(scalar(x)) - gelu_tanh(scalar(-x)), scalar(x))


@given(st.floats(-30.0, 30.0))
def test_slopes_at_opposite_inputs_sum_to_one(x):
    """The derivative of the law above."""
    one = scalar(1.0)
    torch.testing.assert_close(gelu_derivative(scalar(x)) + gelu_derivative(scalar(-x)), one)
    torch.testing.assert_close(gelu_tanh_derivative(scalar(x)) + gelu_tanh_derivative(scalar(-x)), one)


def test_gelu_is_not_monotone():
    found = minimize_scalar(lambda x: gelu(scalar(x)).item(), bounds=(-3, 0), options={"xatol": 1e-10})
    torch.testing.assert_close([found.x, found.fun], [-0.751792, -0.169971], rtol=0.0, atol=1e-6)


def test_slope_leaves_the_unit_interval():
    """The extreme slopes lie at plus and minus the square root of two."""
    slope = gelu_derivative(AXIS)
    torch.testing.assert_close([slope.min().item(), slope.max().item()], [-0.1289, 1.1289], rtol=0.0, atol=1e-4)
    torch.testing.assert_close(gelu_derivative(scalar(math.sqrt(2))), slope.max())


def test_the_two_forms_differ():
    distance = (gelu(AXIS) - gelu_tanh(AXIS)).abs().max().item()
    torch.testing.assert_close(distance, 4.73e-4, rtol=1e-2, atol=0.0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tanh_derivative_has_its_limits_where_the_square_overflows(dtype):
    far = torch.tensor([-1.0, 1.0], dtype=dtype) * torch.finfo(dtype).max
    assert gelu_tanh_derivative(far).tolist() == [0.0, 1.0]
