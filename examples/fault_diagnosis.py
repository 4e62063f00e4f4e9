"""
Exploding gradients or too large a step: two readings taken before the first step tell them apart.

Deep random ReLU networks read digits; only their last layer is trained, so the loss is quadratic and its border of
stability is exact. Prediction: the growth of the gradient per layer is the gain of the weights, whatever the learning
rate; descent diverges exactly where learning rate times largest curvature exceeds two. Measured: both readings before
training, and whether the loss has grown after it.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import gd_step_bound
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, DEPTH, WIDTH, BATCH, STEPS = 24, 12, 64, 64, 200
GAIN = 1.5
# Gain of the weights relative to He, learning rate.
RATE = 0.003
CASES = {"healthy": (1.0, RATE), "border": (1.0, 18 * RATE), "step": (1.0, 100 * RATE)}
CASES |= {"explosion": (GAIN, RATE), "hidden": (GAIN, 1e-4 * RATE)}


@dataclass(frozen=True)
class Result:
    """By case, one entry per seed: growth per layer, learning rate over its bound, whether the loss grew."""

    growth: dict[str, Tensor]
    load: dict[str, Tensor]
    grew: dict[str, Tensor]


def data() -> tuple[Tensor, Tensor]:
    """Centred digits of unit mean square, and their one-hot labels."""
    X, y = (part[:BATCH] for part in load_digits())
    X = X - X.mean(0)
    return X / X.square().mean().sqrt(), torch.eye(10).double()[y]


def readings(gain: float, X: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Growth of the gradient per layer, outputs of the last hidden layer, and the start of the trained layer."""
    generator = torch.Generator().manual_seed(32)
    std = gain * he_std(WIDTH)
    states = [X.expand(SEEDS, -1, -1).clone().requires_grad_()]
    for _ in range(DEPTH):
        weights = std * torch.randn(SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
        states.append(torch.bmm(states[-1], weights).relu())
    last = he_std(WIDTH) * torch.randn(SEEDS, WIDTH, 10, generator=generator, dtype=torch.float64)
    loss = (torch.bmm(states[-1], last) - y).square().sum() / (2 * BATCH)
    grads = torch.autograd.grad(loss, states)
    norms = [grad.flatten(1).norm(dim=1) for grad in grads]
    return (norms[0] / norms[-1]) ** (1 / DEPTH), states[-1].detach(), last


def loss_grew(features: Tensor, weights: Tensor, y: Tensor, lr: float) -> Tensor:
    """Train the last layer by gradient descent and compare the losses of the end and of the start."""

    def residual(weights: Tensor) -> Tensor:
        return torch.bmm(features, weights) - y

    start = residual(weights).square().sum((1, 2))
    for _ in range(STEPS):
        weights = weights - lr / BATCH * torch.bmm(features.mT, residual(weights))
    return ~(residual(weights).square().sum((1, 2)) <= start)


def compute() -> Result:
    """Take both readings in every case, then train."""
    X, y = data()
    growth, load, grew = {}, {}, {}
    for case, (gain, lr) in CASES.items():
        growth[case], features, weights = readings(gain, X, y)
        curvatures = torch.linalg.eigvalsh(torch.bmm(features.mT, features) / BATCH).clamp(min=1e-300)
        load[case] = lr / torch.func.vmap(gd_step_bound)(curvatures)
        grew[case] = loss_grew(features, weights, y, lr)
    return Result(growth, load, grew)


def numbers(result: Result) -> dict[str, float | int]:
    """Typical readings by case, how many diverged, and how often the border was right."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "gain": GAIN}
    for case in CASES:
        found[f"growth_{case}"] = result.growth[case].median().item()
        found[f"load_{case}"] = result.load[case].median().item()
        found[f"grew_{case}"] = int(result.grew[case].sum())
    right = [(result.load[case] > 1) == result.grew[case] for case in CASES]
    found["right"] = int(torch.cat(right).sum())
    found["runs"] = SEEDS * len(CASES)
    found["growth_healthy_largest"] = result.growth["healthy"].max().item()
    found["growth_explosion_smallest"] = result.growth["explosion"].min().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Both readings of every network, with the two predicted borders."""
    drawn, axes = new_figure(figsize=(5.6, 5))
    for case, look, marker in zip(CASES, ("blue", "green", "orange", "red", "violet"), "ovsD^", strict=True):
        colour = getattr(theme, look)
        for grew, face in ((True, colour), (False, theme.paper)):
            chosen = result.grew[case] == grew
            x, y = result.growth[case][chosen], result.load[case][chosen]
            axes.plot(x, y, color=colour, marker=marker, linestyle="none", markerfacecolor=face, markersize=5)
        axes.plot([], [], color=colour, marker=marker, linestyle="none", label=text(case))
    axes.axhline(1, color=theme.ink, linestyle=":")
    for gain in (1.0, GAIN):
        axes.axvline(gain, color=theme.muted, linestyle="--", linewidth=1, zorder=1)
    axes.text(1.2, 1.3, text("diverges"), fontsize=9)
    axes.text(1.2, 0.75, text("converges"), fontsize=9, va="top")
    axes.set(title=text("title"), xlabel=text("growth"), yscale="log", xlim=(0.95, 1.7), ylim=(3e-3, 1e5))
    drawn.legend(fontsize=9, loc="outside lower center", ncols=2)
    return drawn
