"""Converters of penalty strengths, against the installed scikit-learn."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge, SGDClassifier, SGDRegressor

from optnotes.outputs import bce_with_logits_gradient
from optnotes.penalties import (
    elastic_net_from_sklearn,
    elastic_net_loss,
    elastic_net_subgradient,
    elastic_net_to_sklearn,
    keras_l2,
    kkt_violation,
    l2_loss,
    logistic_c,
    ridge_alpha,
)
from tests.penalties.test_proximal import problem

strengths = st.floats(0.05, 1.0)


def test_elastic_net_to_sklearn_value():
    assert elastic_net_to_sklearn(l1=0.3, l2=0.1) == pytest.approx((0.4, 0.75))


@given(strengths, strengths)
def test_elastic_net_to_sklearn_gives_the_same_minimum(l1, l2):
    """scikit-learn's solution satisfies our optimality conditions."""
    X, y = problem(seed=7)
    alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-14, max_iter=100_000)
    w = torch.as_tensor(model.fit(X.numpy(), y.numpy()).coef_)
    assert kkt_violation(X, y, w, l1, l2).max() < 1e-9


@given(strengths, strengths)
def test_elastic_net_is_the_lasso_on_augmented_rows(l1, l2):
    """Zou and Hastie: the root of n times the L2 strength as further rows with target zero."""
    X, y = problem(seed=7)
    n, d = X.shape
    rows = torch.cat([X, (n * l2) ** 0.5 * torch.eye(d, dtype=X.dtype)])
    targets = torch.cat([y, torch.zeros(d, dtype=y.dtype)])
    lasso = Lasso(alpha=l1 * n / (n + d), fit_intercept=False, tol=1e-14, max_iter=100_000)
    alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
    net = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-14, max_iter=100_000)
    expected = lasso.fit(rows.numpy(), targets.numpy()).coef_
    torch.testing.assert_close(net.fit(X.numpy(), y.numpy()).coef_, expected, rtol=1e-8, atol=1e-8)


def test_small_shares_are_still_called_unreliable():
    assert "l1_ratio <= 0.01 is not reliable" in ElasticNet.__doc__


@given(strengths, strengths)
def test_elastic_net_to_sklearn_gives_the_documented_loss_of_glmnet(l1, l2):
    """Half the mean square plus lambda ((1 - alpha) / 2 of the squared norm + alpha of the L1 norm)."""
    X, y = problem(seed=7)
    w = X[0]
    data = (y - X @ w).square().mean() / 2
    lambda_, alpha = elastic_net_to_sklearn(l1, l2)
    glmnet = data + lambda_ * ((1 - alpha) / 2 * w.square().sum() + alpha * w.abs().sum())
    torch.testing.assert_close(elastic_net_loss(data, w, l1, l2), glmnet)


def sgd_classifier_step(x, w, lr, **options):
    """Weights after one step on one example of class one."""
    model = SGDClassifier(loss="log_loss", fit_intercept=False, learning_rate="constant", eta0=lr, **options)
    row = x.numpy()[None]
    model.partial_fit(row, [1], classes=[0, 1])
    model.coef_ = w.numpy()[None].copy()
    return torch.as_tensor(model.partial_fit(row, [1]).coef_[0])


@given(strengths, strengths)
def test_sgd_classifier_takes_the_parameters_of_elastic_net(l1, l2):
    """One step is a subgradient step on our loss; with the L2 penalty alone, alpha is its strength."""
    x, w = problem(seed=7)[0][:2]
    grad = bce_with_logits_gradient(x @ w, torch.ones((), dtype=torch.float64)) * x
    alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
    both = sgd_classifier_step(x, w, 0.01, penalty="elasticnet", alpha=alpha, l1_ratio=l1_ratio)
    torch.testing.assert_close(both, w - 0.01 * elastic_net_subgradient(grad, w, l1, l2))
    torch.testing.assert_close(
        sgd_classifier_step(x, w, 0.01, penalty="l2", alpha=l2), w - 0.01 * elastic_net_subgradient(grad, w, 0.0, l2)
    )


def test_elastic_net_to_sklearn_refuses_two_zeros():
    with pytest.raises(ValueError, match=r"l1 \+ l2 must be a number in \(0, inf\), got 0"):
        elastic_net_to_sklearn(0.0, 0.0)


def test_elastic_net_from_sklearn_value():
    assert elastic_net_from_sklearn(alpha=0.5, l1_ratio=0.8) == pytest.approx((0.4, 0.1))


@given(strengths, strengths)
def test_elastic_net_from_sklearn_undoes_the_conversion(l1, l2):
    """There and back again."""
    assert elastic_net_from_sklearn(*elastic_net_to_sklearn(l1, l2)) == pytest.approx((l1, l2))


def test_ridge_alpha_value():
    assert ridge_alpha(l2=0.3, n=50) == 15.0


@given(strengths)
def test_ridge_alpha_gives_the_same_minimum(l2):
    """The gradient of half the mean squared error plus half l2 times the squared norm vanishes."""
    X, y = problem(seed=7)
    model = Ridge(alpha=ridge_alpha(l2, len(y)), fit_intercept=False).fit(X.numpy(), y.numpy())
    w = torch.as_tensor(model.coef_)
    gradient = X.T @ (X @ w - y) / len(y) + l2 * w
    torch.testing.assert_close(gradient, torch.zeros_like(gradient))


def test_an_sgd_regressor_takes_the_strength_as_it_is():
    """Ridge, which sums, needs n times the alpha of SGDRegressor, which takes half the mean; equal numbers differ."""
    X, y = (part.numpy() for part in problem(seed=7))
    options = {"alpha": 0.3, "fit_intercept": False, "tol": None, "random_state": 0}
    sgd = SGDRegressor(learning_rate="constant", eta0=1e-3, max_iter=3000, average=10_000, **options).fit(X, y).coef_
    same, equal = (Ridge(alpha=a, fit_intercept=False).fit(X, y).coef_ for a in (ridge_alpha(0.3, len(y)), 0.3))
    assert sgd == pytest.approx(same, abs=0.02 * abs(same).max())
    assert abs(sgd - equal).max() > 0.1 * abs(same).max()


def test_logistic_c_value():
    assert logistic_c(l2=0.1, n=40) == 0.25


@given(st.floats(0.05, 0.8))
def test_logistic_c_gives_the_same_minimum(l2):
    """The gradient of the mean cross-entropy plus half l2 times the squared norm vanishes."""
    X, target = problem(seed=7)
    y = (target > 0).double()
    model = LogisticRegression(C=logistic_c(l2, len(y)), fit_intercept=False, tol=1e-10)
    w = torch.as_tensor(model.fit(X.numpy(), y.numpy()).coef_[0])
    gradient = X.T @ (torch.sigmoid(X @ w) - y) / len(y) + l2 * w
    torch.testing.assert_close(
        gradient, torch.zeros_like(gradient), atol=1e-6, rtol=0
    )  # lbfgs stops at its own tolerance


def test_keras_l2_value():
    assert keras_l2(l2=0.5) == 0.25


@given(strengths)
def test_keras_l2_gives_the_same_loss(l2):
    """The factor times the sum of squares is our penalty."""
    w = torch.tensor([3.0, -4.0], dtype=torch.float64)
    zero = torch.zeros((), dtype=torch.float64)
    assert (keras_l2(l2) * w.square().sum()).item() == pytest.approx(l2_loss(zero, w, l2).item())
