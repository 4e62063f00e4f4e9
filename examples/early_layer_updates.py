"""
Whose early layers stand still: movement of every layer under SGD and under Adam.

A sigmoid network of twenty layers, fifty steps on digits. Prediction: the gradient hardly changes, so SGD moves each
layer by steps times learning rate times the first gradient, and where that is below the rounding of float32 nothing
moves at all. Adam moves every weight by the learning rate, whatever the gradient, until the gradient falls to eps;
below, it moves in proportion again. Measured: distance from the initial weights over their norm, layer by layer.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid
from optnotes.descent import adam_step
from optnotes.gradients import xavier_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

LAYERS, WIDTH, SEEDS, EXAMPLES, STEPS = 20, 24, 20, 32, 50
LR, ADAM_LR, EPS = 0.1, 1e-3, 1e-8
SIZES = (64, *[WIDTH] * (LAYERS - 1), 10)
SHAPES = [*zip(SIZES[1:], SIZES[:-1], strict=True), *((units, 1) for units in SIZES[1:])]


@dataclass(frozen=True)
class Result:
    """Of shape (layers, seeds): movement by method, its prediction, size of a gradient entry, float32 unchanged."""

    moved: dict[str, Tensor]
    predicted: dict[str, Tensor]
    gradient: Tensor
    frozen: Tensor


def data() -> tuple[Tensor, Tensor]:
    """The first digits, scaled as a whole to mean zero and variance one; examples are columns."""
    X, y = (part[:EXAMPLES] for part in load_digits())
    return ((X - X.mean()) / X.std()).T, y


def parts(theta: Tensor) -> list[Tensor]:
    """Weights of all layers, then biases, out of one row per seed."""
    pieces = torch.split(theta, [rows * columns for rows, columns in SHAPES], dim=1)
    return [piece.view(SEEDS, *shape) for piece, shape in zip(pieces, SHAPES, strict=True)]


def initial() -> Tensor:
    """Xavier's normal weights, then zero biases."""
    generator = torch.Generator().manual_seed(31)
    scales = [xavier_std(columns, rows) if columns > 1 else 0.0 for rows, columns in SHAPES]
    rows = [
        scale * torch.randn(SEEDS, m * n, generator=generator) for scale, (m, n) in zip(scales, SHAPES, strict=True)
    ]
    return torch.cat(rows, 1).double()


def gradient(theta: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Gradient of the mean cross-entropy of each seed."""
    theta = theta.detach().requires_grad_()
    W, b = parts(theta)[:LAYERS], parts(theta)[LAYERS:]
    z = torch.baddbmm(b[0], W[0], X.to(theta.dtype).expand(SEEDS, -1, -1))
    for weight, bias in zip(W[1:], b[1:], strict=True):
        z = torch.baddbmm(bias, weight, sigmoid(z))
    loss = torch.nn.functional.cross_entropy(z, y.expand(SEEDS, -1), reduction="sum") / EXAMPLES
    return torch.autograd.grad(loss, theta)[0]


def descend(theta: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Plain gradient steps."""
    for _ in range(STEPS):
        theta = theta - LR * gradient(theta, X, y)
    return theta


def adam(theta: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Steps of Adam without a penalty."""
    m = v = torch.zeros_like(theta)
    for t in range(1, STEPS + 1):
        theta, m, v = adam_step(theta, gradient(theta, X, y), m, v, t, ADAM_LR, 0.0, eps=EPS)
    return theta


def lengths(theta: Tensor) -> Tensor:
    """Norm of each layer's matrix, of shape (layers, seeds)."""
    return torch.stack([matrix.norm(dim=(1, 2)) for matrix in parts(theta)[:LAYERS]])


def compute() -> Result:
    """Both methods from the same weights, SGD once more in float32; predictions from the first gradient alone."""
    X, y = data()
    start = initial()
    first, norm = gradient(start, X, y), lengths(start)
    moved = {name: lengths(way(start, X, y) - start) / norm for name, way in (("sgd", descend), ("adam", adam))}
    steps = {"sgd": LR * first, "adam": ADAM_LR * first / (first.abs() + EPS)}
    predicted = {name: STEPS * lengths(step) / norm for name, step in steps.items()}
    kept = parts(descend(start.float(), X, y) == start.float())[:LAYERS]
    entries = torch.stack([g.square().mean((1, 2)).sqrt() for g in parts(first)[:LAYERS]])
    return Result(moved, predicted, entries, torch.stack([each.all(2).all(1) for each in kept]))


def numbers(result: Result) -> dict[str, float | int]:
    """Movement of the first and the last layer, the layer where Adam gives up, and what float32 does not move."""
    small = (result.gradient.median(1).values < EPS).sum()
    found: dict[str, float | int] = {"layers": LAYERS, "seeds": SEEDS, "steps": STEPS, "below_eps": int(small)}
    found |= {"gradient_first": result.gradient[0].median().item(), "frozen": int(result.frozen.all(1).sum())}
    for name in ("sgd", "adam"):
        moved, predicted = result.moved[name].median(1).values, result.predicted[name].median(1).values
        found |= {f"first_{name}": moved[0].item(), f"last_{name}": moved[-1].item()}
        found[f"share_{name}"] = (moved / predicted).median().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Relative movement against the layer."""
    drawn, axes = new_figure(figsize=(5.6, 4.2))
    layers = range(1, LAYERS + 1)
    axes.axvspan(0.5, numbers(result)["below_eps"] + 0.5, color=theme.muted, alpha=0.15, linewidth=0)
    axes.text(0.8, 3e-14, text("below"), color=theme.ink, fontsize=9)
    for name, colour, marker in (("adam", theme.blue, "o"), ("sgd", theme.orange, "s")):
        low, middle, high = result.moved[name].quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        axes.fill_between(layers, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(layers, middle, color=colour, linestyle="none", marker=marker, markersize=5, label=text(name))
        theory = result.predicted[name].median(1).values
        axes.plot(layers, theory, color=colour, linestyle="--", label=text("line"))
    axes.set(yscale="log", xlabel=text("layer"), title=text("title"), ylim=(1e-14, 10), xticks=(1, 5, 10, 15, 20))
    axes.legend(loc="lower right", fontsize=9)
    return drawn
