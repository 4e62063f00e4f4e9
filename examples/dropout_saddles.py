"""
Which saddles the noise of dropout leaves: the one where all weights are zero, and the one where all units are equal.

A tanh net without biases on digits, full-batch gradient descent, many seeds. Prediction: where all weights are zero
every masked gradient is zero, so dropout stays there for ever, while additive noise of any size leaves; units that
start identical stay so without dropout and part with it. Measured: the training loss, the largest weight reached from
zero, and how far identical units have moved apart.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from optnotes.dropout import inverted_dropout
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, H, LR, STEPS, P, ADDED = 20, 40, 16, 0.5, 120, 0.5, 1e-3


@dataclass(frozen=True)
class Result:
    """Losses of shape (steps, seeds) and final first-layer weights, by start and kind of noise."""

    losses: dict[str, Tensor]
    weights: dict[str, Tensor]


def descend(W: Tensor, V: Tensor, p: float, added: float) -> tuple[Tensor, Tensor]:
    """Losses without dropout along the way, and the final weights of the first layer."""
    generator, (pixels, digits) = torch.Generator().manual_seed(38), load_digits()
    pixels, labels = pixels / 16, one_hot(digits, 10).double()
    order = torch.stack([torch.randperm(len(labels), generator=generator)[:N] for _ in range(SEEDS)])
    X, Y, losses = pixels[order], labels[order], []
    for _ in range(STEPS):
        hidden = (X @ W).tanh()
        logits = (hidden @ V).flatten(0, 1)
        losses.append(cross_entropy(logits, Y.flatten(0, 1), reduction="none").view(SEEDS, N).mean(1))
        scale = torch.ones_like(hidden)
        if p > 0:
            scale = inverted_dropout(scale, (torch.rand(hidden.shape, generator=generator) >= p).double(), p)
        error = (((hidden * scale) @ V).softmax(-1) - Y) / N
        along = X.mT @ ((error @ V.mT) * scale * (1 - hidden**2)), (hidden * scale).mT @ error
        W, V = (
            w - LR * g + (added * torch.randn(w.shape, generator=generator, dtype=w.dtype) if added > 0 else 0)
            for w, g in zip((W, V), along, strict=True)
        )
    return torch.stack(losses), W


def compute() -> Result:
    """Descend from zero and from identical units, with dropout and without."""
    generator = torch.Generator().manual_seed(2)
    column, row = (torch.randn(SEEDS, *s, generator=generator, dtype=torch.float64) / 8 for s in ((64, 1), (1, 10)))
    zero_w, zero_v = (torch.zeros(SEEDS, *s, dtype=torch.float64) for s in ((64, H), (H, 10)))
    same_w, same_v = column.repeat(1, 1, H), row.repeat(1, H, 1)
    starts = {
        "zero_dropout": (zero_w, zero_v, P, 0.0),
        "same_plain": (same_w, same_v, 0.0, 0.0),
        "zero_added": (zero_w, zero_v, 0.0, ADDED),
        "same_dropout": (same_w, same_v, P, 0.0),
    }
    runs = {name: descend(*start) for name, start in starts.items()}
    return Result(*({name: run[i] for name, run in runs.items()} for i in (0, 1)))


def numbers(result: Result) -> dict[str, float | int]:
    """Final losses, the largest weight reached from zero, and the largest distance between identical units."""
    apart = {name: (w - w.mean(-1, keepdim=True)).abs().max().item() for name, w in result.weights.items()}
    return {
        "seeds": SEEDS,
        "steps": STEPS,
        "start": result.losses["zero_dropout"][0].mean().item(),
        "zero_largest": result.weights["zero_dropout"].abs().max().item(),
        "apart_plain": bound(apart["same_plain"], 1e-4),
        "apart_dropout": apart["same_dropout"],
    } | {name: losses[-1].mean().item() for name, losses in result.losses.items()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Training loss from both saddles."""
    drawn, axes = new_figure(figsize=(5.6, 3.8))
    looks = ((theme.red, "-"), (theme.orange, "--"), (theme.violet, "-."), (theme.blue, (0, (5, 1, 1, 1, 1, 1))))
    for (key, losses), (colour, style) in zip(result.losses.items(), looks, strict=True):
        low, middle, high = losses.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        axes.fill_between(range(STEPS), low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(middle, color=colour, linestyle=style, label=text(key))
    axes.set(title=text("title"), xlabel=text("step"), ylim=(0, 4.2))
    axes.legend(fontsize=9, loc="upper right")
    return drawn
