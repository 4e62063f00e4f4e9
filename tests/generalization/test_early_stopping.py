"""Patience and filter factors: values, brute force and laws."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.generalization import gd_equivalent_penalty, gd_filter, patience_step
from optnotes.penalties import shrinkage_factor
from tests.laws import seeds

LAMS = torch.tensor([0.0, 0.3, 1.1, 3.7], dtype=torch.float64)


def double(value):
    return torch.tensor(value, dtype=torch.float64)


def run(step, losses, patience, min_delta=0.0):
    """Epoch of the stop, or None, and the best loss seen by then."""
    best, waited = double(losses[0]), double(0.0)
    for epoch, loss in enumerate(losses[1:], start=1):
        best, waited, stop = step(double(loss), best, waited, patience, min_delta)
        if stop:
            return epoch, best.item()
    return None, best.item()


def test_patience_step_values():
    improved = patience_step(double(0.5), double(0.9), double(2.0), patience=3)
    assert [value.item() for value in improved] == [0.5, 0.0, 0.0]
    worse = patience_step(double(1.0), double(0.9), double(1.0), patience=3)
    assert [value.item() for value in worse] == [0.9, 2.0, 0.0]
    last = patience_step(double(1.0), double(0.9), double(2.0), patience=3)
    assert [value.item() for value in last] == [0.9, 3.0, 1.0]


def test_patience_by_hand():
    losses = [1.0, 0.8, 0.6, 0.7, 0.65, 0.55, 0.6, 0.62, 0.58, 0.5]
    assert run(patience_step, losses, patience=1) == (3, 0.6)
    assert run(patience_step, losses, patience=2) == (4, 0.6)
    assert run(patience_step, losses, patience=3) == (8, 0.55)
    assert run(patience_step, losses, patience=5) == (None, 0.5)


def test_min_delta_ignores_small_drops():
    losses = [1.0, 0.95, 0.9, 0.85, 0.8]
    assert run(patience_step, losses, patience=2) == (None, 0.8)
    assert run(patience_step, losses, patience=2, min_delta=0.25) == (2, 1.0)


def test_a_drop_of_exactly_min_delta_is_no_improvement():
    _, waited, _ = patience_step(double(0.75), double(1.0), double(0.0), patience=3, min_delta=0.25)
    assert waited.item() == 1.0


@given(st.lists(st.integers(0, 9), min_size=2, max_size=30), st.integers(1, 6))
def test_patience_stops_where_the_definition_says(curve, patience):
    """The first epoch that lies at least the patience after the first minimum of the curve so far."""
    losses = [float(value) for value in curve]
    first_best = [min(range(t + 1), key=lambda i: losses[i]) for t in range(len(losses))]
    stops = [t for t in range(len(losses)) if t - first_best[t] >= patience]
    expected = (stops[0], min(losses[: stops[0] + 1])) if stops else (None, min(losses))
    assert run(patience_step, losses, patience) == expected


def test_gd_filter_value():
    expected = [0.0, 1 - (1 - 0.4 * 0.3) ** 3, 1 - (1 - 0.4 * 1.1) ** 3, 1 - (1 - 0.4 * 3.7) ** 3]
    torch.testing.assert_close(gd_filter(LAMS, lr=0.4, steps=3).tolist(), expected)


@given(seeds(), st.integers(0, 60), st.floats(0.02, 1.9))
def test_gd_filter_is_what_gradient_descent_does(seed, steps, relative_lr):
    """Each iterate is the least-squares solution, filtered in the basis of the eigenvectors of the Hessian."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(9, 4, generator=generator, dtype=torch.float64)
    y = torch.randn(9, generator=generator, dtype=torch.float64)
    H, c = X.T @ X / 9, X.T @ y / 9
    lams, V = torch.linalg.eigh(H)
    lr = relative_lr / lams[-1].item()
    w = torch.zeros(4, dtype=torch.float64)
    for _ in range(steps):
        w = w - lr * (H @ w - c)
    torch.testing.assert_close(w, V @ (gd_filter(lams, lr, steps) * (V.T @ c) / lams))


def test_gd_filter_ends():
    assert gd_filter(LAMS, lr=0.4, steps=0).tolist() == [0.0] * 4
    torch.testing.assert_close(gd_filter(LAMS, lr=0.4, steps=500), double([0.0, 1.0, 1.0, 1.0]))
    diverged = gd_filter(double([3.0]), lr=1.0, steps=9)
    assert diverged.item() == 1 - (-2.0) ** 9


def test_gd_filter_does_not_cancel_for_tiny_eigenvalues():
    lams = double([1e-18, 1e-12])
    torch.testing.assert_close(gd_filter(lams, lr=0.5, steps=3), 1.5 * lams, rtol=1e-9, atol=0.0)


def test_gd_filter_gradcheck():
    lams = LAMS[1:].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda value: gd_filter(value, lr=0.4, steps=3), lams)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gd_filter_keeps_the_dtype(dtype):
    assert gd_filter(LAMS.to(dtype), lr=0.4, steps=3).dtype == dtype


def test_gd_equivalent_penalty_value():
    assert gd_equivalent_penalty(lr=0.25, steps=8) == 1 / (0.25 * 8)


def test_early_stopping_agrees_with_ridge_to_first_order():
    """Where little has been learned, both filters are the number of steps times the step, up to its square."""
    lr, steps = 0.1, 5
    lams = double([1e-6, 1e-5, 1e-4])
    ridge = shrinkage_factor(lams, gd_equivalent_penalty(lr, steps))
    learned = lr * steps * lams
    assert ((gd_filter(lams, lr, steps) - ridge).abs() < learned**2).all()


@given(st.integers(1, 300), st.floats(0.001, 1.0))
def test_early_stopping_has_learned_at_least_as_much_as_ridge(steps, step):
    """For steps within the unit interval the filter of gradient descent is above that of the matched ridge."""
    ridge = shrinkage_factor(double([1.0]), gd_equivalent_penalty(step, steps))
    assert gd_filter(double([1.0]), step, steps).item() >= ridge.item() - 1e-15  # rounding


def test_early_stopping_is_not_ridge():
    """In the limit of small steps the two filters differ by up to 0.2036."""
    lams = torch.linspace(0.01, 20.0, 4000, dtype=torch.float64)
    lr, steps = 1e-5, 100_000
    gap = (gd_filter(lams, lr, steps) - shrinkage_factor(lams, gd_equivalent_penalty(lr, steps))).abs().max().item()
    peak = 2.5128624  # root of exp(u) = (1 + u)^2
    assert gap == pytest.approx(1 - math.exp(-peak) - peak / (1 + peak), abs=1e-4)
