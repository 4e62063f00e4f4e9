"""L2 and noise: values, exact averages over noise, laws."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.penalties import (
    input_noise_variance,
    noise_augmentation_loss,
    noise_augmentation_penalty,
    ridge_noise_gain,
    ridge_noise_gain_bound,
    ridge_solution,
)
from tests.laws import normal, seeds


def signs(count):
    """All patterns of independent zero-mean noise of unit variance with two values."""
    return torch.tensor(list(itertools.product([-1.0, 1.0], repeat=count)), dtype=torch.float64)


def test_ridge_noise_gain_value():
    s = torch.tensor([0.3, 4.0], dtype=torch.float64)
    expected = max(0.3 / (0.3**2 + 0.7), 4.0 / (4.0**2 + 0.7))
    torch.testing.assert_close(ridge_noise_gain(s, alpha=0.7).item(), expected)


@given(seeds(), st.floats(0.001, 20.0))
def test_ridge_noise_gain_is_the_norm_of_the_map_from_targets_to_weights(seed, alpha):
    X = normal(seed, 6, 4)
    solve = torch.stack([ridge_solution(X, unit, alpha) for unit in torch.eye(6, dtype=torch.float64)], dim=1)
    expected = torch.linalg.matrix_norm(solve, 2)
    torch.testing.assert_close(ridge_noise_gain(torch.linalg.svdvals(X), alpha), expected)


@given(seeds(), st.floats(0.001, 20.0))
def test_ridge_noise_gain_stays_below_its_bound(seed, alpha):
    """No inputs pass on more noise than the bound, and a singular value at the root of the penalty attains it."""
    s = normal(seed, 5).abs()
    assert ridge_noise_gain(s, alpha).item() <= ridge_noise_gain_bound(alpha) * (1 + 1e-12)  # rounding
    peak = torch.tensor([alpha**0.5], dtype=torch.float64)
    torch.testing.assert_close(ridge_noise_gain(peak, alpha).item(), ridge_noise_gain_bound(alpha))


def test_without_a_penalty_the_smallest_singular_value_sets_the_gain():
    s = torch.tensor([0.02, 1.0, 3.0], dtype=torch.float64)
    torch.testing.assert_close(ridge_noise_gain(s, alpha=1e-15).item(), 1 / 0.02)


def test_ridge_noise_gain_bound_value():
    assert ridge_noise_gain_bound(alpha=0.16) == pytest.approx(1 / (2 * 0.4))


def test_ridge_noise_gain_gradcheck():
    s = torch.tensor([0.3, 1.0, 4.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda value: ridge_noise_gain(value, 0.7), s)


def test_input_noise_variance_value():
    w = torch.tensor([3.0, -4.0], dtype=torch.float64)
    torch.testing.assert_close(input_noise_variance(w, sigma=0.3).item(), 0.3**2 * (3**2 + 4**2))


@given(seeds(), st.floats(0.0, 3.0))
def test_input_noise_variance_by_enumeration(seed, sigma):
    """The variance of the prediction over all sign patterns of the input noise."""
    w, x = normal(seed, 2, 4)
    predictions = (x + sigma * signs(4)) @ w
    torch.testing.assert_close(input_noise_variance(w, sigma), predictions.var(correction=0))


def test_noise_augmentation_penalty_value():
    assert noise_augmentation_penalty(n=7, sigma=0.3) == pytest.approx(7 * 0.09)


def test_noise_augmentation_loss_value():
    X = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    y, w = torch.tensor([1.0], dtype=torch.float64), torch.tensor([2.0, 3.0], dtype=torch.float64)
    expected = (1.0 - (1.0 * 2.0 + 2.0 * 3.0)) ** 2 + 1 * 0.3**2 * (2.0**2 + 3.0**2)
    torch.testing.assert_close(noise_augmentation_loss(X, y, w, sigma=0.3).item(), expected)


@given(seeds(), st.floats(0.0, 2.0))
def test_noise_augmentation_loss_by_enumeration(seed, sigma):
    """The sum of squares, averaged over all sign patterns of the noise in the inputs."""
    X, y, w = normal(seed, 3, 2), normal(seed + 1, 3), normal(seed + 2, 2)
    noisy = X + sigma * signs(6).reshape(-1, 3, 2)
    expected = ((y - noisy @ w) ** 2).sum(dim=1).mean()
    torch.testing.assert_close(noise_augmentation_loss(X, y, w, sigma), expected)


@given(seeds(), st.floats(0.1, 2.0))
def test_least_squares_on_all_noisy_copies_is_ridge(seed, sigma):
    X, y = normal(seed, 3, 2), normal(seed + 1, 3)
    copies = (X + sigma * signs(6).reshape(-1, 3, 2)).reshape(-1, 2)
    expected = torch.linalg.lstsq(copies, y.repeat(64)[:, None], driver="gelsd").solution[:, 0]
    torch.testing.assert_close(ridge_solution(X, y, noise_augmentation_penalty(3, sigma)), expected)


def test_noise_augmentation_loss_gradcheck():
    X, y, w = normal(0, 4, 3), normal(1, 4), normal(2, 3)
    inputs = tuple(value.requires_grad_() for value in (X, y, w))
    assert torch.autograd.gradcheck(lambda a, b, c: noise_augmentation_loss(a, b, c, sigma=0.4), inputs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_noise_functions_keep_the_dtype(dtype):
    X, y, w = normal(0, 4, 3).to(dtype), normal(1, 4).to(dtype), normal(2, 3).to(dtype)
    assert noise_augmentation_loss(X, y, w, sigma=0.4).dtype == dtype
    assert input_noise_variance(w, sigma=0.4).dtype == dtype
    assert ridge_noise_gain(w.abs(), alpha=0.4).dtype == dtype
