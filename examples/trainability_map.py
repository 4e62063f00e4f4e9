"""
Which depths can be trained at which scale of the weights, and where theory draws the edge.

Tanh nets of many depths and weight variances take the same steps on digits. Prediction: the variance of the signal
settles at a fixed point; the gain of the gradient there is one at a single weight variance, the edge of chaos. Away
from it the gradient changes by a given factor over a depth that theory gives, and deeper nets should not train. The
edge itself promises only that the gradient arrives. Measured: training accuracy of every cell of the map.
"""

import math
from dataclasses import dataclass
from functools import cache

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from torch import Tensor

from optnotes.activations import tanh, tanh_derivative
from optnotes.gradients import clip_by_norm, gradient_gain, variance_step
from optnotes.outputs import cross_entropy
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import spread_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

WIDTH, BATCH, STEPS, LAST, CLASSES = 40, 32, 50, 10, 10
LR, MOMENTUM, CLIP, BIAS, FACTOR, DEEP = 0.05, 0.9, 1.0, 0.05, 100.0, 20
DEPTHS = torch.arange(4, 33, 7)
STATED = {
    "deep_arrives": (0.35, 0.55),
    "deep_lost": (0.1, 0.25),
    "faded_best": (0.1, 0.25),
    "deepest_best_at": (1.3, 2.2),
}
VARIANCES = torch.linspace(0.5, 3.5, 11, dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Accuracy of shape (depths, variances); predicted gain per variance; predicted variance at the edge."""

    accuracy: Tensor
    gain: Tensor
    edge: float


@cache
def fixed_gain(variance: float) -> float:
    """Gain of the squared gradient norm once the variance of the signal has settled."""
    q, before = torch.ones((), dtype=torch.float64), math.inf
    while abs(q.item() - before) > 1e-9:
        q, before = variance_step(q, tanh, variance, BIAS), q.item()
    return gradient_gain(q, tanh_derivative, variance).item()


def edge_of_chaos(low: float = 1.0, high: float = 3.0) -> float:
    """Weight variance with gain one, by bisection."""
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if fixed_gain(middle) < 1 else (low, middle)
    return (low + high) / 2


def train(depth: int, X: Tensor, y: Tensor) -> Tensor:
    """Training accuracy of the last steps of momentum SGD with clipping, for all variances at once."""
    generator = torch.Generator().manual_seed(depth)
    count, sizes = len(VARIANCES), (depth * WIDTH**2, depth * WIDTH, WIDTH * CLASSES)
    scales = VARIANCES.sqrt()[:, None] / math.sqrt(WIDTH), torch.tensor(math.sqrt(BIAS)), torch.tensor(WIDTH**-0.5)
    starts = zip(scales, sizes, strict=True)
    theta = torch.cat([scale * torch.randn(count, size, generator=generator) for scale, size in starts], 1).float()
    velocity = torch.zeros_like(theta)
    clip = torch.func.vmap(lambda g: clip_by_norm(g, CLIP))
    entropy = torch.func.vmap(torch.func.vmap(cross_entropy), in_dims=(0, None))
    right = []
    for _ in range(STEPS):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        weights, biases, output = torch.split(theta.requires_grad_(), list(sizes), 1)
        z = X[chosen].expand(count, -1, -1)
        shapes = weights.view(count, depth, WIDTH, WIDTH).unbind(1), biases.view(count, depth, 1, WIDTH).unbind(1)
        for W, b in zip(*shapes, strict=True):
            z = torch.baddbmm(b, torch.tanh(z), W)
        scores = torch.tanh(z) @ output.view(count, WIDTH, CLASSES)
        (gradient,) = torch.autograd.grad(entropy(scores, y[chosen]).mean(-1).sum(), theta)
        velocity = MOMENTUM * velocity + clip(gradient)
        theta = theta.detach() - LR * velocity
        right.append((scores.argmax(-1) == y[chosen].argmax(-1)).float().mean(-1))
    return torch.stack(right[-LAST:]).mean(0)


def compute() -> Result:
    """Train every cell."""
    X, digits = spread_digits(WIDTH, torch.Generator().manual_seed(33))
    y = torch.eye(CLASSES)[digits]
    accuracy = torch.stack([train(depth, X, y) for depth in DEPTHS.tolist()])
    gain = torch.tensor([fixed_gain(variance) for variance in VARIANCES.tolist()], dtype=torch.float64)
    return Result(accuracy, gain, edge_of_chaos())


def predicted_ratio(result: Result) -> Tensor:
    """Ratio of gradient norms over the net for every cell of the map."""
    return result.gain ** (DEPTHS[:, None] / 2)


def numbers(result: Result) -> dict[str, float | int]:
    """Edge, and accuracy where the gradient fades, where it arrives, and of the deepest nets."""
    ratio, deepest = predicted_ratio(result), result.accuracy[-1]
    faded, arrives, deep = ratio < 1 / FACTOR, (ratio > 0.1) & (ratio < 10), (DEPTHS > DEEP)[:, None]
    near = (VARIANCES - result.edge).abs().argmin()
    found = {
        "edge": result.edge,
        "factor": FACTOR,
        "cells": faded.numel(),
        "faded_cells": int(faded.sum()),
        "faded_best": result.accuracy[faded].max().item(),
        "deep": DEEP,
        "deep_arrives": result.accuracy[arrives & deep].mean().item(),
        "deep_lost": result.accuracy[~arrives & deep].mean().item(),
        "shallowest": int(DEPTHS[0]),
        "shallowest_worst": result.accuracy[0].min().item(),
        "deepest": int(DEPTHS[-1]),
        "deepest_best": deepest.max().item(),
        "deepest_best_at": VARIANCES[deepest.argmax()].item(),
        "deepest_near_edge": deepest[near].item(),
        "deepest_smallest": deepest[0].item(),
        "deepest_largest": deepest[-1].item(),
        "steps": STEPS,
    }
    return found | ranges(found, STATED)


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy by weight variance and depth, with the edge and the depths that theory allows."""
    drawn, axes = new_figure(figsize=(5.6, 4.0))
    colours = LinearSegmentedColormap.from_list("accuracy", [theme.paper, theme.blue, theme.ink])
    mesh = axes.pcolormesh(
        VARIANCES.tolist(), DEPTHS.tolist(), result.accuracy.numpy(), cmap=colours, vmin=0.1, vmax=1, shading="nearest"
    )
    axes.axvline(result.edge, color=theme.red, linestyle="-", linewidth=2.4, label=text("edge"))
    fine = torch.linspace(0.4, 3.6, 120, dtype=torch.float64)
    gain = torch.tensor([fixed_gain(variance) for variance in fine.tolist()], dtype=torch.float64)
    for key, factor, style in (("tenfold", 10.0, ":"), ("hundredfold", FACTOR, "--")):
        reach = 2 * math.log(factor) / gain.log().abs()
        axes.plot(fine, reach, color=theme.orange, linestyle=style, linewidth=2.4, label=text(key))
    axes.set(title=text("title"), xlabel=text("variance"), ylabel=text("depth"), yticks=DEPTHS.tolist())
    axes.set(xlim=(VARIANCES[0].item() - 0.15, VARIANCES[-1].item() + 0.15), ylim=(1, DEPTHS[-1].item() + 3))
    axes.grid(visible=False)
    drawn.colorbar(mesh, ax=axes, label=text("accuracy"), format=PercentFormatter(1))
    drawn.legend(fontsize=9, loc="outside lower center", ncols=2, borderaxespad=0)
    return drawn
