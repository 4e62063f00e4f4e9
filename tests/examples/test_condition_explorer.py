"""What the condition_explorer example shows."""

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


START = torch.tensor(condition_explorer.START, dtype=torch.float64)
SETTINGS = list(product(condition_explorer.KAPPAS, condition_explorer.RATES))


@pytest.mark.parametrize("kappa", condition_explorer.KAPPAS)
def test_the_valley_has_the_condition_number_of_the_slider(kappa):
    H = condition_explorer.hessian(kappa)
    torch.testing.assert_close(condition_number(H).item(), float(kappa))
    torch.testing.assert_close(torch.linalg.eigvalsh(H)[-1].item(), 1.0)


@pytest.mark.parametrize("key", random.Random(40).sample(SETTINGS, 8))
def test_the_path_is_the_power_of_one_step(key):
    kappa, rate = key
    values, vectors = torch.linalg.eigh(condition_explorer.hessian(kappa))
    start = vectors.mT @ START
    power = torch.arange(condition_explorer.DRAWN + 1)[:, None]
    expected = ((1 - rate * values) ** power * start) @ vectors.mT
    torch.testing.assert_close(frames()[key].marks["path"], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("key", random.Random(41).sample([key for key in SETTINGS if key[1] < 2], 6))
def test_steps_are_counted_exactly(key):
    values, vectors = torch.linalg.eigh(condition_explorer.hessian(key[0]))
    start = vectors.mT @ START
    left = [
        ((1 - key[1] * values) ** n * start).norm() / start.norm()
        for n in (result().steps[key] - 1, result().steps[key])
    ]
    assert left[1] <= condition_explorer.TOLERANCE * (1 + 1e-6)
    assert left[0] > condition_explorer.TOLERANCE * (1 - 1e-6)


def test_past_the_limit_it_diverges_at_every_condition_number():
    for (kappa, rate), frame in frames().items():
        assert (frame.readout == "diverges") == (rate > 2), (kappa, rate)
        assert (result().steps[kappa, rate] is None) == (rate > 2)


def test_the_best_step_is_never_beaten():
    for key, frame in frames().items():
        if frame.readout == "readout" and key[0] > 1:
            assert frame.numbers["predicted"] >= gd_iterations(key[0], condition_explorer.TOLERANCE) * (1 - 1e-9)


def test_count_follows_the_prediction():
    assert 0.9 < numbers()["ratio_low"] < 1 < numbers()["ratio_high"] < 1.1
    assert 9 < numbers()["steps_100"] / numbers()["steps_10"] < 11


def test_repeatable():
    assert_deterministic(condition_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(condition_explorer, result())
    assert {"drawn", "steps_10", "steps_100"} == placeholders("condition_explorer", "caption")
