"""
How far one step of Adam can go, what a spike leaves behind, and where clipping moves the minimum.

Prediction: with full moments a step is at most eta (1 - beta1) / sqrt(1 - beta2) / sqrt(1 - beta1^2 / beta2) long, by
the inequality of Cauchy and Schwarz, attained by gradients that grow by beta2 / beta1 a step; a lone spike gives
(1 - beta1) / sqrt(1 - beta2) of eta; afterwards the second moment remembers it. Noise that is rarely large and mostly
small has mean zero, but not once it is clipped: descent settles where the mean of the clipped gradient is zero.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.gradients import clip_by_norm, clip_by_value

BETA1, BETA2, STEPS, LATE = 0.9, 0.999, 400, 10**6
SPIKE, AFTER = 100.0, 100
RUNS, NOISY_STEPS, RATE, RARE, OFTEN, CHANCE, LIMIT = 4000, 600, 0.02, 9.0, -1.0, 0.1, 1.0


@dataclass(frozen=True)
class Result:
    """Lengths of Adam's steps in units of the learning rate, by course of the gradients; ends of the noisy runs."""

    lengths: dict[str, Tensor]
    ends: dict[str, Tensor]


def lengths(gradients: Tensor, m: float = 0.0, v: float = 0.0) -> Tensor:
    """Steps of Adam long after its start, at a learning rate of one."""
    w, first, second = (torch.tensor([value], dtype=torch.float64) for value in (0.0, m, v))
    steps = []
    for gradient in gradients.double():
        after, first, second = adam_step(w, gradient[None], first, second, LATE, 1.0, 0.0, BETA1, BETA2, 1e-30)
        steps.append((w - after).abs())
        w = after
    return torch.cat(steps)


def clip_each(course: Tensor) -> Tensor:
    """Each gradient of a course, clipped by norm."""
    return torch.cat([clip_by_norm(gradient, LIMIT) for gradient in torch.split(course, 1)])


def noisy(clip: bool) -> Tensor:
    """Descent on half the square of w; the noise is skewed and has mean zero."""
    generator = torch.Generator().manual_seed(32)
    w = torch.ones(RUNS, dtype=torch.float64)
    for _ in range(NOISY_STEPS):
        rare = torch.rand(RUNS, generator=generator) < CHANCE
        g = w + torch.where(rare, RARE, OFTEN)
        w = w - RATE * (clip_by_value(g, LIMIT) if clip else g)
    return w


def compute() -> Result:
    """The worst course, a lone spike, and a spike among gradients of one; then the noise."""
    back = torch.arange(STEPS).flip(0).double()
    alone = torch.zeros(STEPS).double()
    alone[-1] = 1.0
    among = torch.ones(AFTER + 1).double()
    among[0] = SPIKE
    courses = {"worst": lengths((BETA1 / BETA2) ** back), "alone": lengths(alone), "among": lengths(among, 1.0, 1.0)}
    courses["cut"] = lengths(clip_each(among), 1.0, 1.0)
    return Result(courses, {name: noisy(name == "clipped") for name in ("free", "clipped")})


def numbers(result: Result) -> dict[str, float | int]:
    """Bounds and steps in units of the learning rate, and where the noisy runs settle."""
    single = (1 - BETA1) / math.sqrt(1 - BETA2)
    found: dict[str, float | int] = {"bound": single / math.sqrt(1 - BETA1**2 / BETA2), "single": single}
    found |= {name: steps[-1].item() for name, steps in result.lengths.items()}
    found |= {"growth": BETA2 / BETA1 - 1, "spike": SPIKE, "after": AFTER}
    found |= {f"settles_{name}": w.mean().item() for name, w in result.ends.items()}
    found |= {"rare": RARE, "often": OFTEN, "chance": CHANCE, "limit": LIMIT}
    return found | {"predicted": 1 - CHANCE * LIMIT / (1 - CHANCE)}
