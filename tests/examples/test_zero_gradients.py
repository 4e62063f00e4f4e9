"""What the zero_gradients example shows, and how torch tells a missing gradient from one that is zero."""

import math
from functools import partial

import pytest
import torch

from examples import zero_gradients
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, zero_gradients)
numbers = partial(numbers_of, zero_gradients)


def test_inputs_far_from_the_origin_silence_units_and_centring_ends_it():
    n = numbers()
    assert n["share_far"] > 0.95
    assert n["share_centred"] == 0
    assert n["spread_far"] < 0.02 * n["spread_centred"]  # the output hardly depends on the input


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_offset_and_not_the_seed(seed):
    far, centred = (
        zero_gradients.inputs_far_away(offset, torch.Generator().manual_seed(seed)) for offset in (1000.0, 0.0)
    )
    assert far[0] > 0.95 > 0 == centred[0]


def test_a_factor_that_starts_at_zero_is_no_death_and_two_of_them_are():
    n = numbers()
    assert (n["share_adapter"], n["share_adapter_later"]) == (1, 0)
    assert (n["share_both"], n["share_both_later"]) == (1, 1)


def test_pixels_that_are_never_lit_give_their_weights_no_gradient():
    assert (numbers()["unlit"], numbers()["pixels"]) == (3, 64)
    assert numbers()["share_pixels"] == 3 / 64


def test_the_forward_signal_lasts_for_about_as_many_halvings_as_half_precision_has():
    # The root mean square of a He layer is one and halves per layer; the largest of 128 units lasts a little longer.
    assert numbers()["halvings"] == 24
    assert 24 <= numbers()["alive"] <= 29
    assert result().alive.max() < zero_gradients.LAYERS


def test_the_hidden_branch_gives_nan_and_a_safe_argument_zero():
    assert math.isnan(zero_gradients.hidden_branch(safe=False))
    assert numbers()["safe"] == 0


def test_none_means_no_path_and_zero_a_path_with_a_factor_of_zero():
    """The rule of page 31: cut from the graph a tensor has no gradient, behind a step it has one of zero."""
    x, cut = torch.tensor([0.3, 1.7], requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
    (torch.round(x).sum() + cut.detach().sum()).backward()
    assert x.grad.tolist() == [0, 0]
    assert cut.grad is None
    assert not torch.argmax(x).requires_grad
    for step in (torch.sign, torch.floor, torch.round, torch.ceil):
        assert torch.autograd.grad(step(x).sum(), x)[0].tolist() == [0, 0]


def test_straight_through_passes_a_gradient_of_one_and_the_rounded_value():
    x = torch.tensor([0.3, 1.7], requires_grad=True)
    through = x + (x.round() - x).detach()
    assert through.tolist() == [0, 2]
    assert torch.autograd.grad(through.sum(), x)[0].tolist() == [1, 1]


def test_zero_grad_leaves_none():
    layer = torch.nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    assert layer.weight.grad is not None
    layer.zero_grad()
    assert layer.weight.grad is None


def test_repeatable():
    assert_deterministic(zero_gradients, result())


def test_published():
    assert_plain(numbers())
