"""
Shattered gradients, and how far they go: how alike the gradients at two close inputs are.

A net of one input: its derivative is followed along a line of inputs, layer by layer. Prediction: the covariance
of the signals at two inputs has a closed recursion for ReLU, and its mixed derivative is the covariance of the
derivatives. Units that switch independently at the two inputs would halve the correlation in every layer; but ReLU
draws the signals together, layer by layer. Measured: the correlation at a fixed distance, with and without shortcuts.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.gradients import he_std
from optnotes.site.figures.style import STYLES, Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, WIDTH, DEPTH, BIAS, RANGE = 20, 128, 50, 0.1, 2.0
POINTS, LAG, QUOTED = 97, 3, 10  # neighbours are 1/24 apart, the pairs compared 1/8
BRANCH = 1 / math.sqrt(DEPTH)
# Variance of a weight relative to He's, variance of a bias, factors of shortcut and branch.
NETS = {"plain": (1.0, BIAS, 0.0, 1.0), "scaled": (1.0, BIAS, 1.0, BRANCH), "small": (0.5, 1.0, 0.0, 1.0)}


@dataclass(frozen=True)
class Result:
    """By net, after each layer: correlation at the lag and size of the derivative, per seed; curves; predictions."""

    correlation: dict[str, Tensor]
    size: dict[str, Tensor]
    curves: dict[str, Tensor]
    predicted: dict[str, Tensor]


def kernel(x: Tensor, y: Tensor, net: str) -> Tensor:
    """Covariance of the signals at two different inputs after each layer of a wide net."""
    scale, bias, shortcut, branch = NETS[net]
    q_x, q_y, q_xy, found = x * x + bias, y * y + bias, x * y + bias, []
    for _ in range(DEPTH):
        size = torch.sqrt(q_x * q_y)
        angle = torch.acos((q_xy / size).clamp(max=1))
        mean = size * (torch.sin(angle) + (math.pi - angle) * torch.cos(angle)) / math.pi
        q_x, q_y, q_xy = (
            shortcut**2 * q + branch**2 * (scale * square + bias)
            for q, square in ((q_x, q_x), (q_y, q_y), (q_xy, mean))
        )
        found.append(q_xy)
    return torch.stack(found)


def predict(net: str, h: float = 1e-3) -> Tensor:
    """Correlation of the derivatives at the lag: the mixed difference of the covariance over plus and minus h."""
    scale, _, shortcut, branch = NETS[net]
    x = torch.linspace(-RANGE, RANGE, POINTS, dtype=torch.float64)
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    corners = torch.stack([i * j * kernel(x[LAG:] + i * h, x[:-LAG] + j * h, net) for i, j in signs])
    square = (shortcut**2 + branch**2 * scale) ** torch.arange(1, DEPTH + 1, dtype=torch.float64)
    return corners.sum(0).mean(1) / (2 * h) ** 2 / square


def measure(net: str, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Push inputs and their tangents through the net; every unit of the last layer is one function of the input."""
    scale, bias, shortcut, branch = NETS[net]
    x = torch.linspace(-RANGE, RANGE, POINTS)[None, :, None]
    first = torch.randn(SEEDS, 1, WIDTH, generator=generator)
    z = x * first + math.sqrt(bias) * torch.randn(SEEDS, 1, WIDTH, generator=generator)
    tangent, correlation, size, curves = first.expand_as(z), [], [], []
    for _ in range(DEPTH):
        W = he_std(WIDTH) * math.sqrt(scale) * torch.randn(SEEDS, WIDTH, WIDTH, generator=generator)
        b = math.sqrt(bias) * torch.randn(SEEDS, 1, WIDTH, generator=generator)
        tangent = torch.baddbmm(shortcut * tangent, (z > 0) * tangent, branch * W)
        z = torch.baddbmm(shortcut * z + branch * b, torch.relu(z), branch * W)
        square = tangent.double().square().mean((1, 2))
        correlation.append((tangent[:, LAG:] * tangent[:, :-LAG]).double().mean((1, 2)) / square)
        size.append(square.sqrt())
        curves.append(tangent[0, :, 0])
    return torch.stack(correlation), torch.stack(size), torch.stack([curves[0], curves[-1]])


def compute() -> Result:
    """Follow all nets."""
    generator = torch.Generator().manual_seed(33)
    found = {net: measure(net, generator) for net in NETS}
    correlation, size, curves = ({net: parts[index] for net, parts in found.items()} for index in range(3))
    return Result(correlation, size, curves, {net: predict(net) for net in ("plain", "scaled")})


def numbers(result: Result) -> dict[str, float | int]:
    """Correlations after some layers, predicted and measured (mean over seeds), and sizes after the last."""
    found: dict[str, float | int] = {
        "seeds": SEEDS,
        "depth": DEPTH,
        "width": WIDTH,
        "lag": LAG * 2 * RANGE / (POINTS - 1),
    }
    for layer in (1, QUOTED, DEPTH):
        found |= {f"{net}_{layer}": result.correlation[net][layer - 1].mean().item() for net in NETS}
        found |= {f"{net}_{layer}_predicted": line[layer - 1].item() for net, line in result.predicted.items()}
    found |= {f"{net}_size": result.size[net][-1].median().item() for net in NETS}
    cost = 1 - result.predicted["plain"][1:] / result.predicted["plain"][:-1]
    found |= {"cost_first": cost[0].item(), "cost_last": cost[-1].item()}
    return found | {"halving": 0.5**QUOTED, "small_size_predicted": NETS["small"][0] ** (DEPTH / 2)}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Derivatives of one unit along the input, and their correlation at the lag against depth."""
    drawn, axes = new_figure(nrows=4, figsize=(5.6, 6.4), height_ratios=(1, 1, 1, 5))
    x = torch.linspace(-RANGE, RANGE, POINTS)
    looks = (("first", theme.muted, "-"), ("plain", theme.orange, "-"), ("scaled", theme.blue, "-"))
    curves = {"first": result.curves["plain"][0], **{net: result.curves[net][1] for net in ("plain", "scaled")}}
    for panel, (key, colour, style) in zip(axes, looks, strict=False):
        panel.step(x, curves[key], where="mid", color=colour, linestyle=style, linewidth=1.4)
        panel.set(yticks=[], xlim=(-RANGE, RANGE))
        panel.text(1.02, 0.5, text(f"curve.{key}"), transform=panel.transAxes, va="center", color=colour, fontsize=9)
        panel.tick_params(labelbottom=key == "scaled")
    axes[0].set_title(text("title.curves"))
    layers, lower = range(1, DEPTH + 1), axes[3]
    lines = (("scaled", theme.blue, "-"), ("small", theme.violet, "-."), ("plain", theme.orange, "--"))
    for net, colour, style in lines:
        low, middle, high = result.correlation[net].quantile(torch.tensor([0.1, 0.5, 0.9]).double(), 1)
        lower.fill_between(layers, low, high, color=colour, alpha=0.25, linewidth=0)
        lower.plot(layers, middle, color=colour, linestyle=style, label=text(net))
    for net, line in result.predicted.items():
        lower.plot(layers, line, color=theme.ink, linestyle=":", label=text("predicted") if net == "plain" else None)
    lower.plot(layers, [0.5**layer for layer in layers], color=theme.red, linestyle=STYLES[4], label=text("halving"))
    lower.set(title=text("title.correlation"), xlabel=text("layers"), ylim=(-0.03, 1.03), xlim=(1, DEPTH))
    lower.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return drawn
