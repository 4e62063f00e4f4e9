"""
Batches of two: a net with batch normalisation, one with layer and one with group normalisation.

Prediction: of two examples batch normalisation lets through only which is larger, and the net stays far behind; layer
and group normalisation look at one example at a time and do not notice the size of the batch. With batches of 32 all
three learn.
Measured: accuracy on digits at inference after the same number of steps.
"""

import math
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import spread_digits

SEEDS, WIDTH, STEPS, LR, CLASSES, MOMENTUM = 8, 40, 300, 0.1, 10, 0.1
NORMS, SIZES, LAYERS, GROUPS = ("batch", "layer", "group"), (2, 32), 2, 4
STATED = {
    "batch_2_most": (0.2, 0.7),
    "layer_2_least": (0.8, 1.0),
    "group_2_least": (0.75, 1.0),
    "batch_32_least": (0.9, 1.0),
    "layer_32_least": (0.9, 1.0),
    "group_32_least": (0.9, 1.0),
}
Moments = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Result:
    """By normalisation and size of the batch, accuracy at inference, one per seed."""

    accuracy: dict[tuple[str, int], Tensor]


def forward(
    norm: str, weights: list[Tensor], h: Tensor, stored: list[Moments] | None = None
) -> tuple[Tensor, list[Moments]]:
    """Scores, and mean and variance in front of every normalisation; stored ones take their place at inference."""
    found = []
    for layer, W in enumerate(weights[:-1]):
        z = h @ W
        moments = (z.mean(1, keepdim=True), z.var(1, keepdim=True, correction=0))
        found.append(moments)
        if norm == "batch":
            mean, variance = stored[layer] if stored else moments
            h = torch.relu((z - mean) / torch.sqrt(variance + 1e-5))
        else:
            h = torch.relu(functional.group_norm(z.flatten(0, 1), GROUPS if norm == "group" else 1).view_as(z))
    return h @ weights[-1], found


def averaged(old: Moments, new: Moments, size: int) -> Moments:
    """Running averages after a batch, the variance without bias."""
    mean, variance = (each.detach() for each in new)
    return torch.lerp(old[0], mean, MOMENTUM), torch.lerp(old[1], variance * size / (size - 1), MOMENTUM)


def train(norm: str, size: int) -> Tensor:
    """Accuracy at inference after a number of steps, all seeds at once."""
    generator = torch.Generator().manual_seed(33)
    X, y = spread_digits(WIDTH, generator)
    weights = [he_std(WIDTH) * torch.randn(SEEDS, WIDTH, WIDTH, generator=generator) for _ in range(LAYERS)]
    weights.append(torch.randn(SEEDS, WIDTH, CLASSES, generator=generator) / math.sqrt(WIDTH))
    stored = [(torch.zeros(SEEDS, 1, WIDTH), torch.ones(SEEDS, 1, WIDTH)) for _ in range(LAYERS)]
    for _ in range(STEPS):
        chosen = torch.randint(len(X), (SEEDS, size), generator=generator)
        weights = [each.requires_grad_() for each in weights]
        scores, found = forward(norm, weights, X[chosen])
        loss = functional.cross_entropy(scores.flatten(0, 1), y[chosen].flatten(), reduction="sum") / size
        gradient = torch.autograd.grad(loss, weights)
        weights = [w.detach() - LR * g for w, g in zip(weights, gradient, strict=True)]
        stored = [averaged(old, new, size) for old, new in zip(stored, found, strict=True)]
    scores, _ = forward(norm, weights, X.expand(SEEDS, -1, -1), stored)
    return (scores.argmax(-1) == y).double().mean(1)


def compute() -> Result:
    """Train with every normalisation and size."""
    return Result({key: train(*key) for key in product(NORMS, SIZES)})


def numbers(result: Result) -> dict[str, float | int]:
    """Lowest and highest accuracy over seeds."""
    found: dict[str, float | int] = {
        "seeds": SEEDS,
        "steps": STEPS,
        "small": SIZES[0],
        "usual": SIZES[1],
        "groups": GROUPS,
    }
    for (norm, size), accuracy in result.accuracy.items():
        found |= {f"{norm}_{size}_least": accuracy.min().item(), f"{norm}_{size}_most": accuracy.max().item()}
    return found | ranges(found, STATED)
