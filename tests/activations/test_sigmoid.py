"""Sigmoid and tanh: values, torch and autograd, bounds and symmetries, saturation."""

import math

import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.activations import sigmoid, sigmoid_derivative, tanh, tanh_derivative
from tests.activations.kinks import GRID, check


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    e = math.exp(-1.5)
    torch.testing.assert_close(sigmoid(scalar(1.5)).item(), 1 / (1 + e))
    torch.testing.assert_close(sigmoid_derivative(scalar(1.5)).item(), e / (1 + e) ** 2)
    torch.testing.assert_close(tanh(scalar(0.75)).item(), (1 - e) / (1 + e))
    torch.testing.assert_close(tanh_derivative(scalar(0.75)).item(), 1 / math.cosh(0.75) ** 2)


def test_identities_hold_as_algebra():
    """Not at points but for the symbol x: the slopes, their bounds, and tanh as a stretched sigmoid."""
    x = sympy.symbols("x", real=True)
    logistic = 1 / (1 + sympy.exp(-x))
    slope = sympy.diff(logistic, x)
    for other in (logistic * (1 - logistic), sympy.Rational(1, 4) * (1 - sympy.tanh(x / 2) ** 2)):
        assert sympy.simplify((slope - other).rewrite(sympy.exp)) == 0
    stretched = 2 * logistic.subs(x, 2 * x) - 1
    assert sympy.simplify((stretched - sympy.tanh(x)).rewrite(sympy.exp)) == 0
    assert sympy.simplify((sympy.diff(stretched, x) - 1 + sympy.tanh(x) ** 2).rewrite(sympy.exp)) == 0
    for function, algebra in ((sigmoid_derivative, slope), (tanh_derivative, sympy.diff(stretched, x))):
        torch.testing.assert_close(function(scalar(0.7)).item(), float(algebra.subs(x, 0.7)))


def test_sigmoid_matches_torch():
    check(sigmoid, sigmoid_derivative, torch.sigmoid)


def test_tanh_matches_torch():
    # Autograd squares the rounded tanh; its error of one unit in the last place is within the tolerance.
    check(tanh, tanh_derivative, torch.tanh)


def test_gradcheck():
    x = torch.tensor([-2.0, -0.3, 0.0, 1.7], dtype=torch.float64, requires_grad=True)
    for function in (sigmoid, sigmoid_derivative, tanh, tanh_derivative):
        assert torch.autograd.gradcheck(function, x)


@given(st.floats(-700.0, 700.0))
def test_sigmoid_is_symmetric_about_one_half(x):
    """The value at minus x is one minus the value at x; the derivative is even."""
    torch.testing.assert_close(sigmoid(scalar(-x)), 1 - sigmoid(scalar(x)))
    assert sigmoid_derivative(scalar(-x)) == sigmoid_derivative(scalar(x))


@given(st.floats(-700.0, 700.0))
def test_tanh_is_a_stretched_sigmoid(x):
    """Twice the sigmoid of twice the input, minus one; the slope is four times the slope of the sigmoid."""
    torch.testing.assert_close(tanh(scalar(x)), 2 * sigmoid(scalar(2 * x)) - 1)
    torch.testing.assert_close(tanh_derivative(scalar(x)), 4 * sigmoid_derivative(scalar(2 * x)), rtol=1e-12, atol=0.0)


def test_bounds_of_the_derivatives():
    assert sigmoid_derivative(GRID).max().item() == sigmoid_derivative(scalar(0.0)).item() == 0.25
    assert tanh_derivative(GRID).max().item() == tanh_derivative(scalar(0.0)).item() == 1.0


def test_small_slopes_keep_their_digits():
    """Where the rounded output is exactly one, the slope is still right to the last digits."""
    torch.testing.assert_close(sigmoid_derivative(scalar(60.0)).item(), math.exp(-60), rtol=1e-12, atol=0.0)
    torch.testing.assert_close(tanh_derivative(scalar(30.0)).item(), 4 * math.exp(-60), rtol=1e-12, atol=0.0)
    torch.testing.assert_close(sigmoid(scalar(-700.0)).item(), math.exp(-700), rtol=1e-12, atol=0.0)


def test_saturated_slopes():
    torch.testing.assert_close(sigmoid_derivative(scalar(10.0)).item(), 4.5396e-05, rtol=1e-5, atol=0.0)
    torch.testing.assert_close(tanh_derivative(scalar(10.0)).item(), 8.2446e-09, rtol=1e-4, atol=0.0)
