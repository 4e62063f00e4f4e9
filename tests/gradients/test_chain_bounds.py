"""Bounds on the product of layer Jacobians against brute force and autograd."""

import pytest
import torch
from hypothesis import given

from optnotes.gradients import backprop, chain_lower_bound, chain_upper_bound, scalar_chain
from tests.laws import seeds


def _dtanh(z):
    return 1 - torch.tanh(z) ** 2


def _stack(seed, steps=4, n=5):
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(steps, n, n, generator=generator, dtype=torch.float64),
        torch.randn(steps, n, generator=generator, dtype=torch.float64),
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bounds_value(dtype):
    weights = torch.tensor([[[0.0, 3.0], [-2.0, 0.0]], [[0.5, 0.0], [0.0, 1.0]]], dtype=dtype)
    slopes = torch.tensor([[0.5, 0.25], [0.1, -0.2]], dtype=dtype)
    torch.testing.assert_close(torch.tensor(3.0 * 0.5 * 1.0 * 0.2, dtype=dtype), chain_upper_bound(weights, slopes))
    torch.testing.assert_close(torch.tensor(2.0 * 0.25 * 0.5 * 0.1, dtype=dtype), chain_lower_bound(weights, slopes))


@given(seeds())
def test_error_signal_stays_between_the_bounds(seed):
    """The norm of the error signal after the steps lies between the bounds times its norm before them."""
    weights, zs = _stack(seed)
    slopes = _dtanh(zs)
    start = delta = torch.ones(5, dtype=torch.float64) / 3
    for weight, z in zip(weights, zs, strict=True):
        delta = backprop(delta, weight, z, _dtanh)
    ratio = delta.norm() / start.norm()
    assert chain_lower_bound(weights, slopes) <= ratio * (1 + 1e-12)
    assert ratio <= chain_upper_bound(weights, slopes) * (1 + 1e-12)


def test_bounds_are_attained_by_scaled_orthogonal_matrices():
    """For equal singular values and equal slopes both bounds meet."""
    weights, _ = _stack(seed=1)
    weights = 0.7 * torch.linalg.qr(weights).Q
    slopes = torch.full((4, 5), -0.3, dtype=torch.float64)
    expected = torch.tensor((0.7 * 0.3) ** 4, dtype=torch.float64)
    torch.testing.assert_close(expected, chain_upper_bound(weights, slopes))
    torch.testing.assert_close(expected, chain_lower_bound(weights, slopes))


def test_entries_below_one_prove_nothing():
    weights, slopes = 0.5 * torch.ones(20, 4, 4, dtype=torch.float64), torch.ones(20, 4, dtype=torch.float64)
    torch.testing.assert_close(torch.tensor(2.0**20, dtype=torch.float64), chain_upper_bound(weights, slopes))
    delta = torch.ones(4, dtype=torch.float64)
    for weight in weights:
        delta = weight.T @ delta
    torch.testing.assert_close(torch.tensor(2.0**20 * 2, dtype=torch.float64), delta.norm())


def test_singular_weight_gives_zero_lower_bound():
    weights = torch.tensor([[[1.0, 2.0], [2.0, 4.0]]], dtype=torch.float64)
    bound = chain_lower_bound(weights, torch.tensor([[0.5, 0.3]], dtype=torch.float64))
    # The smallest singular value comes out of a decomposition, so zero is exact to rounding only.
    torch.testing.assert_close(0.0, bound.item(), rtol=0, atol=1e-15)


def test_upper_bound_takes_a_rectangular_layer():
    weight = torch.tensor([[[3.0, 0.0, 0.0], [0.0, 4.0, 0.0]]])
    torch.testing.assert_close(4.0 * 0.5, chain_upper_bound(weight, torch.tensor([[0.1, -0.5, 0.2]])).item())


def test_lower_bound_refuses_a_rectangular_layer():
    with pytest.raises(ValueError, match="weights must have shape"):
        chain_lower_bound(torch.ones(2, 2, 3), torch.ones(2, 3))


def test_scalar_chain_value():
    w, z = torch.tensor([0.5, -2.0, 0.25]), torch.tensor([1.0, 2.0, 3.0])
    expected = (0.5 * 1.0) * (-2.0 * 2.0) * (0.25 * 3.0)
    assert expected == scalar_chain(w, z, lambda z: z).item()


@given(seeds())
def test_scalar_chain_matches_autograd(seed):
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(6, generator=generator, dtype=torch.float64)
    x = torch.randn((), generator=generator, dtype=torch.float64, requires_grad=True)
    h, zs = x, []
    for weight in w:
        zs.append(weight * h)
        h = torch.tanh(zs[-1])
    (expected,) = torch.autograd.grad(h, x)
    torch.testing.assert_close(expected, scalar_chain(w, torch.stack(zs).detach(), _dtanh))


def test_scalar_chain_of_weights_below_one_vanishes():
    ones = torch.ones(100, dtype=torch.float64)
    torch.testing.assert_close(0.9**100, scalar_chain(0.9 * ones, ones, torch.ones_like).item())


def test_gradcheck():
    weights, zs = (part.requires_grad_() for part in _stack(seed=2, steps=2, n=3))
    assert torch.autograd.gradcheck(chain_upper_bound, (weights, zs))
    assert torch.autograd.gradcheck(chain_lower_bound, (weights, zs))
    assert torch.autograd.gradcheck(lambda w, z: scalar_chain(w, z, _dtanh), (weights[0, 0], zs[0]))
