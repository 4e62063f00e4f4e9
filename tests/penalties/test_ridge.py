"""Ridge regression: values, scikit-learn, constrained and Bayesian twins, laws of the spectrum."""

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from optnotes.penalties import degrees_of_freedom, map_penalty, ridge_condition_number, ridge_solution, shrinkage_factor
from tests.laws import seeds

LAMS = torch.tensor([0.0, 0.5, 8.0], dtype=torch.float64)


def problem(seed, n=9, d=4):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return X, torch.randn(n, generator=generator, dtype=torch.float64)


def test_ridge_solution_value():
    X = torch.tensor([[2.0, 0.0], [0.0, 3.0]], dtype=torch.float64)
    y = torch.tensor([5.0, 7.0], dtype=torch.float64)
    expected = [2 * 5 / (2**2 + 0.5), 3 * 7 / (3**2 + 0.5)]
    torch.testing.assert_close(ridge_solution(X, y, alpha=0.5).tolist(), expected)


@given(seeds(), st.floats(0.01, 50.0))
def test_ridge_solution_matches_sklearn(seed, alpha):
    X, y = problem(seed)
    expected = Ridge(alpha=alpha, fit_intercept=False).fit(X.numpy(), y.numpy()).coef_
    torch.testing.assert_close(ridge_solution(X, y, alpha), torch.from_numpy(expected))


@given(seeds(), st.floats(0.01, 50.0))
def test_fewer_rows_than_columns_have_the_same_solution(seed, alpha):
    X, y = problem(seed, n=3, d=7)
    expected = np.linalg.solve(X.numpy().T @ X.numpy() + alpha * np.eye(7), X.numpy().T @ y.numpy())
    torch.testing.assert_close(ridge_solution(X, y, alpha), torch.from_numpy(expected), rtol=1e-9, atol=1e-11)


@given(seeds(), st.floats(0.01, 50.0))
def test_the_gradient_vanishes_at_the_ridge_solution(seed, alpha):
    X, y = problem(seed)
    w = ridge_solution(X, y, alpha).requires_grad_()
    ((y - X @ w).square().sum() + alpha * w.square().sum()).backward()
    torch.testing.assert_close(torch.zeros(4, dtype=torch.float64), w.grad, rtol=0.0, atol=1e-9)  # sums of ~100 terms


@given(seeds(), st.floats(0.01, 5.0))
def test_the_mean_of_squares_needs_n_times_the_penalty(seed, lam):
    """Half the mean square plus half the penalty has its minimum at ridge with the penalty times the examples."""
    X, y = problem(seed)
    n = X.shape[0]
    w = ridge_solution(X, y, alpha=n * lam).requires_grad_()
    ((y - X @ w).square().mean() / 2 + lam / 2 * w.square().sum()).backward()
    torch.testing.assert_close(torch.zeros(4, dtype=torch.float64), w.grad, rtol=0.0, atol=1e-9)


@given(seeds(), st.floats(0.01, 50.0))
def test_ridge_shrinks_least_squares_along_the_eigenvectors(seed, alpha):
    X, y = problem(seed)
    lams, V = torch.linalg.eigh(X.T @ X)
    ols = torch.linalg.lstsq(X, y[:, None], driver="gelsd").solution[:, 0]
    torch.testing.assert_close(ridge_solution(X, y, alpha), V @ (shrinkage_factor(lams, alpha) * (V.T @ ols)))


@given(seeds(), st.floats(0.01, 20.0), st.floats(1.1, 5.0))
def test_the_norm_falls_as_the_penalty_grows(seed, alpha, factor):
    X, y = problem(seed)
    assert ridge_solution(X, y, factor * alpha).norm() < ridge_solution(X, y, alpha).norm()


def test_a_single_weight_may_grow_and_change_sign():
    """Two correlated features: as the penalty grows, the norm falls but the small negative weight turns positive."""
    X = torch.linalg.cholesky(torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64)).T
    y = X @ torch.tensor([1.0, -0.1], dtype=torch.float64)
    path = torch.stack([ridge_solution(X, y, alpha) for alpha in torch.logspace(-4, 1, 60).tolist()])
    assert (path.norm(dim=1).diff() < 0).all()
    assert path[0, 1] < 0 < path[-1, 1]
    assert path[:, 1].abs().max() > 2.5 * 0.1
    assert (path != 0).all()


def test_the_penalty_can_bend_a_straight_line():
    """A line fitted by a feature and its square: the penalty shares the weight between them, so curvature appears."""
    x = torch.linspace(0, 1, 20, dtype=torch.float64)
    X = torch.stack([x, x**2], dim=1)
    X, y = X - X.mean(dim=0), x - x.mean()
    curvature = [ridge_solution(X, y, alpha)[1].item() for alpha in (1e-9, 0.1, 1e4)]
    assert abs(curvature[0]) < 1e-6
    assert curvature[1] > 0.2
    assert 0 < curvature[2] < 1e-3


def test_ridge_solution_of_a_singular_problem_tends_to_the_shortest_weights():
    X, y = problem(0, n=3, d=5)
    expected = torch.linalg.pinv(X) @ y
    torch.testing.assert_close(ridge_solution(X, y, alpha=1e-8), expected, rtol=1e-6, atol=1e-6)  # bias of alpha


def test_ridge_is_least_squares_in_a_ball():
    """The ridge solution is the best weights among those no longer than it."""
    X, y = problem(3)
    w = ridge_solution(X, y, alpha=2.0)
    inside = {"type": "ineq", "fun": lambda v: w.square().sum().item() - v @ v, "jac": lambda v: -2 * v}
    A, b = X.numpy(), y.numpy()
    found = scipy.optimize.minimize(
        lambda v: ((b - A @ v) ** 2).sum(),
        np.zeros(4),
        jac=lambda v: 2 * A.T @ (A @ v - b),
        method="SLSQP",
        constraints=[inside],
        options={"ftol": 1e-14},
    )
    torch.testing.assert_close(w, torch.from_numpy(found.x), rtol=1e-5, atol=1e-5)  # precision of the optimiser


def test_ridge_solution_gradcheck():
    X, y = problem(1, n=5, d=3)
    X, y = X.requires_grad_(), y.requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: ridge_solution(a, b, alpha=0.7), (X, y))


def test_ridge_solution_keeps_float32():
    X, y = problem(2)
    torch.testing.assert_close(ridge_solution(X.float(), y.float(), 0.7), ridge_solution(X, y, 0.7).float())


def test_shrinkage_factor_value():
    expected = [0.0, 0.5 / (0.5 + 1.5), 8.0 / (8.0 + 1.5)]
    torch.testing.assert_close(shrinkage_factor(LAMS, alpha=1.5).tolist(), expected)


@given(seeds(), st.floats(0.01, 50.0))
def test_degrees_of_freedom_is_the_trace_of_the_hat_matrix(seed, alpha):
    X, _ = problem(seed)
    hat = torch.stack([X @ ridge_solution(X, unit, alpha) for unit in torch.eye(9, dtype=torch.float64)])
    torch.testing.assert_close(degrees_of_freedom(torch.linalg.eigvalsh(X.T @ X), alpha), hat.trace())


def test_degrees_of_freedom_runs_from_the_rank_to_zero():
    torch.testing.assert_close(degrees_of_freedom(LAMS, alpha=1e-14).item(), 2.0)
    assert degrees_of_freedom(LAMS, alpha=1e14).item() < 1e-12


@given(seeds(), st.floats(0.01, 50.0))
def test_ridge_condition_number_matches_torch(seed, alpha):
    X, _ = problem(seed, n=3)  # fewer examples than features: without the penalty the number would be infinite
    H = X.T @ X
    lams = torch.linalg.eigvalsh(H).clamp(min=0)
    expected = torch.linalg.cond(H + alpha * torch.eye(4, dtype=torch.float64))
    torch.testing.assert_close(ridge_condition_number(lams, alpha), expected)


def test_ridge_condition_number_falls_as_the_penalty_grows():
    numbers = [ridge_condition_number(LAMS, alpha).item() for alpha in (0.1, 1.0, 10.0, 1e9)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("function", [shrinkage_factor, degrees_of_freedom, ridge_condition_number])
def test_functions_of_the_spectrum_gradcheck(function):
    lams = torch.tensor([0.2, 0.5, 8.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda value: function(value, 1.5), lams)


def test_map_penalty_value():
    assert map_penalty(sigma=0.6, tau=2.0) == pytest.approx(0.36 / 4.0)


def test_map_penalty_gives_the_posterior_mode():
    """The weights of greatest posterior density under Gaussian noise and prior are those of ridge regression."""
    X, y = problem(4)
    sigma, tau = 0.6, 0.9
    A, b = X.numpy(), y.numpy()
    found = scipy.optimize.minimize(
        lambda w: ((b - A @ w) ** 2).sum() / (2 * sigma**2) + (w**2).sum() / (2 * tau**2),
        np.zeros(4),
        jac=lambda w: A.T @ (A @ w - b) / sigma**2 + w / tau**2,
        tol=1e-10,
    )
    expected = torch.from_numpy(found.x)
    torch.testing.assert_close(ridge_solution(X, y, map_penalty(sigma, tau)), expected, rtol=1e-6, atol=1e-7)


@given(seeds(), st.floats(0.2, 3.0), st.floats(0.2, 3.0))
def test_the_posterior_density_is_flat_at_the_map_solution(seed, sigma, tau):
    X, y = problem(seed)
    w = ridge_solution(X, y, map_penalty(sigma, tau)).requires_grad_()
    likelihood = torch.distributions.Normal(X @ w, sigma).log_prob(y).sum()
    prior = torch.distributions.Normal(torch.zeros_like(w), tau).log_prob(w).sum()
    (likelihood + prior).backward()
    torch.testing.assert_close(torch.zeros(4, dtype=torch.float64), w.grad, rtol=0.0, atol=1e-8)  # sums of ~1000 terms


def test_a_penalty_lost_to_rounding_is_refused():
    X = torch.full((4, 3), 1e8, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"alpha must be larger for this X: beside its products 0\.5 is lost"):
        ridge_solution(X, torch.ones(4, dtype=torch.float64), alpha=0.5)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5, 1e20])
def test_fewer_rows_than_columns_give_the_shortest_interpolant_as_alpha_vanishes(scale):
    X = torch.tensor([[1.0, 2.0, 1.0], [3.0, 1.0, 2.0]])
    expected = torch.tensor([4.0, 13.0, 5.0]) / 35 / scale  # X^T (X X^T)^{-1} 1
    torch.testing.assert_close(ridge_solution(scale * X, torch.ones(2), 1e-8 * scale**2), expected, atol=0, rtol=1e-6)


def test_a_feature_without_values_beside_large_ones_gets_no_weight():
    """The others leave the range in which their squares and alpha can be told apart."""
    X = torch.tensor([[6e20, 0.0], [1.2e21, 0.0]])
    torch.testing.assert_close(ridge_solution(X, torch.ones(2), 1.0), torch.tensor([1e-21, 0.0]), atol=0, rtol=1e-6)
