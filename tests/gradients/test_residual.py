"""Residual stacks: Jacobians against autograd and the expansion over paths, growth against random blocks."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.gradients import normalised_residual_growth, residual_gain_bounds, residual_growth, residual_jacobian
from tests.laws import seeds


def _stack(seed, depth=5, n=3):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(depth, n, n, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_jacobian_value(dtype):
    first = torch.tensor([[0.0, 1.0], [0.0, 0.0]], dtype=dtype)
    second = torch.tensor([[0.0, 0.0], [2.0, 0.0]], dtype=dtype)
    expected = torch.tensor([[1.0, 0.0], [2.0, 1.0]], dtype=dtype) @ torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=dtype)
    torch.testing.assert_close(expected, residual_jacobian(torch.stack([first, second])))


@given(seeds())
def test_jacobian_matches_autograd(seed):
    weights = _stack(seed)
    x = weights[0, 0].clone()
    hs = [x]
    for weight in weights:
        hs.append(hs[-1] + torch.tanh(weight @ hs[-1]))
    branches = [
        torch.autograd.functional.jacobian(lambda h, w=w: torch.tanh(w @ h), h)
        for w, h in zip(weights, hs[:-1], strict=True)
    ]

    def run(h):
        for weight in weights:
            h = h + torch.tanh(weight @ h)
        return h

    expected = torch.autograd.functional.jacobian(run, x)
    torch.testing.assert_close(expected, residual_jacobian(torch.stack(branches)), rtol=1e-10, atol=1e-10)


@given(seeds())
def test_product_is_the_sum_over_all_paths(seed):
    """The Jacobian of a stack is the sum over all subsets of blocks of the product of their branches."""
    branches = _stack(seed)
    expected = torch.zeros(3, 3, dtype=torch.float64)
    for size in range(6):
        for path in itertools.combinations(range(5), size):
            product = torch.eye(3, dtype=torch.float64)
            for block in path:
                product = branches[block] @ product
            expected += product
    torch.testing.assert_close(expected, residual_jacobian(branches), rtol=1e-9, atol=1e-9)


@given(seeds(), st.floats(0.01, 2.0))
def test_singular_values_lie_between_the_bounds(seed, scale):
    """No singular value of identity plus branch leaves the bounds."""
    branch = scale * _stack(seed)[0]
    values = torch.linalg.svdvals(torch.eye(3, dtype=torch.float64) + branch)
    lower, upper = residual_gain_bounds(branch)
    assert lower <= values.min() + 1e-12
    assert values.max() <= upper + 1e-12


def test_bounds_value_and_attainment():
    lower, upper = residual_gain_bounds(torch.tensor([[0.0, 0.25], [-0.75, 0.0]], dtype=torch.float64))
    torch.testing.assert_close((1 - 0.75, 1 + 0.75), (lower.item(), upper.item()))
    for sign, bound in ((1, 1), (-1, 0)):
        branch = sign * 0.4 * torch.eye(2, dtype=torch.float64)
        value = torch.linalg.svdvals(torch.eye(2, dtype=torch.float64) + branch)[0]
        torch.testing.assert_close(value, residual_gain_bounds(branch)[bound])


def test_lower_bound_is_never_negative():
    assert residual_gain_bounds(3 * torch.eye(2))[0].item() == 0.0


def test_growth_value():
    gain = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64)
    torch.testing.assert_close(torch.tensor([1.0, 2.0**3, 4.0**3], dtype=torch.float64), residual_growth(gain, 1.0, 6))
    expected = (1 + 0.5**2 * 3.0) ** 3.5
    torch.testing.assert_close(expected, residual_growth(gain, 0.5, 7)[2].item())


def test_growth_with_the_scale_of_one_over_the_root_of_the_depth_approaches_root_e():
    one = torch.tensor(1.0, dtype=torch.float64)
    ratios = [residual_growth(one, depth**-0.5, depth).item() for depth in (2, 50, 10**6)]
    assert ratios == sorted(ratios)
    torch.testing.assert_close(math.sqrt(math.e), ratios[-1], rtol=1e-6, atol=0)


@given(st.floats(0.0, 3.0), st.floats(0.0, 2.0), st.integers(0, 20))
def test_growth_never_falls_below_one(gain, scale, depth):
    """Uncorrelated branches only add to the squared norm."""
    assert residual_growth(torch.tensor(gain, dtype=torch.float64), scale, depth) >= 1


def test_growth_of_zero_branches_is_exactly_one():
    assert residual_growth(torch.tensor(0.0), 0.7, 1000).item() == 1.0
    assert residual_growth(torch.tensor(2.0), 0.0, 1000).item() == 1.0


def _measured_growth(depth, scale, normalise, n=64, batch=64, seed=0):
    """Ratio of gradient norms over random two-layer ReLU blocks."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, n, generator=generator, dtype=torch.float64, requires_grad=True)
    h = x
    for _ in range(depth):
        first, second = torch.randn(2, n, n, generator=generator, dtype=torch.float64)
        z = h @ first.T / n**0.5
        if normalise:
            z = (z - z.mean(0)) / z.var(0, unbiased=False).sqrt()
        h = h + scale * torch.relu(z) @ second.T * (2 / n) ** 0.5
    grad = torch.randn(batch, n, generator=generator, dtype=torch.float64)
    (start,) = torch.autograd.grad((h * grad).sum(), x)
    return (start.norm() / grad.norm()).item()


# Width 64: one random network fluctuates, so the law is asserted up to a factor of two.
@pytest.mark.parametrize("scale", [1.0, 50**-0.5])
def test_growth_predicts_random_blocks(scale):
    expected = residual_growth(torch.tensor(1.0), scale, 50).item()
    assert expected / 2 < _measured_growth(50, scale, normalise=False) < expected * 2


def test_normalised_growth_predicts_random_blocks():
    expected = normalised_residual_growth(50)
    measured = _measured_growth(50, 1.0, normalise=True)
    assert expected / 2 < measured < expected * 2
    assert measured < residual_growth(torch.tensor(1.0), 1.0, 50).item() / 1e6


@given(st.integers(0, 1000))
def test_normalised_growth_telescopes(depth):
    """Block number l multiplies the squared norm by (l + 1) / l."""
    expected = math.sqrt(math.prod((block + 1) / block for block in range(1, depth + 1)))
    torch.testing.assert_close(expected, normalised_residual_growth(depth))


@pytest.mark.parametrize("function", [residual_jacobian, residual_gain_bounds])
def test_rectangular_branches_are_refused(function):
    shape = (2, 3, 2) if function is residual_jacobian else (3, 2)
    with pytest.raises(ValueError, match=r"must have shape \(.*3, 3\)"):
        function(torch.ones(shape))


def test_gradcheck():
    branches = _stack(2).requires_grad_()
    assert torch.autograd.gradcheck(residual_jacobian, branches)
    assert torch.autograd.gradcheck(lambda a: residual_gain_bounds(0.1 * a[0]), branches)
    gain = torch.tensor([0.3, 1.2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: residual_growth(v, 0.7, 5), gain)
