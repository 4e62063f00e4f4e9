"""Saddle and tilted double well: values, autograd, stationary points, what noise can and cannot leave."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.descent import saddle, saddle_gradient, tilted_double_well, tilted_double_well_gradient
from tests.laws import normal, seeds


def scalar(x):
    return torch.tensor(x, dtype=torch.float64)


def test_values():
    assert saddle(scalar(3.0), scalar(2.0)).item() == 3.0**2 / 2 + 2.0**4 / 4 - 2.0**2 / 2
    assert [t.item() for t in saddle_gradient(scalar(3.0), scalar(2.0))] == [3.0, 2.0**3 - 2.0]
    well = 1.5**4 / 4 - 1.5**2 / 2 + 0.3 * 1.5
    torch.testing.assert_close(tilted_double_well(scalar(1.5), tilt=0.3).item(), well)
    torch.testing.assert_close(tilted_double_well_gradient(scalar(1.5), tilt=0.3).item(), 1.5**3 - 1.5 + 0.3)


def test_default_tilt():
    y = normal(0, 5)
    assert torch.equal(tilted_double_well(y, tilt=0.2), tilted_double_well(y))
    assert torch.equal(tilted_double_well_gradient(y, tilt=0.2), tilted_double_well_gradient(y))


@given(seeds(), st.floats(-1.0, 1.0))
def test_gradients_match_autograd(seed, tilt):
    x, y = normal(seed, 5).requires_grad_(), normal(seed + 1, 5).requires_grad_()
    expected = torch.autograd.grad(saddle(x, y).sum(), (x, y))
    torch.testing.assert_close(saddle_gradient(x.detach(), y.detach()), expected)
    (expected,) = torch.autograd.grad(tilted_double_well(y, tilt).sum(), y)
    torch.testing.assert_close(tilted_double_well_gradient(y.detach(), tilt), expected)


def test_gradcheck():
    x, y = normal(0, 3).requires_grad_(), normal(1, 3).requires_grad_()
    assert torch.autograd.gradcheck(saddle, (x, y))
    assert torch.autograd.gradcheck(tilted_double_well, (y,))


@pytest.mark.parametrize("y", [-1.0, 0.0, 1.0])
def test_stationary_points_of_the_saddle(y):
    assert [t.item() for t in saddle_gradient(scalar(0.0), scalar(y))] == [0.0, 0.0]
    hessian = torch.autograd.functional.hessian(lambda v: saddle(v[0], v[1]), torch.stack([scalar(0.0), scalar(y)]))
    expected = [[1.0, 0.0], [0.0, -1.0 if y == 0 else 2.0]]
    assert hessian.tolist() == expected
    assert saddle(scalar(0.0), scalar(y)).item() == (0.0 if y == 0 else -0.25)


def roots(tilt):
    """Real stationary points, as eigenvalues of the companion matrix of y^3 - y + tilt."""
    companion = torch.tensor([[0.0, 0.0, -tilt], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    values = torch.linalg.eigvals(companion)
    return values.real[values.imag.abs() < 1e-9].sort().values


def test_stationary_points_of_the_well():
    """Deep minimum on the left, then the barrier, then the shallow minimum."""
    points = roots(0.2)
    torch.testing.assert_close(points, torch.tensor([-1.0880, 0.2091, 0.8789]).double(), rtol=0.0, atol=1e-4)
    torch.testing.assert_close(tilted_double_well_gradient(points), torch.zeros(3, dtype=torch.float64))
    deep, barrier, shallow = tilted_double_well(points)
    assert deep < shallow < barrier


@given(st.floats(0.001, 0.2))
def test_the_shallow_well_needs_a_small_tilt(excess):
    """Three stationary points below 2 / (3 sqrt 3), one above."""
    limit = 2 / (3 * 3**0.5)
    assert len(roots(limit - excess)) == 3
    assert len(roots(limit + excess)) == 1


def descend(x, y, noise, steps=2000, rate=0.05):
    kicks = noise * normal(0, steps)
    for kick in kicks:
        along_x, along_y = saddle_gradient(x, y)
        x, y = x - rate * along_x, y - rate * (along_y + kick)
    return x, y


def test_descent_stays_at_the_saddle_and_a_little_noise_leaves_it():
    assert descend(scalar(1.0), scalar(0.0), noise=0.0)[1].item() == 0.0
    torch.testing.assert_close(descend(scalar(1.0), scalar(0.0), noise=1e-3)[1].abs().item(), 1.0, rtol=0.0, atol=0.01)


@pytest.mark.parametrize("y", [1e10, -1e30])
def test_the_fourth_power_wins_where_both_overflow(y):
    y = torch.tensor([y])
    assert saddle(torch.zeros(1), y).item() == math.inf
    assert tilted_double_well(y).item() == math.inf
