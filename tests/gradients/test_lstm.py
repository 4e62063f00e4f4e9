"""The LSTM cell against torch, and the direct path of its memory against autograd."""

import pytest
import torch
from hypothesis import given

from optnotes.gradients import lstm_direct_path, lstm_step
from tests.laws import seeds

N, D = 3, 2


def _arguments(seed, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(D,), (N,), (N,), (4, N, D), (4, N, N), (4, N)]
    return [torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


@given(seeds())
def test_lstm_step_matches_torch(seed):
    x, h, c, input_weights, recurrent_weights, biases = _arguments(seed)
    cell = torch.nn.LSTMCell(D, N, dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(input_weights.reshape(4 * N, D))
        cell.weight_hh.copy_(recurrent_weights.reshape(4 * N, N))
        cell.bias_ih.copy_(0.3 * biases.flatten())
        cell.bias_hh.copy_(0.7 * biases.flatten())
        expected = cell(x, (h, c))
    actual = lstm_step(x, h, c, input_weights, recurrent_weights, biases)
    torch.testing.assert_close(expected, actual, rtol=1e-12, atol=1e-12)


def test_lstm_step_value():
    biases = torch.tensor([[0.5], [1.5], [-0.25], [2.0]], dtype=torch.float64)
    zero = torch.zeros(1, dtype=torch.float64)
    i, f, _, o = torch.sigmoid(biases.flatten())
    memory = f * 3.0 + i * torch.tanh(torch.tensor(-0.25, dtype=torch.float64))
    expected = (o * torch.tanh(memory)).reshape(1), memory.reshape(1)
    weights = torch.zeros(4, 1, 1, dtype=torch.float64)
    torch.testing.assert_close(expected, lstm_step(zero, zero, zero + 3.0, weights, weights, biases))


@pytest.mark.parametrize("size", [-1000.0, 1000.0])
def test_lstm_step_survives_saturated_gates(size):
    x, h, c, input_weights, recurrent_weights, biases = _arguments(3, torch.float32)
    output, memory = lstm_step(x, h, c, input_weights, recurrent_weights, biases + size)
    assert torch.isfinite(output).all()
    torch.testing.assert_close(c + 1 if size > 0 else torch.zeros(N), memory)


def _run(start, gates_from):
    """Memory after five steps; ``gates_from`` may cut the path through the output."""
    x, h, _, input_weights, recurrent_weights, biases = _arguments(7)
    c, forgets = start, []
    for _ in range(5):
        _, f, _, _ = input_weights @ x + recurrent_weights @ h + biases
        forgets.append(torch.sigmoid(f))
        h, c = lstm_step(x, gates_from(h), c, input_weights, recurrent_weights, biases)
    return c, torch.stack(forgets)


def test_direct_path_is_the_jacobian_with_frozen_gates():
    start = torch.tensor([0.4, -0.8, 1.2], dtype=torch.float64)
    expected = torch.autograd.functional.jacobian(lambda c: _run(c, torch.Tensor.detach)[0], start)
    torch.testing.assert_close(expected, torch.diag(lstm_direct_path(_run(start, torch.Tensor.detach)[1])))


def test_total_derivative_has_more_paths():
    start = torch.tensor([0.4, -0.8, 1.2], dtype=torch.float64)
    total = torch.autograd.functional.jacobian(lambda c: _run(c, lambda h: h)[0], start)
    direct = torch.diag(lstm_direct_path(_run(start, lambda h: h)[1]))
    assert (total - direct).abs().max() > 0.01


def test_direct_path_value():
    forget = torch.tensor([[0.5, 1.0], [0.5, 0.9], [0.1, 1.0]])
    torch.testing.assert_close(torch.tensor([0.5 * 0.5 * 0.1, 0.9]), lstm_direct_path(forget))


@given(seeds())
def test_direct_path_never_grows(seed):
    """One more step never lengthens the direct path."""
    forget = torch.rand(6, N, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    assert (lstm_direct_path(forget) <= lstm_direct_path(forget[:-1])).all()


def test_forget_bias_decides_what_fifty_steps_leave():
    zero_bias = torch.full((50, 1), 0.5, dtype=torch.float64)
    bias_two = torch.sigmoid(torch.full((50, 1), 2.0, dtype=torch.float64))
    assert lstm_direct_path(zero_bias).item() < 1e-15
    assert lstm_direct_path(bias_two).item() > 1e-3


def test_gradcheck():
    arguments = [argument.requires_grad_() for argument in _arguments(1)]
    assert torch.autograd.gradcheck(lstm_step, arguments)
    forget = torch.rand(4, N, generator=torch.Generator().manual_seed(2), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lstm_direct_path, forget)
