"""What the target_scale example shows."""

from functools import partial

from examples import target_scale
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, target_scale)
numbers = partial(numbers_of, target_scale)


def test_the_rate_that_fits_moves_by_orders_of_magnitude():
    found = numbers()
    assert found["scaled_rate"] >= 0.01
    assert found["raw_rate"] <= 1e-4
    assert found["scaled_usual"] < 0.7


def test_at_the_usual_rate_raw_targets_teach_nothing():
    assert (result().raw[-1] > 0.95).all()
    assert (result().scaled[-1] < 0.8).all()


def test_adam_hardly_sets_out_on_raw_targets():
    found = numbers()
    assert found["adam_scaled"] < 0.5
    assert found["adam_raw"] > 4  # the mean of the target alone is four of its variances


def test_repeatable():
    assert_deterministic(target_scale, result())


def test_published():
    assert_plain(numbers())
