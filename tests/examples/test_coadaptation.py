"""What the coadaptation example shows."""

from functools import partial

import torch

from examples import coadaptation
from examples.coadaptation import KINDS
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, coadaptation)
numbers = partial(numbers_of, coadaptation)


def test_both_noises_have_the_same_mean_and_variance(monkeypatch):
    p = 0.3  # at one half the variance is one and equals its root
    monkeypatch.setattr(coadaptation, "P", p)
    generator, hidden = torch.Generator().manual_seed(1), torch.full((200_000,), 3.0)
    for kind in ("dropout", "gaussian"):
        noisy = coadaptation.noisy(hidden, kind, generator)
        # Five standard errors of a mean with standard deviation three.
        assert abs(noisy.mean() - 3) < 5 * 3 / 200_000**0.5
        assert abs(noisy.var() / (9 * p / (1 - p)) - 1) < 0.02
    assert torch.equal(coadaptation.noisy(hidden, "plain", generator), hidden)


def test_gaussian_noise_removes_nothing():
    generator = torch.Generator().manual_seed(1)
    assert (coadaptation.noisy(torch.ones(10_000), "gaussian", generator) != 0).all()


def test_noise_protects_against_removal_whichever_it_is():
    assert numbers()["removed_wins"] == numbers()["seeds"]
    for kind in ("dropout", "gaussian"):
        assert numbers()[f"removed_{kind}"] > numbers()["removed_plain"] + 0.1
    # Standard error of the difference: about a hundredth.
    assert abs(numbers()["removed_dropout"] - numbers()["removed_gaussian"]) < 0.03


def test_intact_nets_are_equally_good():
    intact = [numbers()[f"intact_{kind}"] for kind in KINDS]
    assert max(intact) - min(intact) < 0.02


def test_units_stay_correlated():
    assert numbers()["correlation_dropout"] > 0.75 * numbers()["correlation_plain"]


def test_damage_only_grows():
    for kind in KINDS:
        assert (result().removed[kind].mean(1).diff() < 0.01).all()
        assert (result().pixels[kind].mean(1).diff() < 0.01).all()


def test_repeatable():
    assert_deterministic(coadaptation, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(coadaptation, result())
    assert {"removed_plain", "removed_dropout", "removed_gaussian"} <= placeholders("coadaptation", "alt")
