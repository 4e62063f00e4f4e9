"""Question 39: outputs and losses at any logits; each sentence beside a wider one that the search refutes."""

import math

import pytest
import torch
from torch.nn import functional

from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal

ROUNDING = 1e-9


def one_logit(seed, size, logits):
    """Softmax over so many logits, and its gradient."""
    z = (size * normal(seed, 5, logits)).requires_grad_()
    p = z.softmax(1)
    (slope,) = torch.autograd.grad(p[:, 0].sum(), z)
    return ROUNDING - max((p[:, 0] - 1).abs().max().item(), slope.abs().max().item())


LOGITS = {"seed": SEED, "size": Interval(0.1, 500.0, log=True)}
ONE_LOGIT = Statement(
    "a softmax over one logit is one, its gradient zero", LOGITS | {"logits": Choice((1,))}, one_logit
)


def huber(error, threshold, factor):
    """Huber's loss against smooth L1 times a power of the threshold; slopes within their bounds."""
    e = torch.tensor(error, dtype=torch.float64, requires_grad=True)
    zero, bounds = torch.zeros((), dtype=torch.float64), (threshold, 1.0)
    losses = (
        functional.huber_loss(e, zero, delta=threshold),
        functional.smooth_l1_loss(e, zero, beta=threshold),
    )
    slopes = [torch.autograd.grad(loss, e, retain_graph=True)[0].abs().item() for loss in losses]
    room = min(bound + ROUNDING - slope for bound, slope in zip(bounds, slopes, strict=True))
    return min(room, 1e-6 - abs(losses[0] / (threshold**factor * losses[1]) - 1).item())


ERRORS = {"error": Interval(0.01, 100.0, log=True), "threshold": Interval(0.05, 20.0, log=True)}
HUBER_IS_SMOOTH_L1 = Statement(
    "the Huber loss is its threshold times smooth L1; their slopes stay below the threshold and one",
    ERRORS | {"factor": Choice((1,))},
    huber,
)


def smoothed(classes, share, kept):
    """Gradient of cross-entropy with smoothed labels at the gap of logits that the page gives."""
    z = torch.zeros(1, classes, dtype=torch.float64)
    z[0, 0] = math.log(1 + classes * (1 - share) / share if kept else (1 - share) / share)
    loss = functional.cross_entropy(z.requires_grad_(), torch.zeros(1, dtype=torch.long), label_smoothing=share)
    return ROUNDING - torch.autograd.grad(loss, z)[0].abs().max().item()


SHARES = {"classes": whole(2, 100), "share": Interval(0.01, 0.9)}
SMOOTHED_GAP = Statement(
    "with smoothed labels the best gap of logits is ln(1 + c (1 - e) / e)", SHARES | {"kept": Choice((True,))}, smoothed
)


def odds(share, weight, power):
    """Gradient of the weighted loss of a constant model at the odds that the page gives."""
    a = torch.tensor(weight**power * share / (1 - share), dtype=torch.float64).log().requires_grad_()
    weights = torch.tensor(weight, dtype=torch.float64)
    loss = share * functional.binary_cross_entropy_with_logits(a, torch.ones_like(a), pos_weight=weights)
    loss = loss + (1 - share) * functional.binary_cross_entropy_with_logits(a, torch.zeros_like(a), pos_weight=weights)
    return ROUNDING - torch.autograd.grad(loss, a)[0].abs().item()


CLASSES = {"share": Interval(0.01, 0.9), "weight": Interval(0.1, 100.0, log=True)}
ODDS = Statement("a class weight multiplies the fitted odds", CLASSES | {"power": Choice((1,))}, odds)


def again(seed, size, twice):
    """Cross-entropy with a log_softmax, or a softmax, in front of it."""
    z, y = size * normal(seed, 5, 4), torch.arange(5) % 4
    front = z.log_softmax(1) if twice == "log" else z.softmax(1)
    return 1e-9 * max(1.0, size) - abs(functional.cross_entropy(front, y) - functional.cross_entropy(z, y)).item()


HARMLESS = Statement(
    "an extra log_softmax before cross-entropy changes nothing but rounding",
    LOGITS | {"twice": Choice(("log",))},
    again,
)


def separated(w1, w2, b, xor):
    """How far below zero an affine map keeps the worst of four signs, over its size."""
    wanted = torch.tensor([-1.0, 1.0, 1.0, -1.0 if xor else 1.0], dtype=torch.float64)
    corners = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float64)
    return ROUNDING - (wanted * (corners @ torch.tensor([w1, w2], dtype=torch.float64) + b)).min().item()


LINES = {name: Interval(-3.0, 3.0) for name in ("w1", "w2", "b")}
XOR = Statement("no affine map separates the classes of XOR", LINES | {"xor": Choice((True,))}, separated, draws=300)

STATEMENTS = (ONE_LOGIT, HUBER_IS_SMOOTH_L1, SMOOTHED_GAP, ODDS, HARMLESS, XOR)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda each: each.words)
def test_the_search_finds_no_counter_example(statement):
    statement.check()
