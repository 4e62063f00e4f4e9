"""Question 33, curing vanishing gradients: what the note says, held against computation."""

import math

import torch
from sklearn.datasets import load_digits

from examples import cures_compared, degradation
from optnotes.activations import (
    elu_derivative,
    leaky_relu_derivative,
    relu_derivative,
    sigmoid_derivative,
    tanh_derivative,
)
from optnotes.descent import adam_step
from optnotes.gradients import (
    gradient_gain,
    he_std,
    linear_default,
    mean_field_ratio,
    residual_gain_bounds,
    residual_jacobian,
    xavier_std,
)
from optnotes.normalization import batch_norm
from tests.claims.items import code, number, right
from tests.examples import numbers_of

ONE = torch.tensor(1.0, dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def weight_gradients(phi, weights, x):
    """Gradients of the mean output with respect to every matrix, the first layer first."""
    weights = [W.clone().requires_grad_() for W in weights]
    h = x
    for W in weights:
        h = phi(h @ W)
    return torch.autograd.grad(h.mean(), weights)


def test_33_01():
    """Holds: a plain step leaves the first layer where it was; Adam moves it, with the same poor gradient."""
    weights = [normal(64, 64, seed=seed) * xavier_std(64, 64) for seed in range(15)]
    gradients = weight_gradients(torch.sigmoid, weights, normal(8, 64, seed=99))
    first, last = ((0.1 * gradients[index]).norm() / weights[index].norm() for index in (0, -1))
    assert first < 1e-10 < 1e-5 * last
    zero = torch.zeros_like(weights[0])
    moved = [adam_step(weights[i], gradients[i], zero, zero, 1, 0.001, 0.0, eps=1e-30)[0] - weights[i] for i in (0, -1)]
    torch.testing.assert_close(moved[0].norm(), moved[1].norm(), rtol=1e-6, atol=0.0)
    # And with ReLU and He's weights the plain step reaches both ends alike.
    gradients = weight_gradients(
        torch.relu, [normal(64, 64, seed=s) * he_std(64) for s in range(15)], normal(8, 64, seed=99)
    )
    assert 0.1 < gradients[0].norm() / gradients[-1].norm() < 10


def test_33_02():
    """Holds: activation, shortcut, normalisation and initialisation each bring a dying gradient back near one."""
    found = numbers_of(cures_compared)
    assert found["sigmoid_ratio"] < 1e-30
    assert found["xavier_ratio"] < 1e-7
    for cured in ("he", "leaky", "tanh", "sigmoid_batch", "layer", "rms", "halved", "scaled", "zero"):
        assert 0.05 < found[f"{cured}_ratio"] < 20


def test_33_03():
    """Imprecise: saturation is what counts; both sides of sigmoid and tanh die, the right side of ReLU does not."""
    far = torch.tensor([-10.0, 10.0], dtype=torch.float64)
    assert (sigmoid_derivative(far) < 1e-4).all()
    assert (tanh_derivative(far) < 1e-7).all()
    for derivative in (relu_derivative, leaky_relu_derivative, elu_derivative):
        assert derivative(far)[1] == 1
        assert derivative(far)[0] < 0.1
    # "Aggressive" would have to mean steep: yet tanh, as steep as ReLU at its steepest, loses and the sigmoid, flattest
    # of all, loses most.
    assert relu_derivative(ONE) == 1
    torch.testing.assert_close(tanh_derivative(0 * ONE), ONE)
    torch.testing.assert_close(sigmoid_derivative(0 * ONE), ONE / 4)


def test_33_04():
    """Holds: ReLU and its variants pass the gradient where sigmoid and tanh lose it, tanh far less than sigmoid."""
    found = numbers_of(cures_compared)
    assert found["he_ratio"] > found["tanh_ratio"] > 1e25 * found["sigmoid_ratio"]
    assert found["leaky_ratio"] > 0.5
    assert 0.05 < found["tanh_ratio"] < 0.3


def test_33_05():
    """Condition: the derivative on the right is one, but the weights decide about the product; ReLU itself has it."""
    right = torch.linspace(0.1, 9, 30, dtype=torch.float64)
    for derivative in (relu_derivative, leaky_relu_derivative, elu_derivative):
        assert (derivative(right) == 1).all()
    # Half of He's standard deviation halves the norm in every layer: no variant's right side prevents that.
    gain = gradient_gain(ONE, relu_derivative, 2.0 / 4)
    torch.testing.assert_close(mean_field_ratio(gain.expand(20)).item(), 2.0**-20)
    z = normal(16, 128, seed=1).requires_grad_()
    out = z
    for layer in range(20):
        out = torch.relu(out) @ (he_std(128) / 2 * normal(128, 128, seed=10 + layer))
    seed = normal(16, 128, seed=2)
    (below,) = torch.autograd.grad(out, z, seed)
    assert 2.0**-20 / 4 < below.norm() / seed.norm() < 4 * 2.0**-20
    assert numbers_of(cures_compared)["default_ratio"] < 1e-18
    # What the variants add lies on the left.
    left = -right[right < 5]
    assert (relu_derivative(left) == 0).all()
    assert (leaky_relu_derivative(left) > 0).all()
    assert (elu_derivative(left) > 0).all()


def test_33_06():
    """Holds: a direct path adds the identity to the Jacobian of a block; ReLU after the sum takes part of it away."""
    A, B, x = normal(5, 5, seed=3), normal(5, 5, seed=4), normal(5, seed=5)

    def branch(h):
        return B @ torch.tanh(A @ h)

    inner = torch.func.jacrev(branch)(x)
    block = torch.func.jacrev(lambda h: h + branch(h))(x)
    torch.testing.assert_close(inner + torch.eye(5, dtype=x.dtype), block)
    after = torch.func.jacrev(lambda h: torch.relu(h + branch(h)))(x)
    assert torch.linalg.matrix_rank(after) < 5 == torch.linalg.matrix_rank(block)


def test_33_07():
    """Holds: shortcuts keep a gradient that weak branches would extinguish; yet unscaled strong ones make it grow."""
    branches = 0.1 * normal(50, 24, 24, seed=6) / math.sqrt(24)
    plain = torch.linalg.multi_dot(list(branches.flip(0)))
    assert plain.norm() < 1e-40
    shortcuts = residual_jacobian(branches)
    assert 0.5 < shortcuts.norm() / math.sqrt(24) < 2
    lower, upper = residual_gain_bounds(branches[0])
    values = torch.linalg.svdvals(torch.eye(24, dtype=ONE.dtype) + branches[0])
    assert 0 < lower <= values.min() <= values.max() <= upper
    found = numbers_of(cures_compared)
    assert found["residual_ratio"] > 1e7
    assert found["scaled_ratio"] < 2
    # Degradation: the deep plain net gets its gradient and still fits worse.
    assert numbers_of(degradation)["deep_ratio"] > 0.3
    assert numbers_of(degradation)["deep_loss"] > 2 * numbers_of(degradation)["residual_loss"]


def deep_sigmoid_loss(norm, shift, steps=120):
    """Training loss of six sigmoid layers on digits, with a normalisation and random shifts after it."""
    generator = torch.Generator().manual_seed(7)
    digits = load_digits()
    X, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    weights = [torch.randn(64, 64, generator=generator) * xavier_std(64, 64) for _ in range(6)]
    weights.append(torch.randn(64, 10, generator=generator) * xavier_std(64, 10))
    losses = []
    for _ in range(steps):
        chosen = torch.randint(len(X), (128,), generator=generator)
        weights = [W.detach().requires_grad_() for W in weights]
        h = X[chosen] - 0.3
        for W in weights[:-1]:
            z = norm(h @ W)
            offset, scale = torch.randn(2, 64, generator=generator)
            h = torch.sigmoid(z * (1 + shift * scale) + shift * offset)
        loss = torch.nn.functional.cross_entropy(h @ weights[-1], y[chosen])
        gradients = torch.autograd.grad(loss, weights)
        weights = [W - 0.5 * g for W, g in zip(weights, gradients, strict=True)]
        losses.append(loss.item())
    return sum(losses[-10:]) / 10


def test_33_08():
    """Condition: two moments are fixed, the shape is not; and random shifts after it hardly spoil the training."""
    x = torch.exp(normal(512, 3, seed=8))
    out = batch_norm(x, torch.ones_like(x[0]), torch.zeros_like(x[0]), 1e-8)
    torch.testing.assert_close(out.mean(0), torch.zeros_like(x[0]))
    torch.testing.assert_close(out.var(0, correction=0), torch.ones_like(x[0]))
    assert (out.pow(3).mean(0) > 2).all()  # as skewed as before; a normal distribution has zero

    def normalise(z):
        return batch_norm(z, torch.ones(z.shape[1]), torch.zeros(z.shape[1]), 1e-5)

    without, with_norm = deep_sigmoid_loss(lambda z: z, 0.0), deep_sigmoid_loss(normalise, 0.0)
    shifted = deep_sigmoid_loss(normalise, 0.3)
    assert without > 2.2
    assert with_norm < 0.7
    assert shifted < 0.5 * without


def test_33_09():
    """Condition: it rescues the sigmoid net; in a plain deep ReLU net it explodes; layer norm in front does neither."""
    found = numbers_of(cures_compared)
    assert found["sigmoid_ratio"] < 1e-30 < 0.3 < found["sigmoid_batch_ratio"] < 5
    assert found["batch_ratio"] > 1e3
    assert found["sigmoid_layer_ratio"] < 1e-18
    assert 0.3 < found["layer_ratio"] < 3


def test_33_10():
    """Condition: He for ReLU, Xavier for tanh; crossed over they fail, neither rescues the sigmoid, defaults do not."""
    found = numbers_of(cures_compared)
    assert found["he_ratio"] > 0.3
    assert found["tanh_ratio"] > 0.05
    torch.testing.assert_close(found["xavier_predicted"], 2.0**-25)
    assert found["xavier_ratio"] < 1e-7
    assert found["sigmoid_ratio"] < 1e-30
    he_sigmoid = mean_field_ratio(cures_compared.predict([cures_compared.Method("sigmoid", cures_compared.HE)])[0])
    assert he_sigmoid < 1e-20
    # What the installed PyTorch does when nothing is chosen.
    layer = torch.nn.Linear(300, 400)
    bound, std = linear_default(300)
    assert (layer.weight.abs() <= bound).all()
    torch.testing.assert_close(layer.weight.std().item(), std, rtol=0.02, atol=0.0)
    torch.testing.assert_close(std**2, he_std(300) ** 2 / 6)
    assert (layer.bias.abs() <= bound).all()
    assert (torch.nn.Conv2d(12, 8, 5).weight.abs() <= linear_default(12 * 25)[0]).all()
    for recurrent in (torch.nn.RNN(20, 50), torch.nn.LSTM(20, 50), torch.nn.GRU(20, 50)):
        assert all(parameter.abs().max() <= 1 / math.sqrt(50) for parameter in recurrent.parameters())
    torch.testing.assert_close(torch.nn.Embedding(500, 40).weight.std().item(), 1.0, rtol=0.03, atol=0.0)


def test_33_11():
    """Condition: the shallow net beats the deep plain one, but a deep one with shortcuts is at least its equal."""
    found = numbers_of(degradation)
    assert found["shallow_loss"] < 0.5 * found["deep_loss"]
    assert found["residual_loss"] < 1.2 * found["shallow_loss"]
    assert found["residual_depth"] > 5 * found["shallow_depth"]


def test_33_d17():
    assert number("33-d17") == 1 / 8


def test_33_d18():
    assert math.isclose(number("33-d18") ** 2, 2 / (30 + 20))


def test_33_d19():
    torch.manual_seed(0)
    assert math.isclose(number("33-d19"), 1 / 12)
    assert abs(torch.nn.Linear(48, 4000).weight.std().item() * 12 - 1) < 0.02


def test_33_d20():
    torch.manual_seed(0)
    wrong, cured = (weights(512, 512).square().mean().item() * 512 for weights in code("33-d20"))
    assert abs(cured - 2) < 0.05
    assert wrong < 0.02


def test_33_d21():
    x = torch.ones(3, requires_grad=True)
    wrong, cured = (torch.autograd.grad(block(x, lambda h: 0 * h).sum(), x)[0] for block in code("33-d21"))
    assert wrong.tolist() == [0, 0, 0]
    assert cured.tolist() == [1, 1, 1]


def test_33_d22():
    numbers = numbers_of(cures_compared)
    assert right("33-d22", "It grows by decades")
    assert numbers["batch_ratio"] > 100
    assert 0.1 < numbers["he_ratio"] < 10
