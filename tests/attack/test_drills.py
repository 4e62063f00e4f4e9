"""Answers of drills that rested on instances: each is searched over its domain, its twin refuted outside."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from tests.attack.search import SEED, Choice, Interval, Statement, whole


def without_zeros(seed, depth, width, scale, dtype):
    """Share of exact zeros in the gradient at the input of a sigmoid net, below a half of one entry."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(8, width, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()
    h = x
    for _ in range(depth):
        weights = scale * torch.randn(width, width, generator=generator, dtype=torch.float64) / width**0.5
        h = (h @ weights.to(dtype)).sigmoid()
    (grad,) = torch.autograd.grad(h.sum(), x)
    return 0.5 / grad.numel() - (grad == 0).double().mean().item()


VANISHING_HAS_NO_ZEROS = Statement(
    "while its numbers can be represented a gradient that vanishes in a sigmoid net has no zeros",
    {
        "seed": SEED,
        "depth": whole(1, 60),
        "width": whole(2, 40),
        "scale": Interval(0.5, 3.0),
        "dtype": Choice((torch.float64,)),
    },
    without_zeros,
)


def exact_on(seed, classes, gap, size, of):
    """How far the loss of log_softmax in single precision is from the exact one, relatively, below a millionth."""
    generator = torch.Generator().manual_seed(seed)
    logits = size * torch.randn(classes, generator=generator)
    logits[0] = logits[1:].max() + gap
    found, exact = (-x.log_softmax(0)[of] for x in (logits, logits.double()))
    return 1e-6 - abs(found.item() / exact.item() - 1)


LOGITS = {
    "seed": SEED,
    "classes": whole(2, 20),
    "gap": Interval(1.0, 1e4, log=True),
    "size": Interval(0.1, 1e3, log=True),
}
CONFIDENT_MISTAKES = Statement(
    "on a confident mistake the loss of log_softmax in single precision is exact to a millionth",
    LOGITS | {"of": Choice((1,))},
    exact_on,
    draws=300,
)


def one_pass(seed, units, p, unit):
    """A pass without masks against the mean over all of them, where the layer with dropout is followed by ``unit``."""
    generator = torch.Generator().manual_seed(seed)
    h, w = torch.randn(2, units, generator=generator, dtype=torch.float64)
    masks = torch.tensor(list(itertools.product((0.0, 1.0), repeat=units)), dtype=torch.float64)
    chance = (masks * (1 - p) + (1 - masks) * p).prod(1)
    follow = {"linear": lambda z: z, "relu": torch.relu, "tanh": torch.tanh}[unit]
    return 1e-9 - abs((chance @ follow(masks * h / (1 - p) @ w) - follow(h @ w)).item())


ONE_PASS_IS_THE_MEAN = Statement(
    "right behind the layer with dropout one pass without masks is the mean over them for a linear output",
    {"seed": SEED, "units": whole(1, 8), "p": Interval(0.0, 0.9), "unit": Choice(("linear",))},
    one_pass,
)


def no_error_unless_asked(seed, tensors, kind, value, asked):
    """Whether clipping refuses an entry that is not finite exactly where it is asked to."""
    generator = torch.Generator().manual_seed(seed)
    parameters = [nn.Parameter(torch.zeros(3, 2)) for _ in range(tensors)]
    for each in parameters:
        each.grad = torch.randn(3, 2, generator=generator)
    place = torch.randint(0, tensors, (), generator=generator).item()
    parameters[place].grad[1, 1] = value
    try:
        clip_grad_norm_(parameters, 1.0, norm_type=kind, error_if_nonfinite=asked)
    except RuntimeError:
        return 1.0 if asked else -1.0
    grads = torch.cat([each.grad.flatten() for each in parameters])
    spoilt = grads.isnan().all() if math.isnan(value) else grads.isnan().sum() == 1 and (grads.nan_to_num() == 0).all()
    return 1.0 if spoilt and not asked else -1.0


NO_ERROR_UNLESS_ASKED = Statement(
    "one NaN turns all into NaN, one infinity itself into NaN, the rest into zero; clipping refuses only if asked to",
    {
        "seed": SEED,
        "tensors": whole(1, 6),
        "kind": Choice((1.0, 2.0, 3.0, math.inf)),
        "value": Choice((math.nan, math.inf, -math.inf)),
        "asked": Choice((False, True)),
    },
    no_error_unless_asked,
)


def spread(matrix):
    """Relative variance of the squared singular values."""
    gram = matrix.T @ matrix
    return len(gram) * gram.square().sum().item() / gram.trace().item() ** 2 - 1


def halved(seed, width, depth, slope):
    """How near the spread behind orthogonal weights is to half of that behind Gaussian ones, within a fifth."""
    generator, found = torch.Generator().manual_seed(seed), {}
    for name in ("orthogonal", "gaussian"):
        found[name] = []
        for _ in range(4):
            h = torch.randn(width, generator=generator, dtype=torch.float64)
            product = torch.eye(width, dtype=torch.float64)
            for _ in range(depth):
                w = torch.randn(width, width, generator=generator, dtype=torch.float64)
                w = torch.linalg.qr(w)[0] if name == "orthogonal" else w / width**0.5
                z = 2**0.5 * w @ h
                slopes = torch.where(z > 0, 1.0, slope)
                h, product = slopes * z, slopes[:, None] * (w @ product)
            found[name].append(spread(product))
    return 0.2 - abs(sum(found["orthogonal"]) / sum(found["gaussian"]) - 0.5)


ORTHOGONAL_HALVES = Statement(
    "behind ReLU layers orthogonal weights halve the spread of the squared singular values of Gaussian ones",
    {"seed": SEED, "width": Choice((128, 256)), "depth": whole(1, 8), "slope": Choice((0.0,))},
    halved,
    draws=10,
    steps=5,
)


@pytest.mark.parametrize(
    "statement",
    [VANISHING_HAS_NO_ZEROS, CONFIDENT_MISTAKES, ONE_PASS_IS_THE_MEAN, NO_ERROR_UNLESS_ASKED, ORTHOGONAL_HALVES],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_vanishing_has_no_zeros():
    """Refuted in single precision: a deep sigmoid net rounds its gradient to exact zeros on every example."""
    assert without_zeros(0, 120, 20, 1.0, torch.float32) < -0.9


def test_old_log_softmax_loses_nothing():
    """Refuted where the net is right: at a gap of twenty the loss and its gradient are rounded to zero."""
    assert exact_on(0, 2, 20.0, 0.0, 0) < -0.9
    logits = torch.tensor([20.0, 0.0], requires_grad=True)
    (grad,) = torch.autograd.grad(-logits.log_softmax(0)[0], logits)
    assert grad[0] == 0


@pytest.mark.parametrize("unit", ["relu", "tanh"])
def test_old_a_linear_output_makes_one_pass_exact(unit):
    """Refuted where a kink or a bend stands between the layer with dropout and the output."""
    assert one_pass(3, 6, 0.5, unit) < -0.01


def mc_mode(model):
    model.eval()
    for module in model.modules():
        if isinstance(module, (nn.Dropout, nn.Dropout2d)):
            module.train()


def test_old_dropout_layers_in_training_mode_are_enough():
    """Refuted: attention and LSTM drop by themselves, and the fast path of an encoder layer skips all of it."""
    torch.manual_seed(0)
    x, encoder = torch.randn(3, 5, 16), nn.TransformerEncoderLayer(16, 2, 32, dropout=0.5, batch_first=True)
    attention, memory = nn.MultiheadAttention(16, 2, dropout=0.5, batch_first=True), nn.LSTM(16, 16, 2, dropout=0.5)
    for each in (encoder, attention, memory):
        mc_mode(each)
    with torch.no_grad():
        assert torch.equal(encoder(x), encoder(x))
    assert not torch.equal(encoder(x), encoder(x))
    assert torch.equal(attention(x, x, x)[0], attention(x, x, x)[0])
    assert torch.equal(memory(x)[0], memory(x)[0])
    attention.train()
    assert not torch.equal(attention(x, x, x)[0], attention(x, x, x)[0])


def test_a_zero_gradient_may_be_one_that_was_kept():
    """``zero_grad(set_to_none=False)`` leaves zeros, with no path in the passes that follow."""
    used, left = nn.Linear(2, 1), nn.Linear(2, 1)
    (used(torch.ones(1, 2)) + left(torch.ones(1, 2))).sum().backward()
    optimizer = torch.optim.SGD([*used.parameters(), *left.parameters()], lr=0.1)
    optimizer.zero_grad(set_to_none=False)
    used(torch.ones(1, 2)).sum().backward()
    assert left.weight.grad is not None
    assert not left.weight.grad.any()
