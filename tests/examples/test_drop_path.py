"""What the drop_path example shows: the division is needed, and a mask for each example is the quieter one."""

from functools import partial

import pytest
import torch
from scipy.stats import t as student

from examples import drop_path
from examples.drop_path import SEEDS, T95, WIDTH, P
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, drop_path)
numbers = partial(numbers_of, drop_path)


def test_a_mask_for_each_example_is_quieter():
    assert 2 * numbers()["noise_example"] < numbers()["noise_batch"]


def test_without_the_division_accuracy_is_lost_and_with_it_nothing_that_could_be_told_from_chance():
    assert numbers()["gain_undivided"] < -numbers()["half_undivided"]
    assert abs(numbers()["gain_example"]) + numbers()["half_example"] < numbers()["most"]


def test_over_masks_a_branch_has_the_mean_of_inference():
    generator = torch.Generator().manual_seed(4)
    X, _, _ = drop_path.data(generator)
    first, branches, last = drop_path.start(generator)
    layers = first, branches[:1], last  # one block: the output is linear in its mask
    X = X[:, :1]

    def passed(way, mask):
        return drop_path.outputs(X, layers, way, torch.full((1, SEEDS, 1, 1), mask).double())

    mean = P * passed("example", 0.0) + (1 - P) * passed("example", 1.0)
    whole = drop_path.outputs(X, layers, "example", None)
    torch.testing.assert_close(mean, whole)
    undivided = P * passed("undivided", 0.0) + (1 - P) * passed("undivided", 1.0)
    assert (undivided - whole).abs().max() > 0.01


def test_masks_of_a_batch_are_shared():
    generator = torch.Generator().manual_seed(5)
    assert drop_path.masks("plain", generator) is None
    assert drop_path.masks("batch", generator).shape[2] == 1
    drawn = drop_path.masks("example", generator)
    assert drawn.mean() == pytest.approx(1 - P, abs=0.05)
    assert drop_path.start(generator)[1].shape[-1] == WIDTH


def test_interval_is_that_of_student():
    assert pytest.approx(student.ppf(0.975, SEEDS - 1), abs=5e-4) == T95


def test_repeatable():
    assert_deterministic(drop_path, result())


def test_published():
    assert_plain(numbers())
