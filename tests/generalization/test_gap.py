"""Risks, optimism and interpolation: values, oracles and laws."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_squared_error
from torch.nn.functional import mse_loss

from optnotes.generalization import empirical_risk, gd_filter, generalization_gap, min_norm_interpolant, ols_errors
from tests.laws import normal, seeds


def test_empirical_risk_value():
    losses = torch.tensor([0.2, 0.5, 2.9], dtype=torch.float64)
    torch.testing.assert_close(empirical_risk(losses).item(), (0.2 + 0.5 + 2.9) / 3)


@given(seeds())
def test_empirical_risk_of_squared_errors_is_the_torch_loss(seed):
    prediction, y = normal(seed, 2, 7)
    torch.testing.assert_close(empirical_risk((prediction - y) ** 2), mse_loss(prediction, y))


def test_generalization_gap_value():
    held_out = torch.tensor([1.2, 0.4], dtype=torch.float64)
    train = torch.tensor([0.1, 0.2, 0.6], dtype=torch.float64)
    torch.testing.assert_close(generalization_gap(held_out, train).item(), (1.2 + 0.4) / 2 - (0.1 + 0.2 + 0.6) / 3)


@given(seeds())
def test_generalization_gap_is_the_difference_of_scikit_learns_metrics(seed):
    predicted, y = normal(seed, 2, 11)
    losses = (predicted - y) ** 2
    expected = mean_squared_error(y[4:], predicted[4:]) - mean_squared_error(y[:4], predicted[:4])
    assert generalization_gap(losses[4:], losses[:4]).item() == pytest.approx(expected)


@given(seeds(), st.floats(-3.0, 3.0))
def test_a_constant_on_all_losses_leaves_the_gap(seed, constant):
    """A penalty added to both losses cancels; added to the training loss alone it lowers the gap."""
    held_out, train = normal(seed, 5), normal(seed + 1, 8)
    gap = generalization_gap(held_out, train)
    torch.testing.assert_close(generalization_gap(held_out + constant, train + constant), gap)
    torch.testing.assert_close(generalization_gap(held_out, train + constant), gap - constant)


def test_generalization_gap_changes_sign_when_the_sets_change_places():
    held_out, train = normal(0, 5), normal(1, 8)
    torch.testing.assert_close(generalization_gap(train, held_out), -generalization_gap(held_out, train))


def test_ols_errors_value():
    expected = (0.36 * (1 - 3 / 12), 0.36 * (1 + 3 / 12), 2 * 0.36 * 3 / 12)
    assert ols_errors(sigma=0.6, d=3, n=12) == pytest.approx(expected)


@given(st.integers(1, 3), seeds())
def test_ols_errors_by_enumeration_of_the_noise(d, seed):
    """Both expected errors are exact averages over all sign patterns of the noise."""
    n, sigma = 6, 0.7
    q, _ = torch.linalg.qr(normal(seed, n, d))
    signal = q @ normal(seed + 1, d)
    noise = sigma * torch.tensor(list(itertools.product([-1.0, 1.0], repeat=n)), dtype=torch.float64)
    labels = signal + noise
    fitted = labels @ q @ q.T
    train = ((labels - fitted) ** 2).mean()
    fresh = ((fitted - signal) ** 2).mean() + sigma**2
    expected = [train.item(), fresh.item(), (fresh - train).item()]
    torch.testing.assert_close(list(ols_errors(sigma, d, n)), expected)


def test_ols_errors_at_the_ends():
    assert ols_errors(sigma=0.7, d=0, n=5) == pytest.approx((0.49, 0.49, 0.0))
    assert ols_errors(sigma=0.7, d=5, n=5) == pytest.approx((0.0, 0.98, 0.98))


def test_ols_errors_refuses_more_features_than_examples():
    with pytest.raises(ValueError, match=r"d must be an integer in \[0, 5\], got 6"):
        ols_errors(sigma=0.7, d=6, n=5)


@given(st.integers(1, 6), seeds())
def test_min_norm_interpolant_matches_the_pseudo_inverse(n, seed):
    X, y = normal(seed, n, 12), normal(seed + 1, n)
    expected = np.linalg.pinv(X.numpy()) @ y.numpy()
    torch.testing.assert_close(min_norm_interpolant(X, y), torch.from_numpy(expected))


@given(seeds())
def test_min_norm_interpolant_fits_and_is_shortest(seed):
    """Training error is zero, and any other interpolant is longer."""
    X, y = normal(seed, 4, 7), normal(seed + 1, 4)
    w = min_norm_interpolant(X, y)
    torch.testing.assert_close(X @ w, y)
    other = w + torch.linalg.svd(X).Vh[4:].T @ normal(seed + 2, 3)
    torch.testing.assert_close(X @ other, y)
    assert w.norm() < other.norm()


def test_gradient_descent_from_zero_finds_the_min_norm_interpolant():
    X, y = normal(0, 4, 9), normal(1, 4)
    H = X.T @ X
    lr = 1 / torch.linalg.eigvalsh(H)[-1].item()
    w = torch.zeros(9, dtype=torch.float64)
    for _ in range(400):
        w = w - lr * X.T @ (X @ w - y)
    torch.testing.assert_close(w, min_norm_interpolant(X, y))
    # The filter says so too: directions outside the span of the rows are never learned.
    eigenvalues = torch.linalg.eigvalsh(H).clamp(min=0)
    assert gd_filter(eigenvalues, lr, 400)[:5].max() < 1e-10


def test_min_norm_interpolant_of_badly_scaled_rows_loses_no_more_than_their_condition():
    """By way of the Gram matrix the condition would be squared, and the largest weight would be wrong."""
    X = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1e-7]], dtype=torch.float64)
    y, exact = torch.tensor([2.0, 5.0], dtype=torch.float64), torch.tensor([1.0, 1.0, 3e7], dtype=torch.float64)
    found, eps = min_norm_interpolant(X, y), torch.finfo(torch.float64).eps
    assert (found - exact).norm() < 4 * eps * torch.linalg.cond(X) * exact.norm()
    assert (X @ found - y).norm() < 4 * eps * X.norm() * exact.norm()


def test_min_norm_interpolant_gradcheck():
    X, y = normal(0, 3, 5).requires_grad_(), normal(1, 3).requires_grad_()
    assert torch.autograd.gradcheck(min_norm_interpolant, (X, y))


@pytest.mark.parametrize("X", [torch.ones(2, 3), torch.tensor([[1.0], [2.0]])], ids=["equal rows", "too many rows"])
def test_min_norm_interpolant_refuses_dependent_rows(X):
    with pytest.raises(ValueError, match=r"linearly independent rows, got rank below 2 at \(2, "):
        min_norm_interpolant(X, torch.tensor([1.0, 2.0]))


def test_min_norm_interpolant_keeps_float32():
    X, y = normal(0, 3, 5), normal(1, 3)
    single = min_norm_interpolant(X.float(), y.float())
    torch.testing.assert_close(single, min_norm_interpolant(X, y).float(), rtol=1e-5, atol=1e-5)  # condition of X
