"""What the splits example shows: each careless split promises more than new data keep, each right one does not."""

from functools import partial

import numpy as np
import torch
from scipy.stats import binom

from examples import splits
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, splits)
numbers = partial(numbers_of, splits)


def test_the_best_of_many_useless_models_flatters():
    # The means over seeds have a standard error of 0.02.
    assert numbers()["chosen_same"] > 0.62
    assert abs(numbers()["chosen_nested"] - 0.5) < 0.08
    assert abs(numbers()["chosen_new"] - 0.5) < 0.08


def test_no_best_of_equal_models_flatters_beyond_the_bound():
    """Exact mean of the largest of independent binomials, over the ranges in which anybody tunes."""
    excess = {}
    for count in (2, 7, splits.MODELS, 5000):
        for examples in (5, splits.EXAMPLES, 1000):
            for accuracy in (0.03, 0.3, 0.5, 0.85, 0.99):
                below = binom.cdf(np.arange(examples), examples, accuracy) ** count
                bound = (np.log(count) / (2 * examples)) ** 0.5
                excess[count, examples, accuracy] = ((1 - below).sum() / examples - accuracy) / bound
    assert max(excess.values()) < 1
    assert excess[splits.MODELS, splits.EXAMPLES, 0.5] > 0.8
    assert numbers()["chosen_same"] < numbers()["chosen_bound"] < numbers()["chosen_same"] + 0.06


def test_copies_on_both_sides_flatter():
    assert numbers()["people_mixed"] > 0.98
    assert abs(numbers()["people_grouped"] - 0.5) < 0.1
    assert abs(numbers()["people_new"] - 0.5) < 0.1


def test_a_walk_split_at_random_flatters():
    assert numbers()["walk_mixed"] < 2
    assert min(numbers()["walk_ordered"], numbers()["walk_new"]) > 10


def test_one_standard_error_keeps_fewer_useless_features_at_a_price():
    assert numbers()["one_error_kept_strong"] < numbers()["one_error_kept_least"] / 2
    assert numbers()["one_error_least"] < numbers()["one_error_strong"] < 1.3 * numbers()["one_error_least"]


def test_the_median_of_the_folds_is_nearly_as_good_as_the_best_number_of_steps():
    found = numbers()
    assert found["stopping_best"] <= found["stopping_median"] < 1.1 * found["stopping_best"]
    assert found["stopping_end"] > 1.3 * found["stopping_median"]


def test_the_fold_that_stops_descent_flatters_and_another_part_does_not():
    judged = result().judged
    flattered, honest = judged[:, 0] - judged[:, 2], judged[:, 1] - judged[:, 3]
    error = flattered.std() / len(judged) ** 0.5
    assert flattered.mean() < -2 * error
    assert honest.mean().abs() < 3 * honest.std() / len(judged) ** 0.5


def test_folds_hold_every_row_once():
    found = torch.cat(splits.folds(53, torch.Generator().manual_seed(0)))
    assert sorted(found.tolist()) == list(range(53))


def test_repeatable():
    assert_deterministic(splits, result())


def test_published():
    assert_plain(numbers())
