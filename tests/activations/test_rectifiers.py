"""ReLU and LeakyReLU: values, torch and autograd, the choice at the kink."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from optnotes.activations import leaky_relu, leaky_relu_derivative, relu, relu_derivative
from tests.activations.kinks import GRID, check

X = torch.tensor([-3.0, 0.0, 2.0], dtype=torch.float64)


def test_values():
    assert relu(X).tolist() == [0.0, 0.0, 2.0]
    assert relu_derivative(X).tolist() == [0.0, 0.0, 1.0]
    assert leaky_relu(X, a=0.2).tolist() == [0.2 * -3.0, 0.0, 2.0]
    assert leaky_relu_derivative(X, a=0.2).tolist() == [0.2, 0.2, 1.0]


def test_relu_matches_torch_with_slope_zero_at_the_kink():
    check(relu, relu_derivative, torch.relu)


@given(st.floats(0.0, 0.99))
def test_leaky_relu_matches_torch_with_the_small_slope_at_the_kink(a):
    check(lambda x: leaky_relu(x, a), lambda x: leaky_relu_derivative(x, a), lambda x: functional.leaky_relu(x, a))


def test_default_slope_is_that_of_torch():
    assert torch.equal(functional.leaky_relu(GRID), leaky_relu(GRID))
    assert torch.equal(leaky_relu_derivative(GRID, a=0.01), leaky_relu_derivative(GRID))


@given(st.floats(0.0, 0.99))
def test_leaky_relu_is_the_larger_of_two_lines(a):
    """With a slope below one the function is the maximum of x and a x, and ReLU at slope zero."""
    torch.testing.assert_close(leaky_relu(GRID, a), torch.maximum(GRID, a * GRID))
    assert torch.equal(relu(GRID), leaky_relu(GRID, a=0.0))


@given(st.floats(0.01, 100.0), st.floats(0.0, 0.99))
def test_positive_factors_pass_through(scale, a):
    """Both functions are positively homogeneous: the kink is at zero in any units."""
    torch.testing.assert_close(relu(scale * X), scale * relu(X))
    torch.testing.assert_close(leaky_relu(scale * X, a), scale * leaky_relu(X, a))
    assert torch.equal(relu_derivative(X), relu_derivative(scale * X))
    assert torch.equal(leaky_relu_derivative(X, a), leaky_relu_derivative(scale * X, a))


@given(st.floats(0.0, 0.99))
def test_input_times_slope_is_the_output(a):
    """Euler's identity for positively homogeneous functions."""
    assert torch.equal(relu(GRID), GRID * relu_derivative(GRID))
    torch.testing.assert_close(leaky_relu(GRID, a), GRID * leaky_relu_derivative(GRID, a))


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6])
def test_the_slope_of_relu_jumps_by_one(step):
    left, right = relu_derivative(torch.tensor([-step, step], dtype=torch.float64))
    assert (right - left).item() == 1.0


@pytest.mark.parametrize("a", [-0.1, 1.0, float("inf")])
def test_slopes_outside_the_range_are_refused(a):
    with pytest.raises(ValueError, match=r"a must be a number in \[0, 1\)"):
        leaky_relu(X, a)
