"""
The cliff in the loss of a recurrent network with one unit, with and without clipping.

The unit repeats x = w sigmoid(x) + b for fifty steps; its loss surface was drawn by Pascanu, Mikolov and Bengio.
Prediction: the cliff is the line on which the starting point is an unstable fixed point; there the derivative of the
last state with respect to b is a geometric series with a base above one. It begins where that base is one. Measured:
that derivative, and gradient descent from random starts above the cliff, unclipped and clipped by norm.
"""

from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative
from optnotes.clipping import clip_by_norm, max_step
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, STEPS, TIME, START, TARGET = 40, 300, 50, 0.5, 0.7
LR, THRESHOLD, LOW, THROWN = 0.2, 0.5, 0.01, 1.0
POINT = torch.tensor(START, dtype=torch.float64)
SLOPE = sigmoid_derivative(POINT).item()
QUOTED, SHOWN = 6.0, 1


@dataclass(frozen=True)
class Result:
    """Paths of shape (steps + 1, 2, seeds) and losses of shape (steps + 1, seeds); derivatives on the line."""

    paths: dict[str, Tensor]
    losses: dict[str, Tensor]
    line_w: Tensor
    on_line: Tensor


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


def descend(start: Tensor, clip: bool) -> tuple[Tensor, Tensor]:
    """Run gradient descent from every start."""
    shorten = torch.func.vmap(lambda g: clip_by_norm(g, THRESHOLD), in_dims=1, out_dims=1)
    path, losses = [start], []
    for _ in range(STEPS + 1):
        point = path[-1].clone().requires_grad_()
        values = loss(*point)
        (grad,) = torch.autograd.grad(values.sum(), point)
        losses.append(values.detach())
        path.append(path[-1] - LR * (shorten(grad) if clip else grad))
    return torch.stack(path[:-1]), torch.stack(losses)


def compute() -> Result:
    """Derivatives on the predicted line, and both descents from the plateau above it."""
    generator = torch.Generator().manual_seed(32)
    w, height = torch.rand(2, SEEDS, generator=generator, dtype=torch.float64)
    w = 5 + 2 * w
    start = torch.stack([w, cliff(w) + 0.3 + 0.5 * height])
    runs = {key: descend(start, clip) for key, clip in (("free", False), ("clipped", True))}
    line_w = torch.linspace(3, QUOTED, 13, dtype=torch.float64)
    b = cliff(line_w).requires_grad_()
    (on_line,) = torch.autograd.grad(last_state(line_w, b).sum(), b)
    return Result({k: run[0] for k, run in runs.items()}, {k: run[1] for k, run in runs.items()}, line_w, on_line)


def predicted(w: Tensor) -> Tensor:
    """Derivative of the last state with respect to b on the line: a geometric series."""
    return ((w * SLOPE) ** TIME - 1) / (w * SLOPE - 1)


def numbers(result: Result) -> dict[str, float | int]:
    """Where the cliff begins and how steep it is; longest steps and final losses of the runs."""
    found: dict[str, float | int] = {
        "seeds": SEEDS,
        "begins": 1 / SLOPE,
        "steep_w": QUOTED,
        "steep_predicted": predicted(result.line_w)[-1].item(),
        "steep_measured": result.on_line[-1].item(),
        "steep_error": (result.on_line / predicted(result.line_w) - 1).abs().max().item(),
        "allowed": max_step(LR, THRESHOLD),
    }
    for key, losses in result.losses.items():
        longest = result.paths[key].diff(dim=0).norm(dim=1).max(0).values
        found |= {f"longest_{key}": longest.max().item(), f"thrown_{key}": int((longest > THROWN).sum())}
        found |= {f"low_{key}": int((losses[-1] < LOW).sum()), f"loss_{key}": losses[-1].median().item()}
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Loss as a surface, and its map with the predicted cliff and one run of each kind."""
    drawn, (flat, lower) = new_figure(nrows=2, figsize=(5.6, 7.2))
    flat.remove()
    upper: Any = drawn.add_subplot(2, 1, 1, projection="3d", facecolor=theme.paper)
    shades = LinearSegmentedColormap.from_list("loss", [theme.blue, theme.grid, theme.orange])
    w, height = torch.meshgrid(torch.linspace(3.5, 7.5, 29), torch.linspace(-1.2, 0.8, 41), indexing="ij")
    b = cliff(w.double()) + height
    upper.plot_surface(w, b, loss(w, b), cmap=shades, rcount=29, ccount=41, linewidth=0.2)
    upper.view_init(elev=32, azim=40)
    upper.set_box_aspect((1, 1, 0.5), zoom=1.2)
    upper.set(title=text("title.surface"), xlabel="$w$", ylabel="$b$", zticks=[0, 0.2, 0.4])
    for axis in (upper.xaxis, upper.yaxis, upper.zaxis):
        axis.set_pane_color(theme.paper)
    w, b = torch.meshgrid(torch.linspace(3.5, 7.5, 81), torch.linspace(-4.2, -1.6, 121), indexing="ij")
    lower.contourf(w, b, loss(w, b), levels=12, cmap=shades, alpha=0.35)
    line = torch.linspace(1 / SLOPE, 7.5, 2, dtype=torch.float64)
    lower.plot(line, cliff(line), color=theme.ink, linestyle=":", label=text("cliff"))
    for key, colour, marker, style in (("free", theme.red, "s", "--"), ("clipped", theme.ink, "o", "-")):
        path = result.paths[key][:, :, SHOWN]
        look = {"color": colour, "linestyle": style, "marker": marker, "markersize": 2.5, "linewidth": 1}
        lower.plot(path[:, 0], path[:, 1], **look, label=text(key))
    lower.plot(*result.paths["free"][0, :, SHOWN], color=theme.ink, marker="*", markersize=11)
    lower.set(title=text("title.map"), xlabel="$w$", ylabel="$b$", xlim=(3.5, 7.5), ylim=(-4.2, -1.6))
    lower.legend(fontsize=9, loc="upper right")
    return drawn
