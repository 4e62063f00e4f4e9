"""
Co-adaptation: what is lost when hidden units are removed, and whether dropout is needed to learn that.

Digits, one hidden layer, Adam, many seeds; trained plainly, with dropout, and with Gaussian noise of the same mean and
variance on the same activations, which never removes a unit. Prediction: if units rely on particular partners, removal
hurts; dropout protects against it. If the Gaussian net resists as well, removal in training is not what matters.
Measured: the test accuracy against the share of hidden units removed, and against noise on the pixels, which no net
has seen; the mean correlation between units.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.descent import adam_step
from optnotes.dropout import inverted_dropout, inverted_dropout_moments
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, N_TEST, H, STEPS, LR, P, DRAWS = 20, 100, 200, 64, 60, 0.02, 0.5, 4
KINDS = ("plain", "dropout", "gaussian")
REMOVED, PIXELS, QUOTED = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875), (0.0, 0.2, 0.4, 0.6, 0.8), (0.75, 0.4)


@dataclass(frozen=True)
class Result:
    """Test accuracies of shape (removed or pixel noise, seeds) and correlations of shape (seeds,), by kind of net."""

    removed: dict[str, Tensor]
    pixels: dict[str, Tensor]
    correlation: dict[str, Tensor]


def noisy(hidden: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """Hidden activations as the net sees them in training."""
    if kind == "dropout":
        return inverted_dropout(hidden, (torch.rand(hidden.shape, generator=generator) >= P).float(), P)
    if kind == "gaussian":
        mean, variance = inverted_dropout_moments(torch.ones(()), P)
        return hidden * (mean + variance.sqrt() * torch.randn(hidden.shape, generator=generator))
    return hidden


def fit(kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """Train one net per seed, then damage it."""
    generator, (pixels, labels) = torch.Generator().manual_seed(38), load_digits()
    pixels = pixels.float() / 16
    order = torch.stack([torch.randperm(len(labels), generator=generator) for _ in range(SEEDS)])
    X, y, X_test, y_test = (part[order[:, at]] for at in (slice(N), slice(N, N + N_TEST)) for part in (pixels, labels))
    weights = [he_std(i) * torch.randn(SEEDS, i, o, generator=generator) for i, o in ((64, H), (H, 10))]
    moments = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]
    for step in range(1, STEPS + 1):
        W, V = (w.requires_grad_() for w in weights)
        logits = noisy((X @ W).relu(), kind, generator) @ V
        slopes = torch.autograd.grad(cross_entropy(logits.flatten(0, 1), y.flatten()) * SEEDS, (W, V))
        with torch.no_grad():
            for i, (m, v) in enumerate(moments):
                weights[i], *moments[i] = adam_step(weights[i], slopes[i], m, v, step, LR, 0.0)
    W, V = weights

    def accuracy(hidden: Tensor) -> Tensor:
        return ((hidden @ V).argmax(-1) == y_test).float().mean(1)

    with torch.no_grad():
        hidden, draws = (X_test @ W).relu(), []
        for share in REMOVED:
            ranks = torch.rand(DRAWS, SEEDS, 1, H, generator=generator).argsort(-1)
            draws.append(torch.stack([accuracy(hidden * (rank >= share * H)) for rank in ranks]).mean(0))
        noise = torch.randn(X_test.shape, generator=generator)
        shifted = [accuracy(((X_test + sigma * noise) @ W).relu()) for sigma in PIXELS]
        centred = hidden - hidden.mean(1, keepdim=True)
        cosine = torch.nn.functional.normalize(centred, dim=1)
        correlation = (cosine.mT @ cosine).abs().sum((1, 2))
        alive = (cosine.norm(dim=1) > 0.5).sum(1)
    return torch.stack(draws), torch.stack(shifted), (correlation - alive) / (alive * (alive - 1))


def compute() -> Result:
    """Train and damage every kind of net."""
    columns = zip(*(fit(kind) for kind in KINDS), strict=True)
    return Result(*(dict(zip(KINDS, column, strict=True)) for column in columns))


def numbers(result: Result) -> dict[str, float | int]:
    """Mean accuracies, intact and at the quoted damage, and the seeds in which dropout beats the plain net."""
    share, sigma = QUOTED
    found: dict[str, float | int] = {"seeds": SEEDS, "p": P, "share": share, "sigma": sigma}
    damage = (("intact", result.removed, 0), ("removed", result.removed, REMOVED.index(share)))
    for name, accuracies, at in (*damage, ("pixels", result.pixels, PIXELS.index(sigma))):
        found |= {f"{name}_{kind}": accuracies[kind][at].mean().item() for kind in KINDS}
        found[f"{name}_wins"] = int((accuracies["dropout"][at] > accuracies["plain"][at]).sum())
    return found | {f"correlation_{kind}": result.correlation[kind].mean().item() for kind in KINDS}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy against the share of units removed, and against noise on the pixels."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    looks = (
        ("plain", theme.orange, "--", {"marker": "s"}),
        ("dropout", theme.blue, "-", {"marker": "o", "markersize": 10, "markerfacecolor": "none"}),
        ("gaussian", theme.green, ":", {"marker": "^", "markersize": 5}),
    )
    for axes, at, accuracies in ((upper, REMOVED, result.removed), (lower, PIXELS, result.pixels)):
        for kind, colour, style, marker in looks:
            low, high = accuracies[kind].quantile(torch.tensor([0.1, 0.9]), dim=1)
            axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(at, accuracies[kind].mean(1), color=colour, linestyle=style, label=text(kind), **marker)
        axes.set_ylim(0, 1)
    upper.set(title=text("title.removed"), xlabel=text("share"))
    lower.set(title=text("title.pixels"), xlabel=text("sigma"))
    upper.legend(fontsize=9, loc="lower left")
    return drawn
