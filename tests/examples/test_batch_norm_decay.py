"""What the batch_norm_decay example shows."""

from functools import partial

import pytest
import torch

from examples import batch_norm_decay
from examples.batch_norm_decay import LAM, LR, RUNS, UNITS
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, batch_norm_decay)
numbers = partial(numbers_of, batch_norm_decay)


def test_decay_is_a_growing_learning_rate():
    """Losses and directions agree at every step, though the norms part by more than an order of magnitude."""
    # Rounding grows along the path.
    assert numbers()["same_loss"] == numbers()["same_direction"] == 1e-8
    assert numbers()["norm_schedule"] > 10 * numbers()["norm_decay"]
    assert numbers()["other_loss"] > 0.01


def test_turn_settles_at_its_prediction():
    """With decay a unit's weights turn by the root of 2ηλ per step, whatever the loss."""
    # The gradient grows or shrinks little over the last steps, but not at all only in the limit.
    assert numbers()["turn_decay"] == pytest.approx(numbers()["predicted"], rel=0.02)
    assert numbers()["turn_schedule"] == pytest.approx(numbers()["turn_decay"], rel=1e-6)


def test_without_decay_the_turn_fades_and_the_norm_only_grows():
    """A gradient at right angles to the weights can only lengthen them."""
    assert numbers()["turn_plain"] < 0.5 * numbers()["predicted"]
    plain = result().norm[list(RUNS).index("plain")]
    assert (plain.diff(dim=0) > 0).all()


def test_gradient_is_at_right_angles_to_the_weights():
    X, y = batch_norm_decay.data()
    generator = torch.Generator().manual_seed(1)
    W = torch.randn(X.shape[1], UNITS, generator=generator, dtype=X.dtype)
    out = torch.randn(UNITS, 10, generator=generator, dtype=X.dtype)
    loss = batch_norm_decay.losses(W.requires_grad_()[None], out[None], X[:40], y[:40])
    (slope,) = torch.autograd.grad(loss.sum(), W)
    assert ((W * slope).sum(0).abs() < 1e-10 * W.norm(dim=0) * slope.norm(dim=0)).all()


def test_scale_of_the_weights_is_nothing_scale_of_the_gain_is_all():
    assert numbers()["scaled_weights"] == 1e-10
    assert numbers()["scaled_gains"] == pytest.approx(1 - 1 / numbers()["factor"], rel=1e-9)


def test_decay_of_the_gains_fades_the_signal_and_sparing_them_restores_it():
    """Every gain starts at one; the advice of the page is followed to the letter."""
    assert numbers()["gain_all"] < 0.7 < 0.9 < numbers()["gain_matrices"]
    assert numbers()["signal_all"] < 0.7 * numbers()["signal_matrices"]


def test_broken_twin_that_spares_nothing_loses_its_gains(monkeypatch):
    everything = batch_norm_decay.parameters
    monkeypatch.setattr(batch_norm_decay, "parameters", lambda model, spare: everything(model, False))
    assert batch_norm_decay.deep(0, spare=True)[0] < 0.7


def test_all_runs_learn():
    for name in RUNS:
        # Guessing costs ln 10 = 2.3.
        assert numbers()[f"test_{name}"] < 1.5


def test_broken_twin_with_half_the_growth_parts_from_decay(monkeypatch):
    _, losses, *_ = batch_norm_decay.train(*small())
    torch.testing.assert_close(losses[1], losses[2], rtol=1e-9, atol=0)
    monkeypatch.setattr(batch_norm_decay, "LAM", LAM / 2)  # the runs with decay keep theirs
    _, losses, *_ = batch_norm_decay.train(*small())
    assert (losses[1] - losses[2]).abs().max() > 1e-3


def small():
    """Two seeds and forty batches."""
    generator = torch.Generator().manual_seed(2)
    width = batch_norm_decay.data()[0].shape[1]
    start = torch.randn(2, width, UNITS, generator=generator, dtype=torch.float64) / 8
    out = torch.randn(2, UNITS, 10, generator=generator, dtype=torch.float64) / 2
    return start, out, torch.randint(1000, (40, 2, 32), generator=generator)


def test_rate_grows_by_the_predicted_factor():
    assert numbers()["growth"] == pytest.approx((1 - LR * LAM) ** -(2 * numbers()["steps"]))


def test_repeatable():
    assert_deterministic(batch_norm_decay, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(batch_norm_decay, result())
    assert {"turn_decay", "predicted", "norm_schedule"} <= placeholders("batch_norm_decay", "alt")
