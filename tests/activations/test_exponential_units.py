"""ELU and SELU: values, torch and autograd, the kink, the fixed point of SELU."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from torch.nn import functional

from optnotes.activations import elu, elu_derivative, selu, selu_derivative
from tests.activations.kinks import GRID, autograd, check


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    x = torch.tensor([-1.5, 0.0, 2.0], dtype=torch.float64)
    plateau, slope = 0.7 * (math.exp(-1.5) - 1), 0.7 * math.exp(-1.5)
    torch.testing.assert_close(elu(x, alpha=0.7).tolist(), [plateau, 0.0, 2.0])
    torch.testing.assert_close(elu_derivative(x, alpha=0.7).tolist(), [slope, 0.7, 1.0])
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    torch.testing.assert_close(selu(x).tolist(), [scale * alpha * (math.exp(-1.5) - 1), 0.0, scale * 2.0])
    torch.testing.assert_close(selu_derivative(x).tolist(), [scale * alpha * math.exp(-1.5), scale * alpha, scale])


@given(st.floats(0.1, 3.0))
def test_elu_matches_torch(alpha):
    check(lambda x: elu(x, alpha), lambda x: elu_derivative(x, alpha), lambda x: functional.elu(x, alpha))


def test_selu_matches_torch():
    check(selu, selu_derivative, functional.selu)


def test_default_alpha_is_that_of_torch():
    torch.testing.assert_close(elu(GRID), functional.elu(GRID))
    torch.testing.assert_close(elu_derivative(GRID), autograd(functional.elu, GRID))


def test_gradcheck():
    x = torch.tensor([-2.0, -0.3, 0.4, 1.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: elu(x, 0.7), x)
    assert torch.autograd.gradcheck(selu, x)


@given(st.floats(0.1, 3.0))
def test_elu_levels_off_at_minus_alpha(alpha):
    torch.testing.assert_close(elu(scalar(-1000.0), alpha).item(), -alpha)


@given(st.floats(-50.0, 50.0))
def test_selu_is_a_scaled_elu(x):
    """Value and slope are those of ELU with the alpha of SELU, times its scale."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    torch.testing.assert_close(selu(scalar(x)), scale * elu(scalar(x), alpha))
    torch.testing.assert_close(selu_derivative(scalar(x)), scale * elu_derivative(scalar(x), alpha))


def test_small_inputs_keep_their_digits():
    """The exponential minus one is not taken literally."""
    torch.testing.assert_close(elu(scalar(-1e-12), alpha=0.7).item(), -0.7e-12, rtol=1e-10, atol=0.0)


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6])
def test_the_derivative_is_continuous_only_for_alpha_one(step):
    ends = torch.tensor([-step, step], dtype=torch.float64)
    smooth, kinked = elu_derivative(ends, alpha=1.0), elu_derivative(ends, alpha=2.0)
    assert (smooth[1] - smooth[0]).item() <= step
    assert (kinked[0] - kinked[1]).item() >= 1 - 2 * step


def test_slope_of_elu_fades():
    torch.testing.assert_close(elu_derivative(scalar(-20.0)).item(), 2.06e-09, rtol=1e-2, atol=0.0)
    assert selu_derivative(scalar(-20.0)) < 1e-8


def test_selu_reproduces_mean_zero_and_variance_one():
    """For a standard normal input the output has mean zero and variance one: that fixes both constants."""

    def moment(power):
        def integrand(u):
            return selu(scalar(u)).item() ** power * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)

        return quad(integrand, -12, 0)[0] + quad(integrand, 0, 12)[0]

    torch.testing.assert_close([moment(1), moment(2)], [0.0, 1.0], rtol=0.0, atol=1e-8)
