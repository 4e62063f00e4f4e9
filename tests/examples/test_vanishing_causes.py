"""What the vanishing_causes example shows."""

from functools import partial

import pytest
import torch

from examples import vanishing_causes
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, vanishing_causes)
numbers = partial(numbers_of, vanishing_causes)


@pytest.mark.parametrize("factor", ["weights", "slopes"])
@pytest.mark.parametrize("case", vanishing_causes.CASES)
def test_both_factors_are_predicted(case, factor):
    # Geometric means over layers of 128 units lie one to two per cent below the root mean square that is predicted,
    # a little more where few units carry the signal.
    measured, predicted = numbers()[f"{factor}_{case}"], numbers()[f"{factor}_predicted_{case}"]
    torch.testing.assert_close(measured, predicted, rtol=0.04, atol=0.0)


def test_small_weights_move_one_factor_only():
    n = numbers()
    torch.testing.assert_close(n["weights_small"] / n["weights_healthy"], 0.5, rtol=0.01, atol=0.0)
    torch.testing.assert_close(n["slopes_small"], n["slopes_healthy"], rtol=0.01, atol=0.0)


@pytest.mark.parametrize("case", ["saturated", "sigmoid", "dead"])
def test_small_derivatives_move_the_other_factor(case):
    assert numbers()[f"slopes_{case}"] < 0.65 * numbers()["slopes_healthy"]
    assert numbers()[f"weights_{case}"] > 0.99
    assert numbers()[f"gain_{case}"] < 0.65


def test_saturation_by_large_weights_alone_explodes():
    n = numbers()
    assert n["slopes_large"] < n["slopes_saturated"]
    assert n["gain_large"] > 1.5
    assert n["gain_saturated"] < 0.5


def test_only_dead_units_are_silent_on_every_example():
    n = numbers()
    for case in ("sigmoid", "saturated", "large"):
        assert n[f"silent_one_{case}"] == n[f"silent_all_{case}"] == 0
    for case in ("healthy", "small"):
        torch.testing.assert_close(n[f"silent_one_{case}"], 0.5, rtol=0.02, atol=0.0)
        assert n[f"silent_all_{case}"] < 0.15
    # A killed unit is silent, and so is half of the rest on one example, and the healthy share of the rest on all.
    killed = vanishing_causes.DEAD
    torch.testing.assert_close(n["silent_one_dead"], killed + (1 - killed) / 2, rtol=0.02, atol=0.0)
    rest = (1 - killed) * n["silent_all_healthy"]
    torch.testing.assert_close(n["silent_all_dead"], killed + rest, rtol=0.03, atol=0.0)


def test_a_batch_of_independent_examples_silences_no_healthy_unit():
    # In the first layer examples are independent: half to the power of the batch size. Deeper they grow alike.
    case = vanishing_causes.CASES["healthy"]
    generator = torch.Generator().manual_seed(3)
    W, x = (torch.randn(512, k, generator=generator) for k in (64, vanishing_causes.BATCH))
    assert not (case.dphi(W @ x[:64]) == 0).all(1).any()


def test_broken_twin_without_killing_loses_the_difference(monkeypatch):
    monkeypatch.setattr(vanishing_causes, "KILLED", 0.0)
    monkeypatch.setattr(vanishing_causes, "SEEDS", 4)
    broken = vanishing_causes.measure(vanishing_causes.CASES["dead"], torch.Generator().manual_seed(1))
    assert broken[3].mean() < 0.2


def test_repeatable():
    assert_deterministic(vanishing_causes, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(vanishing_causes, result())
    assert {"silent_one_healthy", "silent_all_dead"} <= placeholders("vanishing_causes", "alt")
