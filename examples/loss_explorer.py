"""
A loss that flies away, with learning rate, threshold of clipping and depth to turn.

Equal linear units in a row, one weight: the output is that weight to the power of the depth, the target one, the loss
half the squared error. Prediction: without clipping the first step has the length of learning rate times gradient, and
far beyond the minimum it finds a gradient that is larger still; clipped it is at most learning rate times threshold
long. Near the minimum the curvature is the square of the depth, and descent settles only where the learning rate is
below two over it, clipped or not. Measured: the loss step by step.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import gd_step_bound
from optnotes.gradients import clip_by_norm
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

START, STEPS, SMALL, FAR = 2.0, 20, 1e-4, 1e8
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.25, 0.4)
THRESHOLDS = {"none": math.inf, "seven": 7.0, "three": 3.0, "nought": 0.9}  # no step may hit the minimum exactly
DEPTHS = (3, 6, 12)
BEGIN = ("none", 0.1, 3)
Key = tuple[str, float, int]


@dataclass(frozen=True)
class Result:
    """
    Losses and sizes of the gradient from the start on, by threshold, rate and depth.

    A run ends where its loss leaves the drawing.
    """

    loss: dict[Key, Tensor]
    size: dict[Key, Tensor]


def gradient(w: float, depth: int) -> float:
    """Slope of the loss: the error times the product of all weights but one, once for each."""
    return (w**depth - 1) * depth * w ** (depth - 1)


def run(threshold: float, rate: float, depth: int) -> tuple[Tensor, Tensor]:
    """Descend; the values that leave the drawing are kept as the last ones."""
    w, losses, sizes = START, [], []
    for _ in range(STEPS + 1):
        g = torch.tensor([gradient(w, depth)], dtype=torch.float64)
        losses.append((w**depth - 1) ** 2 / 2)
        sizes.append(abs(g.item()))
        if losses[-1] > FAR:
            break
        w -= rate * (g if math.isinf(threshold) else clip_by_norm(g, threshold)).item()
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(sizes, dtype=torch.float64)


def compute() -> Result:
    """Every setting of the sliders."""
    keys = [(name, rate, depth) for name in THRESHOLDS for rate in RATES for depth in DEPTHS]
    runs = {key: run(THRESHOLDS[key[0]], *key[1:]) for key in keys}
    return Result({key: each[0] for key, each in runs.items()}, {key: each[1] for key, each in runs.items()})


def bound(depth: int) -> float:
    """Largest rate at which descent settles in the minimum."""
    return gd_step_bound(torch.tensor([float(depth) ** 2], dtype=torch.float64)).item()


def outcome(key: Key, loss: Tensor) -> str:
    """What became of a run: flown away, settled, swinging about the minimum, or still on its way."""
    if loss[-1] > FAR:
        return "flown"
    if loss[-1] < SMALL:
        return "settled"
    return "swings" if key[1] > bound(key[2]) else "slow"


def explore(result: Result) -> Explorer:
    """Loss, gradient and threshold against the step, and the sentence that says why."""
    frames = {}
    for key, loss in result.loss.items():
        name, rate, depth = key
        steps, threshold, g = torch.arange(len(loss)).double(), THRESHOLDS[name], gradient(START, depth)
        curves = {"loss": loss, "gradient": result.size[key]}
        marks = {look: torch.stack([steps, curve.clamp(min=1e-30)], 1) for look, curve in curves.items()}
        if math.isfinite(threshold):
            marks["threshold.line"] = torch.tensor([[0, threshold], [STEPS, threshold]])
        told = {"gradient": g, "first": rate * min(g, threshold), "load": rate / bound(depth), "steps": len(loss) - 1}
        frames[key] = Frame(marks, told, outcome(key, loss))
    controls: dict[str, tuple[float | str, ...]] = {"threshold": tuple(THRESHOLDS), "rate": RATES, "depth": DEPTHS}
    x, y = (
        Axis("step", 0, STEPS, (0, 5, 10, 15, 20)),
        Axis("axis", SMALL, FAR, [10.0**k for k in range(-4, 9, 2)], True),
    )
    looks = {"loss": "line blue solid", "gradient": "line orange dashed", "threshold.line": "line ink dotted"}
    return Explorer(controls, BEGIN, x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Sizes, the bounds on the rate, and how often the sentences come true."""
    ends = {key: outcome(key, loss) for key, loss in result.loss.items()}
    found: dict[str, float | int] = {"settings": len(ends), "rate": BEGIN[1], "steps": len(result.loss[BEGIN]) - 1}
    found |= {f"bound_{depth}": bound(depth) for depth in DEPTHS} | {
        f"gradient_{depth}": gradient(START, depth) for depth in DEPTHS
    }
    free, clipped = ([end for key, end in ends.items() if (key[0] == "none") == alone] for alone in (True, False))
    found |= {
        "free": len(free),
        "clipped": len(clipped),
        "flown_free": free.count("flown"),
        "flown_clipped": clipped.count("flown"),
    }
    above = [end for key, end in ends.items() if key[1] > bound(key[2])]
    return found | {"above": len(above), "settled_above": above.count("settled")}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """The same rate without clipping and with it."""
    return panels(explore(result), [BEGIN, ("three", *BEGIN[1:])], text, theme)
