"""
Running statistics of batch normalisation: their start, and why ``eval()`` can be worse than ``train()``.

Prediction: the averages start at mean zero and variance one, and after t batches (1 - m)^t of that start is left, for
m = 0.1 a third after ten; a net that learnt quickly on features of another scale is judged with statistics that are not
those of its layers, and its loss in eval mode is far above that in training mode until the averages have caught up.
Measured: both losses of the same weights after a few steps and after many, and with the averages recomputed.
"""

import math
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

WIDTH, BATCH, EARLY, LATE, RATE, SEEDS = 64, 128, 5, 100, 0.05, 3


@dataclass(frozen=True)
class Result:
    """Losses of shape (seeds,) by moment and mode."""

    losses: dict[str, Tensor]


def net(generator: torch.Generator) -> nn.Sequential:
    """Two hidden layers with batch normalisation, random weights."""
    layers = nn.Sequential(
        nn.Linear(64, WIDTH), nn.BatchNorm1d(WIDTH), nn.ReLU(),
        nn.Linear(WIDTH, WIDTH), nn.BatchNorm1d(WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10),
    ).double()  # fmt: skip
    for layer in layers:
        if isinstance(layer, nn.Linear):
            size = (layer.out_features, layer.in_features)
            drawn = torch.randn(size, generator=generator, dtype=torch.float64) * math.sqrt(2 / size[1])
            layer.weight.data = drawn
            nn.init.zeros_(layer.bias)
    return layers


@torch.no_grad()
def judge(model: nn.Sequential, X: Tensor, y: Tensor) -> tuple[float, float]:
    """Loss with the statistics of the whole set, then with the running ones; the latter stay as they are."""
    kept = [each.clone() for each in model.buffers()]
    batch = nn.functional.cross_entropy(model.train()(X), y).item()
    for each, value in zip(model.buffers(), kept, strict=True):
        each.copy_(value)
    running = nn.functional.cross_entropy(model.eval()(X), y).item()
    model.train()
    return batch, running


def train(seed: int, X: Tensor, y: Tensor) -> list[float]:
    """Losses in both modes after few steps and after many, then with statistics recomputed after few."""
    generator = torch.Generator().manual_seed(seed)
    model = net(generator)
    found: list[float] = []
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9)
    for step in range(1, LATE + 1):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(X[chosen]), y[chosen])
        torch.autograd.backward([loss])
        optimiser.step()
        if step == EARLY:
            found += judge(model, X, y)
            kept = [each.clone() for each in model.buffers()]
            for layer in model:
                if isinstance(layer, nn.BatchNorm1d):
                    layer.momentum = None  # a plain average over what comes
                    layer.reset_running_stats()
            with torch.no_grad():
                for first in range(0, len(X) - BATCH, BATCH):
                    model(X[first : first + BATCH])
            found.append(judge(model, X, y)[1])
            for each, value in zip(model.buffers(), kept, strict=True):
                each.copy_(value)
            for layer in model:
                if isinstance(layer, nn.BatchNorm1d):
                    layer.momentum = 0.1
    return [*found, *judge(model, X, y)]


def compute() -> Result:
    """Train on raw pixels from 0 to 16."""
    bunch = load_digits()
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    rows = torch.tensor([train(seed, X, y) for seed in range(SEEDS)], dtype=torch.float64).T
    names = ("early_batch", "early_running", "early_recomputed", "late_batch", "late_running")
    return Result(dict(zip(names, rows, strict=True)))


def numbers(result: Result) -> dict[str, float | int]:
    """Medians over seeds, and what is left of the start."""
    found: dict[str, float | int] = {"early": EARLY, "late": LATE, "left_early": 0.9**EARLY, "left_ten": 0.9**10}
    return found | {name: losses.median().item() for name, losses in result.losses.items()}
