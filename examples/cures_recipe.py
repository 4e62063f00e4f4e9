"""
A recipe in order, tried on nets that fail: thirty layers on digits, sixty steps, the best of two learning rates.

Prediction: with sigmoid or with PyTorch's default weights the gradient dies on its way and nothing is learnt; He's
weights bring it to the first layer, which is necessary and not sufficient; a shortcut around every layer, with the
branch normalised or scaled, makes the net train. All-zero weights receive no gradient at all, and shortcuts with
neither scale nor normalisation overshoot. Measured: gradient ratio at the first step, and accuracy at the end.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std, linear_default
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import spread_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, DEPTH, STEPS, RATES = 4, 30, 60, (0.03, 0.1)
WIDTH, BATCH, CLASSES, CLIP, MOMENTUM, EVERY = 40, 32, 10, 1.0, 0.9, 4  # of the rows that accuracy is measured on
STATED = {
    "sigmoid_most": (0.05, 0.2),
    "default_most": (0.05, 0.2),
    "he_most": (0.05, 0.35),
    "zeros_most": (0.05, 0.2),
    "shortcut_most": (0.1, 0.5),
    "scaled_least": (0.7, 0.97),
    "prenorm_least": (0.6, 0.95),
}


@dataclass(frozen=True)
class Net:
    """A block returns ``shortcut * h + branch * W unit(norm(h))``."""

    sigmoid: bool = False
    std: float = he_std(WIDTH)
    shortcut: float = 0.0
    branch: float = 1.0
    norm: bool = False


NETS = {
    "zeros": Net(std=0.0),
    "sigmoid": Net(sigmoid=True, std=linear_default(WIDTH)[1]),
    "default": Net(std=linear_default(WIDTH)[1]),
    "he": Net(),
    "shortcut": Net(shortcut=1.0),
    "scaled": Net(shortcut=1.0, branch=1 / math.sqrt(DEPTH)),
    "prenorm": Net(shortcut=1.0, norm=True),
}


@dataclass(frozen=True)
class Result:
    """By net: gradient norm below all layers over that above, of shape (seeds,); accuracy of shape (rates, seeds)."""

    ratio: dict[str, Tensor]
    accuracy: dict[str, Tensor]


def forward(net: Net, W: Tensor, V: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """Output of the last block, and the scores; matrices of all copies at once."""
    unit = torch.sigmoid if net.sigmoid else torch.relu
    for layer in W:
        inside = functional.layer_norm(h, h.shape[-1:]) if net.norm else h
        h = torch.baddbmm(h, unit(inside), layer, beta=net.shortcut, alpha=net.branch)
    return h, unit(functional.layer_norm(h, h.shape[-1:]) if net.norm else h) @ V


def train(net: Net, steps: int = STEPS, rates: tuple[float, ...] = RATES) -> tuple[Tensor, Tensor]:
    """Momentum SGD with clipping by norm; every rate has the same seeds."""
    generator = torch.Generator().manual_seed(33)
    X, y = spread_digits(WIDTH, generator)
    copies = len(rates) * SEEDS
    W = (net.std * torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator)).repeat(1, len(rates), 1, 1)
    V = torch.randn(SEEDS, WIDTH, CLASSES, generator=generator).repeat(len(rates), 1, 1) / math.sqrt(WIDTH)
    V = V * bool(net.std)
    lr, velocity = torch.tensor(rates).repeat_interleave(SEEDS)[:, None, None], [0 * W, 0 * V]
    for step in range(steps):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        W, V = W.requires_grad_(), V.requires_grad_()
        below = X[chosen].expand(copies, -1, -1).clone().requires_grad_()
        above, scores = forward(net, W, V, below)
        loss = functional.cross_entropy(scores.flatten(0, 1), y[chosen].repeat(copies), reduction="sum") / BATCH
        gradient = torch.autograd.grad(loss, (W, V, below, above))
        if step == 0:
            size_below, size_above = (each[:SEEDS].double().norm(dim=(1, 2)) for each in gradient[2:])
            ratio = torch.where(size_above > 0, size_below / size_above, 0)
        norm = torch.sqrt(gradient[0].square().sum((0, 2, 3)) + gradient[1].square().sum((1, 2)))
        clip = (CLIP / norm.clamp(min=CLIP))[:, None, None]
        velocity = [MOMENTUM * v + clip * g for v, g in zip(velocity, gradient, strict=False)]
        W, V = W.detach() - lr * velocity[0], V.detach() - lr * velocity[1]
    with torch.no_grad():
        right = forward(net, W, V, X[::EVERY].expand(copies, -1, -1))[1].argmax(-1) == y[::EVERY]
    return ratio, right.double().mean(1).view(len(rates), SEEDS)


def compute() -> Result:
    """Train all nets."""
    found = {name: train(net) for name, net in NETS.items()}
    return Result(*({name: pair[index] for name, pair in found.items()} for index in (0, 1)))


def numbers(result: Result) -> dict[str, float | int]:
    """Gradient ratio, and the lowest, median and highest accuracy over seeds at the better rate of each net."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "steps": STEPS}
    for name in NETS:
        best = result.accuracy[name].max(0).values
        found |= {f"{name}_ratio": result.ratio[name].median().item(), f"{name}_accuracy": best.median().item()}
        found |= {f"{name}_least": best.min().item(), f"{name}_most": best.max().item()}
    return found | ranges(found, STATED)


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy of every net, one dot per seed, with what arrives of the gradient in words."""
    drawn, axes = new_figure(figsize=(5.4, 3.6))
    for place, name in enumerate(reversed(NETS)):
        best, ratio = result.accuracy[name].max(0).values, result.ratio[name].median().item()
        arrives = "died" if ratio < 1e-6 else "grown" if ratio > 1e2 else "arrives"
        colour = {"died": theme.blue, "grown": theme.orange, "arrives": theme.green}[arrives]
        axes.plot(best, [place] * SEEDS, "o", color=colour, markersize=5, linestyle="none", alpha=0.8)
        axes.text(1.02, place, text(arrives), color=colour, va="center", fontsize=9)
    axes.axvline(1 / CLASSES, color=theme.ink, linestyle=":", linewidth=1.2)
    axes.text(0.115, len(NETS) - 0.45, text("guess"), fontsize=9, va="center")
    axes.set_yticks(range(len(NETS)), [text(name) for name in reversed(NETS)])
    axes.set_xticks((0, 0.25, 0.5, 0.75, 1), ["0", "25", "50", "75", "100"])
    axes.set(title=text("title"), xlim=(0, 1), ylim=(-0.6, len(NETS) - 0.1))
    return drawn
