"""Networks without activations, XOR, and dead ReLU units: torch.nn layers and autograd as witnesses."""

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.activations import active_fraction, collapse, relu, relu_unit_gradient
from tests.laws import normal, seeds

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0], [2.0, 0.0]], dtype=torch.float64)
W, B = torch.tensor([1.0, -2.0], dtype=torch.float64), torch.tensor(-2.0, dtype=torch.float64)
CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
XOR = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)


def test_collapse_value():
    W1, b1 = torch.tensor([[1.0, 2.0], [0.0, 3.0]]).double(), torch.tensor([1.0, -1.0]).double()
    W2, b2 = torch.tensor([[4.0, 5.0]]).double(), torch.tensor([0.5]).double()
    weights, biases = collapse(W1, b1, W2, b2)
    assert weights.tolist() == [[4.0 * 1.0, 4.0 * 2.0 + 5.0 * 3.0]]
    assert biases.tolist() == [4.0 * 1.0 + 5.0 * -1.0 + 0.5]


@given(seeds(), st.lists(st.integers(1, 5), min_size=3, max_size=6))
def test_a_deep_network_of_linear_layers_is_one_affine_map(seed, widths):
    """Layer by layer a stack of torch.nn.Linear collapses; its rank is at most the smallest width."""
    layers = []
    for k, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        layer.weight.data, layer.bias.data = normal(seed + 2 * k, outputs, inputs), normal(seed + 2 * k + 1, outputs)
        layers.append(layer)
    matrix, shift = layers[0].weight.detach(), layers[0].bias.detach()
    for layer in layers[1:]:
        matrix, shift = collapse(matrix, shift, layer.weight.detach(), layer.bias.detach())
    x = normal(seed + 99, 7, widths[0])
    torch.testing.assert_close(x @ matrix.T + shift, torch.nn.Sequential(*layers)(x).detach())
    assert torch.linalg.matrix_rank(matrix).item() <= min(widths)


def test_the_best_affine_fit_of_xor_is_the_mean():
    design = torch.cat([CORNERS, torch.ones(4, 1, dtype=torch.float64)], 1)
    fit = design @ torch.linalg.lstsq(design, XOR[:, None], driver="gelsd").solution.squeeze(1)
    torch.testing.assert_close((fit - XOR).square().mean().item(), 0.25)


def test_two_relu_units_compute_xor():
    total = CORNERS.sum(1)
    assert torch.equal(XOR, relu(total) - 2 * relu(total - 1))


def test_active_fraction_value():
    # Pre-activations -5, 3, -4 and 0: the zero does not count.
    assert active_fraction(X, W, B).item() == 1 / 4


def test_relu_unit_gradient_value():
    grad = torch.tensor([5.0, 0.5, 7.0, 11.0], dtype=torch.float64)
    weights, bias = relu_unit_gradient(grad, X, W, B)
    assert weights.tolist() == [0.5 * 3.0, 0.5 * -1.0]
    assert bias.item() == 0.5


@given(seeds())
def test_unit_gradient_matches_autograd(seed):
    """The gradient of a weighted sum of outputs of torch.relu, with an example exactly at the kink."""
    inputs, w, grad = normal(seed, 6, 3), normal(seed + 1, 3).requires_grad_(), normal(seed + 2, 6)
    inputs[0] = 0.0
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    torch.relu(inputs @ w + b).backward(grad)
    torch.testing.assert_close(relu_unit_gradient(grad, inputs, w.detach(), b.detach()), (w.grad, b.grad))


@given(seeds())
def test_a_dead_unit_gets_no_gradient(seed):
    """No active example: both gradients are exactly zero, whatever comes from above."""
    inputs, w, grad = normal(seed, 6, 3), normal(seed + 1, 3), normal(seed + 2, 6)
    b = -(inputs @ w).max() - 0.1
    weights, bias = relu_unit_gradient(grad, inputs, w, b)
    assert active_fraction(inputs, w, b).item() == 0.0
    assert weights.tolist() == [0.0, 0.0, 0.0]
    assert bias.item() == 0.0


def test_one_active_example_is_enough_to_live():
    inputs, w, grad = normal(0, 6, 3), normal(1, 3), normal(2, 6)
    b = -(inputs @ w).max() + 1e-6
    assert active_fraction(inputs, w, b).item() == 1 / 6
    assert relu_unit_gradient(grad, inputs, w, b)[1].item() != 0.0


def test_training_leaves_a_dead_relu_where_it_is_but_not_a_leaky_one():
    def moved(activation):
        unit = torch.nn.Linear(3, 1, dtype=torch.float64)
        unit.weight.data, unit.bias.data = normal(0, 1, 3), torch.tensor([-10.0], dtype=torch.float64)
        before = unit.bias.item()
        optimizer = torch.optim.SGD(unit.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            (activation(unit(normal(1, 20, 3))) - 1).square().mean().backward()
            optimizer.step()
        return abs(unit.bias.item() - before)

    assert moved(torch.relu) == 0.0
    assert moved(torch.nn.functional.leaky_relu) > 0.001
