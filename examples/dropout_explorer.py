"""
Units going out: one subnet after another, their average, and the single pass with all units beside it.

A net of one input and two hidden layers, the first with dropout, trained on a dozen noisy points. Prediction: the mean
of k subnets comes closer to the mean of all like one over the root of k; behind a nonlinear layer the single pass is
not that mean, but close to it; the mean squared error of the subnets is that of their mean plus their spread. Measured:
drawn subnets one by one, and all masks with their probabilities.
"""

import itertools
import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.dropout import inverted_dropout
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

UNITS, POINTS, STEPS, LR, NOISE, STRIP, SEED = 8, 12, 250, 0.05, 0.15, -1.6, 31
PROBABILITIES, MASKS, QUOTED = (0.1, 0.2, 0.35, 0.5, 0.65), (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256), 0.5
ALL = torch.tensor(list(itertools.product((0.0, 1.0), repeat=UNITS)), dtype=torch.float64)
Key = tuple[float, int]


@dataclass(frozen=True)
class Result:
    """Points; by probability, the drawn masks, outputs of the drawn subnets, of all, and of the single pass."""

    points: Tensor
    masks: dict[float, Tensor]
    drawn: dict[float, Tensor]
    every: dict[float, Tensor]
    single: dict[float, Tensor]


def truth(x: Tensor) -> Tensor:
    """The function behind the points."""
    return torch.sin(1.6 * x)


def grid() -> Tensor:
    """Inputs at which outputs are drawn and compared."""
    return torch.linspace(-2, 2, 65, dtype=torch.float64)


def output(weights: list[Tensor], x: Tensor, mask: Tensor, rates: tuple[float, ...] = PROBABILITIES) -> Tensor:
    """Outputs of the nets, one for every probability; masks of shape (nets, ..., inputs, units)."""
    W1, b1, W2, b2, W3, b3 = weights
    first = torch.tanh(x[:, None] * W1 + b1)
    kept = [inverted_dropout(h.expand_as(m), m, p) for h, m, p in zip(first, mask, rates, strict=True)]
    nets = zip(kept, W2, b2, W3, b3, strict=True)
    return torch.stack([(torch.tanh(h @ W + b) @ V + c)[..., 0] for h, W, b, V, c in nets])


def trained(x: Tensor, y: Tensor) -> list[Tensor]:
    """Weights after steps of Adam, with a mask of its own for every point at every step; all nets start alike."""
    generator, rates = torch.Generator().manual_seed(38), torch.tensor(PROBABILITIES, dtype=x.dtype)[:, None, None]
    shapes = (1.5, 1, UNITS), (0.5, 1, UNITS), (0.5, UNITS, UNITS), (0.5, 1, UNITS), (0.5, UNITS, 1), (0.5, 1, 1)
    weights = [
        (scale * torch.randn(rows, columns, generator=generator, dtype=x.dtype)).expand(len(rates), -1, -1)
        for scale, rows, columns in shapes
    ]
    moments = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]
    for step in range(1, STEPS + 1):
        leaves = [w.requires_grad_() for w in weights]
        mask = (torch.rand(len(x), UNITS, generator=generator, dtype=x.dtype) >= rates).to(x)
        slopes = torch.autograd.grad((output(leaves, x, mask) - y).square().mean(1).sum(), leaves)
        with torch.no_grad():
            for i, (m, v) in enumerate(moments):
                weights[i], *moments[i] = adam_step(weights[i], slopes[i], m, v, step, LR, 0.0)
    return weights


def compute() -> Result:
    """Train a net for every probability, then send the grid through drawn subnets, through all, and through the net."""
    generator = torch.Generator().manual_seed(SEED)
    x = torch.linspace(-1.9, 1.9, POINTS, dtype=torch.float64)
    y = truth(x) + NOISE * torch.randn(POINTS, generator=generator, dtype=torch.float64)
    uniform, z = torch.rand(MASKS[-1], UNITS, generator=generator, dtype=torch.float64), grid()
    weights, nets = [w.detach() for w in trained(x, y)], len(PROBABILITIES)
    drawn = (uniform >= torch.tensor(PROBABILITIES).double()[:, None, None]).double()
    outputs = [
        output(weights, z, rows[:, :, None].expand(-1, -1, len(z), -1)) for rows in (drawn, ALL.repeat(nets, 1, 1))
    ]
    single = output(weights, z, torch.ones(nets, len(z), UNITS).double(), (0.0,) * nets)
    parts = (dict(zip(PROBABILITIES, values, strict=True)) for values in (drawn, *outputs, single))
    return Result(torch.stack([x, y], 1), *parts)


def size(values: Tensor) -> float:
    """Root mean square over the grid."""
    return values.square().mean().sqrt().item()


def chances(p: float) -> Tensor:
    """Probability of each of the masks."""
    kept = ALL.sum(1)
    return (1 - p) ** kept * p ** (UNITS - kept)


def summary(result: Result, key: Key) -> dict[str, float | int]:
    """Units that are out, distance of the mean so far from the pass, of all masks from it, and spread of one subnet."""
    p, masks = key
    mean = torch.einsum("m,mx->x", chances(p), result.every[p])
    spread = torch.einsum("m,mx->x", chances(p), (result.every[p] - mean) ** 2).mean().item()
    return {
        "units": UNITS,
        "out": int((result.masks[p][masks - 1] == 0).sum()),
        "masks": masks,
        "gap": size(result.drawn[p][:masks].mean(0) - mean),
        "gap_predicted": math.sqrt(spread / masks),
        "limit": size(mean - result.single[p]),
        "spread": math.sqrt(spread),
    }


def explore(result: Result) -> Explorer:
    """The newest subnet, the mean of all so far, the pass with all units, and which units are out."""
    z, frames = grid(), {}
    places = torch.linspace(-1.75, 1.75, UNITS).double()
    for key in itertools.product(PROBABILITIES, MASKS):
        p, masks = key
        strip = torch.stack([places, torch.full_like(places, STRIP)], 1)
        kept = result.masks[p][masks - 1] > 0
        lines = {"subnet": result.drawn[p][masks - 1], "mean": result.drawn[p][:masks].mean(0)}
        lines |= {"single": result.single[p]}
        marks = {name: torch.stack([z, values], 1) for name, values in lines.items()}
        marks |= {"points": result.points, "kept": strip[kept], "out": strip[~kept]}
        frames[key] = Frame(marks, summary(result, key))
    looks = {"subnet": "line orange dashed", "mean": "line blue solid", "single": "line ink dotted"}
    looks |= {"points": "dots ink fine", "kept": "dots blue round", "out": "dots red square"}
    across, up = Axis("input", -2, 2, (-2, -1, 0, 1, 2)), Axis("output", -1.8, 1.5, (-1, 0, 1))
    return Explorer({"p": PROBABILITIES, "masks": MASKS}, (QUOTED, 4), across, up, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Distances at one half, and errors against the function behind the points."""
    p, f = QUOTED, truth(grid())
    mean = torch.einsum("m,mx->x", chances(p), result.every[p])
    subnet = torch.einsum("m,mx->x", chances(p), (result.every[p] - f) ** 2).mean().item()
    found: dict[str, float | int] = {"subnets": len(ALL), "p": p, "most": MASKS[-1]}
    found |= {f"one_{name}": value for name, value in summary(result, (p, 1)).items()}
    found |= {f"most_{name}": value for name, value in summary(result, (p, MASKS[-1])).items()}
    found |= {"error_subnet": subnet, "error_mean": (mean - f).square().mean().item()}
    return found | {"error_single": (result.single[p] - f).square().mean().item()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One subnet, and the mean of many."""
    return panels(explore(result), [(QUOTED, 4), (QUOTED, 64)], text, theme)
