"""What the exact_zeros example shows."""

from functools import partial

import pytest
import torch

from examples import exact_zeros
from optnotes.penalties import kkt_violation, proximal_gradient_step, soft_threshold
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, exact_zeros)
numbers = partial(numbers_of, exact_zeros)


def test_coordinate_descent_solves_every_problem():
    X, y, _ = exact_zeros.data()
    for A, b, w in zip(X, y, result().w_cd, strict=True):
        assert kkt_violation(A, b, w, exact_zeros.LAM, 0.0).max() < 1e-10


def test_proximal_steps_reach_the_zeros_of_coordinate_descent():
    assert numbers()["zeros_prox"] == numbers()["zeros_cd"]
    assert numbers()["same_support"] == exact_zeros.SEEDS
    # The slowest of the kept directions still has a little way to go after the last step.
    assert numbers()["prox_error"] < 1e-5


def test_proximal_zeros_do_not_leave_again():
    last = (result().prox[-exact_zeros.TAIL :] == 0).sum(-1)
    assert (last == last[-1]).all()


def test_subgradients_and_adam_never_land_on_zero():
    assert numbers()["zeros_subgradient"] == 0
    assert not (result().subgradient == 0).any()
    assert numbers()["zeros_adam"] == 0


def test_adam_reaches_the_zeros_with_a_threshold_divided_as_its_gradient_and_not_with_another():
    dead = result().w_cd[: exact_zeros.FEW] == 0
    assert ((result().w_adam_prox == 0) == dead).all()
    assert numbers()["zeros_adam_prox"] == numbers()["zeros_few"]
    assert numbers()["zeros_adam_plain"] < numbers()["zeros_few"] / 2


def test_subgradient_weights_stay_within_the_predicted_bound():
    # The bound takes the slope of the data loss at the optimum; the other weights jump too and move it a little.
    assert numbers()["largest_subgradient"] < 1.05 * numbers()["bound"]
    assert numbers()["largest_subgradient"] > 0.8 * numbers()["bound"]


def test_subgradient_weights_spread_evenly_over_the_predicted_interval():
    # A weight jumps by step times (strength ± slope): a rotation of an interval of length twice step times strength.
    # Its absolute value has its median at half of step times strength for a slope of zero, a little above otherwise.
    assert 0.5 * numbers()["eta_lambda"] < numbers()["median_subgradient"] < 0.6 * numbers()["eta_lambda"]
    # The curvature of the data loss shortens the jumps, so that more weights are small than an even spread has.
    excess = numbers()["small_subgradient"] - numbers()["small_predicted"]
    assert 0 < excess < 0.2 * numbers()["small_predicted"]


def test_cross_validation_is_not_needed_to_keep_noise():
    assert numbers()["true_missed"] == 0
    assert numbers()["false_kept"] > 1


@pytest.mark.parametrize("step", [0, 100])
def test_a_proximal_step_is_that_of_the_page(step):
    X, y, _ = (part[0] for part in exact_zeros.data())
    before, after = result().prox[step : step + 2, 0]
    stepped = proximal_gradient_step(X, y, before, exact_zeros.LR, exact_zeros.LAM, 0.0)
    assert (stepped - after).abs().max() < 1e-12


def test_broken_twin_with_a_halved_threshold_misses_the_zeros(monkeypatch):
    monkeypatch.setattr(exact_zeros, "soft_threshold", lambda v, threshold: soft_threshold(v, threshold / 2))
    broken = exact_zeros.numbers(exact_zeros.compute())
    assert broken["same_support"] == 0
    assert broken["zeros_prox"] < broken["zeros_cd"] - 5


def test_repeatable():
    assert_deterministic(exact_zeros, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(exact_zeros, result())
    assert {"zeros_prox", "bound"} <= placeholders("exact_zeros", "alt")


@pytest.mark.parametrize("name", ["prox", "subgradient"])
def test_all_paths_start_at_the_same_random_weights(name):
    torch.testing.assert_close(getattr(result(), name)[0], exact_zeros.data()[2])
