"""What the clip_percentile example shows."""

import math
from functools import partial

import torch

from examples import clip_percentile
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, clip_percentile)
numbers = partial(numbers_of, clip_percentile)


def test_share_is_the_rest_of_the_percentile_while_clipping_changes_little():
    # Once they are clipped, runs go their own way, on each processor another one: the median is known to some per cent.
    for level, most in zip(clip_percentile.LEVELS, (0.12, 0.25, 0.06), strict=True):
        assert abs(numbers()[f"share_moderate_{100 * level:.0f}"] - (1 - level)) < most


def test_high_percentile_changes_little_at_a_moderate_rate():
    assert abs(numbers()["change_moderate_90"]) < 0.25


def test_low_threshold_stands_in_for_a_smaller_learning_rate():
    found, (low, _, high) = numbers(), result().clipped[-20:, 1].mean((0, 2))
    # Means over the networks, which share starts and examples, so that their order is known better than their values.
    assert result().free[-20:, 1].mean() > high + 0.05
    assert high > low + 0.2
    assert abs(found["loss_large_10"] - found["free_moderate"]) < 0.3
    assert found["share_large_10"] > 0.95


def test_large_rate_spikes():
    assert numbers()["spike_large"] > numbers()["spike_moderate"]


def test_thresholds_are_percentiles_of_each_run():
    for j, level in enumerate(clip_percentile.LEVELS):
        below = (result().logged <= result().thresholds[:, j]).double().mean(0)
        assert (below - level).abs().max() < 2 / clip_percentile.STEPS


def test_infinite_thresholds_reproduce_the_log(monkeypatch):
    monkeypatch.setattr(clip_percentile, "STEPS", 5)
    rates = torch.full((clip_percentile.SEEDS,), clip_percentile.RATES["moderate"])
    norms, _ = clip_percentile.train(rates, torch.full_like(rates, math.inf))
    torch.testing.assert_close(norms, result().logged[:5, 0], rtol=1e-3, atol=0.0)
    clipped, _ = clip_percentile.train(rates, torch.full_like(rates, 1e-3))
    assert torch.equal(clipped[0], norms[0])
    assert not torch.allclose(clipped[1:], norms[1:], rtol=1e-3)


def test_repeatable():
    assert_deterministic(clip_percentile, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(clip_percentile, result())
    assert {"share_large_90_low", "free_moderate_high"} <= placeholders("clip_percentile", "alt")
