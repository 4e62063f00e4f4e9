"""What the warmup_places example shows."""

from functools import partial

from examples import warmup_places
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, warmup_places)
numbers = partial(numbers_of, warmup_places)


def test_the_rate_that_breaks_post_norm_is_safe_with_pre_norm():
    found = numbers()
    assert found["post_large_most"] < 0.3
    assert found["pre_large_least"] > 0.7
    assert found["post_small_least"] > found["post_large_most"] + 0.1


def test_repeatable():
    assert_deterministic(warmup_places, result())


def test_published():
    assert_plain(numbers())
