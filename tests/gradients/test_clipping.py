"""Clipping by norm and by value against torch, and the steps that clipping leaves possible."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cosine_similarity
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from optnotes.gradients import clip_by_norm, clip_by_value, max_step, value_clip_norm_bound
from tests.laws import seeds


def _gradient(seed, n=6):
    return 10 * torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_clip_by_norm_value(dtype):
    g = torch.tensor([30.0, -40.0], dtype=dtype)
    torch.testing.assert_close(torch.tensor([3.0, -4.0], dtype=dtype), clip_by_norm(g, c=5.0))
    torch.testing.assert_close(g * 5.0 / (50.0 + 2.0), clip_by_norm(g, c=5.0, eps=2.0))
    torch.testing.assert_close(g, clip_by_norm(g, c=51.0))


@given(seeds(), st.floats(0.1, 40.0))
def test_clip_by_norm_matches_torch_over_several_parameters(seed, c):
    """The norm runs over all parameters together, and torch adds a millionth to it."""
    g = _gradient(seed)
    parameters = [torch.nn.Parameter(torch.zeros(2, 2).double()), torch.nn.Parameter(torch.zeros(2).double())]
    parameters[0].grad, parameters[1].grad = g[:4].reshape(2, 2).clone(), g[4:].clone()
    returned = clip_grad_norm_(parameters, c)
    torch.testing.assert_close(returned, g.norm())
    expected = torch.cat([parameter.grad.flatten() for parameter in parameters])
    torch.testing.assert_close(expected, clip_by_norm(g, c, eps=1e-6))


@given(seeds(), st.floats(0.1, 40.0))
def test_clip_by_norm_keeps_the_direction(seed, c):
    """The clipped gradient points the same way and is no longer than the threshold."""
    g = _gradient(seed)
    clipped = clip_by_norm(g, c)
    torch.testing.assert_close(torch.tensor(1.0).double(), cosine_similarity(g, clipped, dim=0))
    torch.testing.assert_close(g.norm().clamp(max=c), clipped.norm())


def test_clip_by_norm_leaves_a_zero_gradient():
    g = torch.zeros(3, requires_grad=True)
    clipped = clip_by_norm(g, c=0.5)
    clipped.sum().backward()
    assert clipped.tolist() == [0.0, 0.0, 0.0]
    assert g.grad.tolist() == [1.0, 1.0, 1.0]


def test_clip_by_norm_of_an_exploding_float32_gradient():
    g = torch.tensor([3e30, -4e30])
    torch.testing.assert_close(torch.tensor([3.0, -4.0]), clip_by_norm(g, c=5.0))


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_non_finite_gradients_are_refused(bad):
    for clip in (clip_by_norm, clip_by_value):
        with pytest.raises(ValueError, match="g must be finite"):
            clip(torch.tensor([1.0, bad]), 1.0)


def test_torch_turns_an_infinite_gradient_into_nan_silently():
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([float("inf"), 1.0])
    clip_grad_norm_([parameter], 1.0)
    assert torch.isnan(parameter.grad[0])
    assert parameter.grad[1] == 0.0


@given(seeds(), st.floats(0.1, 20.0))
def test_clip_by_value_matches_torch(seed, c):
    parameter = torch.nn.Parameter(torch.zeros(6, dtype=torch.float64))
    parameter.grad = _gradient(seed)
    expected = clip_by_value(parameter.grad, c)
    clip_grad_value_([parameter], c)
    torch.testing.assert_close(parameter.grad, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_clip_by_value_value(dtype):
    g = torch.tensor([100.0, -0.5, -3.0], dtype=dtype)
    assert clip_by_value(g, c=1.0).tolist() == [1.0, -0.5, -1.0]


def test_clip_by_value_turns_the_direction():
    g = torch.tensor([10.0, 1.0, 1.0], dtype=torch.float64)
    expected = (10.0 + 1.0 + 1.0) / (102.0**0.5 * 3.0**0.5)
    torch.testing.assert_close(expected, cosine_similarity(g, clip_by_value(g, c=1.0), dim=0).item())
    assert expected < 0.7


@given(seeds(), st.floats(0.1, 20.0))
def test_norm_bound_of_clipping_by_value(seed, c):
    """Clipping by value never leaves more than the threshold times the root of the number of components."""
    assert clip_by_value(_gradient(seed), c).norm().item() <= value_clip_norm_bound(c, 6) * (1 + 1e-12)


def test_norm_bound_of_clipping_by_value_is_attained():
    g = torch.tensor([7.0, -9.0, 8.0], dtype=torch.float64)
    torch.testing.assert_close(clip_by_value(g, 0.4).norm().item(), value_clip_norm_bound(0.4, 3))


def _steps(optimiser, gradient, parameter, count):
    for _ in range(count):
        before = parameter.detach().clone()
        parameter.grad = gradient.clone()
        optimiser.step()
        yield (parameter.detach() - before).norm().item()


def test_max_step_value():
    torch.testing.assert_close(0.3 * 2.0, max_step(0.3, 2.0))
    torch.testing.assert_close(0.3 * 2.0 / 0.2, max_step(0.3, 2.0, momentum=0.8))


@given(st.floats(0.0, 0.95), st.floats(0.1, 5.0))
def test_step_of_sgd_with_momentum_stays_below_the_bound(momentum, c):
    """With clipped gradients no step of torch's SGD is longer than the bound, and a constant gradient reaches it."""
    parameter = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    optimiser = torch.optim.SGD([parameter], lr=0.1, momentum=momentum)
    gradient = clip_by_norm(torch.tensor([300.0, -700.0]).double(), c)
    lengths = list(_steps(optimiser, gradient, parameter, 40))
    bound = max_step(0.1, c, momentum)
    assert max(lengths) <= bound * (1 + 1e-9)
    torch.testing.assert_close(bound * (1 - momentum**40), lengths[-1])


def test_adam_does_not_see_a_clip_that_is_always_active():
    """Adam is invariant to a constant factor, so a threshold a hundred times smaller gives the same path."""
    ends = []
    for c in (1.0, 0.01):
        parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
        optimiser = torch.optim.Adam([parameter], lr=0.01)
        for step in range(30):
            g = torch.tensor([300.0 + 20 * step, -700.0], dtype=torch.float64)
            list(_steps(optimiser, clip_by_norm(g, c), parameter, 1))
        ends.append(parameter.detach())
    # What remains is Adam's epsilon of 1e-8 against gradients of at least 1e-3.
    torch.testing.assert_close(ends[0], ends[1], rtol=0, atol=1e-5)


def test_gradcheck():
    g = _gradient(4).requires_grad_()
    for c in (0.7, 1000.0):
        assert torch.autograd.gradcheck(lambda g, c=c: clip_by_norm(g, c, eps=0.1), g)
    assert torch.autograd.gradcheck(lambda g: clip_by_value(g, 5.0), g)
