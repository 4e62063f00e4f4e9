"""What the adam_spikes example shows."""

import math
from functools import partial

import pytest
import torch

from examples import adam_spikes
from tests.attack.search import SEED, Choice, Interval, Statement
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, adam_spikes)
numbers = partial(numbers_of, adam_spikes)


def test_the_bound_is_attained_and_a_lone_spike_gives_less():
    n = numbers()
    assert n["bound"] == pytest.approx(7.27, abs=0.01)
    assert n["worst"] == pytest.approx(n["bound"], rel=1e-6)
    assert n["alone"] == pytest.approx(n["single"], rel=1e-6)
    assert n["single"] == pytest.approx(math.sqrt(10), rel=1e-6)


def room(seed, growth, noise):
    """Room below the bound for a course of gradients that grow, with noise."""
    generator = torch.Generator().manual_seed(seed)
    course = growth ** torch.arange(-299.0, 1.0).double() * (1 + noise * torch.randn(300, generator=generator).double())
    return numbers()["bound"] + 1e-6 - adam_spikes.lengths(course).max().item()


def test_the_search_finds_no_longer_step():
    domain = {"seed": SEED, "growth": Interval(1.0, 1.5), "noise": Choice((0.0, 0.1, 1.0))}
    Statement("no step of Adam exceeds its bound", domain, room, draws=20, steps=5).check()


def test_torch_takes_the_same_long_step():
    """With full moments: after many steps the correction of the start has gone."""
    w = torch.nn.Parameter(torch.zeros(1).double())
    optimizer = torch.optim.Adam([w], lr=1.0, eps=1e-30)
    for k in range(12000, -1, -1):
        w.grad = torch.tensor([(0.9 / 0.999) ** k if k < 400 else 0.0]).double()
        before = w.item()
        optimizer.step()
    assert abs(w.item() - before) == pytest.approx(numbers()["bound"], rel=1e-3)


def test_a_spike_slows_adam_down_for_long_and_clipping_prevents_it():
    assert numbers()["among"] < 0.4
    assert numbers()["cut"] == pytest.approx(1)
    assert result().lengths["among"][0] > 2  # the spike itself


def test_clipped_noise_moves_the_minimum():
    n = numbers()
    assert abs(n["settles_free"]) < 0.05
    assert n["settles_clipped"] == pytest.approx(n["predicted"], abs=0.005)
    assert n["predicted"] == pytest.approx(8 / 9)


def test_repeatable():
    assert_deterministic(adam_spikes, result())


def test_published():
    assert_plain(numbers())
