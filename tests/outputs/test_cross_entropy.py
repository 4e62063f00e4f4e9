"""Losses on logits: values, torch, gradients, the floor of a double softmax, confident mistakes."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from optnotes.outputs import (
    bce_with_logits,
    bce_with_logits_gradient,
    cross_entropy,
    cross_entropy_gradient,
    double_softmax_floor,
    softmax,
)
from tests.laws import seeds


def logits(seed, size=5):
    return 3 * torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def one_hot(index, classes=5):
    return torch.eye(classes, dtype=torch.float64)[index]


def test_cross_entropy_value():
    z, y = torch.tensor([0.5, -1.0, 2.0]).double(), torch.tensor([0.2, 0.1, 0.7]).double()
    total = math.exp(0.5) + math.exp(-1.0) + math.exp(2.0)
    expected = math.log(total) - (0.2 * 0.5 + 0.1 * -1.0 + 0.7 * 2.0)
    torch.testing.assert_close(cross_entropy(z, y).item(), expected)


@given(seeds(), st.integers(0, 4), st.floats(0.0, 0.9))
def test_cross_entropy_matches_torch(seed, label, smoothing):
    """Class indices, one-hot targets and label smoothing of torch, and the gradient of each."""
    z = logits(seed).requires_grad_()
    y = (1 - smoothing) * one_hot(label) + smoothing / 5
    expected = functional.cross_entropy(z[None], torch.tensor([label]), label_smoothing=smoothing)
    (gradient,) = torch.autograd.grad(expected, z)
    torch.testing.assert_close(cross_entropy(z.detach(), y), expected.detach())
    torch.testing.assert_close(cross_entropy_gradient(z.detach(), y), gradient)


@given(seeds(), st.integers(0, 4))
def test_gradient_sums_to_zero(seed, label):
    """Predicted and true probabilities both sum to one."""
    gradient = cross_entropy_gradient(logits(seed), one_hot(label))
    torch.testing.assert_close(gradient.sum().item(), 0.0)


def test_mean_over_a_batch_divides_by_its_size():
    z, labels = logits(0, 15).reshape(3, 5), torch.tensor([0, 3, 1])
    one_by_one = torch.func.vmap(cross_entropy)(z, one_hot(labels))
    torch.testing.assert_close(one_by_one.sum() / 3, functional.cross_entropy(z, labels))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_extreme_logits(dtype):
    z, y = torch.tensor([1000.0, -1000.0], dtype=dtype), torch.tensor([0.0, 1.0], dtype=dtype)
    assert cross_entropy(z, y).item() == 2000.0
    assert cross_entropy_gradient(z, y).tolist() == [1.0, -1.0]


@given(seeds(), st.integers(2, 50))
def test_floor_of_a_double_softmax(seed, classes):
    """Softmax before the loss: a certain and right prediction still costs the floor, and no input gets below it."""
    z, y = 1000 * one_hot(1, classes), one_hot(1, classes)
    torch.testing.assert_close(cross_entropy(softmax(z), y).item(), double_softmax_floor(classes))
    assert cross_entropy(z, y).item() == 0.0
    assert cross_entropy(softmax(logits(seed, classes)), y).item() > double_softmax_floor(classes)


def test_double_softmax_floor_value():
    torch.testing.assert_close(double_softmax_floor(10), math.log(1 + 9 / math.e))
    torch.testing.assert_close(double_softmax_floor(10), 1.46115, rtol=0.0, atol=1e-5)
    assert double_softmax_floor(1) == 0.0


def test_double_softmax_kills_the_gradient_of_a_confident_mistake():
    z = 10 * one_hot(0)
    once = cross_entropy_gradient(z, one_hot(1))
    twice = torch.func.grad(lambda z: cross_entropy(softmax(z), one_hot(1)))(z)
    assert once.norm() > 50 * twice.norm()


def test_targets_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="y must sum to 1"):
        cross_entropy(torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.25]))


def test_bce_with_logits_value():
    a, y = torch.tensor([1.5, -0.5]).double(), torch.tensor([0.3, 1.0]).double()
    p = [1 / (1 + math.exp(-1.5)), 1 / (1 + math.exp(0.5))]
    expected = [-0.3 * math.log(p[0]) - 0.7 * math.log(1 - p[0]), -math.log(p[1])]
    torch.testing.assert_close(bce_with_logits(a, y).tolist(), expected)
    torch.testing.assert_close(bce_with_logits_gradient(a, y).tolist(), [p[0] - 0.3, p[1] - 1.0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds())
def test_bce_matches_torch(dtype, seed):
    a = torch.cat([logits(seed), torch.tensor([0.0, -1000.0, 1000.0])]).to(dtype).requires_grad_()
    y = torch.rand(8, generator=torch.Generator().manual_seed(seed), dtype=dtype)
    # In single precision torch loses digits where a large logit meets a target close to one.
    expected = functional.binary_cross_entropy_with_logits(a.double(), y.double(), reduction="none").to(dtype)
    (gradient,) = torch.autograd.grad(expected.sum(), a)
    (own,) = torch.autograd.grad(bce_with_logits(a, y).sum(), a)
    torch.testing.assert_close(bce_with_logits(a.detach(), y), expected.detach())
    torch.testing.assert_close(bce_with_logits_gradient(a.detach(), y), gradient)
    torch.testing.assert_close(own, gradient)


@given(st.floats(-300.0, 300.0), st.booleans())
def test_bce_is_cross_entropy_over_two_classes(a, positive):
    """One logit against a zero logit for the other class."""
    z, y = torch.tensor([0.0, a], dtype=torch.float64), one_hot(int(positive), 2)
    torch.testing.assert_close(bce_with_logits(z[1], y[1]), cross_entropy(z, y))
    torch.testing.assert_close(bce_with_logits_gradient(z[1], y[1]), cross_entropy_gradient(z, y)[1])


def test_loss_on_probabilities_loses_the_gradient_of_a_confident_mistake():
    a, y = torch.tensor([200.0], requires_grad=True), torch.tensor([0.0])
    (gradient,) = torch.autograd.grad(functional.binary_cross_entropy(torch.sigmoid(a), y).sum(), a)
    assert gradient.item() == 0.0
    assert bce_with_logits_gradient(a.detach(), y).item() == 1.0
