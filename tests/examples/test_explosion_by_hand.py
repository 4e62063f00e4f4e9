"""What the explosion_by_hand example shows: numbers that a pencil finds, too, and what libraries do with the parts."""

from functools import partial

import pytest
import torch

from examples import explosion_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, explosion_by_hand)
numbers = partial(numbers_of, explosion_by_hand)
PENCIL = {
    "out": 8,  # 2³
    "error": 7,
    "factor": 12,  # 3 × 2²
    "gradient": 84,
    "step": 8.4,
    "w1_free": -6.4,  # 2 - 8.4
    "gradient1_free": -263.144 * 122.88,  # (-6.4³ - 1) × 3 × 6.4²
    "w2_free": -6.4 + 0.1 * 263.144 * 122.88,
    "step_clipped": 0.4,
    "w1_clipped": 1.6,
    "gradient1_clipped": 3.096 * 7.68,  # (1.6³ - 1) × 3 × 1.6²
    "w2_clipped": 1.2,
    "curvature": 9,
    "bound": 2 / 9,
    "norm": 5,
    "whole_first": 0.6,
    "whole_second": 0.8,
    "apart_first": 1,
    "apart_second": 1,
    "apart_norm": 2**0.5,
    "mean_of_means": 3,
    "by_tokens": 3.5,  # (10 × 2 + 30 × 4) / 40
    "settled": 8 / 9,  # 0.1 × 1 + 0.9 (w - 1) = 0
    "noise_mean": 0,
    "pull": 0,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-9, abs=1e-12)


def test_torch_clips_the_whole_and_the_parts_like_the_page():
    whole = [torch.nn.Parameter(torch.zeros(1)) for _ in explosion_by_hand.SHARDS]
    for parameter, value in zip(whole, explosion_by_hand.SHARDS, strict=True):
        parameter.grad = torch.tensor([value])
    assert torch.nn.utils.clip_grad_norm_(whole, 1.0).item() == 5
    assert [each.grad.item() for each in whole] == pytest.approx([0.6, 0.8], rel=1e-5)
    for parameter, value in zip(whole, explosion_by_hand.SHARDS, strict=True):
        parameter.grad = torch.tensor([value])
        torch.nn.utils.clip_grad_norm_([parameter], 1.0)  # group by group, or what Keras calls clipnorm
    assert [each.grad.item() for each in whole] == pytest.approx([1, 1], rel=1e-5)


def test_the_mean_over_tokens_is_a_sum_divided_once():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(40, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    y = torch.randint(5, (40,), generator=generator)
    (whole,) = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, y), logits)
    parts = zip(logits.split([10, 30]), y.split([10, 30]), strict=True)
    summed = [torch.nn.functional.cross_entropy(x, t, reduction="sum") / 40 for x, t in parts]
    torch.testing.assert_close(torch.autograd.grad(sum(summed), logits)[0], whole)
    parts = zip(logits.split([10, 30]), y.split([10, 30]), strict=True)
    means = sum(torch.nn.functional.cross_entropy(x, t) / 2 for x, t in parts)
    assert not torch.allclose(torch.autograd.grad(means, logits)[0], whole)


def test_the_forget_gate_is_the_second_quarter_of_either_bias():
    """The page: order i, f, g, o; two biases that are added; one positive bias of the forget gate keeps the memory."""
    n, left = 3, {}
    for name in ("none", "bias_ih_l0", "bias_hh_l0"):
        cell = torch.nn.LSTM(2, n)
        with torch.no_grad():
            for parameter in cell.parameters():
                parameter.zero_()
            if name != "none":
                getattr(cell, name)[n : 2 * n] = 2.0
        memory = torch.ones(1, 1, n)
        left[name] = cell(torch.zeros(1, 1, 2), (torch.zeros(1, 1, n), memory))[1][1][0, 0, 0].item()
    assert left["none"] == pytest.approx(0.5)
    assert left["bias_ih_l0"] == left["bias_hh_l0"] == pytest.approx(torch.tensor(2.0).sigmoid().item())


def test_unscale_comes_before_clipping():
    """The page: otherwise the threshold applies to the multiplied gradient."""
    kept = {}
    for unscale in (True, False):
        w = torch.nn.Parameter(torch.ones(1))
        optimizer, scaler = torch.optim.SGD([w], lr=1.0), torch.amp.GradScaler("cpu", init_scale=1024.0)
        scaler.scale((0.5 * w).sum()).backward()
        if unscale:
            scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_([w], 1.0)
        scaler.step(optimizer)
        kept[unscale] = 1 - w.item()
    assert kept[True] == pytest.approx(0.5)  # below the threshold: left alone
    assert kept[False] < 0.01


def test_a_second_unscale_before_the_update_is_an_error():
    w = torch.nn.Parameter(torch.ones(1))
    optimizer, scaler = torch.optim.SGD([w], lr=1.0), torch.amp.GradScaler("cpu")
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called"):
        scaler.unscale_(optimizer)


def test_repeatable():
    assert_deterministic(explosion_by_hand, result())


def test_published():
    assert_plain(numbers())
