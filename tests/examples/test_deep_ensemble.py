"""What the deep_ensemble example shows."""

from functools import partial

import pytest

from examples import deep_ensemble
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, deep_ensemble)
numbers = partial(numbers_of, deep_ensemble)


@pytest.mark.parametrize("name", ["clean", "noisy"])
def test_the_mean_of_nets_is_better_than_the_nets_are_on_average(name):
    # Jensen's inequality, for every data set.
    members = sum(result().loss[f"member_{i}_{name}"] for i in range(deep_ensemble.MEMBERS)) / deep_ensemble.MEMBERS
    assert (result().loss[f"ensemble_{name}"] < members).all()


@pytest.mark.parametrize("name", ["clean", "noisy"])
def test_separate_nets_beat_subnets_of_one_here(name):
    assert numbers()[f"ahead_{name}"] < -3 * numbers()[f"error_{name}"]


def test_repeatable():
    assert_deterministic(deep_ensemble, result())


def test_published():
    assert_plain(numbers())
