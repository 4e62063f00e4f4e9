"""What the loss_explorer example shows."""

import math
from functools import partial

import pytest
import torch

from examples import loss_explorer
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, loss_explorer)
numbers = partial(numbers_of, loss_explorer)


def outcomes(chosen=lambda key: True):
    return {key: loss_explorer.outcome(key, loss) for key, loss in result().loss.items() if chosen(key)}


def test_losses_and_gradients_are_those_of_autograd():
    for key, loss in result().loss.items():
        w = torch.tensor(loss_explorer.START).double().requires_grad_()
        value = (w ** key[2] - 1) ** 2 / 2
        (slope,) = torch.autograd.grad(value, w)
        assert loss[0].item() == pytest.approx(value.item())
        assert result().size[key][0].item() == pytest.approx(abs(slope.item()))


def test_no_clipped_run_flies_away_and_deep_ones_do_without():
    assert set(outcomes(lambda key: key[0] != "none").values()) == {"settled", "swings", "slow"}
    assert set(outcomes(lambda key: key[0] == "none" and key[2] > 3).values()) == {"flown"}
    n = numbers()
    assert (n["flown_clipped"], n["settled_above"]) == (0, 0)
    assert n["flown_free"] >= 20


def test_nothing_settles_above_the_bound_and_no_step_is_longer_than_allowed():
    assert "settled" not in outcomes(lambda key: key[1] > loss_explorer.bound(key[2])).values()
    for depth in loss_explorer.DEPTHS:
        assert loss_explorer.bound(depth) == pytest.approx(2 / depth**2)


def test_the_links_of_the_page_lead_where_it_says():
    assert loss_explorer.BEGIN == ("none", 0.1, 3)
    found = outcomes()
    assert found["none", 0.1, 3] == "flown"
    assert found["three", 0.1, 3] == "settled"
    assert found["none", 0.001, 12] == "flown"
    assert found["three", 0.25, 3] == "swings"


def test_a_bound_twice_as_large_would_be_noticed(monkeypatch):
    monkeypatch.setattr(loss_explorer, "bound", lambda depth: 1 / depth**2)
    assert "settled" in outcomes(lambda key: key[1] > loss_explorer.bound(key[2])).values()


def test_the_curves_stay_finite():
    for frame in loss_explorer.explore(result()).frames.values():
        assert all(math.isfinite(value) for value in frame.marks["loss"].flatten().tolist())


def test_repeatable():
    assert_deterministic(loss_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(loss_explorer, result())
    assert {"rate", "steps"} == placeholders("loss_explorer", "alt")
