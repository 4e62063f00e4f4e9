"""
The scale of the target: the same network on house-like prices in units, and on standardised ones.

Prediction: the gradient of a squared error grows with the target, so the rate that trains standardised targets kills
the net on raw ones, and the rate that fits is smaller by orders of magnitude. Measured: the error as a share of the
variance of the target, for rates from 1e-7 to 0.1, on the diabetes data with the target times a thousand; and the same
by Adam at one rate, whose steps do not grow with the gradient, so that raw targets are too far away.
"""

import math
from dataclasses import dataclass

import torch
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.features import fit_standardizer, standardize
from optnotes.gradients import he_std

WIDTH, STEPS, SEEDS, FACTOR, USUAL = 16, 150, 3, 1000.0, 0.1
ADAM = 0.01
RATES = torch.logspace(-7, -1, 7, dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Share of the variance of the target that is left, of shape (rates, seeds)."""

    raw: Tensor
    scaled: Tensor
    adam_raw: Tensor
    adam_scaled: Tensor


def start(features: int, copies: int) -> list[Tensor]:
    """He's first layer, an output layer and its bias, the same seeds in every copy."""
    generator = torch.Generator().manual_seed(40)
    shape = SEEDS, features, WIDTH
    first = he_std(features) * torch.randn(shape, generator=generator, dtype=torch.float64)
    last = torch.randn(SEEDS, WIDTH, 1, generator=generator, dtype=torch.float64) / math.sqrt(WIDTH)
    return [each.repeat(copies, 1, 1) for each in (first, last, torch.zeros_like(last[:, :1]))]


def losses(X: Tensor, y: Tensor, weights: list[Tensor]) -> Tensor:
    """Half the mean squared error of each network."""
    return (torch.relu(X @ weights[0]) @ weights[1] + weights[2] - y).square().mean((1, 2)) / 2


def train(X: Tensor, y: Tensor) -> Tensor:
    """Gradient descent on a small ReLU net, all rates and seeds at once; what diverges counts as infinite."""
    copies = len(RATES)
    weights, rates = start(X.shape[1], copies), RATES.repeat_interleave(SEEDS)[:, None, None]
    for _ in range(STEPS):
        weights = [each.requires_grad_() for each in weights]
        gradient = torch.autograd.grad(losses(X, y, weights).sum(), weights)
        moved = [w.detach() - rates * g for w, g in zip(weights, gradient, strict=True)]
        weights = [torch.where(m.isfinite(), m, 0.0) for m in moved]
    left = 2 * losses(X, y, weights) / y.var(unbiased=False)
    return left.detach().nan_to_num(math.inf).view(copies, SEEDS)


def by_adam(X: Tensor, y: Tensor) -> Tensor:
    """The same net and as many steps of Adam at one rate."""
    weights = start(X.shape[1], 1)
    states = [(each, torch.zeros_like(each), torch.zeros_like(each)) for each in weights]
    for step in range(1, STEPS + 1):
        weights = [each[0].detach().requires_grad_() for each in states]
        slopes = torch.autograd.grad(losses(X, y, weights).sum(), weights)
        states = [
            adam_step(w.detach(), slope, m, v, step, ADAM, 0.0) for (w, m, v), slope in zip(states, slopes, strict=True)
        ]
    return 2 * losses(X, y, [each[0] for each in states]) / y.var(unbiased=False)


def compute() -> Result:
    """Train on the target times the factor, and on the standardised target."""
    bunch = load_diabetes()
    X = torch.tensor(bunch.data)
    X, y = standardize(X, *fit_standardizer(X)), FACTOR * torch.tensor(bunch.target)[:, None]
    z = standardize(y, *fit_standardizer(y))
    return Result(train(X, y), train(X, z), by_adam(X, y), by_adam(X, z))


def numbers(result: Result) -> dict[str, float | int]:
    """Median over seeds: the usual rate and the best one."""
    found: dict[str, float | int] = {"factor": FACTOR, "usual": USUAL, "steps": STEPS}
    for name, left in (("raw", result.raw), ("scaled", result.scaled)):
        middle = left.median(1).values
        found |= {f"{name}_best": middle.min().item(), f"{name}_rate": RATES[middle.argmin()].item()}
        found[f"{name}_usual"] = middle[-1].item()
    adam = {"adam_raw": result.adam_raw.median().item(), "adam_scaled": result.adam_scaled.median().item()}
    return found | {"adam_rate": ADAM} | adam
