"""Condition number and the speed of gradient descent, against the steps themselves."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.descent import best_rate, best_step, condition_number, contraction_rate, gd_iterations
from tests.laws import seeds

H = torch.tensor([[5.0, 3.0], [3.0, 5.0]], dtype=torch.float64)  # eigenvalues 2 and 8


def draw(seed):
    A = torch.randn(6, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return A.mT @ A / 6 + 0.1 * torch.eye(3, dtype=torch.float64)


def test_values_from_the_eigenvalues():
    torch.testing.assert_close(condition_number(H).item(), 8 / 2)
    torch.testing.assert_close(best_step(H).item(), 2 / (8 + 2))
    torch.testing.assert_close(contraction_rate(H, lr=0.15).item(), 1 - 0.15 * 2)
    torch.testing.assert_close(contraction_rate(H, lr=0.22).item(), 0.22 * 8 - 1)
    assert best_rate(4.0) == 3 / 5
    assert gd_iterations(4.0, tolerance=0.1) == pytest.approx(math.log(0.1) / math.log(3 / 5), rel=1e-14)


@given(seeds())
def test_condition_number_matches_numpy(seed):
    matrix = draw(seed)
    assert condition_number(matrix).item() == pytest.approx(np.linalg.cond(matrix.numpy()).item(), rel=1e-8)


@given(seeds())
def test_condition_number_of_the_hessian_is_the_square_of_that_of_the_design(seed):
    X = torch.randn(7, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    expected = np.linalg.cond(X.numpy()).item() ** 2
    assert condition_number(X.mT @ X / 7).item() == pytest.approx(expected, rel=1e-7)


@given(seeds(), st.floats(0.3, 0.99), st.floats(1.01, 3.0))
def test_best_step_has_the_least_rate(seed, shorter, longer):
    """At the best step the rate is that of the condition number, and any other step is slower."""
    matrix = draw(seed)
    step = best_step(matrix).item()
    rate = contraction_rate(matrix, step)
    torch.testing.assert_close(rate.item(), best_rate(condition_number(matrix).item()))
    assert rate < contraction_rate(matrix, shorter * step)
    assert rate < contraction_rate(matrix, longer * step)


@given(seeds())
def test_step_of_one_over_the_largest_curvature(seed):
    """Step 1 / lambda_max contracts by 1 - 1 / kappa, and any step above 2 / lambda_max diverges."""
    matrix = draw(seed)
    largest = torch.linalg.matrix_norm(matrix, 2).item()
    expected = 1 - 1 / condition_number(matrix).item()
    torch.testing.assert_close(contraction_rate(matrix, 1 / largest).item(), expected)
    assert contraction_rate(matrix, 2.01 / largest) > 1


def test_gradient_descent_attains_the_rate():
    """On curvatures 1 and 25 the error shrinks by exactly 24/26 per step, in both directions."""
    curvature = torch.tensor([1.0, 25.0], dtype=torch.float64)
    step = best_step(torch.diag(curvature)).item()
    w = torch.tensor([3.0, -2.0], dtype=torch.float64)
    before = torch.linalg.vector_norm(w)
    for _ in range(20):
        w = w - step * curvature * w
    torch.testing.assert_close(torch.linalg.vector_norm(w) / before, torch.tensor(24 / 26).double() ** 20)


@pytest.mark.parametrize(("kappa", "tolerance"), [(4.0, 0.03), (25.0, 1e-6), (700.0, 1e-3)])
def test_gradient_descent_needs_that_many_steps(kappa, tolerance):
    curvature = torch.tensor([2.0, 2.0 * kappa], dtype=torch.float64)
    step = best_step(torch.diag(curvature)).item()
    error, steps = torch.ones(2, dtype=torch.float64), 0
    while torch.linalg.vector_norm(error) > tolerance * 2**0.5:
        error, steps = error - step * curvature * error, steps + 1
    assert math.ceil(gd_iterations(kappa, tolerance)) == steps


@given(seeds(), st.floats(0.05, 1.0))
def test_rate_bounds_every_step(seed, fraction):
    """No starting point does worse than the rate."""
    matrix = draw(seed)
    step = fraction * 2 * best_step(matrix).item()
    error = torch.randn(3, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    after = torch.linalg.vector_norm(error - step * matrix @ error)
    assert after <= contraction_rate(matrix, step) * torch.linalg.vector_norm(error) * (1 + 1e-12)


@pytest.mark.parametrize(("dtype", "smallest"), [(torch.float32, 1e-6), (torch.float64, 1e-6), (torch.float64, 1e-14)])
def test_condition_number_near_singularity(dtype, smallest):
    """On the axes it is exact; turned off them, the rounding of the matrix alone moves the smallest eigenvalue."""
    D = torch.diag(torch.tensor([1.0, smallest], dtype=torch.float64))
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    rounding = torch.finfo(dtype).eps
    assert condition_number(D.to(dtype)).item() == pytest.approx(1 / smallest, rel=2 * rounding)
    turned = condition_number((turn @ D @ turn.mT).to(dtype)).item()
    assert turned == pytest.approx(1 / smallest, rel=2 * rounding / smallest)


def test_gd_iterations_grow_in_proportion_to_a_large_condition_number():
    """For a large condition number the steps are half of it times the logarithm of one over the tolerance."""
    for kappa in (1e6, 1e12, 1e30):
        assert gd_iterations(kappa, tolerance=1e-3) == pytest.approx(kappa / 2 * math.log(1e3), rel=1e-9)


@given(st.floats(1.01, 1e6), st.floats(1e-9, 0.9))
def test_the_rate_to_the_power_of_the_iterations_is_the_tolerance(kappa, tolerance):
    """After T steps the error is tau: q^T = tau."""
    steps = gd_iterations(kappa, tolerance)
    assert best_rate(kappa) ** steps == pytest.approx(tolerance, rel=1e-6)


def test_condition_number_one_needs_a_single_step():
    assert best_rate(1.0) == 0.0
    assert 0 < gd_iterations(1 + 1e-15, tolerance=0.01) < 1
    identity = 3 * torch.eye(2, dtype=torch.float64)
    torch.testing.assert_close(contraction_rate(identity, best_step(identity).item()).item(), 0.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 2.0], [0.0, 1.0]], r"^H - H.T over the largest entry must have entries in \[-1e-5, 1e-5\]"),
        ([[1e-4, 1e-8], [0.0, 2e-4]], r"^H - H.T over the largest entry must have entries in \[-1e-5, 1e-5\]"),
        ([[1.0, 2.0], [2.0, 4.0]], "^eigenvalues of H over the largest"),
        ([[1.0, 0.0], [0.0, -4.0]], "eigenvalues of H over the largest"),
        ([[-1.0, 0.0], [0.0, -4.0]], "eigenvalues of H over the largest"),
        ([[0.0, 0.0], [0.0, 0.0]], "eigenvalues of H over the largest"),
        ([[1.0, 0.0]], r"^H must have shape \(1, 1\), got \(1, 2\)$"),
        ([[[2.0]]], r"^H must have shape \(any, any\), got \(1, 1, 1\)$"),
    ],
)
def test_only_positive_definite_hessians(dtype, matrix, message):
    for function in (condition_number, best_step, lambda H: contraction_rate(H, lr=0.1)):
        with pytest.raises(ValueError, match=message):
            function(torch.tensor(matrix, dtype=dtype))


def test_gradients_are_those_of_the_formulas():
    A = draw(seed=2).requires_grad_()
    for function in (condition_number, best_step, lambda H: contraction_rate(H, lr=0.3)):
        assert torch.autograd.gradcheck(lambda A, f=function: f(A @ A.mT), (A,))
