"""What the clip_directions example shows."""

import math
from functools import partial

import torch

from examples import clip_directions
from optnotes.gradients import clip_by_value, value_clip_norm_bound
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, clip_directions)
numbers = partial(numbers_of, clip_directions)


def test_clipping_by_norm_keeps_the_direction():
    assert all((cosines > 1 - 1e-12).all() for cosines in result().by_norm.values())


def test_gaussian_gradients_follow_the_closed_form():
    predicted = clip_directions.gaussian_cosine(clip_directions.RELATIVE)[:, None]
    # 5856 components: the cosine of one vector is off by about one over their root, 0.013.
    assert (result().by_value["gaussian"] - predicted).abs().max() < 0.02


def test_closed_form_equals_a_numerical_mean():
    u = torch.randn(400_000, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    for c in (0.1, 1.0, 2.5):
        measured = torch.cosine_similarity(u, clip_by_value(u, c), 0)
        torch.testing.assert_close(
            clip_directions.gaussian_cosine(torch.tensor(c).double()), measured, rtol=0.003, atol=0.0
        )


def test_low_thresholds_leave_the_signs():
    for key in result().gradients:
        assert abs(numbers()[f"{key}_low"] - numbers()[f"{key}_signs"]) < 0.02
    assert abs(numbers()["gaussian_low"] - numbers()["gaussian_limit"]) < 0.01


def test_a_higher_threshold_never_turns_more():
    for cosines in result().by_value.values():
        assert (cosines.diff(dim=0) > -1e-12).all()
        assert cosines[-1].min() > 0.999


def test_networks_lose_more_direction_than_gaussian_vectors():
    assert (result().by_value["network"][:9] < result().by_value["gaussian"][:9]).all()


def test_length_exceeds_the_threshold_within_the_bound():
    d = numbers()["components"]
    for length in result().length.values():
        for c, row in zip(clip_directions.RELATIVE.tolist(), length, strict=True):
            assert (row <= value_clip_norm_bound(c, d) * (1 + 1e-12)).all()
    assert numbers()["bound"] > numbers()["longest"] > 10 * clip_directions.QUOTED


def test_steep_example_by_hand():
    # (1, 1) against (100, 1): 101 / (sqrt(2) sqrt(10001)).
    torch.testing.assert_close(numbers()["steep"], 101 / math.sqrt(2 * 10001))


def test_repeatable():
    assert_deterministic(clip_directions, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(clip_directions, result())
    assert {"network_low", "gaussian_limit"} <= placeholders("clip_directions", "alt")
