"""
The edge of stability: where the largest curvature goes when a network is trained at a constant rate.

A tanh network with two hidden layers fits a sine by full-batch gradient descent. Prediction: the largest eigenvalue of
the Hessian rises until it reaches two over the learning rate and stays there, also when it begins above, while the loss
goes on falling. On a quadratic the same rate would diverge. Measured: that eigenvalue over the bound, and the loss.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import gd_step_bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

UNITS, POINTS, STEPS, EVERY = 12, 20, 500, 50
RATES = {"below": 0.3, "above": 0.5}
SHAPES = ((1, UNITS), (UNITS,), (UNITS, UNITS), (UNITS,), (UNITS, 1))
SIZES = [torch.Size(shape).numel() for shape in SHAPES]
X = torch.linspace(-2, 2, POINTS, dtype=torch.float64)[:, None]


@dataclass(frozen=True)
class Result:
    """By rate, every few steps: the rate over its bound, and the loss."""

    load: dict[str, Tensor]
    loss: dict[str, Tensor]


def loss(theta: Tensor) -> Tensor:
    """Half the mean squared error of the network with these parameters."""
    W, b, V, c, out = (part.view(shape) for part, shape in zip(torch.split(theta, SIZES), SHAPES, strict=True))
    fitted: Tensor = torch.tanh(torch.tanh(X @ W + b) @ V + c) @ out
    return (fitted - torch.sin(2 * X)).square().mean() / 2


def start() -> Tensor:
    """Weights of unit gain, biases of zero."""
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in SHAPES]
    return torch.cat([(part / part.shape[0] ** 0.5 if part.dim() > 1 else 0 * part).flatten() for part in parts])


def train(rate: float) -> tuple[Tensor, Tensor]:
    """Descend, and measure the curvature now and then."""
    theta, load, losses = start(), [], []
    slope, curvature = torch.func.grad(loss), torch.func.jacrev(torch.func.grad(loss))
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            load.append(rate / gd_step_bound(torch.linalg.eigvalsh(curvature(theta))[-1:].clamp(min=1e-9)))
            losses.append(loss(theta))
        theta = theta - rate * slope(theta)
    return torch.stack(load), torch.stack(losses)


def compute() -> Result:
    """The same start at both rates."""
    runs = {name: train(rate) for name, rate in RATES.items()}
    return Result({name: run[0] for name, run in runs.items()}, {name: run[1] for name, run in runs.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """The rate over its bound at the start and over the last steps, and how far the loss fell."""
    found: dict[str, float | int] = {"steps": STEPS}
    for name, rate in RATES.items():
        load, losses = result.load[name], result.loss[name]
        found |= {f"rate_{name}": rate, f"start_{name}": load[0].item(), f"end_{name}": load[-4:].mean().item()}
        found[f"fell_{name}"] = (losses[0] / losses[-1]).item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Learning rate over the bound against the step, with the edge at one."""
    drawn, axes = new_figure(figsize=(5.6, 3.0))
    steps = torch.arange(0, STEPS + 1, EVERY)
    for (name, rate), colour, style in zip(RATES.items(), (theme.blue, theme.orange), ("-", "--"), strict=True):
        axes.plot(steps, result.load[name], color=colour, linestyle=style)
        axes.text(4, result.load[name][0] + (0.1 if name == "above" else -0.1), text("rate", rate=rate), color=colour)
    axes.axhline(1, color=theme.ink, linestyle=":")
    axes.text(STEPS, 0.97, text("edge"), ha="right", va="top")
    axes.set(title=text("title"), xlabel=text("step"), ylim=(0.6, 1.8))
    return drawn
