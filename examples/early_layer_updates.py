"""
Whose early layers stand still: movement of every layer under SGD and under Adam.

A sigmoid network of twenty layers, fifty steps on digits. Prediction: the gradient hardly changes, so SGD moves each
layer by steps times learning rate times the first gradient, and where that is below the rounding of float32 nothing
moves at all. Adam moves every weight by the learning rate, whatever the gradient, until the gradient falls to eps;
below, it moves in proportion again. Measured: distance from the initial weights over their norm, layer by layer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid
from optnotes.adam import adam_step
from optnotes.initialization import xavier_std
from optnotes.site.digits import load_digits
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

LAYERS, WIDTH, SEEDS, EXAMPLES, STEPS = 20, 32, 20, 32, 50
LR, ADAM_LR, EPS = 0.1, 1e-3, 1e-8
SIZES = (64, *[WIDTH] * (LAYERS - 1), 10)


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


def initial() -> list[Tensor]:
    """Xavier's normal weights, then zero biases, for all seeds at once."""
    generator = torch.Generator().manual_seed(31)
    weights = [
        xavier_std(*SIZES[layer : layer + 2])
        * torch.randn(SEEDS, SIZES[layer + 1], SIZES[layer], generator=generator, dtype=torch.float64)
        for layer in range(LAYERS)
    ]
    return [*weights, *(torch.zeros(SEEDS, units, 1, dtype=torch.float64) for units in SIZES[1:])]


def gradients(parameters: list[Tensor], X: Tensor, y: Tensor) -> list[Tensor]:
    """Gradients of the mean cross-entropy of each seed."""
    leaves = [parameter.detach().requires_grad_() for parameter in parameters]
    z = X.to(leaves[0].dtype).expand(SEEDS, -1, -1)
    for layer in range(LAYERS):
        z = torch.baddbmm(leaves[LAYERS + layer], leaves[layer], z if layer == 0 else sigmoid(z))
    loss = torch.nn.functional.cross_entropy(z, y.expand(SEEDS, -1), reduction="sum") / EXAMPLES
    return list(torch.autograd.grad(loss, leaves))


def descend(parameters: list[Tensor], X: Tensor, y: Tensor) -> list[Tensor]:
    """Plain gradient steps."""
    for _ in range(STEPS):
        parameters = [w - LR * g for w, g in zip(parameters, gradients(parameters, X, y), strict=True)]
    return parameters


def adam(parameters: list[Tensor], X: Tensor, y: Tensor) -> list[Tensor]:
    """Steps of Adam without a penalty."""
    state = [(w, 0 * w, 0 * w) for w in parameters]
    for t in range(1, STEPS + 1):
        slopes = gradients([w for w, _, _ in state], X, y)
        state = [adam_step(w, g, m, v, t, ADAM_LR, 0.0, eps=EPS) for (w, m, v), g in zip(state, slopes, strict=True)]
    return [w for w, _, _ in state]


def lengths(matrices: Iterable[Tensor]) -> Tensor:
    """Norm of each layer's matrix, of shape (layers, seeds)."""
    return torch.stack([matrix.norm(dim=(1, 2)) for matrix in matrices])


def compute() -> Result:
    """Both methods from the same weights, SGD once more in float32; predictions from the first gradient alone."""
    X, y = data()
    start = initial()
    first, norm = gradients(start, X, y)[:LAYERS], lengths(start[:LAYERS])
    moved = {
        name: lengths(after - w for after, w in zip(method(start, X, y), start, strict=True) if w.shape[2] > 1) / norm
        for name, method in (("sgd", descend), ("adam", adam))
    }
    predicted = {
        "sgd": STEPS * LR * lengths(first) / norm,
        "adam": STEPS * ADAM_LR * lengths(g / (g.abs() + EPS) for g in first) / norm,
    }
    single = [parameter.float() for parameter in start]
    kept = [(after == w).all(2).all(1) for after, w in zip(descend(single, X, y), single, strict=True)]
    entries = torch.stack([g.square().mean((1, 2)).sqrt() for g in first])
    return Result(moved, predicted, entries, torch.stack(kept[:LAYERS]))


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
    drawn, axes = new_figure(figsize=(6.8, 4.2))
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
