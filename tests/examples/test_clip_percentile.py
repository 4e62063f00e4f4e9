"""What the clip_percentile example shows."""

import math
from functools import partial

import torch

from examples import clip_percentile
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, clip_percentile)
numbers = partial(numbers_of, clip_percentile)


def test_share_is_the_rest_of_the_percentile_while_clipping_changes_little():
    for level in clip_percentile.LEVELS:
        # Runs diverge a little once they are clipped, and 120 steps give shares of some per cent accuracy.
        assert abs(numbers()[f"share_moderate_{100 * level:.0f}"] - (1 - level)) < 0.12
    assert abs(numbers()["share_moderate_90"] - 0.1) < 0.03


def test_high_percentile_changes_little_at_a_moderate_rate():
    assert abs(numbers()["loss_moderate_90"] - numbers()["free_moderate"]) < 0.25


def test_low_threshold_stands_in_for_a_smaller_learning_rate():
    found = numbers()
    assert found["free_large"] > 2
    assert found["free_large"] > found["loss_large_90"] > found["loss_large_50"] > found["loss_large_10"]
    assert abs(found["loss_large_10"] - found["free_moderate"]) < 0.3
    assert found["share_large_10"] > 0.95


def test_large_rate_spikes():
    assert numbers()["spike_large"] > 2 * numbers()["spike_moderate"]


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
    assert {"share_large_90", "free_moderate"} <= placeholders("clip_percentile", "alt")
