"""Softmax: values, torch, its Jacobian, invariances, the two-class case."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.activations import sigmoid
from optnotes.outputs import softmax, softmax_jacobian, two_class_probability
from tests.laws import seeds


def logits(seed, classes=5):
    return 3 * torch.randn(classes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_softmax_value():
    z = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    total = math.exp(0.5) + math.exp(-1.0) + math.exp(2.0)
    torch.testing.assert_close(softmax(z).tolist(), [math.exp(a) / total for a in (0.5, -1.0, 2.0)])


def test_softmax_jacobian_value():
    p = [math.exp(1.5) / (1 + math.exp(1.5)), 1 / (1 + math.exp(1.5))]
    expected = [[p[0] * (1 - p[0]), -p[0] * p[1]], [-p[1] * p[0], p[1] * (1 - p[1])]]
    torch.testing.assert_close(softmax_jacobian(torch.tensor([1.5, 0.0], dtype=torch.float64)).tolist(), expected)


def test_two_class_probability_value():
    z = torch.tensor([0.5, -1.0], dtype=torch.float64)
    torch.testing.assert_close(two_class_probability(z).item(), math.exp(-1.0) / (math.exp(0.5) + math.exp(-1.0)))


@given(seeds())
def test_softmax_and_jacobian_match_torch(seed):
    z = logits(seed)
    torch.testing.assert_close(softmax(z), torch.softmax(z, 0))
    expected = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, 0), z)
    torch.testing.assert_close(softmax_jacobian(z), expected)
    torch.testing.assert_close(torch.autograd.functional.jacobian(softmax, z), expected)


@given(seeds(), st.floats(-100.0, 100.0))
def test_a_common_shift_changes_nothing(seed, shift):
    """Adding one number to all logits leaves the probabilities and the Jacobian as they are."""
    z = logits(seed)
    torch.testing.assert_close(softmax(z + shift), softmax(z))
    torch.testing.assert_close(softmax_jacobian(z + shift), softmax_jacobian(z))


@given(seeds())
def test_rows_of_the_jacobian_sum_to_zero(seed):
    """The probabilities keep summing to one, so the rank is one less than the number of classes."""
    jacobian = softmax_jacobian(logits(seed) / 3)
    torch.testing.assert_close(jacobian.sum(1), torch.zeros(5, dtype=torch.float64))
    assert torch.equal(jacobian, jacobian.T)
    assert torch.linalg.matrix_rank(jacobian).item() == 4


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_extreme_logits(dtype):
    z = torch.tensor([-1000.0, 1000.0, 0.0], dtype=dtype)
    assert softmax(z).tolist() == [0.0, 1.0, 0.0]
    assert torch.equal(softmax_jacobian(z), torch.zeros(3, 3, dtype=dtype))
    assert softmax(torch.tensor([7.0], dtype=dtype)).tolist() == [1.0]


def test_logarithm_of_softmax_loses_what_log_softmax_keeps():
    z = torch.tensor([-1000.0, 0.0], dtype=torch.float64)
    assert softmax(z).log().tolist() == [-math.inf, 0.0]
    assert torch.log_softmax(z, 0).tolist() == [-1000.0, 0.0]


@given(seeds())
def test_two_classes_are_one_sigmoid(seed):
    """Softmax of two logits is the sigmoid of their difference."""
    z = logits(seed, classes=2)
    torch.testing.assert_close(two_class_probability(z), softmax(z)[1])
    torch.testing.assert_close(two_class_probability(z), sigmoid(z[1] - z[0]))


def test_softmax_jacobian_takes_one_vector():
    with pytest.raises(ValueError, match=r"^z must have shape \(any\), got \(2, 3\)$"):
        softmax_jacobian(torch.ones(2, 3))
