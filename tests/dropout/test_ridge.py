"""Dropout in linear regression: expectation over all masks, the minimiser, the mean gradient at a perfect fit."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from optnotes.dropout import dropout_expected_loss, dropout_penalty_gradient, dropout_ridge, inverted_dropout
from tests.dropout.masks import all_masks, mean
from tests.laws import normal, seeds

MASKS = all_masks(3, 2)


def problem(seed, n=3, d=2):
    return normal(seed, n, d) + 0.4, normal(seed + 1, n), normal(seed + 2, d)


def drop_probabilities():
    return st.floats(0.05, 0.9)


def test_dropout_expected_loss_value():
    X, y = torch.tensor([[1.0, 2.0], [3.0, 0.0]]).double(), torch.tensor([5.0, 4.0]).double()
    w = torch.tensor([1.0, -2.0], dtype=torch.float64)
    data = ((5.0 - (1.0 - 4.0)) ** 2 + (4.0 - 3.0) ** 2) / 2
    penalty = 0.2 / 0.8 * (1.0**2 * (1.0 + 9.0) + 2.0**2 * 4.0) / 2
    torch.testing.assert_close(dropout_expected_loss(X, y, w, p=0.2).item(), data + penalty)


@given(seeds(), drop_probabilities())
def test_expected_loss_is_the_mean_over_all_masks(seed, p):
    """Mean squared error with dropped features, summed over every mask of the feature matrix."""
    X, y, w = problem(seed)
    losses = torch.stack([(y - inverted_dropout(X, mask, p) @ w).square().mean() for mask in MASKS])
    torch.testing.assert_close(dropout_expected_loss(X, y, w, p), mean(losses, MASKS, p))


@given(seeds(), drop_probabilities())
def test_standard_dropout_has_the_same_loss_for_rescaled_weights(seed, p):
    """Without the factor 1 / (1 - p) in training the weights come out larger by just that factor."""
    X, y, w = problem(seed)
    losses = torch.stack([(y - (X * mask) @ (w / (1 - p))).square().mean() for mask in MASKS])
    torch.testing.assert_close(dropout_expected_loss(X, y, w, p), mean(losses, MASKS, p))


@given(seeds(), drop_probabilities())
def test_dropout_ridge_minimises_the_expected_loss(seed, p):
    """The gradient of the expected loss at the solution is zero."""
    X, y, _ = problem(seed, n=6, d=3)
    w = dropout_ridge(X, y, p).requires_grad_()
    dropout_expected_loss(X, y, w, p).backward()
    torch.testing.assert_close(w.grad, torch.zeros_like(w), rtol=0.0, atol=1e-9)


def test_without_dropout_it_is_least_squares():
    X, y, _ = problem(3, n=6, d=3)
    torch.testing.assert_close(dropout_ridge(X, y, p=0.0), torch.linalg.lstsq(X, y, driver="gelsd").solution)


@given(seeds(), drop_probabilities())
def test_features_of_mean_square_one_give_plain_ridge(seed, p):
    """With unit mean squares the strength of scikit-learn's Ridge is n p / (1 - p)."""
    X, y, _ = problem(seed, n=6, d=3)
    X = X / X.square().mean(0).sqrt()
    expected = Ridge(alpha=6 * p / (1 - p), fit_intercept=False, solver="cholesky").fit(X.numpy(), y.numpy()).coef_
    torch.testing.assert_close(dropout_ridge(X, y, p), torch.from_numpy(expected))


@given(seeds(), drop_probabilities(), st.floats(0.01, 100.0))
def test_predictions_do_not_depend_on_the_units_of_a_feature(seed, p, unit):
    """The penalty adapts to the scale of each feature, unlike plain ridge."""
    X, y, _ = problem(seed, n=6, d=3)
    scales = torch.tensor([1.0, unit, 1.0], dtype=torch.float64)
    torch.testing.assert_close(dropout_ridge(X * scales, y, p) * scales, dropout_ridge(X, y, p))


def test_heavy_dropout_leaves_one_regression_per_feature():
    """As p tends to one the weights are those of each feature on its own, up to the factor (1 - p) / p."""
    X, y, _ = problem(5, n=6, d=3)
    p = 1 - 1e-9
    alone = (X.T @ y) / X.square().sum(0)
    torch.testing.assert_close(dropout_ridge(X, y, p) * p / (1 - p), alone)


def test_dropout_penalty_gradient_value():
    X = torch.tensor([[1.0, 2.0], [3.0, 0.0]], dtype=torch.float64)
    w = torch.tensor([2.0, -1.0], dtype=torch.float64)
    expected = [2 / 2 * 0.25 * 10.0 * 2.0, 2 / 2 * 0.25 * 4.0 * -1.0]
    torch.testing.assert_close(dropout_penalty_gradient(X, w, p=0.2).tolist(), expected)


@given(seeds(), drop_probabilities())
def test_penalty_gradient_is_the_rest_of_the_gradient_of_the_expected_loss(seed, p):
    """The part of the expected loss that is not the mean squared error has this gradient."""
    X, y, w = problem(seed)
    w.requires_grad_()
    rest = dropout_expected_loss(X, y, w, p) - dropout_expected_loss(X, y, w, 0.0)
    (expected,) = torch.autograd.grad(rest, w)
    torch.testing.assert_close(dropout_penalty_gradient(X, w.detach(), p), expected)


@given(seeds(), drop_probabilities())
def test_at_a_perfect_fit_dropout_still_pulls(seed, p):
    """Every gradient without dropout is zero there; the mean over all masks is the gradient of the penalty."""
    X, _, w = problem(seed)
    y = X @ w

    def gradient(mask):
        dropped = inverted_dropout(X, mask, p)
        return 2 / 3 * dropped.T @ (dropped @ w - y)

    gradients = torch.stack([gradient(mask) for mask in MASKS])
    torch.testing.assert_close(dropout_penalty_gradient(X, w, p), mean(gradients, MASKS, p))
    assert dropout_penalty_gradient(X, w, p).abs().min() > 0


@pytest.mark.parametrize(
    ("X", "p"),
    [
        (torch.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), 0.0),
        (torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), 0.3),
    ],
    ids=["dependent columns without dropout", "zero column"],
)
def test_singular_problems_are_refused(X, p):
    with pytest.raises(ValueError, match="X must have 2 independent columns"):
        dropout_ridge(X, torch.tensor([1.0, 2.0, 4.0]), p)


def test_dependent_columns_are_fine_with_dropout():
    X = torch.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    w = dropout_ridge(X, torch.tensor([1.0, 2.0, 4.0]), p=0.3)
    torch.testing.assert_close(w[0], 2 * w[1])


def test_small_units_in_float32():
    X, y, _ = problem(7, n=6, d=2)
    X = X * torch.tensor([1.0, 1e-5], dtype=torch.float64)
    # Single precision: a relative error of 1e-4 is what the Gram matrix leaves.
    torch.testing.assert_close(
        dropout_ridge(X.float(), y.float(), p=0.2).double(), dropout_ridge(X, y, p=0.2), rtol=1e-4, atol=0.0
    )
