"""Running averages, inference and gradients of batch normalisation, against torch."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.normalization import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    batch_norm_running,
    running_momentum,
)
from tests.laws import seeds

X = torch.tensor([[1.0, 0.0], [3.0, 2.0], [8.0, 7.0]], dtype=torch.float64)


def draw(seed, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(6, 4, generator=generator, dtype=torch.float64) * 3 + 2
    gamma = torch.rand(4, generator=generator, dtype=torch.float64) + 0.5
    beta = torch.randn(4, generator=generator, dtype=torch.float64)
    grad = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    return x.to(dtype), gamma.to(dtype), beta.to(dtype), grad.to(dtype)


def test_batch_norm_running_value():
    mean, var = torch.tensor([2.0, 5.0]).double(), torch.tensor([1.0, 3.0]).double()
    new_mean, new_var = batch_norm_running(mean, var, X, momentum=0.3)
    unbiased = (9 + 1 + 9, 9 + 1 + 16)
    torch.testing.assert_close(new_mean, torch.tensor([0.7 * 2 + 0.3 * 4, 0.7 * 5 + 0.3 * 3], dtype=torch.float64))
    expected = torch.tensor([0.7 * 1 + 0.3 * unbiased[1] / 2, 0.7 * 3 + 0.3 * (9 + 1 + 16) / 2], dtype=torch.float64)
    torch.testing.assert_close(new_var, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds(), momentum=st.floats(0.01, 0.99))
def test_training_and_inference_match_torch(dtype, seed, momentum):
    x, gamma, beta, later = draw(seed, dtype)
    layer = torch.nn.BatchNorm1d(4, eps=0.01, momentum=momentum, dtype=dtype)
    with torch.no_grad():
        layer.weight.copy_(gamma)
        layer.bias.copy_(beta)
    mean, var = batch_norm_running(torch.zeros(4, dtype=dtype), torch.ones(4, dtype=dtype), x, momentum)
    layer(x)
    torch.testing.assert_close(mean, layer.running_mean)
    torch.testing.assert_close(var, layer.running_var)
    expected = layer.eval()(later).detach()
    torch.testing.assert_close(batch_norm_inference(later, mean, var, gamma, beta, eps=0.01), expected)


@given(seeds())
def test_running_averages_reach_the_statistics_of_a_repeated_batch(seed):
    """Momentum one takes the batch, momentum zero keeps the old values, the rest interpolates."""
    x, _, old_mean, _ = draw(seed)
    old_var = torch.full((4,), 2.5, dtype=torch.float64)
    kept = batch_norm_running(old_mean, old_var, x, momentum=0.0)
    taken = batch_norm_running(old_mean, old_var, x, momentum=1.0)
    between = batch_norm_running(old_mean, old_var, x, momentum=0.3)
    torch.testing.assert_close(kept, (old_mean, old_var))
    torch.testing.assert_close(taken, (x.mean(dim=0), x.var(dim=0)))
    for new, first, last in zip(between, kept, taken, strict=True):
        torch.testing.assert_close(new, 0.7 * first + 0.3 * last)


def test_batch_norm_inference_value():
    mean, var = torch.tensor([2.0, 5.0]).double(), torch.tensor([1.0, 3.0]).double()
    gamma, beta = torch.tensor([0.5, 3.0]).double(), torch.tensor([-1.0, 2.0]).double()
    expected = [0.5 * (8 - 2) / math.sqrt(1.1) - 1, 3.0 * (7 - 5) / math.sqrt(3.1) + 2]
    actual = batch_norm_inference(X[2:], mean, var, gamma, beta, eps=0.1)
    torch.testing.assert_close(actual, torch.tensor([expected], dtype=torch.float64))


@given(seeds())
def test_inference_with_batch_statistics_is_training(seed):
    """Fed with the mean and the biased variance of a batch, inference repeats the training output."""
    x, gamma, beta, _ = draw(seed)
    mean, var = x.mean(dim=0), x.var(dim=0, correction=0)
    expected = batch_norm(x, gamma, beta, eps=0.01)
    torch.testing.assert_close(batch_norm_inference(x, mean, var, gamma, beta, eps=0.01), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds())
def test_batch_norm_backward_matches_autograd(dtype, seed):
    x, gamma, beta, grad = draw(seed, dtype)
    inputs = [value.requires_grad_() for value in (x, gamma, beta)]
    output = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=0.3)
    expected = torch.autograd.grad(output, inputs, grad)
    # Gradients are differences of larger terms: float32 keeps about four digits here.
    atol = 1e-4 if dtype == torch.float32 else 1e-12
    actual = batch_norm_backward(grad, x.detach(), gamma.detach(), eps=0.3)
    torch.testing.assert_close(actual, expected, atol=atol, rtol=1e-4 if dtype == torch.float32 else 1e-9)


@given(seeds())
def test_gradient_has_neither_a_mean_nor_a_part_along_the_batch(seed):
    """Without eps, moving or stretching a unit changes nothing, so the gradient is orthogonal to both."""
    x, gamma, _, grad = draw(seed)
    grad_x, _, _ = batch_norm_backward(grad, x, gamma, eps=1e-14)
    zero = torch.zeros(4, dtype=torch.float64)
    torch.testing.assert_close(grad_x.sum(dim=0), zero, atol=1e-9, rtol=0)
    torch.testing.assert_close((grad_x * x).sum(dim=0), zero, atol=1e-9, rtol=0)


def test_gradients_of_gamma_and_beta_by_hand():
    grad = torch.tensor([[1.0], [0.0], [2.0]], dtype=torch.float64)
    deviation = math.sqrt((9 + 1 + 16) / 3 + 0.1)
    _, grad_gamma, grad_beta = batch_norm_backward(grad, X[:, :1], torch.tensor([6.0]).double(), eps=0.1)
    assert grad_beta.item() == 3.0
    torch.testing.assert_close(grad_gamma.item(), (1 * (1 - 4) + 2 * (8 - 4)) / deviation)


def test_a_batch_of_one_is_refused_in_training_only():
    one = torch.ones(1, dtype=torch.float64)
    with pytest.raises(ValueError, match="x must have at least 2 rows"):
        batch_norm_running(one, one, one[None], momentum=0.1)
    with pytest.raises(ValueError, match="x must have at least 2 rows"):
        batch_norm_backward(one[None], one[None], one, eps=0.1)
    assert batch_norm_inference(one[None], one, one, one, one, eps=0.1).item() == 1.0


def test_running_momentum_value():
    assert running_momentum(0.1) == 0.9


@given(st.floats(0.01, 0.99))
def test_running_momentum_is_the_weight_of_the_old_value_in_torch(momentum):
    """From a running mean of one, a batch of zeros leaves the weight of the old value."""
    layer = torch.nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64)
    layer.running_mean.fill_(1.0)
    layer(torch.zeros(4, 1, dtype=torch.float64))
    assert layer.running_mean.item() == pytest.approx(running_momentum(momentum))


@given(st.floats(0.0, 1.0))
def test_running_momentum_is_its_own_inverse(momentum):
    """There and back again."""
    assert running_momentum(running_momentum(momentum)) == pytest.approx(momentum)
