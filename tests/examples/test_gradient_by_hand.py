"""What the gradient_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest
import torch

from examples import gradient_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, gradient_by_hand)
numbers = partial(numbers_of, gradient_by_hand)
PENCIL = {
    "error": 0.5,  # 0.9 - 0.4
    "slope1": 0.25,  # 0.5 × 0.5
    "slope2": 0.16,  # 0.8 × 0.2
    "slope3": 0.09,  # 0.9 × 0.1
    "factor1": 0.375,  # 1.5 × 0.25
    "factor2": 0.64,  # 4 × 0.16
    "delta3": 0.045,  # 0.5 × 0.09
    "delta2": 0.0288,  # 0.64 × 0.045
    "delta1": 0.0108,  # 0.375 × 0.0288
    "grad3": 0.036,  # 0.045 × 0.8
    "grad2": 0.0144,  # 0.0288 × 0.5
    "grad1": 0.0108,
    "ratio": 0.24,  # 0.375 × 0.64
    "chain": 0.0432,  # 0.5 × 0.24 × 0.36
    "stretch": 2,  # 4 × 0.5
    "memory": 10,  # 20 × 0.5
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name])


def test_all_weights_exceed_one_and_the_gradient_shrinks_at_every_layer():
    n = numbers()
    assert all(n[f"w{layer}"] > 1 for layer in (1, 2, 3))
    assert n["delta1"] < n["delta2"] < n["delta3"]


def test_autograd_finds_the_same_error_signals():
    w, z = torch.tensor(gradient_by_hand.WEIGHTS).double(), result().z
    h = torch.tensor([gradient_by_hand.INPUT, *gradient_by_hand.OUTPUTS]).double()
    biases = (z - w * h[:3]).requires_grad_()
    signal = h[0]
    for weight, bias in zip(w, biases, strict=True):
        signal = torch.sigmoid(weight * signal + bias)
    ((signal - gradient_by_hand.TARGET) ** 2 / 2).backward()
    torch.testing.assert_close(biases.grad, result().deltas)


def test_a_memory_that_only_adds_closes_its_own_output():
    n = numbers()
    assert n["out"] < 1e-8 < 1e-4 < n["out_gated"]
    assert n["path_gated"] == pytest.approx(0.9**20)


def test_the_squared_error_stops_where_the_logarithm_does_not():
    z = torch.tensor(gradient_by_hand.WRONG).double().requires_grad_()
    (squared,) = torch.autograd.grad((torch.sigmoid(z) - 1) ** 2, z, retain_graph=True)
    (log,) = torch.autograd.grad(torch.nn.functional.binary_cross_entropy_with_logits(z, torch.ones_like(z)), z)
    assert numbers()["squared"] == pytest.approx(squared.item())
    assert numbers()["log"] == pytest.approx(log.item())
    assert abs(numbers()["squared"]) < 1e-4 < 0.99 < abs(numbers()["log"])


def test_repeatable():
    assert_deterministic(gradient_by_hand, result())


def test_published():
    assert_plain(numbers())
