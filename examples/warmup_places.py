"""
Warm-up and the place of the normalisation: the same net with Adam, the norm behind the sum or in the branch.

Prediction: with post-norm the weights of the last blocks receive a gradient several times larger and the first steps
have to be small, so a rate that fails at once trains after a warm-up, while a larger one fails all the same; with
pre-norm the first of them is safe without warm-up. Measured: accuracy on digits after the same number of steps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import spread_digits

SEEDS, DEPTH, STEPS, WARM_UP = 24, 30, 100, 50
WIDTH, BATCH, CLASSES = 40, 32, 10
RATES = {"small": 0.001, "large": 0.005, "huge": 0.01}
RUNS = {  # by name: place, steps of warm-up, rates
    "post": ("post", 0, ("small", "large")),
    "warm": ("post", WARM_UP, ("large", "huge")),
    "pre": ("pre", 0, ("large",)),
}
STATED = {
    "post_small_least": (0.4, 0.9),
    "post_large_mean": (0.15, 0.45),
    "warm_large_mean": (0.45, 0.65),
    "warm_huge_mean": (0.1, 0.45),
    "pre_large_least": (0.75, 1.0),
}


@dataclass(frozen=True)
class Result:
    """By run, accuracy of shape (rates, seeds)."""

    accuracy: dict[str, Tensor]


def forward(place: str, W: Tensor, V: Tensor, h: Tensor) -> Tensor:
    """Scores; layer normalisation as it starts."""
    for layer in W:
        inside = h if place == "post" else functional.layer_norm(h, (WIDTH,))
        h = torch.baddbmm(h, torch.relu(inside), layer)
        h = functional.layer_norm(h, (WIDTH,)) if place == "post" else h
    return (h if place == "post" else functional.layer_norm(h, (WIDTH,))) @ V


def train(place: str, warm_up: int, rates: Sequence[float]) -> Tensor:
    """Accuracy after a number of steps of Adam, all rates and seeds at once."""
    generator = torch.Generator().manual_seed(33)
    X, y = spread_digits(WIDTH, generator)
    copies = len(rates) * SEEDS
    W = (he_std(WIDTH) * torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator)).repeat(1, len(rates), 1, 1)
    V = torch.randn(SEEDS, WIDTH, CLASSES, generator=generator).repeat(len(rates), 1, 1) / math.sqrt(WIDTH)
    weights, lr = [W, V], torch.tensor(rates).repeat_interleave(SEEDS)[:, None, None]
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
    return right.double().mean(1).view(len(rates), SEEDS)


def compute() -> Result:
    """Train all nets; the rate of a warm-up grows in proportion to the step."""
    runs = {run: (place, warm_up, [RATES[name] for name in names]) for run, (place, warm_up, names) in RUNS.items()}
    return Result({run: train(*arguments) for run, arguments in runs.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """Lowest, mean and highest accuracy over seeds, by run and rate."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "steps": STEPS, "warm_up": WARM_UP, **RATES}
    for run, accuracy in result.accuracy.items():
        for name, row in zip(RUNS[run][2], accuracy, strict=True):
            found |= {f"{run}_{name}_least": row.min().item(), f"{run}_{name}_most": row.max().item()}
            found[f"{run}_{name}_mean"] = row.mean().item()
    return found | ranges(found, STATED)
