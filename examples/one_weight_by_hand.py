"""
Four regularisers with a pencil: one weight, two examples, and the same shrinkage three times over.

Least squares with a sum of squares as loss: the weight is the pull of the data over their sum of squares. Ridge adds
its strength to the sum of squares; noise on the feature, as two copies with plus and minus the same number, adds the
square of that number for every example; a normal prior adds a ratio of variances. Early stopping goes a share of the
way with every step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.generalization import gd_equivalent_penalty, gd_filter
from optnotes.penalties import map_penalty, noise_augmentation_penalty, ridge_solution

X, Y, NOISE, SIGMA, TAU, LR = (1.0, 2.0), (2.0, 3.0), 1.0, 1.0, 0.5**0.5, 0.1


@dataclass(frozen=True)
class Result:
    """The only weight by method, and its path under descent."""

    weights: dict[str, float]
    path: Tensor


def compute() -> Result:
    """Fit plainly, with each penalty, on noisy copies, and take two steps of descent."""
    x, y = torch.tensor(X, dtype=torch.float64)[:, None], torch.tensor(Y, dtype=torch.float64)
    copies, targets = torch.cat([x + NOISE, x - NOISE]), torch.cat([y, y])
    weights = {
        "free": (x.T @ y / x.square().sum()).item(),
        "ridge": ridge_solution(x, y, noise_augmentation_penalty(len(y), NOISE)).item(),
        "copies": (copies.T @ targets / copies.square().sum()).item(),
        "prior": ridge_solution(x, y, map_penalty(SIGMA, TAU)).item(),
    }
    w, path = torch.zeros(1, dtype=torch.float64), []
    for _ in range(2):
        w = w - LR * x.T @ (x @ w - y)
        path.append(w)
    return Result(weights, torch.cat(path))


def numbers(result: Result) -> dict[str, float | int]:
    """Sums of squares and pulls of the examples and of the copies, the weights, and the shares."""
    x, y = (torch.tensor(each, dtype=torch.float64) for each in (X, Y))
    copies, targets = torch.cat([x + NOISE, x - NOISE]), torch.cat([y, y])
    mu = x.square().sum()
    found: dict[str, float | int] = {"mu": mu.item(), "pull": (x @ y).item(), "lr": LR, "noise": NOISE}
    found |= {"mu_copies": copies.square().sum().item(), "pull_copies": (copies @ targets).item()}
    found |= {"alpha": noise_augmentation_penalty(len(y), NOISE), "sigma2": SIGMA**2, "tau2": TAU**2}
    found |= result.weights | {f"step_{t}": w for t, w in enumerate(result.path.tolist(), 1)}
    found |= {f"share_{t}": gd_filter(mu[None], LR, t).item() for t in (1, 2)}
    return found | {"alpha_stop": gd_equivalent_penalty(LR, 2)}
