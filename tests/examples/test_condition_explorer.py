"""What the condition_explorer example shows."""

import math
import random
from functools import cache
from itertools import product

import pytest
import torch

from examples import condition_explorer
from optnotes.descent import condition_number, gd_iterations
from tests.examples import assert_deterministic, assert_drawn, assert_plain, placeholders


@cache
def result():
    return condition_explorer.compute()


def numbers():
    return condition_explorer.numbers(result())


@cache
def frames():
    return condition_explorer.explore(result()).frames


STARTS = list(product(condition_explorer.ALONG, condition_explorer.ACROSS))
SETTINGS = [(*key, *start) for key in product(condition_explorer.KAPPAS, condition_explorer.RATES) for start in STARTS]


def start_of(key):
    return torch.tensor(key[2:], dtype=torch.float64)


def path_of(key):
    return torch.as_tensor(frames()[key].marks["path"].where())


@pytest.mark.parametrize("kappa", condition_explorer.KAPPAS)
def test_the_valley_has_the_condition_number_of_the_slider(kappa):
    H = condition_explorer.hessian(kappa)
    torch.testing.assert_close(condition_number(H).item(), float(kappa))
    torch.testing.assert_close(torch.linalg.eigvalsh(H)[-1].item(), 1.0)


@pytest.mark.parametrize("key", random.Random(40).sample(SETTINGS, 8))
def test_the_path_is_the_power_of_one_step(key):
    kappa, rate, *_ = key
    values, vectors = torch.linalg.eigh(condition_explorer.hessian(kappa))
    start = vectors.mT @ start_of(key)
    power = torch.arange(condition_explorer.DRAWN + 1)[:, None]
    expected = ((1 - rate * values) ** power * start) @ vectors.mT
    torch.testing.assert_close(path_of(key), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("key", random.Random(41).sample([key for key in SETTINGS if key[1] < 2], 6))
def test_steps_are_counted_exactly(key):
    values, vectors = torch.linalg.eigh(condition_explorer.hessian(key[0]))
    start = vectors.mT @ start_of(key)
    left = [
        ((1 - key[1] * values) ** n * start).norm() / start.norm()
        for n in (result().steps[key] - 1, result().steps[key])
    ]
    assert left[1] <= condition_explorer.TOLERANCE * (1 + 1e-6)
    assert left[0] > condition_explorer.TOLERANCE * (1 - 1e-6)


def test_past_the_limit_it_diverges_at_every_condition_number():
    for key, frame in frames().items():
        assert (frame.readout == "diverges") == (key[1] > 2), key
        assert (result().steps[key] is None) == (key[1] > 2)


def test_the_best_step_is_never_beaten():
    for key, frame in frames().items():
        if frame.readout == "readout" and key[0] > 1:
            assert frame.numbers["predicted"] >= gd_iterations(key[0], condition_explorer.TOLERANCE) * (1 - 1e-9)


def test_count_follows_the_prediction():
    assert 0.9 < numbers()["ratio_low"] < 1 < numbers()["ratio_high"] < 1.1
    assert 9 < numbers()["steps_100"] / numbers()["steps_10"] < 11


def test_playing_draws_one_step_after_the_other():
    """The words behind the slider are the number of steps, and each of them is one more point of the path."""
    explorer = condition_explorer.explore(result())
    assert explorer.controls["shown"] == tuple(range(len(path_of(SETTINGS[0]))))
    assert (explorer.play, set(explorer.grows)) == ("shown", {"path", "steps"})


def test_every_path_begins_at_its_start():
    for key in SETTINGS:
        torch.testing.assert_close(path_of(key)[0], start_of(key))


def test_on_the_floor_the_large_step_does_not_swing():
    """What the page says of the starts: across the valley the path swings, along it it creeps."""
    across = torch.tensor([-math.sin(condition_explorer.ANGLE), math.cos(condition_explorer.ANGLE)]).double()
    starts = (condition_explorer.FLOOR, condition_explorer.WALL)
    floor, wall = ((path_of((50, 1.75, *start)) @ across).abs()[1].item() for start in starts)
    assert wall > 5 * floor


def test_repeatable():
    assert_deterministic(condition_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(condition_explorer, result())
    assert {"drawn", "steps_10", "steps_100"} == placeholders("condition_explorer", "caption")
