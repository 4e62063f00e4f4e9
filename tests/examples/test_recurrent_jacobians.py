"""What the recurrent_jacobians example shows."""

import math
from functools import partial

import torch

from examples import recurrent_jacobians
from optnotes.activations import tanh_derivative
from optnotes.gradients import rnn_jacobian
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, recurrent_jacobians)
numbers = partial(numbers_of, recurrent_jacobians)


def test_tanh_network_follows_the_mean_field():
    found = numbers()
    # Width 100 and a matrix that is reused: some per cent per step; saturation leaves few active units, so more.
    for key, tolerance in (("large", 0.03), ("small", 0.03), ("saturated", 0.08)):
        measured, predicted = found[f"rnn_{key}"], found[f"rnn_{key}_predicted"]
        assert abs(measured / predicted - 1) < tolerance


def test_one_of_three_explodes_although_the_bound_allows_all():
    found = numbers()
    assert all(found[f"rnn_{key}_base"] > 1 for key in recurrent_jacobians.RNN)
    assert found["rnn_large"] > 1.2
    assert max(found["rnn_small"], found["rnn_saturated"]) < 0.9


def test_bound_holds_for_every_network_at_every_step():
    steps = torch.arange(1, recurrent_jacobians.STEPS + 1)[:, None]
    for key, norms in result().rnn.items():
        assert (norms.log() <= steps * result().bases[key].log()).all()


def test_direct_path_only_falls():
    for norms in result().direct.values():
        assert (norms.diff(dim=0) < 0).all()
        assert (norms <= 1).all()


def test_direct_path_of_small_weights_fades_by_the_forget_bias():
    # The inputs move the gates to and fro, so the logarithm is met on average, not to the digit.
    for key in ("fresh", "remembers"):
        ratio = math.log(numbers()[f"lstm_{key}_direct"]) / math.log(numbers()[f"lstm_{key}_fade"])
        assert 0.9 < ratio < 1.1


def test_lstm_explodes_through_the_gates():
    assert numbers()["lstm_large"] > 10
    assert numbers()["lstm_large_direct"] < 1e-4


def test_broken_twin_with_the_transposed_order_differs_from_the_formula():
    generator = torch.Generator().manual_seed(1)
    weight, z = (torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((4, 4), (3, 4)))
    right = rnn_jacobian(weight, z, tanh_derivative)
    forward = torch.eye(4, dtype=torch.float64)
    for each in z:
        forward = tanh_derivative(each)[:, None] * (weight @ forward)
    torch.testing.assert_close(forward, right)
    reversed_order = rnn_jacobian(weight, z.flip(0), tanh_derivative)
    assert not torch.allclose(reversed_order, right)


def test_repeatable():
    assert_deterministic(recurrent_jacobians, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(recurrent_jacobians, result())
    assert {"rnn_large", "lstm_fresh"} <= placeholders("recurrent_jacobians", "alt")
