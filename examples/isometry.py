"""
The mean gain is one, yet the singular values of the Jacobian may lie far apart.

Initialisations of equal mean gain differ in their best and worst directions. Prediction for wide nets: every layer adds
a constant to the relative variance of the squared singular values, one for Gaussian weights and one for ReLU, nothing
for orthogonal weights; shortcuts with the branch divided by the root of the depth add less than two over all layers
together. Measured: that variance by depth.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu, relu_derivative
from optnotes.gradients import he_std
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, WIDTH, DEPTH = 20, 96, 20
BRANCH = 1 / math.sqrt(DEPTH)
METHODS = ("he", "linear", "orthogonal_relu", "residual", "orthogonal")


@dataclass(frozen=True)
class Result:
    """Relative variance of the squared singular values, by method, of shape (depth, seeds)."""

    spread: dict[str, Tensor]


def predict(method: str) -> Tensor:
    """Relative variance in a wide net with independent layers, by depth."""
    block = 2 * BRANCH**2 / (1 + BRANCH**2)  # moments of one plus a free matrix
    added = {"he": 2.0, "linear": 1.0, "orthogonal_relu": 1.0, "residual": block, "orthogonal": 0.0}
    return added[method] * torch.arange(1, DEPTH + 1, dtype=torch.float64)


def spread(jacobian: Tensor) -> Tensor:
    """Variance of the squared singular values over their squared mean, without a decomposition."""
    gram = jacobian.mT @ jacobian
    mean = gram.diagonal(dim1=-2, dim2=-1).mean(-1)
    return gram.square().sum((-2, -1)) / WIDTH / mean**2 - 1


def measure(method: str, generator: torch.Generator) -> Tensor:
    """Multiply up the Jacobian block by block, along the forward pass of one random input."""
    h = torch.randn(SEEDS, 1, WIDTH, generator=generator)
    jacobian, found = torch.eye(WIDTH).expand(SEEDS, -1, -1), []
    for _ in range(DEPTH):
        W = torch.randn(SEEDS, WIDTH, WIDTH, generator=generator)
        W = torch.linalg.qr(W).Q if method.startswith("orthogonal") else W / math.sqrt(WIDTH)
        if method in ("linear", "orthogonal"):
            h, jacobian = h @ W, jacobian @ W
        else:
            gain = he_std(WIDTH) * math.sqrt(WIDTH)
            branch, inner = gain * relu(h) @ W, gain * (jacobian * relu_derivative(h)) @ W
            h, jacobian = (h + BRANCH * branch, jacobian + BRANCH * inner) if method == "residual" else (branch, inner)
        found.append(spread(jacobian))
    return torch.stack(found)


def compute() -> Result:
    """Measure every method on its own random nets."""
    generator = torch.Generator().manual_seed(33)
    return Result({method: measure(method, generator) for method in METHODS})


def numbers(result: Result) -> dict[str, float | int]:
    """Mean over seeds after the first and the last layer, beside the prediction."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "width": WIDTH}
    for method, values in result.spread.items():
        line = predict(method)
        found |= {f"{method}_first": values[0].mean().item(), f"{method}_first_predicted": line[0].item()}
        found |= {f"{method}_last": values[-1].mean().item(), f"{method}_last_predicted": line[-1].item()}
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Relative variance against depth, with the predicted lines."""
    drawn, axes = new_figure(figsize=(5.6, 3.9))
    layers = torch.arange(1, DEPTH + 1)
    colours = (theme.orange, theme.green, theme.violet, theme.blue, theme.red)
    places = {"he": 44.0, "linear": 25.5, "orthogonal_relu": 18.0, "residual": 4.5, "orthogonal": -1.5}
    for method, colour, marker in zip(METHODS, colours, "so^Dv", strict=True):
        low, middle, high = result.spread[method].quantile(torch.tensor([0.1, 0.5, 0.9]), 1)
        axes.vlines(layers, low, high, color=colour, linewidth=1.2)
        axes.plot(layers, middle, marker, color=colour, markersize=4, linestyle="none")
        axes.plot(layers, predict(method), color=theme.ink, linestyle=":", linewidth=1.2)
        axes.text(DEPTH + 0.7, places[method], text(method), color=colour, va="center", fontsize=9)
    axes.set(title=text("title"), xlabel=text("layers"), xlim=(0, DEPTH + 0.5), ylim=(-3, 50))
    axes.set_xticks(range(0, DEPTH + 1, 5))
    axes.text(1, 45, text("predicted"), fontsize=9, va="center")
    return drawn
