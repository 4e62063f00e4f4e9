"""What the scaling_paths example shows."""

import math
from functools import partial

import pytest
import torch

from examples import scaling_paths
from examples.scaling_paths import STAGES
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, scaling_paths)
numbers = partial(numbers_of, scaling_paths)


def test_every_stage_is_rounder_than_the_one_before():
    kappas = [numbers()[f"kappa_{stage}"] for stage in STAGES]
    assert kappas == sorted(kappas, reverse=True)
    assert kappas[-1] == pytest.approx(1)


def test_standardising_leaves_the_condition_number_of_the_correlation():
    assert numbers()["kappa_scaled"] == pytest.approx(numbers()["best_possible"])


def test_no_other_scaling_of_the_two_features_does_better():
    """Forsythe and Straus: for two features equal scales are the best ones."""
    Z = result().versions["scaled"]
    for factor in torch.logspace(-2, 2, 41, dtype=torch.float64):
        H = (Z * torch.stack([factor, 1 / factor])).T.cov(correction=0)
        values = torch.linalg.eigvalsh(H)
        assert values[1] / values[0] >= numbers()["best_possible"] * (1 - 1e-12)


@pytest.mark.parametrize("stage", ["raw", "centred", "scaled"])
def test_with_two_weights_the_law_is_exact(stage):
    """Both curvatures are extreme, so every step shrinks the distance by the best rate, from any start."""
    assert numbers()[f"steps_{stage}"] == math.ceil(numbers()[f"predicted_{stage}"])
    path = result().paths[stage].norm(dim=1)
    rate = numbers()[f"rate_predicted_{stage}"]
    torch.testing.assert_close(path[1:] / path[:-1], torch.full_like(path[1:], rate))
    assert numbers()[f"rate_{stage}"] == pytest.approx(rate)


def test_whitened_features_need_one_step():
    assert numbers()["steps_whitened"] == 1


def test_scaling_leaves_the_correlation_and_whitening_removes_it():
    assert numbers()["correlation_change"] == 1e-13
    assert numbers()["correlation_raw"] > 0.5
    for way in ("whitened", "pca"):
        assert abs(numbers()[f"correlation_{way}"]) < 1e-12


def test_centring_removes_the_cosine_of_the_common_offset():
    assert numbers()["cosine_raw"] > 0.9
    assert numbers()["cosine_centred"] == pytest.approx(numbers()["correlation_raw"])


def test_whitened_features_still_resemble_the_old_ones():
    """Turning back after whitening keeps every feature positively correlated with its origin; the signs of the
    principal axes are arbitrary.
    """
    new, old = result().versions["whitened"], result().versions["centred"]
    assert (((new * old).mean(0)) > 0.8 * old.std(0, correction=0)).any()
    assert (((new * old).mean(0)) > 0).all()


def test_broken_twin_with_too_long_a_step_leaves(monkeypatch):
    H = result().hessians["centred"]
    step = 2.02 / torch.linalg.eigvalsh(H)[-1].item()
    w = torch.tensor(scaling_paths.START, dtype=torch.float64)
    for _ in range(300):
        w = scaling_paths.gd_quadratic_step(w, H, torch.zeros_like(w), step)
    assert w.norm() > 10


def test_repeatable():
    assert_deterministic(scaling_paths, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(scaling_paths, result())
    assert placeholders("scaling_paths", "caption") == {"steps_drawn", "correlation_raw"}
