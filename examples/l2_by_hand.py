"""
L2 regularisation with a pencil: three features, four examples, and one step of two optimisers.

One feature is zero throughout, one is weak, one is strong; they share no example, so each weight is found by itself.
The targets are the sum of the weak and the strong feature. Then two weights take a step without any data gradient.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.descent import adam_step, adamw_step, weight_decay_step
from optnotes.penalties import degrees_of_freedom, ridge_condition_number, ridge_solution, shrinkage_factor

WEAK, STRONG, ALPHA = 0.5, 2.0, 2.0
LR, LAM, LARGE, SMALL = 0.1, 0.5, 10.0, 0.2


@dataclass(frozen=True)
class Result:
    """Design matrix and targets; weights before the step and after it, by method."""

    X: Tensor
    y: Tensor
    start: Tensor
    steps: dict[str, Tensor]


def compute() -> Result:
    """Write down the examples, and take one step with each method."""
    X = torch.tensor([[0, WEAK, 0], [0, -WEAK, 0], [0, 0, STRONG], [0, 0, -STRONG]], dtype=torch.float64)
    start = torch.tensor([LARGE, SMALL], dtype=torch.float64)
    zeros = torch.zeros_like(start)
    steps = {
        "sgd": weight_decay_step(start, zeros, LR, LAM),
        "adam": adam_step(start, zeros, zeros, zeros, 1, LR, LAM)[0],
        "adamw": adamw_step(start, zeros, zeros, zeros, 1, LR, LAM)[0],
    }
    return Result(X, X.sum(1), start, steps)


def numbers(result: Result) -> dict[str, float | int]:
    """Sums of squares, weights with the penalty and without, and both weights after the step."""
    X, y = result.X, result.y
    mus, free, ridge = X.square().sum(0), torch.linalg.pinv(X) @ y, ridge_solution(X, y, ALPHA)
    found: dict[str, float | int] = {"alpha": ALPHA, "weak": WEAK, "strong": STRONG, "examples": len(y)}
    for index, name in enumerate(("silent", "weak", "strong")):
        found |= {f"mu_{name}": mus[index].item(), f"pull_{name}": (X.T @ y)[index].item()}
        found |= {f"free_{name}": free[index].item(), f"ridge_{name}": ridge[index].item()}
        found |= {f"kept_{name}": shrinkage_factor(mus, ALPHA)[index].item()}
    found |= {"features": len(mus), "dof": degrees_of_freedom(mus, ALPHA).item()}
    found |= {"kappa": ridge_condition_number(mus, ALPHA).item()}
    found |= {"lr": LR, "lam": LAM, "factor": 1 - LR * LAM, "large": LARGE, "small": SMALL}
    for method, after in result.steps.items():
        lost = 1 - after / result.start
        found |= {f"{method}_large": after[0].item(), f"{method}_small": after[1].item()}
        found |= {f"{method}_lost_large": lost[0].item(), f"{method}_lost_small": lost[1].item()}
    return found
