"""PCA and ZCA whitening: values, scikit-learn as the oracle, and the identity covariance."""

import pytest
import torch
from hypothesis import given
from sklearn.decomposition import PCA

from optnotes.features import covariance, fit_standardizer, pca_whiten, pearson, standardize, zca_whiten
from tests.laws import seeds

X = torch.tensor([[1.0, 0.0], [5.0, 6.0], [0.0, 3.0]], dtype=torch.float64)


def draw(seed, n=12):
    """Correlated features that do not have mean zero."""
    generator = torch.Generator().manual_seed(seed)
    Z = torch.randn(n, 3, generator=generator, dtype=torch.float64)
    mix = torch.tensor([[2.0, 1.5, 0.0], [0.0, 0.5, 3.0], [0.0, 0.0, 0.4]], dtype=torch.float64)
    return Z @ mix + torch.tensor([1.0, -5.0, 3.0], dtype=torch.float64)


def fit(X):
    mu, Sigma = covariance(X)
    return mu, *torch.linalg.eigh(Sigma)


def test_covariance_value():
    mu, Sigma = covariance(X)
    torch.testing.assert_close(mu, torch.tensor([2.0, 3.0], dtype=torch.float64))
    cross = ((1 - 2) * (0 - 3) + (5 - 2) * (6 - 3) + (0 - 2) * (3 - 3)) / 3
    expected = torch.tensor([[(1 + 9 + 4) / 3, cross], [cross, (9 + 9 + 0) / 3]], dtype=torch.float64)
    torch.testing.assert_close(Sigma, expected)


@given(seeds())
def test_covariance_matches_torch(seed):
    train = draw(seed)
    torch.testing.assert_close(covariance(train)[1], torch.cov(train.mT, correction=0))


def test_whitening_values_on_known_axes():
    """Axes turned by the angle of a 3-4-5 triangle, variances 4 and 0.25."""
    V = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    mu, lam = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([4.0, 0.25], dtype=torch.float64)
    new = torch.tensor([[2.0, 4.0]], dtype=torch.float64)
    first, second = (1 * 0.6 + 2 * 0.8) / 2, (1 * -0.8 + 2 * 0.6) / 0.5
    torch.testing.assert_close(pca_whiten(new, mu, lam, V), torch.tensor([[first, second]], dtype=torch.float64))
    expected = torch.tensor([[0.6 * first - 0.8 * second, 0.8 * first + 0.6 * second]], dtype=torch.float64)
    torch.testing.assert_close(zca_whiten(new, mu, lam, V), expected)


@given(seeds())
def test_pca_whitening_matches_scikit_learn(seed):
    """Up to order, sign and the factor between dividing by n - 1 and by n."""
    train, new = draw(seed), draw(seed + 1)
    expected = torch.from_numpy(PCA(whiten=True).fit(train.numpy()).transform(new.numpy())) * (12 / 11) ** 0.5
    actual = pca_whiten(new, *fit(train)).flip(dims=(1,))
    torch.testing.assert_close(actual.abs(), expected.abs(), atol=1e-7, rtol=1e-6)


@given(seeds())
def test_whitened_training_set_has_identity_covariance(seed):
    train = draw(seed)
    for whiten in (pca_whiten, zca_whiten):
        mu, Sigma = covariance(whiten(train, *fit(train)))
        torch.testing.assert_close(mu, torch.zeros(3, dtype=torch.float64), atol=1e-7, rtol=0)
        torch.testing.assert_close(Sigma, torch.eye(3, dtype=torch.float64), atol=1e-7, rtol=0)


def test_whitening_decorrelates_and_standardisation_does_not():
    train = draw(seed=1, n=200)
    raw = pearson(train[:, 0], train[:, 1])
    standardised = standardize(train, *fit_standardizer(train))
    assert raw > 0.8
    torch.testing.assert_close(pearson(standardised[:, 0], standardised[:, 1]), raw)
    for whiten in (pca_whiten, zca_whiten):
        white = whiten(train, *fit(train))
        assert pearson(white[:, 0], white[:, 1]).abs() < 1e-10


@given(seeds())
def test_zca_ignores_order_and_sign_of_the_axes(seed):
    train = draw(seed)
    mu, lam, V = fit(train)
    order, sign = torch.tensor([2, 0, 1]), torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64)
    expected = zca_whiten(train, mu, lam, V)
    torch.testing.assert_close(zca_whiten(train, mu, lam[order], V[:, order] * sign), expected)
    assert (pca_whiten(train, mu, lam[order], V[:, order] * sign) - pca_whiten(train, mu, lam, V)).abs().max() > 1e-3


@given(seeds())
def test_zca_is_the_whitening_closest_to_the_data(seed):
    """Among rotations of whitened data, ZCA has the least squared distance to the centred data."""
    train = draw(seed)
    mu, lam, V = fit(train)
    distances = [
        (Z - (train - mu)).square().sum() for Z in (zca_whiten(train, mu, lam, V), pca_whiten(train, mu, lam, V))
    ]
    assert distances[0] <= distances[1]


def test_fewer_axes_than_features():
    """With dropped axes PCA whitening returns fewer columns, ZCA a projection of full width."""
    train = draw(seed=2)
    mu, lam, V = fit(train)
    Z = pca_whiten(train, mu, lam[1:], V[:, 1:])
    torch.testing.assert_close(covariance(Z)[1], torch.eye(2, dtype=torch.float64))
    projected = covariance(zca_whiten(train, mu, lam[1:], V[:, 1:]))[1]
    torch.testing.assert_close(projected, V[:, 1:] @ V[:, 1:].mT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_too_few_examples_are_refused_until_the_null_axes_go(dtype):
    train = draw(seed=4, n=2).to(dtype)
    mu, lam, V = fit(train)
    with pytest.raises(ValueError, match="lams must have entries in"):
        pca_whiten(train, mu, lam.clamp_min(0) * (lam > 1e-4), V)
    assert pca_whiten(train, mu, lam[2:], V[:, 2:]).shape == (2, 1)


def test_axes_must_be_orthonormal():
    train = draw(seed=5)
    mu, lam, V = fit(train)
    with pytest.raises(ValueError, match=r"^V\.T @ V - I must have entries in \[-1e-3, 1e-3\], got "):
        pca_whiten(train, mu, lam, 1.01 * V)
    with pytest.raises(ValueError, match="V must have shape"):
        zca_whiten(train, mu, lam, V[:2])


def test_gradients_are_those_of_the_formulas():
    train = draw(seed=6).requires_grad_()
    mu, lam, V = (value.detach().requires_grad_() for value in fit(train))
    assert torch.autograd.gradcheck(covariance, (train,))
    assert torch.autograd.gradcheck(pca_whiten, (train, mu, lam, V))
    assert torch.autograd.gradcheck(zca_whiten, (train, mu, lam, V))
