"""Question 39, activation functions: what the note says, held against computation."""

import itertools
import math

import pytest
import torch
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional

from examples import activation_moments, dead_units, double_softmax, smooth_dips, tuned_activations
from optnotes.activations import (
    active_fraction,
    collapse,
    elu,
    elu_derivative,
    gelu,
    gelu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    prelu_derivative,
    relu,
    relu_derivative,
    relu_unit_gradient,
    selu_derivative,
    sigmoid,
    sigmoid_derivative,
    swish,
    swish_derivative,
    tanh_derivative,
)
from optnotes.outputs import (
    bce_with_logits,
    bce_with_logits_gradient,
    cross_entropy,
    double_softmax_floor,
    softmax,
    two_class_probability,
)
from tests.claims.items import code, curves, number
from tests.examples import numbers_of

XOR_INPUTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
XOR = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)


def vector(*entries):
    return torch.tensor(entries, dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def affine_gap(network, d, seed):
    """Largest violation of the affine law f(x) + f(y) = f(x + y) + f(0)."""
    x, y = normal(50, d, seed=seed), normal(50, d, seed=seed + 1)
    return (network(x) + network(y) - network(x + y) - network(torch.zeros_like(x))).abs().max().item()


def layers():
    return [(normal(5, 5, seed=seed), normal(5, seed=10 + seed)) for seed in range(3)]


def stacked(x, between):
    for W, b in layers()[:-1]:
        x = between(x @ W.T + b)
    W, b = layers()[-1]
    return x @ W.T + b


def xor_network(x):
    return relu(x.sum(-1)) - 2 * relu(x.sum(-1) - 1)


def moved(phi, bias, slope=None):
    """Distance that one unit travels in fifty gradient steps towards twice the absolute value of its first input."""
    X, start = normal(200, 3, seed=1), normal(3, seed=2) / 3
    parameters = [start.clone().requires_grad_(), vector(bias).requires_grad_()]
    parameters += [] if slope is None else [vector(slope).requires_grad_()]
    for _ in range(50):
        output = phi(X @ parameters[0] + parameters[1], *parameters[2:])
        loss = (output - 2 * X[:, 0].abs()).square().mean()
        slopes = torch.autograd.grad(loss, parameters)
        parameters = [(p - 0.1 * g).detach().requires_grad_() for p, g in zip(parameters, slopes, strict=True)]
    return (parameters[0] - start).norm().item() + (parameters[1] - bias).abs().item()


def kink(phi, points):
    """Largest jump of the slope of a small network's loss between neighbouring points of a line through the weights."""
    X, y = normal(30, 3, seed=3), normal(30, seed=4)
    (W, v), (U, u) = ((normal(8, 3, seed=s), normal(8, seed=s + 1)) for s in (5, 7))

    def loss(t):
        hidden = phi(torch.einsum("nd,thd->tnh", X, W + t[:, None, None] * U))
        return ((hidden * (v + t[:, None] * u)[:, None]).sum(-1) - y).square().mean(1) / 8

    t = torch.linspace(0, 1, points, dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(loss(t).sum(), t)
    return slope.diff().abs().max().item()


def test_39_01():
    """Wrong: activations bring nonlinearity in; the affine law holds without them and breaks with them."""
    assert affine_gap(lambda x: stacked(x, lambda z: z), 5, seed=20) < 1e-12
    for phi in (sigmoid, torch.tanh, relu, swish, gelu):
        assert affine_gap(lambda x, phi=phi: stacked(x, phi), 5, seed=20) > 0.1


def test_39_02():
    """Holds: layers without activations between them are one layer; because of the biases it is affine, not linear."""
    (W1, b1), (W2, b2), (W3, b3) = layers()
    A, c = collapse(*collapse(W1, b1, W2, b2), W3, b3)
    x = normal(50, 5, seed=21)
    torch.testing.assert_close(stacked(x, lambda z: z), x @ A.T + c)
    assert c.abs().max() > 0.1
    # The loss, though, is not quadratic in the weights: doubling both factors quadruples the product.
    torch.testing.assert_close(collapse(2 * W1, b1, 2 * W2, b2)[0], 4 * W2 @ W1)


def test_39_03():
    """Holds: the best affine fit of XOR predicts one half everywhere, an error of one quarter."""
    design = torch.cat([XOR_INPUTS, torch.ones(4, 1).double()], 1)
    best = torch.linalg.lstsq(design, XOR, driver="gelsd").solution
    torch.testing.assert_close(design @ best, torch.full((4,), 0.5).double())
    torch.testing.assert_close((design @ best - XOR).square().mean().item(), 0.25)
    # And no affine rule classifies it: the corners' values add up the same way along both diagonals.
    for w in itertools.product((-1.0, -0.3, 0.4, 1.1), repeat=3):
        outputs = design @ vector(*w)
        assert abs(outputs[0] + outputs[3] - outputs[1] - outputs[2]) < 1e-12


def test_39_04():
    """Holds: two ReLU units compute XOR exactly; an activation that is a polynomial stays a polynomial."""
    torch.testing.assert_close(xor_network(XOR_INPUTS), XOR, rtol=0.0, atol=0.0)
    # Any width of squares is a quadratic: three units span it already, and a cubic stays out of reach.
    x = torch.linspace(-1, 1, 201, dtype=torch.float64)[:, None]
    error = {}
    for name, phi in (("square", torch.square), ("relu", relu)):
        hidden = phi(x * normal(60, seed=22) + normal(60, seed=23))
        fit = hidden @ torch.linalg.lstsq(hidden, x**3, driver="gelsd").solution
        error[name] = (fit - x**3).abs().max().item()
    assert error["square"] > 0.1 > 0.02 > error["relu"]


def test_39_05():
    """Holds: both slopes vanish in saturation; but only the sigmoid's is small, at most a quarter, everywhere."""
    ten, zero = vector(10.0), vector(0.0)
    torch.testing.assert_close(sigmoid_derivative(ten), vector(4.539581e-5), rtol=1e-6, atol=0.0)
    torch.testing.assert_close(tanh_derivative(ten), vector(8.244614e-9), rtol=1e-6, atol=0.0)
    assert (sigmoid_derivative(zero).item(), tanh_derivative(zero).item()) == pytest.approx((0.25, 1.0))
    found = numbers_of(activation_moments)
    # With the signal kept at one, the gradient shrinks in every sigmoid layer and grows in every tanh layer.
    assert found["sigmoid_gradient"] < 1e-6
    assert found["tanh_gradient"] > 2
    # Large weights make up for small slopes.
    assert found["sigmoid_keeps_gradient"] > 20


def test_39_06():
    """Condition: rectifiers pass a gradient only with weights of matching scale, and not on every side."""
    assert 0.7 < numbers_of(activation_moments)["relu_gradient"] < 1.4
    x = normal(128, 1, seed=24)
    ratio = {}
    for name, variance in (("he", 2.0), ("xavier", 1.0), ("half", 0.5)):
        hidden, slopes = x, []
        for layer in range(20):
            W = math.sqrt(variance / 128) * normal(128, 128, seed=100 + layer)
            hidden = W @ hidden
            slopes.append((W, relu_derivative(hidden)))
            hidden = relu(hidden)
        delta = normal(128, 1, seed=25)
        top = delta.norm()
        for W, slope in reversed(slopes):
            delta = W.T @ (delta * slope)
        ratio[name] = (delta.norm() / top).item()
    assert 0.2 < ratio["he"] < 5
    torch.testing.assert_close(ratio["xavier"], ratio["he"] / 2**10)
    torch.testing.assert_close(ratio["half"], ratio["he"] / 4**10)
    # ELU and SELU saturate like the sigmoid, on the negative side.
    for slope in (elu_derivative, selu_derivative):
        assert slope(vector(-10.0)).item() < 1e-4 < 0.99 < slope(vector(10.0)).item()


def test_39_07():
    """Holds: ReLU is zero on every input that is not positive, and the identity on the rest."""
    x = vector(-1e3, -2.0, -1e-12, 0.0, 1e-12, 3.0)
    torch.testing.assert_close(relu(x), vector(0.0, 0.0, 0.0, 0.0, 1e-12, 3.0), rtol=0.0, atol=0.0)
    torch.testing.assert_close(relu_derivative(x), vector(0.0, 0.0, 0.0, 0.0, 1.0, 1.0), rtol=0.0, atol=0.0)
    # Not so its relatives: they let something of a negative input pass.
    for phi in (leaky_relu, elu, gelu, swish):
        assert (phi(x[:2]) < 0).any()


def test_39_08():
    """Holds: a unit that is silent on all its inputs gets a gradient of exactly zero; silence on some is normal."""
    X, w, grad = normal(200, 3, seed=1), normal(3, seed=2) / 3, normal(200, seed=26)
    dead, alive = vector(-10.0)[0], vector(0.05)[0]
    assert active_fraction(X, w, dead).item() == 0
    assert all(part.abs().max() == 0 for part in relu_unit_gradient(grad, X, w, dead))
    assert moved(relu, -10.0) == 0
    assert 0.1 < active_fraction(X, w, alive).item() < 0.9
    assert moved(relu, 0.05) > 0.1
    # Sometimes: at small learning rates no unit dies, at large ones most do, and none comes back.
    found = numbers_of(dead_units)
    assert found["raw_back"] == found["centred_back"] == 0
    assert found["centred_harmless"] > 10 * dead_units.RATES[0]
    assert found["centred_largest"] > 0.5


def test_39_09():
    """Condition: LeakyReLU keeps its slope, PReLU may lose it, and that of ELU, GELU and SiLU fades away."""
    far = vector(-3.0, -20.0)
    torch.testing.assert_close(leaky_relu_derivative(far), vector(0.01, 0.01))
    torch.testing.assert_close(elu_derivative(far), vector(math.exp(-3), math.exp(-20)))
    assert elu_derivative(far)[1] < 1e-8
    assert prelu_derivative(far[:, None], vector(0.0)).abs().max() == 0
    travelled = {
        "leaky": moved(functional.leaky_relu, -10.0),
        "prelu": moved(lambda x, a: torch.where(x > 0, x, a * x), -10.0, 0.25),
        "elu": moved(functional.elu, -10.0),
        "elu_near": moved(functional.elu, -3.0),
        "gelu": moved(gelu, -10.0),
    }
    assert travelled["leaky"] > 0.01
    assert travelled["prelu"] > 1
    assert travelled["elu"] < travelled["leaky"] / 20
    assert travelled["elu_near"] > 0.1
    assert travelled["gelu"] < 1e-12
    # They reduce it, no more: at too large a rate leaky units fall silent as well, but some come back.
    found = numbers_of(dead_units)
    assert 0.1 < found["leaky_largest"] < found["centred_largest"]
    # Chaotic, so the page says "most" and "about a quarter", and counts in hundreds.
    assert 0.15 < found["centred_right_largest"] < 0.35 < 0.55 < found["leaky_right_largest"]
    assert 120 < found["leaky_back"] < 180


def test_39_10():
    """Holds: the slopes of Swish and GELU have no jump; but both functions dip, and their slopes leave zero to one."""
    found = numbers_of(activation_moments)
    assert found["relu_jump"] == 1
    assert max(found["silu_jump"], found["gelu_jump"]) < 1e-8
    for slope, bend in ((gelu_derivative, 2 / math.sqrt(2 * math.pi)), (swish_derivative, 0.5)):
        for h in (1e-2, 1e-4, 1e-6):
            # The difference across zero shrinks with the step, at the rate of the second derivative.
            jump = (slope(vector(h)) - slope(vector(-h))).item()
            torch.testing.assert_close(jump, 2 * h * bend, rtol=1e-3, atol=0.0)
    dips = numbers_of(smooth_dips)
    assert dips["gelu_value"] < -0.16
    assert dips["silu_value"] < -0.27
    assert dips["gelu_flattest_value"] < -0.12 < 1.12 < dips["gelu_steepest_value"]


def test_39_11():
    """Imprecise: a smooth activation takes the kinks out of the loss, nothing more; it need not make it flatter."""
    refined = {phi: kink(phi, 201) / kink(phi, 3201) for phi in (relu, gelu, swish)}
    # The line is cut sixteen times finer: jumps of a smooth slope shrink sixteenfold, those of a kink stay.
    assert refined[relu] < 8
    assert min(refined[gelu], refined[swish]) > 15
    # Stable is another matter: GELU and SiLU are steeper than ReLU somewhere, and let random signals drift apart.
    found = numbers_of(activation_moments)
    assert min(found["gelu_lipschitz"], found["silu_lipschitz"]) > found["relu_lipschitz"]
    assert min(found["gelu_spread"], found["silu_spread"]) > 3 * found["relu_spread"]


def test_39_12():
    """Imprecise: with tuned rates GELU and SiLU gain no more than the error here, and the smooth sigmoid is worse."""
    found = numbers_of(tuned_activations)
    for name in ("gelu", "silu"):
        assert abs(found[f"{name}_gap"]) < found[f"{name}_error"]
    assert found["sigmoid_gap"] > found["sigmoid_error"]
    assert found["elu_gap"] < -found["elu_error"]
    # With one rate for all, the comparison measures the rate.
    assert found["sigmoid_common"] > 4 * found["sigmoid_test"]


def test_39_13():
    """Holds: the output must fit the targets; each usual output cannot express the targets of another task."""
    logits = normal(1000, 3, seed=27)
    probabilities = torch.func.vmap(softmax)(logits)
    # Two labels at once: softmax cannot give both more than one half.
    assert probabilities.topk(2, dim=1).values.min(1).values.max() <= 0.5
    assert (sigmoid(logits) > 0.5).sum(1).max() == 3
    # A real number of any size: neither leaves the interval from zero to one.
    assert probabilities.max() < 1 > sigmoid(logits).max()
    # Hidden layers care about something else: the same softmax there passes hardly any gradient on.
    assert numbers_of(double_softmax)["gradient_double"] < 1e-3


def test_39_14():
    """Condition: softmax reports probabilities, but the loss wants logits; a second softmax stops learning."""
    z, y = vector(*([1000.0] + [0.0] * 9)), functional.one_hot(torch.tensor(0), 10).double()
    assert cross_entropy(z, y).item() == 0
    torch.testing.assert_close(cross_entropy(softmax(z), y).item(), double_softmax_floor(10))
    torch.testing.assert_close(nn.CrossEntropyLoss()(z.softmax(0), y).item(), math.log(1 + 9 / math.e))
    found = numbers_of(double_softmax)
    assert found["gradient_double"] < found["gradient_logits"] / 50
    assert found["right_double_wrong"] < 0.02 < 0.75 < found["right_logits_wrong"]
    # The logarithm of a softmax loses what the joint form keeps.
    assert z.softmax(0).log()[1] == -math.inf
    assert z.log_softmax(0)[1] == -1000
    # Exclusive classes only.
    assert torch.func.vmap(softmax)(normal(1000, 4, seed=28)).topk(2, dim=1).values[:, 1].max() <= 0.5


def test_39_15():
    """Holds: the sigmoid of one logit is the softmax of two, with the same loss; taken from the logit it is stable."""
    for z in normal(20, 2, seed=29):
        a = z[1] - z[0]
        torch.testing.assert_close(two_class_probability(z), sigmoid(a))
        torch.testing.assert_close(softmax(z)[1], sigmoid(a))
        for y in (0.0, 1.0):
            torch.testing.assert_close(bce_with_logits(a, vector(y)[0]), cross_entropy(z, vector(1 - y, y)))
    far, one = vector(-1000.0), vector(1.0)
    torch.testing.assert_close(nn.BCEWithLogitsLoss()(far, one).item(), 1000.0)
    # From the probability the library has to cut the logarithm off.
    torch.testing.assert_close(nn.BCELoss()(far.sigmoid(), one).item(), 100.0)
    assert bce_with_logits_gradient(far, one).item() == -1


def test_39_16():
    """Holds: one weight scale of ReLU keeps signal and gradient at once, and scikit-learn takes it by default."""
    found = numbers_of(activation_moments)
    for name in ("relu", "leaky_relu"):
        torch.testing.assert_close(found[f"{name}_keeps_signal"], found[f"{name}_keeps_gradient"])
    for name in ("sigmoid", "tanh"):
        assert abs(math.log(found[f"{name}_keeps_signal"] / found[f"{name}_keeps_gradient"])) > 0.1
    tuned = numbers_of(tuned_activations)
    assert max(tuned[f"{name}_test"] for name in ("relu", "elu", "silu", "gelu")) < tuned["sigmoid_test"]
    assert MLPClassifier().activation == "relu"
    # Often, not always: the encoder layer of a transformer offers GELU beside ReLU.
    assert nn.TransformerEncoderLayer(8, 2, activation="gelu").activation is functional.gelu
    # And the recommended gains know nothing of the improvements.
    assert nn.init.calculate_gain("relu") ** 2 == pytest.approx(found["relu_keeps_signal"])
    with pytest.raises(ValueError, match="Unsupported nonlinearity"):
        nn.init.calculate_gain("gelu")


def test_39_d18():
    z = torch.tensor([1.0] + [0.0] * 9, dtype=torch.float64)  # the best that the first softmax can give
    assert math.isclose(number("39-d18"), -torch.log_softmax(z, 0)[0].item())


def test_39_d19():
    assert math.isclose(number("39-d19"), 1 / 4 - 1)


def test_39_d20():
    assert math.isclose(number("39-d20"), math.log(2))


def test_39_d21():
    logits, labels = torch.tensor([[200.0, 0.0], [0.0, 1.0]]), torch.tensor([1, 1])
    wrong, cured = (loss(logits, labels) for loss in code("39-d21"))
    assert wrong == math.inf
    torch.testing.assert_close(cured, torch.nn.functional.cross_entropy(logits, labels))


def test_39_d22():
    y = torch.arange(6.0)
    wrong, cured = code("39-d22")
    assert cured(y[:, None], y) == 0
    assert wrong(y[:, None], y) > 5
    mean = torch.full((6, 1), y.mean().item())
    assert wrong(mean, y) < wrong(y[:, None], y)


def test_39_d23():
    silu, elu, sigmoid = curves("39-d23", 0.25, 0.5, 0.75)
    assert silu[0] < 0
    assert silu[2] > 1
    assert min(elu + sigmoid) >= 0
    assert max(elu + sigmoid) <= 1


def test_39_d24():
    gelu, elu, leaky = curves("39-d24", 0, 3.25 / 7, 1)
    assert -0.01 < gelu[0] < 0
    assert gelu[1] < -0.1
    assert elu[0] < -0.9
    assert leaky == pytest.approx([-0.8, -0.15, 3])
