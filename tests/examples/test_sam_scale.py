"""What the sam_scale example shows: a gain where labels are wrong, and a radius whose meaning hangs on the scale."""

from functools import partial

import pytest
import torch
from scipy.stats import t as student

from examples import sam_scale
from examples.sam_scale import RADIUS, SEEDS, T95
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, sam_scale)
numbers = partial(numbers_of, sam_scale)


def test_it_helps_with_wrong_labels_and_not_with_clean_ones():
    """The gain on wrong labels is above all that clean labels leave room for."""
    assert numbers()["least_noisy"] > numbers()["most_clean"] + 1
    assert numbers()["least_clean"] < 0


def test_the_same_function_at_another_scale_ends_worse():
    assert numbers()["same"] < 1e-10
    lost = 100 * (result().sam["noisy"] - result().sam["scaled"])
    assert lost.mean() > T95 * lost.std() / SEEDS**0.5 + 0.5


def test_the_point_lies_a_radius_further_up():
    generator = torch.Generator().manual_seed(3)
    X, given, _ = sam_scale.data(0.2, generator)
    layers = sam_scale.start(1.0, generator)
    slopes = sam_scale.gradient(X, given, layers)
    moved = [new - old for new, old in zip(sam_scale.ascended(layers, slopes, RADIUS), layers, strict=True)]
    length = sum(each.square().sum((1, 2)) for each in moved).sqrt()
    torch.testing.assert_close(length, torch.full((SEEDS,), RADIUS).double())
    along = sum((a * b).sum((1, 2)) for a, b in zip(moved, slopes, strict=True))
    torch.testing.assert_close(along, RADIUS * sum(each.square().sum((1, 2)) for each in slopes).sqrt())


def test_interval_is_that_of_student():
    assert pytest.approx(student.ppf(0.975, SEEDS - 1), abs=5e-4) == T95


def test_repeatable():
    assert_deterministic(sam_scale, result())


def test_published():
    assert_plain(numbers())
