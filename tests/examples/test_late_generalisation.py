"""What the late_generalisation example shows."""

from functools import partial

from examples import late_generalisation
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, late_generalisation)
numbers = partial(numbers_of, late_generalisation)


def test_the_error_on_new_data_falls_long_after_the_training_error():
    found = numbers()
    assert found["late"] > 50 * found["early"]
    assert found["scale"] / 2 < found["late"] < 4 * found["scale"]
    assert found["new_last"] < found["new_early"] / 10


def test_without_decay_it_does_not_fall():
    assert numbers()["plain_last"] > 0.9 * numbers()["new_early"]


def test_the_error_on_new_data_is_that_predicted():
    # Left out is what decay takes from the weights that the data hold; it is small while the strength is.
    assert numbers()["gap"] < 0.15


def test_the_training_error_stays_small():
    at = late_generalisation.SHOWN.index(numbers()["early"])
    assert (result().train.mean(1)[at:] < 0.02 * result().train.mean(1)[0]).all()


def test_broken_twin_that_starts_at_zero_has_nothing_to_wait_for(monkeypatch):
    monkeypatch.setattr(late_generalisation, "LENGTH", 0.0)
    broken = late_generalisation.compute()
    assert broken.new.mean(1).max() < 10


def test_repeatable():
    assert_deterministic(late_generalisation, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(late_generalisation, result())
    assert {"early", "new_last"} <= placeholders("late_generalisation", "alt")
