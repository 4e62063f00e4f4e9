"""
The scale of the target: the same network on house-like prices in units, and on standardised ones.

Prediction: the gradient of a squared error grows with the target, so the rate that trains standardised targets kills
the net on raw ones, and the rate that fits is smaller by orders of magnitude. Measured: the error as a share of the
variance of the target, for rates from 1e-7 to 0.1, on the diabetes data with the target times a thousand.
"""

import math
from dataclasses import dataclass

import torch
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.gradients import he_std

WIDTH, STEPS, SEEDS, FACTOR, USUAL = 16, 150, 3, 1000.0, 0.1
RATES = torch.logspace(-7, -1, 7, dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Share of the variance of the target that is left, of shape (rates, seeds)."""

    raw: Tensor
    scaled: Tensor


def train(X: Tensor, y: Tensor) -> Tensor:
    """Gradient descent on a small ReLU net, all rates and seeds at once; what diverges counts as infinite."""
    generator = torch.Generator().manual_seed(40)
    shape, copies = (SEEDS, X.shape[1], WIDTH), len(RATES)
    first = he_std(X.shape[1]) * torch.randn(shape, generator=generator, dtype=torch.float64).repeat(copies, 1, 1)
    last = torch.randn(SEEDS, WIDTH, 1, generator=generator, dtype=torch.float64).repeat(copies, 1, 1) / math.sqrt(
        WIDTH
    )
    bias, rates = torch.zeros_like(last[:, :1]), RATES.repeat_interleave(SEEDS)[:, None, None]
    weights = [first, last, bias]
    for _ in range(STEPS):
        weights = [each.requires_grad_() for each in weights]
        loss = (torch.relu(X @ weights[0]) @ weights[1] + weights[2] - y).square().mean((1, 2)) / 2
        gradient = torch.autograd.grad(loss.sum(), weights)
        moved = [w.detach() - rates * g for w, g in zip(weights, gradient, strict=True)]
        weights = [torch.where(m.isfinite(), m, 0.0) for m in moved]
    left = (torch.relu(X @ weights[0]) @ weights[1] + weights[2] - y).square().mean((1, 2)) / y.var(unbiased=False)
    return left.detach().nan_to_num(math.inf).view(copies, SEEDS)


def compute() -> Result:
    """Train on the target times the factor, and on the standardised target."""
    bunch = load_diabetes()
    X = torch.tensor(bunch.data)
    X, y = standardize(X, *fit_standardizer(X)), FACTOR * torch.tensor(bunch.target)[:, None]
    return Result(train(X, y), train(X, standardize(y, *fit_standardizer(y))))


def numbers(result: Result) -> dict[str, float | int]:
    """Median over seeds: the usual rate and the best one."""
    found: dict[str, float | int] = {"factor": FACTOR, "usual": USUAL, "steps": STEPS}
    for name, left in (("raw", result.raw), ("scaled", result.scaled)):
        middle = left.median(1).values
        found |= {f"{name}_best": middle.min().item(), f"{name}_rate": RATES[middle.argmin()].item()}
        found[f"{name}_usual"] = middle[-1].item()
    return found
