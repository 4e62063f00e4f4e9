"""
Weight decay in front of batch normalisation is a schedule of the learning rate.

The first layer of a small network learns handwritten digits; behind it stand batch normalisation, ReLU and a fixed
output layer, so that the scale of its weights does not change the function. Prediction: training with decay and a
constant learning rate equals training without decay and a rate that grows by (1 - ηλ) to the power -2 per step; with
decay each step ends up turning a unit's weights by the angle √(2ηλ), without decay by ever less. Measured: losses,
turns and norms of all three runs over seeds.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor

from optnotes.cross_entropy import cross_entropy
from optnotes.gradient_descent import weight_decay_step
from optnotes.normalization import batch_norm
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, UNITS, BATCH, STEPS, TRAIN, LATE = 20, 16, 32, 300, 1200, 100
LR, LAM, EPS, FACTOR = 0.5, 0.02, 1e-12, 7.0
RUNS = {"plain": (0.0, False), "decay": (LAM, False), "schedule": (0.0, True)}


@dataclass(frozen=True)
class Result:
    """Per run: batch loss, mean squared turn and norm (steps, seeds), final weights; changes of the test logits."""

    loss: dict[str, Tensor]
    turn: dict[str, Tensor]
    norm: dict[str, Tensor]
    weights: dict[str, Tensor]
    test: dict[str, Tensor]
    scaled_weights: float
    scaled_gains: float


def data() -> tuple[Tensor, Tensor]:
    """Pixels from zero to one without the constant ones, and one-hot labels."""
    X, y = (torch.tensor(part) for part in load_digits(return_X_y=True))
    return X[:, X.std(0) > 0].double() / 16, torch.nn.functional.one_hot(y).double()


def logits(W: Tensor, out: Tensor, X: Tensor, gain: float = 1.0) -> Tensor:
    """Batch normalisation removes the scale of the first layer; its gain passes on."""
    ones = torch.ones(UNITS, dtype=X.dtype)
    return torch.relu(batch_norm(X @ W, gain * ones, 0 * ones, EPS)) @ out


def loss(W: Tensor, out: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of a batch."""
    return torch.func.vmap(cross_entropy)(logits(W, out, X), y).mean()


def train(start: Tensor, out: Tensor, batches: Tensor, lam: float, growing: bool) -> tuple[Tensor, ...]:
    """Train all seeds side by side; record batch loss, squared turn per step and norm."""
    X, y = data()
    slope = torch.func.vmap(torch.func.grad_and_value(loss))
    W, rows = start, []
    for t, batch in enumerate(batches):
        grad, value = slope(W, out, X[batch], y[batch])
        rate = LR * (1 - LR * LAM) ** -(2 * t + 1) if growing else LR
        before, W = W, weight_decay_step(W, grad, rate, lam)
        cosine = (before * W).sum(1) / (before.norm(dim=1) * W.norm(dim=1))
        rows.append((value, torch.acos(cosine.clamp(-1, 1)).square().mean(1), W.norm(dim=1).mean(1)))
    return W, *(torch.stack(column) for column in zip(*rows, strict=True))


def compute() -> Result:
    """Run the three trainings on the same batches, and scale weights and gains of a trained network."""
    X, y = data()
    generator = torch.Generator().manual_seed(36)
    start = torch.randn(SEEDS, X.shape[1], UNITS, generator=generator, dtype=X.dtype) / math.sqrt(X.shape[1])
    out = torch.randn(SEEDS, UNITS, 10, generator=generator, dtype=X.dtype) * math.sqrt(2 / UNITS)
    batches = torch.randint(TRAIN, (STEPS, SEEDS, BATCH), generator=generator)
    runs = {name: train(start, out, batches, *settings) for name, settings in RUNS.items()}
    weights, losses, turn, norm = ({name: run[i] for name, run in runs.items()} for i in range(4))
    tested = torch.func.vmap(loss, in_dims=(0, 0, None, None))
    W, held = weights["plain"][0], X[TRAIN:]
    before = logits(W, out[0], held)
    return Result(
        losses,
        turn,
        norm,
        weights,
        {name: tested(W, out, held, y[TRAIN:]) for name, W in weights.items()},
        ((logits(FACTOR * W, out[0], held) - before).norm() / before.norm()).item(),
        ((logits(W, out[0], held, gain=1 / FACTOR) - before).norm() / before.norm()).item(),
    )
