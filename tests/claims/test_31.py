"""Question 31, vanishing gradients: what the note says, held against computation."""

import math
from functools import cache

import pytest
import torch

from examples import alexnet_gradients, early_layer_updates, gradient_depth, stalled_training
from optnotes.activations import active_fraction, relu_derivative, relu_unit_gradient, tanh_derivative
from optnotes.gradients import (
    backprop,
    chain_lower_bound,
    chain_upper_bound,
    component_gain,
    euler_inner_product,
    geometric_gradient,
    gradient_ratio,
    he_std,
    layer_gradients,
    output_delta,
    scalar_chain,
    xavier_std,
)
from tests.claims.items import code, curves, number, right
from tests.examples import numbers_of, result_of


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def relu_network(scale, layers=20, width=100, seed=0):
    """Pre-activations' gradients, first to last, weights and their gradients, by autograd."""
    weights = [
        (scale * he_std(width) * normal(width, width, seed=100 * seed + k)).requires_grad_() for k in range(layers)
    ]
    h, z = normal(width, seed=7 + seed), []
    for W in weights:
        z.append(W @ h)
        h = torch.relu(z[-1])
    loss = h @ normal(width, seed=9 + seed)
    slopes = torch.autograd.grad(loss, [*z, *weights])
    return torch.stack(slopes[:layers]), weights, slopes[layers:]


@cache
def relu_ratio(scale, seeds=5):
    """Norm of the error signal in the first layer over the last one, as a geometric mean over seeds."""
    rows = torch.stack([relu_network(scale, seed=seed)[0] for seed in range(seeds)]).norm(dim=2)
    return (rows[:, 0] / rows[:, -1]).log().mean().exp().item()


def test_31_01():
    """Holds: the error signal of a sigmoid network tends to zero on its way back, that of a ReLU network of He not."""
    n = numbers_of(gradient_depth)
    assert n["ratio_sigmoid_xavier"] < 1e-18
    assert 0.3 < relu_ratio(1.0) < 3
    # The gradients of the weights hide it: without biases their inner product with the weights is equal in all layers.
    for scale in (0.5, 1.0):
        _, weights, slopes = relu_network(scale)
        products = torch.stack([euler_inner_product(W.detach(), g) for W, g in zip(weights, slopes, strict=True)])
        torch.testing.assert_close(products, products[:1].expand(20))
        own = slopes[0].norm() / slopes[-1].norm()
        assert 0.1 < own < 10
    assert relu_ratio(0.5) < 1e-4


def test_31_02():
    """Condition: early layers stand still where steps are proportional to gradients; Adam moves them down to eps."""
    n = numbers_of(early_layer_updates)
    assert n["first_sgd"] < 1e-9 * n["last_sgd"]
    assert n["frozen"] >= 2
    result = result_of(early_layer_updates)
    moved = {name: each.median(1).values for name, each in result.moved.items()}
    # Twelve layers below the top, SGD has lost four decades and more, Adam less than half of its movement.
    twelfth = early_layer_updates.LAYERS - 9
    assert moved["sgd"][twelfth] < 1e-4 * moved["sgd"][-1]
    assert moved["adam"][twelfth] > 0.5 * moved["adam"][-1]
    # Below eps Adam freezes as well.
    assert moved["adam"][0] < 1e-4 * moved["adam"][-1]


def test_31_03():
    """Holds: the deep sigmoid network does not get below the entropy of the classes, with a gain near one it does."""
    n = numbers_of(stalled_training)
    # A loss near 2.3 is a multiple of 2.4e-7 in single precision.
    assert abs(n["best_sigmoid"] - n["entropy"]) < 1e-5
    assert n["below_sigmoid"] < 1e-5
    # The worst of twenty chaotic descents.
    assert n["worst_relu"] < n["entropy"] - 0.1
    assert n["worst_matched"] < n["entropy"] - 0.5


def test_31_04():
    """Holds: the backward pass multiplies by the derivatives and by the weights, transposed."""
    layers, width = 6, 12
    weights = [(xavier_std(width, width) * normal(width, width, seed=k)).requires_grad_() for k in range(layers)]
    h, z, inputs = normal(width, seed=20), [], []
    for W in weights:
        inputs.append(h)
        z.append(W @ h)
        h = torch.tanh(z[-1])
    direction = normal(width, seed=21)
    slopes = torch.autograd.grad(h @ direction, [*z, *weights])
    fixed, levels = [W.detach() for W in weights], [each.detach() for each in z]
    delta = output_delta(direction, levels[-1], tanh_derivative)
    for layer in reversed(range(layers)):
        torch.testing.assert_close(slopes[layer], delta)
        torch.testing.assert_close(slopes[layers + layer], layer_gradients(delta, inputs[layer].detach())[0])
        if layer:
            wrong = tanh_derivative(levels[layer - 1]) * (fixed[layer] @ delta)
            delta = backprop(delta, fixed[layer], levels[layer - 1], tanh_derivative)
            assert (wrong - delta).norm() > 0.1 * delta.norm()
    # The two factors also bound the ratio, from above and from below.
    matrices, derivatives = torch.stack(fixed[1:]), tanh_derivative(torch.stack(levels[:-1]))
    ratio = slopes[0].norm() / slopes[layers - 1].norm()
    assert chain_lower_bound(matrices, derivatives) <= ratio <= chain_upper_bound(matrices, derivatives)


def test_31_05():
    """Imprecise: exact for a chain of numbers; for matrices the singular values or the gain decide, not the entries."""
    chain = scalar_chain(torch.full((100,), 0.9).double(), torch.zeros(100).double(), tanh_derivative)
    torch.testing.assert_close(chain, geometric_gradient(torch.tensor(0.9).double(), 100))
    assert chain < 3e-5
    # All entries below one: a matrix that doubles, one that keeps every norm, He's weights that keep it on average.
    half = torch.full((4, 4), 0.5, dtype=torch.float64)
    torch.testing.assert_close(
        torch.linalg.matrix_power(half, 20) @ torch.ones(4).double(), torch.full((4,), 2.0**20).double()
    )
    orthogonal, vector = torch.linalg.qr(normal(60, 60, seed=1)).Q, normal(60, seed=2)
    assert orthogonal.abs().max() < 1
    torch.testing.assert_close((torch.linalg.matrix_power(orthogonal, 50) @ vector).norm(), vector.norm())
    assert (he_std(512) * normal(512, 512, seed=3)).abs().max() < 0.4
    assert abs(numbers_of(gradient_depth)["measured_relu_he"]) < 0.01
    # Sufficient: the largest singular value times the largest derivative below one.
    W = normal(8, 8, seed=4)
    W = 0.9 * W / torch.linalg.matrix_norm(W, 2)
    bound = chain_upper_bound(W.expand(30, 8, 8), torch.ones(30, 8).double())
    torch.testing.assert_close(bound.item(), 0.9**30)
    assert (torch.linalg.matrix_power(W, 30) @ normal(8, seed=5)).norm() <= bound * normal(8, seed=5).norm()
    # In wide random networks the gain predicts the slope; the width enters only per component.
    assert numbers_of(gradient_depth)["worst_gap"] < 0.01
    W, delta = he_std(300) * normal(900, 300, seed=6), normal(900, seed=7)
    one, other = (W.T @ delta).square().mean() / 2, delta.square().mean()
    torch.testing.assert_close(one / other, component_gain(torch.tensor(1.0).double(), 300, 900), rtol=0.15, atol=0.0)


def test_31_06():
    """Holds: where a ReLU is given a negative input its derivative is zero; at zero itself PyTorch takes zero too."""
    z = torch.tensor([-2.0, -1e-9, 0.0, 1e-9, 2.0], dtype=torch.float64, requires_grad=True)
    torch.relu(z).sum().backward()
    assert z.grad.tolist() == [0, 0, 0, 1, 1]
    assert relu_derivative(z.detach()).tolist() == [0, 0, 0, 1, 1]


def test_31_07():
    """Condition: a silent unit has no gradient on that example; a batch still reaches it, and depth does not add."""
    X, w, b = normal(16, 5, seed=1), normal(5, seed=2), torch.tensor(0.1, dtype=torch.float64)
    upper = normal(16, seed=3)
    silent = X @ w + b <= 0
    assert silent.any()
    assert not silent.all()
    per_example = torch.stack([relu_unit_gradient(g[None], x[None], w, b)[0] for x, g in zip(X, upper, strict=True)])
    assert (per_example[silent] == 0).all()
    assert relu_unit_gradient(upper, X, w, b)[0].norm() > 0
    # Silent on every example, the unit is dead: the gradient of the whole batch is exactly zero.
    dead = b - 100
    assert active_fraction(X, w, dead).item() == 0
    assert relu_unit_gradient(upper, X, w, dead)[0].norm() == 0
    # Half of the units are silent in every one of twenty layers, and the norm is kept.
    signals, _, _ = relu_network(1.0)
    assert 0.4 < (signals == 0).double().mean() < 0.6
    assert 0.3 < relu_ratio(1.0) < 3


def test_31_08():
    """Imprecise: the scale of the whole matrix counts, not whether its entries are below one."""
    for scale in (0.5, 0.8, 1.25):
        predicted = gradient_ratio(torch.tensor(scale**2).double(), 20).item()
        # A factor of three for the fluctuation of twenty layers of a hundred units.
        assert 1 / 3 < relu_ratio(scale) / predicted < 3
        assert (scale * he_std(100) * normal(100, 100, seed=1)).abs().max() < 1
    assert relu_ratio(1.25) > 10
    assert relu_ratio(0.5) < 1e-4
    # Positive activations and positive weights below one: the matrix of halves doubles the gradient in every layer.
    delta = torch.ones(4).double()
    for _ in range(20):
        delta = backprop(delta, torch.full((4, 4), 0.5).double(), torch.ones(4).double(), relu_derivative)
    torch.testing.assert_close(delta, torch.full((4,), 2.0**20).double())


def test_31_09():
    """Wrong: AlexNet has eight ReLU layers; He's weights keep its gradient, those of 2012 weaken it mildly."""
    n = numbers_of(alexnet_gradients)
    assert n["layers"] == 8
    assert n["ratio_he"] > 0.3
    assert 1e-3 < n["ratio_original"] < 0.1
    # Sigmoid in the same network loses decades, and a deep sigmoid network loses more than any variant of AlexNet.
    assert n["ratio_sigmoid"] < 1e-3 * n["ratio_he"]
    assert numbers_of(gradient_depth)["ratio_sigmoid_xavier"] < 1e-9 * n["ratio_sigmoid"]


def test_31_10():
    """Wrong: the product runs over the layers of one backward pass; from iteration to iteration nothing multiplies."""
    decades = result_of(gradient_depth).norms["sigmoid_xavier"].log10().median(0).values
    layers = torch.arange(len(decades), dtype=decades.dtype)
    correlation = torch.corrcoef(torch.stack([layers, decades]))[0, 1]
    assert correlation < -0.9999
    assert (decades[0] - decades[-1]) / (len(decades) - 1) > 0.6
    n = numbers_of(stalled_training)
    for name in ("sigmoid", "relu", "matched"):
        # The ratio drifts with the weights; multiplied with every iteration it would end below 1e-15 of itself.
        assert 0.1 < n[f"ratio_end_{name}"] / n[f"ratio_{name}"] < 10
    # The decay is there before the first step.
    assert n["ratio_sigmoid"] < 1e-11


def test_31_11():
    """Condition: so it is when gradients vanish and the step is proportional to them; ReLU with He's weights learns."""
    n = numbers_of(early_layer_updates)
    assert n["first_sgd"] < 1e-9
    assert n["first_adam"] > 1e5 * n["first_sgd"]
    # Same depth, same step rule, no vanishing: the first hidden layer gets as much gradient as the last.
    assert 0.3 < numbers_of(stalled_training)["ratio_relu"] < 3
    assert numbers_of(stalled_training)["ratio_sigmoid"] < 1e-11


def test_31_d18():
    assert math.isclose(number("31-d18"), math.exp(20 * math.log(0.8)))


def test_31_d19():
    assert math.isclose(number("31-d19") ** 2, 0.25**3 * 4)


def test_31_d20():
    x, y = torch.ones(4, 2), torch.ones(4, 1)
    for step, moves in zip(code("31-d20"), (False, True), strict=True):
        model = torch.nn.Linear(2, 1)
        before = model.weight.clone()
        step(model, x, y, torch.optim.SGD(model.parameters(), lr=0.1))
        assert (model.weight.grad is not None) == moves
        assert torch.equal(model.weight, before) != moves


def test_31_d21():
    wrong, cured = (network(4, 3) for network in code("31-d21"))
    assert len(list(wrong.parameters())) == 2
    assert len(list(cured.parameters())) == 2 + 2 * 3
    wrong(torch.randn(5, 4, generator=torch.Generator().manual_seed(0))).sum().backward()
    assert all(layer.weight.grad is not None for layer in wrong.layers)  # as the answer says


def test_31_d22():
    top, tanh_top, step = (middle for (middle,) in curves("31-d22", 0.5))
    assert (top, tanh_top, step) == pytest.approx((0.25, 1.0, 0.0), abs=1e-15)
    assert math.isclose(*curves("31-d22", 0.3, 0.7)[0])


def test_31_d23():
    numbers = numbers_of(stalled_training)
    assert right("31-d23", "It falls to the entropy")
    assert abs(numbers["best_sigmoid"] - numbers["entropy"]) < 0.05 * numbers["entropy"]
    assert numbers["best_relu"] < 0.8 * numbers["entropy"]
