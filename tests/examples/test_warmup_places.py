"""What the warmup_places example shows."""

from functools import partial

import torch

from examples import warmup_places
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, warmup_places)
numbers = partial(numbers_of, warmup_places)


def test_the_rate_that_breaks_post_norm_is_safe_with_pre_norm():
    found = numbers()
    assert found["post_small_least"] > found["post_large_mean"] + 0.1
    assert found["pre_large_least"] > 0.7


def test_warm_up_removes_the_failure_at_the_same_rate():
    found = numbers()
    # Means over the seeds of one net differ by some 0.04 from machine to machine; this is twice that and more.
    assert found["warm_large_mean"] > found["post_large_mean"] + 0.1


def test_warm_up_does_not_rescue_every_rate():
    assert numbers()["warm_huge_mean"] < numbers()["warm_large_mean"] - 0.1


def test_the_rate_of_a_warm_up_grows_in_proportion(monkeypatch):
    """One step of Adam is as long as the rate: with a warm-up of two steps the first is half as long."""
    monkeypatch.setattr(warmup_places, "DEPTH", 2)
    monkeypatch.setattr(warmup_places, "STEPS", 1)
    accuracy = [warmup_places.train("post", *rest) for rest in ((0, [0.01]), (2, [0.02]))]
    assert torch.equal(*accuracy)


def test_repeatable():
    assert_deterministic(warmup_places, result())


def test_published():
    assert_plain(numbers())
