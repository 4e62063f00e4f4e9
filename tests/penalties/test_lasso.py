"""Lasso and Elastic Net: start of the path, optimality, grouping."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso

from optnotes.penalties import grouping_bound, kkt_violation, lambda_max
from tests.laws import seeds
from tests.penalties.test_proximal import problem


def solve(X, y, l1, l2):
    model = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-14, max_iter=100_000)
    return torch.as_tensor(model.fit(X.numpy(), y.numpy()).coef_)


def test_lambda_max_value():
    X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.0, 1.0]]), torch.tensor([3.0, -2.0, 0.5])
    assert lambda_max(X, y).item() == pytest.approx(abs(2 * -2.0 + 0.5) / 3)


@given(seeds())
def test_lambda_max_is_where_the_first_weight_enters(seed):
    """All weights are zero just above, one is not just below."""
    X, y = problem(seed)
    critical = lambda_max(X, y).item()

    def kept(alpha):
        return Lasso(alpha=alpha, fit_intercept=False, tol=1e-12).fit(X.numpy(), y.numpy()).coef_ != 0

    assert not kept(critical * 1.001).any()
    assert kept(critical * 0.999)[(X.T @ y).abs().argmax()]


def test_kkt_violation_value():
    X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0]]).double(), torch.tensor([3.0, 0.2]).double()
    # residual (3 - 2, 0.2); c = (1 * 1 / 2 - 0.1 * 2, 2 * 0.2 / 2)
    expected = [abs(0.3 - 0.4), 0.0]
    actual = kkt_violation(X, y, torch.tensor([2.0, 0.0]).double(), l1=0.4, l2=0.1)
    torch.testing.assert_close(actual.tolist(), expected)


@pytest.mark.parametrize(("l1", "l2"), [(0.2, 0.0), (0.15, 0.4)])
def test_kkt_violation_vanishes_at_scikit_learns_solution(l1, l2):
    X, y = problem(seed=5)
    w = solve(X, y, l1, l2)
    assert (w == 0).any()
    assert (w != 0).any()
    assert kkt_violation(X, y, w, l1, l2).max() < 1e-10


@given(seeds(), st.integers(0, 7), st.floats(0.01, 1.0))
def test_kkt_violation_finds_every_departure_from_the_minimum(seed, index, change):
    """Moving one weight away from the solution violates a condition."""
    X, y = problem(seed)
    w = solve(X, y, 0.15, 0.4)
    w[index] += change
    assert kkt_violation(X, y, w, l1=0.15, l2=0.4).max() > 1e-4


def test_grouping_bound_value():
    y = torch.tensor([3.0, -4.0, 0.0, 0.0], dtype=torch.float64)
    assert grouping_bound(y, l2=0.5, correlation=0.92).item() == pytest.approx(5 / (2 * 0.5) * (2 * 0.08) ** 0.5)


@given(seeds(), st.floats(0.5, 0.999), st.floats(0.05, 1.0))
def test_grouping_bound_holds_for_scikit_learns_elastic_net(seed, mix, l2):
    """Two weights of equal sign differ by no more than the bound."""
    generator = torch.Generator().manual_seed(seed)
    Z = torch.randn(40, 5, generator=generator, dtype=torch.float64)
    Z[:, 1] = mix * Z[:, 0] + (1 - mix**2) ** 0.5 * Z[:, 1]
    X = (Z - Z.mean(0)) / Z.std(0, correction=0)
    y = X[:, 0] + X[:, 1] + 0.5 * torch.randn(40, generator=generator, dtype=torch.float64)
    y = y - y.mean()
    w = solve(X, y, 0.05, l2)
    rho = min(1.0, (X[:, 0] @ X[:, 1]).item() / 40)
    if w[0] * w[1] > 0:
        assert (w[0] - w[1]).abs() <= grouping_bound(y, l2, rho) + 1e-9
