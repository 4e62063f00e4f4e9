"""
Degradation is not vanishing: the gradient arrives, and the deeper net still fits its training data worse.

ReLU nets with He's weights, a shallow one, a deep one and a deep one with scaled shortcuts, take the same steps on
digits. Prediction: the gain of a layer is one in the plain nets, so the ratio of gradient norms across all of them
stays of order one; if a small gradient were what spoils training, the deep net would therefore fit as well as the
shallow one. Measured at every step: training loss and ratio of gradient norms.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.gradients import clip_by_norm, he_std, residual_growth
from optnotes.outputs import cross_entropy
from optnotes.site.figures.digits import spread_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, WIDTH, BATCH, STEPS, LAST, CLASSES = 20, 40, 32, 50, 10, 10
LR, MOMENTUM, CLIP = 0.03, 0.9, 1.0
NETS = {"shallow": (4, 0.0), "deep": (30, 0.0), "residual": (30, 1.0)}  # depth, shortcut


@dataclass(frozen=True)
class Result:
    """By net: training loss, and gradient norm below all layers over that above, of shape (steps, seeds)."""

    loss: dict[str, Tensor]
    ratio: dict[str, Tensor]


def data(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Digits, centred and of norm one, sent through random directions into the width of the nets; one-hot labels."""
    X, digits = spread_digits(WIDTH, generator)
    return X, torch.eye(CLASSES)[digits]


def train(depth: int, shortcut: float, lr: float = LR, steps: int = STEPS) -> tuple[Tensor, Tensor]:
    """Loss and gradient ratio at every step of momentum SGD with clipping, all seeds at once."""
    generator = torch.Generator().manual_seed(33)
    X, y = data(generator)
    size = depth * WIDTH**2
    theta = he_std(WIDTH) * torch.randn(SEEDS, size + WIDTH * CLASSES, generator=generator)
    velocity, branch = torch.zeros_like(theta), 1 / math.sqrt(depth) if shortcut else 1.0
    clip = torch.func.vmap(lambda g: clip_by_norm(g, CLIP))
    entropy = torch.func.vmap(torch.func.vmap(cross_entropy), in_dims=(0, None))
    losses, ratios = [], []
    for _ in range(steps):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        theta.requires_grad_()
        below = above = X[chosen].expand(SEEDS, -1, -1).clone().requires_grad_()
        for W in theta[:, :size].view(SEEDS, depth, WIDTH, WIDTH).unbind(1):
            above = torch.baddbmm(shortcut * above, torch.relu(above), branch * W)
        scores = torch.relu(above) @ theta[:, size:].view(SEEDS, WIDTH, CLASSES)
        loss = entropy(scores, y[chosen]).mean(-1)
        gradient, *signals = torch.autograd.grad(loss.sum(), (theta, below, above))
        norm_below, norm_above = (torch.linalg.vector_norm(signal, dim=(1, 2)) for signal in signals)
        velocity = MOMENTUM * velocity + clip(gradient)
        theta = theta.detach() - lr * velocity
        losses.append(loss.detach())
        ratios.append(norm_below / norm_above)
    return torch.stack(losses), torch.stack(ratios)


def compute() -> Result:
    """Train all nets."""
    trained = {name: train(*shape) for name, shape in NETS.items()}
    loss, ratio = ({name: pair[index] for name, pair in trained.items()} for index in (0, 1))
    return Result(loss, ratio)


def numbers(result: Result) -> dict[str, float | int]:
    """Loss of the last steps (median over seeds); gradient ratio at the first step and over all steps."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS}
    for name, (depth, shortcut) in NETS.items():
        ratio = result.ratio[name]
        found |= {f"{name}_depth": depth, f"{name}_loss": result.loss[name][-LAST:].mean(0).median().item()}
        found |= {f"{name}_start": ratio[0].median().item(), f"{name}_ratio": ratio.median().item()}
        found |= {f"{name}_low": ratio.quantile(0.05).item(), f"{name}_high": ratio.quantile(0.95).item()}
        predicted = residual_growth(torch.ones(()), 1 / math.sqrt(depth), depth) if shortcut else torch.ones(())
        found[f"{name}_predicted"] = predicted.item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Training loss and ratio of gradient norms against the step."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 4.7), sharex=True)
    looks = (("shallow", theme.green, "-."), ("deep", theme.orange, "--"), ("residual", theme.blue, "-"))
    upper.axhline(math.log(CLASSES), color=theme.ink, linestyle=":", linewidth=1.2)
    upper.text(12, math.log(CLASSES) + 0.15, text("guess"), fontsize=9)
    places = {"shallow": 1.55, "deep": 2.75, "residual": 0.17}  # of the words beside the curves
    lower.axhline(1, color=theme.ink, linestyle=":", linewidth=1.2)
    for name, colour, style in looks:
        for axes, values in ((upper, result.loss[name]), (lower, result.ratio[name])):
            low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]), 1)
            axes.fill_between(range(STEPS), low, high, color=colour, alpha=0.25, linewidth=0)
            axes.plot(middle, color=colour, linestyle=style)
        upper.text(STEPS - 1.5, places[name], text(name), color=colour, ha="right", va="center", fontsize=9)
    upper.set(title=text("title.loss"), ylim=(0, 4), xlim=(0, STEPS - 1))
    lower.set(title=text("title.ratio"), xlabel=text("step"), yscale="log", ylim=(1e-2, 1e2))
    return drawn
