"""
Warm-up and the place of the normalisation: the same net with Adam, the norm behind the sum or in the branch.

Prediction: with post-norm the weights of the last blocks receive a gradient several times larger and the rate that
trains is small from the first step on; with pre-norm the same rate is safe without warm-up. Measured: accuracy on
digits after the same steps, at a small and a large rate.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std
from optnotes.site.bounds import ranges
from optnotes.site.digits import spread_digits

SEEDS, DEPTH, STEPS, RATES = 3, 30, 80, (0.001, 0.01)
PLACES = ("post", "pre")
WIDTH, BATCH, CLASSES = 40, 32, 10
STATED = {"post_small_least": (0.4, 0.85), "post_large_most": (0.05, 0.25), "pre_large_least": (0.75, 0.97)}


@dataclass(frozen=True)
class Result:
    """By place, accuracy of shape (rates, seeds)."""

    accuracy: dict[str, Tensor]


def forward(place: str, W: Tensor, V: Tensor, h: Tensor) -> Tensor:
    """Scores; layer normalisation as it starts."""
    for layer in W:
        inside = h if place == "post" else functional.layer_norm(h, (WIDTH,))
        h = torch.baddbmm(h, torch.relu(inside), layer)
        h = functional.layer_norm(h, (WIDTH,)) if place == "post" else h
    return (h if place == "post" else functional.layer_norm(h, (WIDTH,))) @ V


def train(place: str, warm_up: int = 0) -> Tensor:
    """Accuracy after a number of steps of Adam, all rates and seeds at once."""
    generator = torch.Generator().manual_seed(33)
    X, y = spread_digits(WIDTH, generator)
    copies = len(RATES) * SEEDS
    W = (he_std(WIDTH) * torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator)).repeat(1, len(RATES), 1, 1)
    V = torch.randn(SEEDS, WIDTH, CLASSES, generator=generator).repeat(len(RATES), 1, 1) / math.sqrt(WIDTH)
    weights, lr = [W, V], torch.tensor(RATES).repeat_interleave(SEEDS)[:, None, None]
    mean, square = [0 * W, 0 * V], [0 * W, 0 * V]
    for step in range(1, STEPS + 1):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        weights = [each.requires_grad_() for each in weights]
        scores = forward(place, weights[0], weights[1], X[chosen].expand(copies, -1, -1))
        loss = functional.cross_entropy(scores.flatten(0, 1), y[chosen].repeat(copies), reduction="sum") / BATCH
        gradient = torch.autograd.grad(loss, weights)
        rate = lr * min(1.0, step / warm_up) if warm_up else lr
        mean = [0.9 * m + 0.1 * g for m, g in zip(mean, gradient, strict=True)]
        square = [0.999 * v + 0.001 * g**2 for v, g in zip(square, gradient, strict=True)]
        weights = [
            w.detach() - rate * (m / (1 - 0.9**step)) / (torch.sqrt(v / (1 - 0.999**step)) + 1e-8)
            for w, m, v in zip(weights, mean, square, strict=True)
        ]
    with torch.no_grad():
        right = forward(place, weights[0], weights[1], X.expand(copies, -1, -1)).argmax(-1) == y
    return right.double().mean(1).view(len(RATES), SEEDS)


def compute() -> Result:
    """Train both nets without warm-up."""
    return Result({place: train(place) for place in PLACES})


def numbers(result: Result) -> dict[str, float | int]:
    """Lowest and highest accuracy over seeds, by place and rate."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "steps": STEPS}
    found |= {"small": RATES[0], "large": RATES[1]}
    for place, accuracy in result.accuracy.items():
        for name, row in zip(("small", "large"), accuracy, strict=True):
            found |= {f"{place}_{name}_least": row.min().item(), f"{place}_{name}_most": row.max().item()}
    return found | ranges(found, STATED)
