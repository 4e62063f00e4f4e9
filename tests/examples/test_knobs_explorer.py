"""What the knobs_explorer example shows."""

from functools import partial

import pytest
import torch

from examples import knobs_explorer
from optnotes.features import fit_standardizer, standardize
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, knobs_explorer)
numbers = partial(numbers_of, knobs_explorer)


@pytest.mark.parametrize("knob", knobs_explorer.KNOBS)
def test_each_knob_closes_the_gap_and_too_much_of_it_hurts(knob):
    found = numbers()
    assert 0 < found[f"best_{knob}"] < found["last"]
    assert found[f"valid_{knob}"] < 0.5 * found["valid_off"]
    assert found[f"train_{knob}"] > found["train_off"]
    assert found[f"end_{knob}"] > 1.3 * found[f"valid_{knob}"]


@pytest.mark.parametrize("knob", knobs_explorer.KNOBS)
def test_the_training_error_rises_with_the_knob(knob):
    errors = torch.tensor([result().errors[knob, position][0] for position in knobs_explorer.POSITIONS])
    assert (errors.diff() > -1e-9).all()


def training():
    x, y = result().train.T
    A = knobs_explorer.basis(x)
    return standardize(A, *fit_standardizer(A)), y - y.mean()


@pytest.mark.parametrize(("knob", "value"), [("noise", 0.4), ("dropout", 0.3)])
def test_noise_and_dropout_fitted_on_many_copies_are_what_the_knob_draws(knob, value):
    Z, y = training()
    generator, copies = torch.Generator().manual_seed(0), 40_000
    shape = (copies, *Z.shape)
    if knob == "noise":
        noisy = Z + value * torch.randn(shape, generator=generator, dtype=Z.dtype)
    else:
        noisy = Z * (torch.rand(shape, generator=generator) >= value) / (1 - value)
    gram, pull = torch.einsum("cni,cnj->ij", noisy, noisy), torch.einsum("cni,n->i", noisy, y)
    expected = torch.linalg.solve(gram, pull)
    assert (knobs_explorer.fit(knob, value, Z, y) - expected).norm() < 0.05 * expected.norm()


def test_stopping_is_gradient_descent():
    Z, y = training()
    w = torch.zeros(Z.shape[1], dtype=Z.dtype)
    for _ in range(50):
        w = w - knobs_explorer.LR * Z.T @ (Z @ w - y) / len(y)
    torch.testing.assert_close(knobs_explorer.fit("steps", 50, Z, y), w, rtol=1e-6, atol=1e-6)


def test_the_sentence_names_the_side():
    frames = knobs_explorer.explore(result()).frames
    assert frames["l2", 0].readout == "weak"
    assert frames["l2", numbers()["best_l2"]].readout == "best"
    assert frames["steps", 8].readout == "strong"


def test_repeatable():
    assert_deterministic(knobs_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(knobs_explorer, result())
    assert {"train_off", "valid_l2"} <= placeholders("knobs_explorer", "alt")
