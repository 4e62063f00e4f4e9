"""Sentences that speak of every weight, every step or every data set, searched over what they speak of."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from optnotes.penalties import l1_subgradient
from tests.attack.search import SEED, Choice, Interval, Statement, whole


def pressed_alike(seed, lam, spread, p):
    """Force of the penalty on each weight that is not zero, against its strength."""
    generator = torch.Generator().manual_seed(seed)
    w = torch.exp(spread * torch.randn(6, generator=generator)).double() * torch.randn(6, generator=generator).sign()
    w.requires_grad_()
    (force,) = torch.autograd.grad(lam * w.abs().pow(p).sum(), w)
    own = l1_subgradient(w.detach(), lam) if p == 1 else force
    return 1e-9 * lam - max((force.abs() - lam).abs().max().item(), (own - force).abs().max().item())


WEIGHTS_ARE_PRESSED_ALIKE = Statement(
    "L1 presses every weight that is not zero with the same force",
    {"seed": SEED, "lam": Interval(1e-3, 10.0, log=True), "spread": Interval(0.0, 5.0), "p": Choice((1,))},
    pressed_alike,
)


def unchanged(seed, p, kind, training):
    layer = {"unit": nn.Dropout, "channel": nn.Dropout2d, "alpha": nn.AlphaDropout}[kind](p).train(training)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        x = torch.randn(3, 4, 5, 5)
        return 1e-9 - (layer(x) - x).abs().max().item()


DROPOUT_RESTS_AT_INFERENCE = Statement(
    "dropout layers do nothing in evaluation mode",
    {
        "seed": SEED,
        "p": Interval(0.05, 0.95),
        "kind": Choice(("unit", "channel", "alpha")),
        "training": Choice((False,)),
    },
    unchanged,
)


def turned_farther(seed, shrink, rate):
    """Angle of a step of SGD at smaller weights over that at the weights themselves, less one."""
    torch.manual_seed(seed)
    x, y = torch.randn(32, 5).double(), torch.randn(32, 1).double()
    head, scaler = nn.Linear(4, 1).double(), nn.BatchNorm1d(4, eps=1e-12).double()
    start, angles = torch.randn(4, 5).double(), []
    for factor in (1.0, shrink):
        w = (factor * start).requires_grad_()
        (grad,) = torch.autograd.grad((head(torch.tanh(scaler(x @ w.T))) - y).square().mean(), w)
        after = (w - rate * grad).detach()
        cosine = torch.nn.functional.cosine_similarity(after.flatten(), start.flatten(), dim=0)
        angles.append(torch.acos(cosine.clamp(max=1)).item())
    return angles[1] / angles[0] - 1


SMALLER_WEIGHTS_TURN_FARTHER = Statement(
    "in front of batch normalisation a step turns smaller weights farther",
    {
        "seed": SEED,
        "shrink": Interval(0.2, 0.8),
        "rate": Interval(1e-3, 0.05, log=True),
    },
    turned_farther,
    draws=30,
    steps=20,
)


def same_path(seed, scale, power):
    """Adam on scaled features against standardised ones at the rate times a power of the scale."""
    generator, paths = torch.Generator().manual_seed(seed), []
    X = torch.randn(40, 3, generator=generator).double()
    y = X.sum(1) + torch.randn(40, generator=generator).double()
    for factor, rate in ((scale, 0.01), (1.0, 0.01 * scale**power)):
        w = nn.Parameter(torch.zeros(3).double())
        optimizer = torch.optim.Adam([w], lr=rate, eps=1e-300)
        for _ in range(30):
            w.grad = (factor * X).T @ (factor * X @ w.detach() - y) / 40
            optimizer.step()
        paths.append(factor * X @ w.detach())
    return 1e-6 - ((paths[0] - paths[1]).norm() / paths[1].norm()).item()


SCALE_ACTS_TO_THE_FIRST_POWER = Statement(
    "to Adam a feature of some scale is a standardised one with the rate times that scale",
    {"seed": SEED, "scale": Interval(0.01, 100.0, log=True), "power": Choice((1,))},
    same_path,
    draws=10,
    steps=5,
)


def stays_in_the_span(seed, n, more, optimizer):
    """Part of the weights beyond the rows of the design after descent from zero."""
    generator = torch.Generator().manual_seed(seed)
    X, y = (torch.randn(n, *shape, generator=generator).double() for shape in ((n + more,), ()))
    w = nn.Parameter(torch.zeros(n + more).double())
    step = {
        "descent": lambda p: torch.optim.SGD(p, lr=0.02),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.02),
    }[optimizer]([w])
    for _ in range(60):
        w.grad = X.T @ (X @ w.detach() - y) / n
        step.step()
    found = w.detach()
    outside = found - X.T @ torch.linalg.solve(X @ X.T, X @ found)
    return 1e-9 - (outside.norm() / found.norm()).item()


DESCENT_STAYS_IN_THE_SPAN = Statement(
    "on squared errors descent from zero, with momentum or without, never leaves the span of the rows",
    {"seed": SEED, "n": whole(3, 10), "more": whole(2, 20), "optimizer": Choice(("descent", "momentum"))},
    stays_in_the_span,
    draws=30,
    steps=15,
)


ADAM_LEAVES_THE_SPAN = replace(
    DESCENT_STAYS_IN_THE_SPAN,
    words="on squared errors Adam, which rescales each coordinate, leaves the span of the rows",
    domain={**DESCENT_STAYS_IN_THE_SPAN.domain, "optimizer": Choice(("Adam",))},
    margin=lambda **at: -0.01 - stays_in_the_span(**at),
)


def same_minimum(seed, n, d):
    """Newton's step against long descent on least squares."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = X @ rng.normal(size=d) + rng.normal(size=n)
    values, vectors = np.linalg.eigh(X.T @ X / n)
    newton = np.linalg.pinv(X.T @ X) @ X.T @ y
    start = vectors @ (vectors.T @ (np.ones(d) - newton) * (1 - values / values.max()) ** 20000.0)
    return 1e-6 - np.abs(start).max()


NEWTON_AND_DESCENT_MEET = Statement(
    "where least squares has one solution, Newton's method and long descent end at the same weights",
    {"seed": SEED, "n": whole(40, 80), "d": whole(2, 12)},
    same_minimum,
)


def mean_is_best(seed, n, squeezed):
    """Distance of the best predictions for shapes (n, 1) and (n) from the mean of the targets."""
    y = torch.randn(n, generator=torch.Generator().manual_seed(seed)).double()
    prediction = torch.zeros(n, 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([prediction], lr=n / 4)
    for _ in range(60):
        optimizer.zero_grad()
        out = prediction.squeeze(1) if squeezed else prediction
        (out - y).square().mean().backward()
        optimizer.step()
    return 1e-6 - (prediction.detach()[:, 0] - y.mean()).abs().max().item()


BROADCAST_LEARNS_THE_MEAN = Statement(
    "compared with every target, each prediction is best at their mean",
    {"seed": SEED, "n": whole(2, 40), "squeezed": Choice((False,))},
    mean_is_best,
    draws=20,
    steps=10,
)


@pytest.mark.parametrize(
    "statement",
    [
        WEIGHTS_ARE_PRESSED_ALIKE,
        DROPOUT_RESTS_AT_INFERENCE,
        SMALLER_WEIGHTS_TURN_FARTHER,
        SCALE_ACTS_TO_THE_FIRST_POWER,
        DESCENT_STAYS_IN_THE_SPAN,
        ADAM_LEAVES_THE_SPAN,
        NEWTON_AND_DESCENT_MEET,
        BROADCAST_LEARNS_THE_MEAN,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()
