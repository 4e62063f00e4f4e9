"""
A coordinate check: how far one step of Adam moves the numbers inside a net, width by width.

Prediction: Adam moves every weight by the learning rate, all in step with the inputs, so a sum over n of them moves by
about n times the rate; with the rate of the hidden and output matrices divided by the width, as in the maximal update
parametrisation, it moves alike at all widths. Measured: change of the second hidden layer and of the output.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.gradients import he_std

SEEDS, INPUTS, BATCH, LR = 6, 32, 16, 0.001
WIDTHS = (64, 256, 1024)


@dataclass(frozen=True)
class Result:
    """Root mean square change of shape (widths, 2): hidden layer and output; by rule for the learning rate."""

    moved: dict[str, Tensor]


def forward(x: Tensor, first: Tensor, hidden: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
    """Second hidden layer in front of its ReLU, and the output."""
    z = torch.relu(x @ first) @ hidden
    return z, torch.relu(z) @ out


def change(width: int, divided: bool, seed: int) -> Tensor:
    """What one step does to hidden layer and output of one net."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x, target = normal(BATCH, INPUTS), normal(BATCH, 1)
    ratio = width / WIDTHS[0] if divided else 1.0
    weights = [
        he_std(INPUTS) * normal(INPUTS, width),
        he_std(width) * normal(width, width),
        he_std(width) * normal(width, 1) / math.sqrt(ratio),
    ]
    weights = [each.requires_grad_() for each in weights]
    before = forward(x, *weights)
    gradient = torch.autograd.grad((before[1] - target).square().mean(), weights)
    moved = []
    for weight, each, lr in zip(weights, gradient, (LR, LR / ratio, LR / ratio), strict=True):
        zero = torch.zeros_like(each)
        moved.append(adam_step(weight.detach(), each, zero, zero, 1, lr, 0.0)[0])
    after = forward(x, *moved)
    return torch.stack([(b - a).square().mean().sqrt().detach() for a, b in zip(before, after, strict=True)])


def compute() -> Result:
    """All widths with the same rate, and with a rate over the width."""
    rules = {"same": False, "divided": True}
    return Result(
        {
            name: torch.stack([torch.stack([change(w, divided, s) for s in range(SEEDS)]).mean(0) for w in WIDTHS])
            for name, divided in rules.items()
        }
    )


def numbers(result: Result) -> dict[str, float | int]:
    """How many times farther the widest net moves than the narrowest."""
    narrow, *_, wide = WIDTHS
    found: dict[str, float | int] = {"narrow": narrow, "wide": wide, "times": wide // narrow}
    for name, moved in result.moved.items():
        for index, part in enumerate(("hidden", "output")):
            found[f"{name}_{part}"] = (moved[-1, index] / moved[0, index]).item()
    return found
