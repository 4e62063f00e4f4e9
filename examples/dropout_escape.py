"""
Which traps the noise of dropout opens: the zero saddle, identical units, a local minimum.

A tanh net without biases on digits, full-batch gradient descent, many seeds; and walkers in a tilted double well.
Prediction: where all weights are zero every masked gradient is zero, so dropout stays there for ever, while additive
noise of any size leaves; units that start identical stay so without dropout and part with it. From the shallow well
additive noise escapes at a rate given by the mean first-passage time, which is exponential in the barrier over the
noise. Measured: the training loss from the three starts, and the share of walkers that escaped.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from optnotes.dropout import inverted_dropout
from optnotes.landscapes import tilted_double_well, tilted_double_well_gradient
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, N, H, LR, STEPS, P, ADDED = 20, 40, 16, 0.5, 120, 0.5, 1e-3
WALKERS, WELL_LR, WELL_STEPS = 400, 0.05, 2000
NOISES = (0.3, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 3.0)


@dataclass(frozen=True)
class Result:
    """Losses of shape (steps, seeds), final first-layer weights, and shares of escaped walkers by noise."""

    zero_dropout: Tensor
    zero_added: Tensor
    same_plain: Tensor
    same_dropout: Tensor
    weights: dict[str, Tensor]
    escaped: Tensor
    predicted: Tensor


def descend(W: Tensor, V: Tensor, p: float, added: float) -> tuple[Tensor, Tensor]:
    """Losses without dropout along the way, and the final weights of the first layer."""
    generator, bunch = torch.Generator().manual_seed(38), load_digits()
    pixels, labels = torch.tensor(bunch.data) / 16, one_hot(torch.tensor(bunch.target), 10).double()
    order = torch.stack([torch.randperm(len(labels), generator=generator)[:N] for _ in range(SEEDS)])
    X, Y, losses = pixels[order], labels[order], []
    for _ in range(STEPS):
        hidden = (X @ W).tanh()
        flat = cross_entropy((hidden @ V).flatten(0, 1), Y.flatten(0, 1), reduction="none")
        losses.append(flat.unflatten(0, (SEEDS, N)).mean(1))
        scale = torch.ones_like(hidden)
        if p > 0:
            scale = inverted_dropout(scale, (torch.rand(hidden.shape, generator=generator) >= p).double(), p)
        error = (((hidden * scale) @ V).softmax(-1) - Y) / N
        along = X.mT @ ((error @ V.mT) * scale * (1 - hidden**2)), (hidden * scale).mT @ error
        W, V = (
            w - LR * g + added * torch.randn(w.shape, generator=generator, dtype=w.dtype)
            for w, g in zip((W, V), along, strict=True)
        )
    return torch.stack(losses), W


def wells() -> tuple[float, float]:
    """The shallow and the deep minimum, the largest and the smallest root of the derivative."""
    roots = torch.linalg.eigvals(torch.tensor([[0.0, 1.0, -0.2], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).double()).real
    return roots.max().item(), roots.min().item()


def escaped() -> Tensor:
    """Share of walkers that have reached the deep minimum, for every noise."""
    generator, (shallow, deep) = torch.Generator().manual_seed(1), wells()
    y = torch.full((len(NOISES), WALKERS), shallow, dtype=torch.float64)
    noise, there = torch.tensor(NOISES, dtype=torch.float64)[:, None], torch.zeros(y.shape, dtype=torch.bool)
    for _ in range(WELL_STEPS):
        kick = noise * torch.randn(y.shape, generator=generator, dtype=y.dtype)
        y = y - WELL_LR * (tilted_double_well_gradient(y) + kick)
        there |= y <= deep
    return there.double().mean(1)


def predicted(noise: float) -> float:
    """Share expected from the mean first-passage time of the continuous process of the same noise."""
    temperature, (shallow, deep) = WELL_LR * noise**2 / 2, wells()
    grid = torch.linspace(deep, 4.0, 4001, dtype=torch.float64)
    cell, height = (grid[1] - grid[0]).item(), tilted_double_well(grid) / temperature
    height = height - height.min()
    beyond = (-height).exp().flip(0).cumsum(0).flip(0) * cell
    passage = ((height.exp() * beyond)[grid <= shallow]).sum().item() * cell / temperature
    return -math.expm1(-WELL_LR * WELL_STEPS / passage)


def compute() -> Result:
    """Descend from zero and from identical units, and let the walkers go."""
    generator = torch.Generator().manual_seed(2)
    column, row = (torch.randn(SEEDS, *s, generator=generator, dtype=torch.float64) / 4 for s in ((64, 1), (1, 10)))
    zero, same = (torch.zeros(SEEDS, 64, H).double(), torch.zeros(SEEDS, H, 10).double()), (column / 2, row)
    same = (same[0].repeat(1, 1, H), same[1].repeat(1, H, 1))
    starts = {
        "zero_dropout": (*zero, P, 0.0),
        "zero_added": (*zero, 0.0, ADDED),
        "same_plain": (*same, 0.0, 0.0),
        "same_dropout": (*same, P, 0.0),
    }
    runs = {name: descend(*start) for name, start in starts.items()}
    shares = torch.tensor([predicted(noise) for noise in NOISES], dtype=torch.float64)
    losses, weights = ({name: run[i] for name, run in runs.items()} for i in (0, 1))
    return Result(**losses, weights=weights, escaped=escaped(), predicted=shares)


def numbers(result: Result) -> dict[str, float | int]:
    """Final losses, largest weight reached from zero, distance between identical units, and shares of escapes."""
    shallow, _ = wells()
    barrier = tilted_double_well(torch.linspace(0, shallow, 1001, dtype=torch.float64))
    apart = {name: (w - w.mean(-1, keepdim=True)).abs().max().item() for name, w in result.weights.items()}
    at = NOISES.index(1.0)
    return {
        "seeds": SEEDS,
        "steps": STEPS,
        "walkers": WALKERS,
        "start": math.log(10),
        "zero_dropout": result.zero_dropout[-1].mean().item(),
        "zero_added": result.zero_added[-1].mean().item(),
        "same_plain": result.same_plain[-1].mean().item(),
        "same_dropout": result.same_dropout[-1].mean().item(),
        "zero_largest": result.weights["zero_dropout"].abs().max().item(),
        "apart_plain": apart["same_plain"],
        "apart_dropout": apart["same_dropout"],
        "barrier": (barrier.max() - barrier[-1]).item(),
        "noise": NOISES[at],
        "escaped": result.escaped[at].item(),
        "escaped_predicted": result.predicted[at].item(),
        "escaped_weakest": result.escaped[0].item(),
        "escaped_strongest": result.escaped[-1].item(),
        "escaped_gap": (result.escaped - result.predicted).abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Training loss from the saddles, and the share of escapes from the shallow well against the noise."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    looks = (
        ("zero_dropout", theme.red, "-"),
        ("same_plain", theme.orange, "--"),
        ("zero_added", theme.violet, "-."),
        ("same_dropout", theme.blue, (0, (5, 1, 1, 1, 1, 1))),
    )
    for key, colour, style in looks:
        low, middle, high = getattr(result, key).quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        upper.fill_between(range(STEPS), low, high, color=colour, alpha=0.2, linewidth=0)
        upper.plot(middle, color=colour, linestyle=style, label=text(key))
    grid = torch.linspace(NOISES[0], NOISES[-1], 80).tolist()
    lower.plot(grid, [predicted(noise) for noise in grid], color=theme.ink, linestyle=":", label=text("predicted"))
    lower.plot(NOISES, result.escaped, "o", color=theme.blue, label=text("measured"))
    upper.set(title=text("title.loss"), xlabel=text("step"), ylim=(0, 4.3))
    lower.set(title=text("title.escaped"), xlabel=text("noise"))
    upper.legend(fontsize=9, ncols=2, loc="upper center")
    lower.legend(fontsize=9, loc="lower right")
    return drawn
