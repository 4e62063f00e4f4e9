"""Questions 31 to 33: what one layer, one unit, one step does to a signal and its gradient."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from optnotes.activations import gelu, gelu_derivative, selu, swish, swish_derivative, tanh_derivative
from optnotes.gradients import gradient_gain, variance_step
from tests.attack.nets import gradient_ratio, plain
from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal

UNITS = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda z: z, "gelu": nn.functional.gelu}


def jump_of_the_slope(step, unit):
    """How near the slopes on both sides of zero are to zero and one."""
    h = torch.tensor([-step, step], dtype=torch.float64)
    left, right = UNITS[unit](h) / h
    return (1e-9 - abs(right - left - 1)).item()


NO_DERIVATIVE_AT_ZERO = Statement(
    "the quotients of ReLU on both sides of zero stay one apart, however small the step",
    {"step": Interval(1e-300, 1e3, log=True), "unit": Choice(("relu",))},
    jump_of_the_slope,
)


def idle_there(seed, batch, inputs, unit):
    """Whether the weights of a unit get nothing on the examples where it is silent, and something on the others."""
    x, w, above = normal(seed, batch, inputs), normal(seed + 1, inputs), normal(seed + 2, batch)
    of_each = torch.func.vmap(torch.func.grad(lambda w, x, a: a * UNITS[unit](x @ w)), in_dims=(None, 0, 0))
    return float(((of_each(w, x, above).abs().sum(1) > 0) == (x @ w > 0)).all()) - 0.5


ONLY_WHERE_IT_IS_SILENT = Statement(
    "a ReLU unit passes no gradient to its weights on the examples where it is silent, and only on those",
    {"seed": SEED, "batch": whole(1, 64), "inputs": whole(1, 16), "unit": Choice(("relu",))},
    idle_there,
)


def layers_until_zero(dtype, gain, start):
    gradient, factor = torch.tensor(start, dtype=dtype), torch.tensor(gain, dtype=dtype)
    for layer in range(1200):
        if gradient == 0:
            return layer
        gradient = gradient * factor
    return math.inf


def only_postponed(dtype, gain, start):
    """Decades of the format and of a loss scale bought in layers, and no more: the depth of the zero stays finite."""
    smallest = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    plain, scaled = (layers_until_zero(dtype, gain, factor * start) for factor in (1.0, 2.0**16))
    layers = math.log(2**16 * start / smallest) / math.log(1 / gain) + 3
    return min(layers - scaled, scaled - plain + 0.5)


FORMATS_POSTPONE = Statement(
    "a wider format and a loss scale only postpone the depth at which a vanishing gradient is zero",
    {
        "dtype": Choice((torch.float16, torch.bfloat16, torch.float32, torch.float64)),
        "gain": Interval(0.02, 0.45),
        "start": Interval(1e-4, 0.4, log=True),
    },
    only_postponed,
)


def each_its_own_rate(seed, low, high, optimizer):
    """How far the path of weights changes where each of their gradients has a constant factor of its own."""
    grads, own = normal(seed, 20, 6), low * (high / low) ** torch.rand(6, generator=torch.Generator().manual_seed(seed))
    grads, paths = grads.sign() * (0.1 + grads.abs()), []
    for factor in (torch.ones(6), own):
        w = nn.Parameter(torch.zeros(6, dtype=torch.float64))
        step = getattr(torch.optim, optimizer)([w], lr=0.01)
        for grad in grads:
            w.grad = factor * grad
            step.step()
        paths.append(w.detach())
    return 0.01 - ((paths[0] - paths[1]).abs() / 0.01).max().item()


ADAM_HAS_A_RATE_FOR_EACH = Statement(
    "Adam gives each weight a rate of its own: constant factors of the single gradients do not change the path",
    {
        "seed": SEED,
        "low": Interval(1e-3, 1.0, log=True),
        "high": Interval(1.0, 1e4, log=True),
        "optimizer": Choice(("Adam",)),
    },
    each_its_own_rate,
)


def same_at_any_depth(seed, depth, shift, saturating):
    """Ratio at the input of the gradients of -ln D and ln (1 - D), against that at the output."""
    x, h = normal(seed, 4).requires_grad_(), None
    h = x
    for layer in range(depth):
        h = torch.tanh(h @ normal(seed + layer + 1, 4, 4))
    z = h.sum() - shift
    (away,) = torch.autograd.grad(-nn.functional.logsigmoid(-z) if saturating else z, x, retain_graph=True)
    (toward,) = torch.autograd.grad(-nn.functional.logsigmoid(z), x)
    ratio = (toward.norm() / away.norm() / ((1 - z.sigmoid()) / z.sigmoid())).item()
    return 1e-6 - abs(ratio - 1)


SATURATED_AT_ANY_DEPTH = Statement(
    "what a saturated output takes from the gradient does not depend on the depth below it",
    {"seed": SEED, "depth": whole(1, 30), "shift": Interval(0.0, 20.0), "saturating": Choice((True,))},
    same_at_any_depth,
)


def no_growth(seed, unit, gain, depth):
    """Decades per layer that the gradient loses in wide random layers of a gain below one."""
    std, width = gain * (2**0.5 if unit == "relu" else 1), 128
    x = normal(seed, 4, width).requires_grad_()
    h = x
    for layer in range(depth):
        h = UNITS[unit](h @ normal(seed + layer + 1, width, width) * (std / width**0.5))
    above = normal(seed - 1, 4, width)
    (below,) = torch.autograd.grad((h * above).sum(), x)
    return -math.log10((below.norm() / above.norm()).item()) / depth


GROWS_ONLY_ABOVE_ONE = Statement(
    "in wide random layers gradients grow only if the gain of a layer exceeds one",
    {
        "seed": whole(1, 10**4),
        "unit": Choice(("relu", "tanh", "linear")),
        "gain": Interval(0.05, 0.85),
        "depth": whole(5, 30),
    },
    no_growth,
    draws=30,
    steps=15,
)


def branches_at_zero(seed, depth, width, unit, last):
    """Growth of the gradient through residual blocks whose last matrix is ``last`` times a random one."""
    x = normal(seed, 3, width).requires_grad_()
    h = x
    for layer in range(depth):
        first, second = normal(seed + layer + 1, 2, width, width)
        h = h + UNITS[unit](nn.functional.layer_norm(h, (width,)) @ first) @ second * last
    above = normal(seed, 3, width)
    (below,) = torch.autograd.grad((h * above).sum(), x)
    return 1e-9 - abs((below.norm() / above.norm()).item() - 1)


ZERO_BRANCHES_DO_NOT_GROW = Statement(
    "with branches whose last matrix is zero the gradient grows by nothing",
    {
        "seed": SEED,
        "depth": whole(1, 40),
        "width": whole(2, 32),
        "unit": Choice(("relu", "tanh", "gelu")),
        "last": Choice((0.0,)),
    },
    branches_at_zero,
    draws=30,
    steps=10,
)


def length_of_a_step(seed, tensors, size, threshold, lr, momentum):
    """Length of a clipped step against rate times threshold, the threshold being exceeded."""
    parameters = [nn.Parameter(torch.zeros(3, 2, dtype=torch.float64)) for _ in range(tensors)]
    step = torch.optim.SGD(parameters, lr=lr, momentum=momentum)
    for at in range(3):
        before = torch.cat([each.detach().flatten() for each in parameters])
        for index, each in enumerate(parameters):
            each.grad = normal(seed + 10 * at + index, 3, 2) + 1
        norm = torch.cat([each.grad.flatten() for each in parameters]).norm()
        for each in parameters:
            each.grad *= size * threshold / norm
        clip_grad_norm_(parameters, threshold)
        step.step()
        moved = (torch.cat([each.detach().flatten() for each in parameters]) - before).norm().item()
    return 1e-4 - abs(moved / (lr * threshold) - 1)


CLIPPED_STEPS_HAVE_ONE_LENGTH = Statement(
    "under SGD without momentum a step that was clipped is as long as the rate times the threshold",
    {
        "seed": SEED,
        "tensors": whole(1, 5),
        "size": Interval(1.01, 1e6, log=True),
        "threshold": Interval(0.1, 100.0, log=True),
        "lr": Interval(1e-4, 1.0, log=True),
        "momentum": Choice((0.0,)),
    },
    length_of_a_step,
)


def behind_the_scale(seed, depth, size, exponent, where):
    """Whether the forward pass is the same to the bit under a loss scale, and the gradient multiplied by it."""
    found = []
    for scale in (1.0, 2.0**exponent):
        x = normal(seed, 4, 8).float().requires_grad_()
        h = x * (scale if where == "input" else 1)
        for layer in range(depth):
            # Slopes are zero or one: those of other units round, and not on every processor alike at another scale.
            h = torch.relu(h @ normal(seed + layer + 1, 8, 8).float()) * size
        (grad,) = torch.autograd.grad((scale * h).sum() if where == "loss" else h.sum(), x)
        found.append((h.detach(), grad / scale))
    return float(all(torch.equal(*pair) for pair in zip(*found, strict=True))) - 0.5


LOSS_SCALE_ACTS_BACKWARD = Statement(
    "a loss scale multiplies the gradient and leaves every activation as it is, to the bit",
    {
        "seed": SEED,
        "depth": whole(1, 8),
        "size": Interval(0.5, 2.0),
        "exponent": whole(1, 16),
        "where": Choice(("loss",)),
    },
    behind_the_scale,
)


def from_gradients_alone(seed, depth, eps, peeks):
    """How far Adam, fed with recorded gradients alone, ends from where it ended beside the network."""
    torch.manual_seed(seed)
    layers = [layer for _ in range(depth) for layer in (nn.Linear(6, 6), nn.Sigmoid())]
    net, x = nn.Sequential(*layers).double(), normal(seed, 8, 6)
    copies = [nn.Parameter(each.detach().clone()) for each in net.parameters()]
    optimizer, replay = (torch.optim.Adam(each, lr=0.01, eps=eps) for each in (net.parameters(), copies))
    for _ in range(5):
        optimizer.zero_grad()
        net(x).square().sum().backward()
        for copy, each in zip(copies, net.parameters(), strict=True):
            copy.grad = each.grad.clone() * (1 + peeks * each.detach().abs())
        optimizer.step()
        replay.step()
    return 1e-12 - max((a - b).abs().max().item() for a, b in zip(copies, net.parameters(), strict=True))


ADAM_KNOWS_GRADIENTS_ALONE = Statement(
    "Adam adds no information to the gradient: recorded gradients alone give the same steps",
    {"seed": SEED, "depth": whole(1, 20), "eps": Choice((1e-8, 1e-30)), "peeks": Choice((0,))},
    from_gradients_alone,
    draws=20,
    steps=10,
)


def near_the_identity(q, unit):
    """Distance of a tanh layer with weights of variance 1/n from the identity, below three variances."""
    function, derivative = {"tanh": (torch.tanh, tanh_derivative), "gelu": (gelu, gelu_derivative)}[unit]
    variance = torch.tensor(q, dtype=torch.float64)
    gain, kept = gradient_gain(variance, derivative, 1.0), variance_step(variance, function, 1.0, 0.0) / variance
    return 3 * q - max(abs(gain.item() - 1), abs(kept.item() - 1))


TANH_IS_LINEAR_AT_ZERO = Statement(
    "near zero a tanh layer keeps signal and gradient with weights of variance 1/n, and needs no factor",
    {"q": Interval(1e-8, 0.1, log=True), "unit": Choice(("tanh",))},
    near_the_identity,
)


def divided_in_each_layer(seed, width, depth, times, default):
    """Standard errors, below five, between the mean square of a gradient and the power of half of ``times``."""
    nets, generator = 300, torch.Generator().manual_seed(seed)
    x, above = (torch.randn(nets, width, generator=generator) for _ in range(2))
    h, layers = x, []
    for _ in range(depth):
        # As nn.Linear draws: uniform, weights and biases up to the root of 1/n.
        bound = (1 if default else (3 * times) ** 0.5) / width**0.5
        w = bound * (2 * torch.rand(nets, width, width, generator=generator) - 1)
        b = default * bound * (2 * torch.rand(nets, width, generator=generator) - 1)
        z = torch.einsum("nij,nj->ni", w, h) + b
        layers.append((w, z > 0))
        h = z.relu()
    v = above
    for w, active in reversed(layers):
        v = torch.einsum("nij,ni->nj", w, v * active)
    share = v.square().sum(1) / above.square().sum(1) / (times / 2) ** depth
    return 5 - ((share.mean() - 1).abs() / (share.std() / nets**0.5)).item()


DEFAULT_DIVIDES_BY_SIX = Statement(
    "with the default weights and biases a ReLU layer of equal width divides the mean squared gradient norm by six",
    {
        "seed": SEED,
        "width": whole(16, 48),
        "depth": whole(1, 4),
        "times": Choice((1 / 3,)),
        "default": Choice((True,)),
    },
    divided_in_each_layer,
    draws=15,
    steps=5,
)
ONE_OVER_N_HALVES = Statement(
    "with weights of variance c/n a ReLU layer multiplies the mean squared gradient norm by half of c",
    {
        "seed": SEED,
        "width": whole(16, 48),
        "depth": whole(1, 4),
        "times": Interval(0.3, 3.0),
        "default": Choice((False,)),
    },
    divided_in_each_layer,
    draws=15,
    steps=5,
)


def misses(scale, unit):
    """Largest deviation from one of what a layer does to signal and gradient, over three variances, above a tenth."""
    pairs = {
        "gelu": (gelu, gelu_derivative),
        "silu": (swish, swish_derivative),
        "relu": (torch.relu, lambda z: (z > 0).to(z)),
    }
    function, derivative = pairs[unit]
    worst = 0.0
    for q in (0.1, 1.0, 10.0):
        variance = torch.tensor(q, dtype=torch.float64)
        step, gain = variance_step(variance, function, scale, 0.0) / q, gradient_gain(variance, derivative, scale)
        worst = max(worst, abs(step.item() - 1), abs(gain.item() - 1))
    return worst - 0.1


NO_SCALE_IS_EXACT = Statement(
    "no variance of the weights keeps signal and gradient of GELU or SiLU at all variances of the signal",
    {"scale": Interval(0.3, 10.0, log=True), "unit": Choice(("gelu", "silu"))},
    misses,
)


def weak_branches(seed, depth, scale, norm, shortcut):
    """Share of the gradient that reaches the input past weak branches, above nine tenths."""
    torch.manual_seed(seed)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.linear = getattr(nn, norm)(64), nn.Linear(64, 64)
            nn.init.normal_(self.linear.weight, 0, scale / 8)

        def forward(self, h):
            return shortcut * h + self.linear(torch.relu(self.norm(h)))

    net = nn.Sequential(*(Block() for _ in range(depth))).double()
    return gradient_ratio(net, seed, width=64, batch=16) - 0.9


WEAK_BRANCHES_DO_NO_HARM = Statement(
    "with a normalisation in the branch weak branches let the gradient through, however weak",
    {
        "seed": SEED,
        "depth": whole(1, 40),
        "scale": Interval(1e-8, 0.5, log=True),
        "norm": Choice(("LayerNorm", "RMSNorm")),
        "shortcut": Choice((1,)),
    },
    weak_branches,
    draws=20,
    steps=10,
)


def fixed_point(off, side):
    """Distance of mean and variance behind SELU from zero and one, at a gain other than one."""
    z = torch.linspace(-12, 12, 100_001, dtype=torch.float64)
    weight = torch.exp(-z.square() / 2) / (2 * math.pi) ** 0.5 * (z[1] - z[0])
    found = selu(z * (1 + side * off))
    return max(abs((weight @ found).item()), abs((weight @ found.square()).item() - 1)) - 0.01


SELU_NEEDS_A_GAIN_OF_ONE = Statement(
    "with another gain than one SELU does not return mean zero and variance one",
    {"off": Interval(0.03, 0.6), "side": Choice((-1, 1))},
    fixed_point,
)


def exact_mean(power, unit):
    """Relative error of the quadrature against the closed form, below 1e-12."""
    forms = {
        "relu": (torch.relu, lambda q: q / 2),
        "leaky": (lambda z: torch.where(z > 0, z, 0.3 * z), lambda q: q * (1 + 0.09) / 2),
        "step": (lambda z: (z > 0).to(z), lambda q: 0.5),
        "shifted": (lambda z: torch.relu(z - 1), None),
    }
    function, exact = forms[unit]
    q = 10.0**power
    found = variance_step(torch.tensor(q, dtype=torch.float64), function, 1.0, 0.0).item()
    if exact is None:
        d = 1 / q**0.5
        tail, density = math.erfc(d / 2**0.5) / 2, math.exp(-d * d / 2) / (2 * math.pi) ** 0.5
        return 1e-12 - abs(found / (q * ((1 + d * d) * tail - d * density)) - 1)
    return 1e-12 - abs(found / exact(q) - 1)


MEAN_IS_EXACT_AT_EVERY_VARIANCE = Statement(
    "the mean of an activation with a kink or a jump at zero is exact at every variance",
    {"power": Interval(-60.0, 60.0), "unit": Choice(("relu", "leaky", "step"))},
    exact_mean,
)


def behind_a_norm(seed, unit, norm, scale, over):
    """Measured gain per layer against the mean squared slope over the mean square, or the variance, of the unit."""
    depth, function = 10, {"relu": nn.ReLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "gelu": nn.GELU()}[unit]
    z = torch.linspace(-12, 12, 48_001, dtype=torch.float64).requires_grad_()
    weight = torch.exp(-z.detach().square() / 2) / (2 * math.pi) ** 0.5 * (24 / 48_000)
    out = function(z)
    (slope,) = torch.autograd.grad(out.sum(), z)
    mean, square = (weight @ out).item(), (weight @ out.square()).item()
    divided = square - mean**2 if over == "variance" else square
    predicted = (weight @ slope.square()).item() / divided
    found = gradient_ratio(plain(seed, function, norm, depth=depth, std=scale / 128**0.5), seed)
    # The first norm divides by the variance of the input, and the last unit by nothing.
    return 0.2 - abs(math.log(found**2 / (predicted**depth * divided)) / depth)


BEHIND_LAYER_NORM = Statement(
    "in front of the activation layer and RMS norm put one over its mean square in the place of the weights' variance",
    {
        "seed": SEED,
        "unit": Choice(("relu", "tanh", "sigmoid", "gelu")),
        "norm": Choice(("layer", "rms")),
        "scale": Interval(0.3, 10.0, log=True),
        "over": Choice(("square",)),
    },
    behind_a_norm,
    draws=20,
    steps=10,
)
BEHIND_BATCH_NORM = replace(
    BEHIND_LAYER_NORM,
    words="in front of the activation batch norm puts one over its variance in the place of the weights' variance",
    domain={**BEHIND_LAYER_NORM.domain, "norm": Choice(("batch",)), "over": Choice(("variance",))},
)


@pytest.mark.parametrize(
    "statement",
    [
        NO_DERIVATIVE_AT_ZERO,
        ONLY_WHERE_IT_IS_SILENT,
        FORMATS_POSTPONE,
        ADAM_HAS_A_RATE_FOR_EACH,
        SATURATED_AT_ANY_DEPTH,
        GROWS_ONLY_ABOVE_ONE,
        ZERO_BRANCHES_DO_NOT_GROW,
        CLIPPED_STEPS_HAVE_ONE_LENGTH,
        LOSS_SCALE_ACTS_BACKWARD,
        ADAM_KNOWS_GRADIENTS_ALONE,
        TANH_IS_LINEAR_AT_ZERO,
        DEFAULT_DIVIDES_BY_SIX,
        ONE_OVER_N_HALVES,
        NO_SCALE_IS_EXACT,
        WEAK_BRANCHES_DO_NO_HARM,
        SELU_NEEDS_A_GAIN_OF_ONE,
        MEAN_IS_EXACT_AT_EVERY_VARIANCE,
        BEHIND_LAYER_NORM,
        BEHIND_BATCH_NORM,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_a_gain_above_one_half_may_stop_at_the_smallest_number():
    """Why the domain ends at one half: nine tenths of the smallest number are rounded back to it."""
    assert layers_until_zero(torch.float16, 0.9, 0.1) == math.inf
