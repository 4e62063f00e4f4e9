"""Closed forms for orthonormal columns, against scikit-learn on such columns."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Lasso, Ridge

from optnotes.penalties import lasso_orthonormal, ridge_orthonormal
from tests.laws import seeds

W = torch.tensor([10.0, 3.0, 1.0, 0.4, -0.2], dtype=torch.float64)


def design(seed, n=20):
    """Columns with X'X/n = I, and targets whose least-squares weights are W."""
    noise = torch.randn(n, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    X = torch.linalg.qr(noise).Q * n**0.5
    return X, X @ W


def test_lasso_orthonormal_value():
    expected = [10 - 0.5, 3 - 0.5, 1 - 0.5, 0.0, 0.0]
    assert lasso_orthonormal(W, lam=0.5).tolist() == expected


@given(seeds(), st.floats(0.05, 4.0))
def test_lasso_orthonormal_matches_scikit_learn(seed, lam):
    """It is the lasso on orthonormal columns."""
    X, y = design(seed)
    fitted = Lasso(alpha=lam, fit_intercept=False, tol=1e-14).fit(X.numpy(), y.numpy()).coef_
    torch.testing.assert_close(lasso_orthonormal(W, lam), torch.as_tensor(fitted))


def test_ridge_orthonormal_value():
    expected = [10 / 1.5, 3 / 1.5, 1 / 1.5, 0.4 / 1.5, -0.2 / 1.5]
    torch.testing.assert_close(ridge_orthonormal(W, lam=0.5).tolist(), expected)


@given(seeds(), st.floats(0.05, 4.0))
def test_ridge_orthonormal_matches_scikit_learn(seed, lam):
    """It is ridge on orthonormal columns, with alpha = n lam."""
    X, y = design(seed)
    fitted = Ridge(alpha=20 * lam, fit_intercept=False).fit(X.numpy(), y.numpy()).coef_
    torch.testing.assert_close(ridge_orthonormal(W, lam), torch.as_tensor(fitted))


@pytest.mark.parametrize("lam", [0.3, 3.0])
def test_ridge_orthonormal_leaves_no_zero(lam):
    assert (ridge_orthonormal(W, lam) != 0).all()
