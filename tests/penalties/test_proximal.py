"""Proximal steps: brute force, torch and scikit-learn as oracles."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet

from optnotes.penalties import elastic_net_prox, proximal_gradient_step, soft_threshold
from tests.laws import seeds


def problem(seed, n=30, d=8):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    w = torch.zeros(d, dtype=torch.float64)
    w[:3] = torch.tensor([2.0, -1.5, 1.0])
    y = X @ w + 0.3 * torch.randn(n, generator=generator, dtype=torch.float64)
    return X, y


def minimise(X, y, l1, l2, steps=5000):
    lr = 1 / torch.linalg.eigvalsh(X.T @ X / len(y)).max().item()
    w = torch.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = proximal_gradient_step(X, y, w, lr, l1, l2)
    return w


def grid_minimiser(objective):
    grid = torch.linspace(-4, 4, 80_001, dtype=torch.float64)
    return grid[objective(grid).argmin()].item()


def test_soft_threshold_value():
    v = torch.tensor([-2.0, 0.3, 0.5, -0.5, 1.5])
    assert soft_threshold(v, threshold=0.5).tolist() == [-1.5, 0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize("v", [-1.7, -0.2, 0.45, 2.2])
def test_soft_threshold_is_the_minimiser_of_its_problem(v):
    expected = grid_minimiser(lambda w: (w - v) ** 2 / 2 + 0.7 * w.abs())
    actual = soft_threshold(torch.tensor(v, dtype=torch.float64), threshold=0.7).item()
    assert actual == pytest.approx(expected, abs=1e-4)  # the grid's spacing


@given(seeds(), st.floats(0.0, 2.0))
def test_soft_threshold_matches_torch_softshrink(seed, threshold):
    """It is torch's softshrink."""
    v = torch.randn(20, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(soft_threshold(v, threshold), torch.nn.functional.softshrink(v, threshold))


@given(seeds(), st.floats(0.0, 2.0))
def test_soft_threshold_never_increases_a_distance(seed, threshold):
    """A proximal step is non-expansive."""
    u, v = torch.randn(2, 9, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    moved = soft_threshold(u, threshold) - soft_threshold(v, threshold)
    assert (moved.abs() <= (u - v).abs() + 1e-12).all()


def test_elastic_net_prox_value():
    v = torch.tensor([-2.0, 0.1, 1.3], dtype=torch.float64)
    expected = [-(2.0 - 0.5 * 0.6) / (1 + 0.5 * 0.4), 0.0, (1.3 - 0.5 * 0.6) / (1 + 0.5 * 0.4)]
    torch.testing.assert_close(elastic_net_prox(v, lr=0.5, l1=0.6, l2=0.4).tolist(), expected)


@pytest.mark.parametrize("v", [-1.7, -0.2, 0.45, 2.2])
def test_elastic_net_prox_is_the_minimiser_of_its_problem(v):
    expected = grid_minimiser(lambda w: (w - v) ** 2 / 2 + 0.3 * (0.9 * w.abs() + 1.4 / 2 * w**2))
    actual = elastic_net_prox(torch.tensor(v, dtype=torch.float64), lr=0.3, l1=0.9, l2=1.4).item()
    assert actual == pytest.approx(expected, abs=1e-4)  # the grid's spacing


@given(seeds(), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_elastic_net_prox_without_l2_is_the_soft_threshold(seed, lr, l1):
    """The L2 part only divides."""
    v = torch.randn(9, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(elastic_net_prox(v, lr, l1, l2=0.0), soft_threshold(v, lr * l1))


def test_proximal_gradient_step_value():
    X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0]]).double(), torch.tensor([3.0, 0.2]).double()
    # gradient at zero: -(1 * 3, 2 * 0.2) / 2 = (-1.5, -0.2); z = (0.6, 0.08); threshold 0.2; divisor 1.4
    expected = [(0.6 - 0.4 * 0.5) / (1 + 0.4 * 1.0), 0.0]
    actual = proximal_gradient_step(X, y, torch.zeros(2).double(), lr=0.4, l1=0.5, l2=1.0)
    torch.testing.assert_close(actual.tolist(), expected)


@pytest.mark.parametrize(("l1", "l2"), [(0.2, 0.0), (0.15, 0.4)])
def test_proximal_gradient_step_converges_to_scikit_learn(l1, l2):
    X, y = problem(seed=3)
    model = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-14, max_iter=100_000)
    expected = torch.as_tensor(model.fit(X.numpy(), y.numpy()).coef_)
    actual = minimise(X, y, l1, l2)
    torch.testing.assert_close(actual, expected)
    assert (actual == 0).tolist() == (expected == 0).tolist()


@given(seeds(), st.floats(0.05, 0.5), st.floats(0.0, 0.5))
def test_proximal_gradient_step_never_increases_the_loss(seed, l1, l2):
    """With a step of one over the largest eigenvalue the objective falls."""
    X, y = problem(seed)
    lr = 1 / torch.linalg.eigvalsh(X.T @ X / len(y)).max().item()

    def objective(w):
        return (y - X @ w).square().mean() / 2 + l1 * w.abs().sum() + l2 / 2 * w.square().sum()

    w = torch.randn(8, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    assert objective(proximal_gradient_step(X, y, w, lr, l1, l2)) <= objective(w) + 1e-12
