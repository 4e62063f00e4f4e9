"""What the well_escape example shows."""

from functools import partial

import torch

from examples import well_escape
from examples.well_escape import NOISES, WALKERS
from optnotes.descent import tilted_double_well_gradient
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, well_escape)
numbers = partial(numbers_of, well_escape)


def test_minima_are_minima():
    for y in well_escape.minima():
        point = torch.tensor(y, dtype=torch.float64)
        assert tilted_double_well_gradient(point).abs() < 1e-12
        assert 3 * y**2 - 1 > 0


def test_escapes_follow_the_mean_first_passage_time():
    # Largest standard error of a share: 0.025; the steps of finite length add about as much at strong noise.
    assert numbers()["gap"] < 3 * (0.25 / WALKERS) ** 0.5
    assert abs(numbers()["escaped"] - numbers()["escaped_predicted"]) < 2 * numbers()["escaped_error"]


def test_weak_noise_stays_and_strong_noise_leaves():
    assert numbers()["escaped_weak"] < 0.05
    assert numbers()["escaped_strong"] > 0.95
    assert (result().escaped.diff() >= 0).all()


def test_height_of_the_barrier():
    # The roots of the derivative, inserted by hand.
    assert abs(numbers()["barrier"] - 0.0817) < 1e-3


def test_broken_twin_with_the_temperature_doubled_misses(monkeypatch):
    shares = torch.tensor([well_escape.predicted(2**0.5 * noise) for noise in NOISES])
    assert (shares - result().escaped).abs().max() > 0.3


def test_repeatable():
    assert_deterministic(well_escape, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(well_escape, result())
    assert {"escaped", "escaped_weak", "escaped_strong"} <= placeholders("well_escape", "alt")
