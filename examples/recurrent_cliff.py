"""
The cliff in the loss of a recurrent network with one unit, with and without clipping.

The unit repeats x = w sigmoid(x) + b for fifty steps. Prediction: the cliff is the line on which the starting point is
an unstable fixed point; there the derivative of the last state with respect to b is a geometric series with a base
above one. Measured: that derivative, and descent from random starts, unclipped and clipped by norm.
"""

from dataclasses import dataclass

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative
from optnotes.gradients import clip_by_norm, max_step
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, STEPS, TIME, START, TARGET = 40, 300, 50, 0.5, 0.7
LR, THRESHOLD, LOW, THROWN, QUOTED, SHOWN = 0.2, 0.5, 0.01, 1.0, 6.0, 1
CUTS = (3.5, 5.0, 7.0)
POINT = torch.tensor(START, dtype=torch.float64)
SLOPE = sigmoid_derivative(POINT).item()
STATED = {"longest_free": (100, 1e6), "thrown_free": (25, 39), "low_free": (1, 14), "low_clipped": (25, 39)}


@dataclass(frozen=True)
class Result:
    """Derivatives on the line; paths of shape (steps + 1, 2, seeds) and losses of shape (steps + 1, seeds)."""

    line_w: Tensor
    on_line: Tensor
    paths: dict[str, Tensor]
    losses: dict[str, Tensor]


def cliff(w: Tensor) -> Tensor:
    """Value of b for which the starting point stays where it is."""
    return START - w * sigmoid(POINT)


def last_state(w: Tensor, b: Tensor) -> Tensor:
    """State after all time steps."""
    x = torch.full_like(w, START)
    for _ in range(TIME):
        x = w * torch.sigmoid(x) + b
    return x


def loss(w: Tensor, b: Tensor) -> Tensor:
    """Squared distance between the last output and the target."""
    return (torch.sigmoid(last_state(w, b)) - TARGET).square()


def descend(start: Tensor) -> tuple[Tensor, Tensor]:
    """Run gradient descent from every start, unclipped in the first half of the columns and clipped in the second."""
    shorten = torch.func.vmap(lambda g: clip_by_norm(g, THRESHOLD), in_dims=1, out_dims=1)
    path, losses = [start.repeat(1, 2)], []
    for _ in range(STEPS + 1):
        point = path[-1].clone().requires_grad_()
        losses.append(loss(*point))
        (grad,) = torch.autograd.grad(losses[-1].sum(), point)
        path.append(path[-1] - LR * torch.cat([grad[:, :SEEDS], shorten(grad[:, SEEDS:])], dim=1))
    return torch.stack(path[:-1]), torch.stack(losses).detach()


def compute() -> Result:
    """Derivatives on the predicted line, and both descents from the plateau above it."""
    generator = torch.Generator().manual_seed(32)
    w, height = torch.rand(2, SEEDS, generator=generator, dtype=torch.float64)
    both = descend(torch.stack([5 + 2 * w, cliff(5 + 2 * w) + 0.3 + 0.5 * height]))
    line_w = torch.linspace(3, QUOTED, 13, dtype=torch.float64)
    on_line = torch.func.grad(lambda b: last_state(line_w, b).sum())(cliff(line_w))
    return Result(line_w, on_line, *(dict(zip(("free", "clipped"), run.chunk(2, -1), strict=True)) for run in both))


def predicted(w: Tensor) -> Tensor:
    """Derivative of the last state with respect to b on the line: a geometric series."""
    return ((w * SLOPE) ** TIME - 1) / (w * SLOPE - 1)


def numbers(result: Result) -> dict[str, float | int]:
    """Where the cliff begins and how steep it is; longest steps and final losses of the runs."""
    found: dict[str, float | int] = {"seeds": SEEDS, "begins": 1 / SLOPE, "allowed": max_step(LR, THRESHOLD)}
    steep = torch.stack([result.on_line, predicted(result.line_w)])[:, -1].tolist()
    found |= {"steep_w": QUOTED, "steep_measured": steep[0], "steep_predicted": steep[1]}
    for key, losses in result.losses.items():
        longest = result.paths[key].diff(dim=0).norm(dim=1).max(0).values
        found |= {f"longest_{key}": longest.max().item(), f"thrown_{key}": int((longest > THROWN).sum())}
        found |= {f"low_{key}": int((losses[-1] < LOW).sum()), f"loss_{key}": losses[-1].median().item()}
    return found | ranges(found, STATED)


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Cuts through the loss at three weights, and its map with the predicted cliff and one run of each kind."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.2), height_ratios=(2, 3))
    height = torch.linspace(-0.6, 0.6, 241)
    looks = zip(CUTS, ("green", "violet", "orange"), ("-", "--", "-."), (0.37, 0.27, 0.17), strict=True)
    for weight, look, style, place in looks:
        w = torch.full_like(height, weight)
        upper.plot(height, loss(w, cliff(w) + height), color=getattr(theme, look), linestyle=style)
        upper.plot([0.25, 0.32], [place, place], color=getattr(theme, look), linestyle=style)
        upper.text(0.34, place, text("cut", w=weight), color=getattr(theme, look), va="center")
    upper.axvline(0, color=theme.ink, linestyle=":", linewidth=1)
    upper.set(title=text("title.cuts"), xlabel=text("height"), ylim=(-0.02, 0.52), xlim=(-0.6, 0.6))
    shades = LinearSegmentedColormap.from_list("loss", [theme.blue, theme.grid, theme.orange])
    w, b = torch.meshgrid(torch.linspace(3.5, 7.5, 81), torch.linspace(-4.2, -1.6, 121), indexing="ij")
    lower.contourf(w, b, loss(w, b), levels=12, cmap=shades, alpha=0.35)
    line = torch.tensor([1 / SLOPE, 7.5])
    lower.plot(line, cliff(line), color=theme.ink, linestyle=":", label=text("cliff"))
    for key, colour, marker, style in (("free", theme.red, "s", "--"), ("clipped", theme.ink, "o", "-")):
        path = result.paths[key][:, :, SHOWN]
        lower.plot(*path.T, color=colour, linestyle=style, marker=marker, ms=2.5, lw=1, label=text(key))
    lower.plot(*result.paths["free"][0, :, SHOWN], color=theme.ink, marker="*", markersize=11)
    lower.set(title=text("title.map"), xlabel="$w$", ylabel="$b$", xlim=(3.5, 7.5), ylim=(-4.2, -1.6))
    lower.legend(fontsize=9, loc="upper right")
    return drawn
