"""What the shattered_gradients example shows."""

from functools import partial

import torch

from examples import shattered_gradients
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

DEPTH = shattered_gradients.DEPTH


result = partial(result_of, shattered_gradients)
numbers = partial(numbers_of, shattered_gradients)


def test_shortcuts_follow_the_prediction_to_the_last_layer():
    measured = result().correlation["scaled"].mean(1)
    # Bands of a hundredth at the end, twenty seeds.
    assert (measured - result().predicted["scaled"]).abs().max() < 0.005


def test_the_plain_net_follows_the_prediction_and_then_falls_below_it():
    gap = result().correlation["plain"].mean(1) - result().predicted["plain"]
    assert gap[:5].abs().max() < 0.02
    # Finite width: fluctuations add up over the depth.
    assert gap.abs().max() < 0.12


def test_a_wider_net_comes_closer_to_the_prediction(monkeypatch):
    layer, gaps = 19, []
    predicted = result().predicted["plain"][layer]
    monkeypatch.setattr(shattered_gradients, "DEPTH", layer + 1)
    monkeypatch.setattr(shattered_gradients, "SEEDS", 80)
    for width in (16, 96):
        monkeypatch.setattr(shattered_gradients, "WIDTH", width)
        correlation, _, _ = shattered_gradients.measure("plain", torch.Generator().manual_seed(2))
        gaps.append((predicted - correlation[layer].mean()).item())
    assert gaps[0] > 2 * abs(gaps[1])


def test_a_layer_costs_less_the_deeper_it_lies():
    cost = 1 - result().predicted["plain"][1:] / result().predicted["plain"][:-1]
    assert (cost.diff() < 0).all()
    assert 0.01 < numbers()["cost_last"] < numbers()["cost_first"] < 0.05


def test_derivatives_shatter_but_are_no_white_noise():
    found = numbers()
    assert 0.9 < found["plain_1"] < 1
    assert 0.15 < found["plain_50"] < 0.5
    assert found["plain_10"] > 500 * found["halving"]
    assert found["scaled_50"] > found["plain_1"]


def test_independent_switches_would_halve_but_the_angle_closes():
    x, y = torch.tensor([[1.0], [-shattered_gradients.BIAS]], dtype=torch.float64)
    assert (x * y + shattered_gradients.BIAS).abs() < 1e-12  # uncorrelated signals to begin with
    pairs = [shattered_gradients.kernel(a, b, "plain")[:, 0] for a, b in ((x, y), (x, x), (y, y))]
    cosine = pairs[0] / torch.sqrt(pairs[1] * pairs[2])
    both_active = 1 - torch.acos(cosine.clamp(max=1)) / torch.pi  # share of the active units of one input
    assert 0.5 < both_active[0] < 0.75
    assert (both_active.diff() > 0).all()
    assert both_active[20] > 0.9
    # The share by which a layer keeps uncorrelated signals' slopes, by counting.
    u, v = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(1))
    assert abs(((u > 0) & (v > 0)).float().mean() / (u > 0).float().mean() - 0.5) < 0.01


def test_weights_below_he_kill_the_derivative_before_it_can_shatter():
    found = numbers()
    assert abs(found["small_size"] / found["small_size_predicted"] - 1) < 0.3
    assert found["small_50"] > 2 * found["plain_50"]
    assert 0.5 < found["plain_size"] < 2


def test_tangents_are_derivatives():
    """Finite differences of the same random net in double precision."""
    generator = torch.Generator().manual_seed(5)
    W, b = torch.randn(6, 6, generator=generator).double(), torch.randn(6, generator=generator).double()
    first = torch.randn(6, generator=generator).double()

    def net(x):
        return torch.relu(x * first + b) @ W

    x, h = torch.tensor(0.3).double(), 1e-6
    tangent = ((x * first + b > 0) * first) @ W
    torch.testing.assert_close((net(x + h) - net(x - h)) / (2 * h), tangent, rtol=1e-6, atol=1e-8)


def test_the_step_of_the_mixed_difference_does_not_matter():
    coarse, fine = (shattered_gradients.predict("plain", h) for h in (2e-3, 5e-4))
    torch.testing.assert_close(coarse, fine, rtol=1e-3, atol=0.0)


def test_repeatable():
    assert_deterministic(shattered_gradients, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(shattered_gradients, result())
    assert {"depth", "lag", "plain_50", "scaled_50", "small_50"} == placeholders("shattered_gradients", "alt")
