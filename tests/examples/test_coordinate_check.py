"""What the coordinate_check example shows."""

from functools import partial

import torch

from examples import coordinate_check
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, coordinate_check)
numbers = partial(numbers_of, coordinate_check)


def test_with_one_rate_the_change_grows_with_the_width():
    found = numbers()
    assert found["same_hidden"] > 0.6 * found["times"]
    assert found["same_output"] > 0.6 * found["times"]


def test_with_a_rate_over_the_width_it_stays():
    assert 0.5 < numbers()["divided_hidden"] < 2
    assert 0.3 < numbers()["divided_output"] < 2


def test_both_rules_agree_at_the_narrowest_width():
    torch.testing.assert_close(result().moved["same"][0], result().moved["divided"][0])


def test_repeatable():
    assert_deterministic(coordinate_check, result())


def test_published():
    assert_plain(numbers())
