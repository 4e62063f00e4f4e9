"""Standard and inverted dropout: values, torch.nn.Dropout, and moments over all masks."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.dropout import (
    inverted_dropout,
    inverted_dropout_moments,
    keep_probability,
    standard_dropout,
    standard_dropout_moments,
)
from tests.dropout.masks import all_masks, mask_probabilities, mean
from tests.laws import seeds

H = torch.tensor([3.0, -4.0, 5.0], dtype=torch.float64)
MASK = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)


def drop_probabilities():
    return st.floats(0.0, 0.95)


def activations(seed):
    return torch.randn(4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_standard_dropout_value():
    assert standard_dropout(H, MASK).tolist() == [3.0, 0.0, 5.0]


def test_inverted_dropout_value():
    assert inverted_dropout(H, MASK, p=0.2).tolist() == [3.0 / 0.8, 0.0, 5.0 / 0.8]


def test_moments_value():
    h = torch.tensor([3.0], dtype=torch.float64)
    torch.testing.assert_close([t.item() for t in standard_dropout_moments(h, p=0.2)], [0.8 * 3.0, 0.2 * 0.8 * 9.0])
    torch.testing.assert_close([t.item() for t in inverted_dropout_moments(h, p=0.2)], [3.0, 0.2 / 0.8 * 9.0])


def test_masks_are_all_there_and_drop_with_probability_p():
    masks = all_masks(4)
    assert len(masks.unique(dim=0)) == 2**4
    torch.testing.assert_close(mask_probabilities(masks, 0.3).sum().item(), 1.0)
    torch.testing.assert_close(mean(masks, masks, 0.3), torch.full((4,), 0.7, dtype=torch.float64))


@given(seeds(), drop_probabilities())
def test_standard_moments_are_those_over_all_masks(seed, p):
    """Mean and variance of standard dropout, by summing over every mask."""
    h, masks = activations(seed), all_masks(4)
    outputs = torch.stack([standard_dropout(h, mask) for mask in masks])
    first, second = mean(outputs, masks, p), mean(outputs.square(), masks, p)
    torch.testing.assert_close(standard_dropout_moments(h, p), (first, second - first.square()))


@given(seeds(), drop_probabilities())
def test_inverted_moments_are_those_over_all_masks(seed, p):
    """Mean and variance of inverted dropout, by summing over every mask; the mean is the input itself."""
    h, masks = activations(seed), all_masks(4)
    outputs = torch.stack([inverted_dropout(h, mask, p) for mask in masks])
    first = mean(outputs, masks, p)
    torch.testing.assert_close(inverted_dropout_moments(h, p), (first, mean((outputs - h).square(), masks, p)))


@given(seeds(), drop_probabilities())
def test_inverted_dropout_is_torch_dropout_with_its_mask(seed, p):
    """torch.nn.Dropout scales while training, and its p is the probability of a zero."""
    h = activations(seed) + 5.0
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        expected = torch.nn.Dropout(p)(h)
    torch.testing.assert_close(inverted_dropout(h, (expected != 0).double(), p), expected)


def test_torch_dropout_is_the_identity_at_inference():
    assert torch.equal(torch.nn.Dropout(0.3).eval()(H), H)


def test_torch_drops_with_probability_p():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        dropped = torch.nn.Dropout(0.2)(torch.ones(100_000, dtype=torch.float64)) == 0
    # Five standard deviations of the share of zeros.
    assert abs(dropped.double().mean().item() - 0.2) < 5 * (0.2 * 0.8 / 100_000) ** 0.5


@given(seeds(), st.floats(0.05, 0.95))
def test_inverted_is_standard_rescaled(seed, p):
    """Both schemes differ by the factor 1 - p in every sample, so by its square in the variance."""
    h, mask = activations(seed), torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(standard_dropout(h, mask), (1 - p) * inverted_dropout(h, mask, p))
    torch.testing.assert_close(standard_dropout_moments(h, p)[1], (1 - p) ** 2 * inverted_dropout_moments(h, p)[1])


def test_no_dropout_changes_nothing():
    ones = torch.ones_like(H)
    assert torch.equal(H, inverted_dropout(H, ones, p=0.0))
    assert torch.equal(H, standard_dropout(H, ones))
    assert inverted_dropout_moments(H, p=0.0)[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradient_passes_only_kept_units(dtype):
    h = H.to(dtype, copy=True).requires_grad_()
    inverted_dropout(h, MASK.to(dtype), p=0.2).sum().backward()
    torch.testing.assert_close(h.grad, torch.tensor([1.25, 0.0, 1.25], dtype=dtype))


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_drop_probability_outside_its_range_is_refused(p):
    with pytest.raises(ValueError, match=r"p must be a number in \[0, 1\)"):
        inverted_dropout(H, MASK, p)


def test_keep_probability_value():
    assert keep_probability(0.2) == 0.8


@given(st.floats(0.05, 0.9))
def test_keep_probability_is_what_torch_divides_survivors_by(p):
    """Survivors of torch's dropout are divided by the keep probability."""
    kept = torch.nn.functional.dropout(torch.ones(1000, dtype=torch.float64), p)
    (value,) = kept[kept != 0].unique().tolist()
    assert value == pytest.approx(1 / keep_probability(p))
