"""Pearson correlation, the Hessian of least squares, and the condition number that correlation leaves."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.descent import condition_number
from optnotes.features import correlation_condition, fit_standardizer, least_squares_hessian, pearson, standardize
from tests.laws import seeds


def draw(seed, n=8, d=3):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def with_ones(X):
    return torch.cat([X, torch.ones(X.shape[0], 1, dtype=X.dtype)], dim=1)


def correlation_matrix(X):
    return torch.corrcoef(X.mT)


def test_pearson_value():
    x, y = torch.tensor([1.0, 2.0, 6.0]).double(), torch.tensor([3.0, 2.0, 10.0]).double()
    covariance = (-2) * (-2) + (-1) * (-3) + 3 * 5
    expected = covariance / ((4 + 1 + 9) * (4 + 9 + 25)) ** 0.5
    torch.testing.assert_close(pearson(x, y).item(), expected)


@given(seeds())
def test_pearson_matches_numpy(seed):
    x, y = draw(seed).mT[:2]
    expected = np.corrcoef(x.numpy(), y.numpy())[0, 1].item()
    assert pearson(x, y).item() == pytest.approx(expected, abs=1e-12)


@given(seeds(), st.sampled_from([-3.0, -0.01, 0.2, 500.0]), st.sampled_from([-7.0, 0.4]), st.floats(-9.0, 9.0))
def test_pearson_is_invariant_under_affine_maps(seed, a, c, offset):
    """corr(a x + b, c y + d) = sign(a c) corr(x, y)."""
    x, y = draw(seed).mT[:2]
    expected = pearson(x, y) * (1 if a * c > 0 else -1)
    # The offset is up to a thousand times the scaled feature.
    torch.testing.assert_close(pearson(a * x + offset, c * y - 2.0), expected, atol=1e-10, rtol=1e-10)


@given(seeds())
def test_standardisation_keeps_the_correlation_matrix(seed):
    X = draw(seed) @ draw(seed + 1, n=3) * torch.tensor([1.0, 20.0, 0.3]).double() + 5.0
    Z = standardize(X, *fit_standardizer(X))
    torch.testing.assert_close(correlation_matrix(Z), correlation_matrix(X), atol=1e-9, rtol=1e-7)


def test_centring_changes_the_cosine_of_raw_vectors():
    x, y = 50.0 + draw(seed=3, n=40).mT[:2]
    cosine = torch.nn.functional.cosine_similarity(x, y, dim=0)
    assert cosine > 0.99
    assert pearson(x, y).abs() < 0.5


def test_pearson_refuses_a_constant_feature():
    x, constant = torch.tensor([1.0, 2.0, 6.0]), torch.full((3,), 0.1)
    with pytest.raises(ValueError, match=r"^the range of y must have entries in \(0, inf\)"):
        pearson(x, constant)
    with pytest.raises(ValueError, match=r"^the range of x must have entries in \(0, inf\)"):
        pearson(constant, x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_pearson_of_a_feature_with_itself(dtype):
    x = draw(seed=4).to(dtype)[:, 0]
    torch.testing.assert_close(pearson(x, x).item(), 1.0, atol=1e-6, rtol=0)
    torch.testing.assert_close(pearson(x, 2 - 3 * x).item(), -1.0, atol=1e-6, rtol=0)


def test_gradient_is_that_of_the_formula():
    x, y = (value.clone().requires_grad_() for value in draw(seed=5).mT[:2])
    assert torch.autograd.gradcheck(pearson, (x, y))


def test_least_squares_hessian_value():
    X = torch.tensor([[1.0, 1.0], [5.0, 1.0]], dtype=torch.float64)
    expected = torch.tensor([[(1 + 25) / 2, (1 + 5) / 2], [(1 + 5) / 2, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(least_squares_hessian(X), expected)


@given(seeds())
def test_least_squares_hessian_is_the_second_derivative_of_the_loss(seed):
    X, y = with_ones(draw(seed)), draw(seed + 1)[:, 0]
    hessian = torch.autograd.functional.hessian(lambda w: (X @ w - y).square().mean() / 2, torch.ones(4).double())
    torch.testing.assert_close(least_squares_hessian(X), hessian)


@given(seeds())
def test_standardised_features_leave_the_correlation_matrix_and_free_the_bias(seed):
    """The Hessian of standardised features with a bias is the correlation matrix with a one in the corner."""
    X = draw(seed) * torch.tensor([1.0, 20.0, 0.3]).double() + 5.0
    H = least_squares_hessian(with_ones(standardize(X, *fit_standardizer(X))))
    expected = torch.block_diag(correlation_matrix(X), torch.ones(1, 1, dtype=torch.float64))
    torch.testing.assert_close(H, expected, atol=1e-9, rtol=1e-7)


def test_an_offset_alone_spoils_the_condition_number():
    """A feature of variance one and mean five: the bias column couples, and the condition number grows."""
    x = torch.tensor([4.0, 6.0, 6.0, 4.0], dtype=torch.float64)[:, None]
    # H = [[26, 5], [5, 1]]: trace 27, determinant 1.
    expected = (27 + 725**0.5) ** 2 / 4
    actual = condition_number(least_squares_hessian(with_ones(x)))
    torch.testing.assert_close(actual.item(), expected, rtol=1e-9, atol=0)
    centred = condition_number(least_squares_hessian(with_ones(x - 5)))
    torch.testing.assert_close(centred.item(), 1.0)


@given(st.floats(-0.99, 0.99))
def test_correlation_condition_is_that_of_the_correlation_matrix(rho):
    R = torch.tensor([[1.0, rho], [rho, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(correlation_condition(rho), condition_number(R).item())
    with_bias = torch.block_diag(R, torch.ones(1, 1, dtype=torch.float64))
    torch.testing.assert_close(correlation_condition(rho), condition_number(with_bias).item())


def test_correlation_condition_values():
    assert correlation_condition(0.0) == 1.0
    assert correlation_condition(0.99) == pytest.approx(199.0)
    assert correlation_condition(-0.6) == pytest.approx(4.0)


@given(seeds(), st.floats(0.1, 10.0))
def test_no_scaling_of_two_features_beats_standardisation(seed, factor):
    """For two features the condition number of the correlation matrix is the least any scaling can reach."""
    X = draw(seed, d=2)
    X = X - X.mean(dim=0)
    rho = pearson(X[:, 0], X[:, 1]).item()
    scaled = condition_number(least_squares_hessian(X * torch.tensor([1.0, factor], dtype=torch.float64))).item()
    assert correlation_condition(rho) <= scaled * (1 + 1e-9)


def test_standardisation_can_raise_the_condition_number_of_three_features():
    """Halving the third feature conditions this correlation matrix better than unit variances do."""
    R = torch.tensor([[1.0, -0.9, -0.7], [-0.9, 1.0, 0.7], [-0.7, 0.7, 1.0]], dtype=torch.float64)
    scales = torch.diag(torch.tensor([1.0, 1.0, 0.5], dtype=torch.float64))
    assert condition_number(R) > 1.2 * condition_number(scales @ R @ scales)
