"""
The lasso with a pencil: three orthogonal features, four examples, and one weight that is to become zero.

The columns hold only plus and minus one, so each weight is found by itself. Then two methods move the third weight:
the slope of its loss is its distance to the least-squares weight, plus or minus the strength.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.penalties import (
    elastic_net_prox,
    elastic_net_subgradient,
    kkt_violation,
    lambda_max,
    lasso_orthonormal,
    ridge_orthonormal,
    soft_threshold,
)

LAM, L2, LR, NEAR = 1.0, 1.0, 0.1, 0.04
ROWS, TARGETS = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)), (2, 4, -5, -1)
NAMES = ("first", "second", "third")


@dataclass(frozen=True)
class Result:
    """Design matrix and targets; weights by method; the third weight after each step, by method."""

    X: Tensor
    y: Tensor
    weights: dict[str, Tensor]
    steps: dict[str, list[float]]


def compute() -> Result:
    """Write down the examples, solve them in closed form, and take two steps with each method."""
    X, y = torch.tensor(ROWS, dtype=torch.float64), torch.tensor(TARGETS, dtype=torch.float64)
    free = X.T @ y / len(y)
    weights = {
        "free": free,
        "lasso": lasso_orthonormal(free, LAM),
        "ridge": ridge_orthonormal(free, LAM),
        "net": elastic_net_prox(free, 1.0, LAM, L2),
    }
    jumping = landing = torch.tensor(NEAR, dtype=torch.float64)
    steps: dict[str, list[float]] = {"subgradient": [], "prox": []}
    for _ in range(2):
        jumping = jumping - LR * elastic_net_subgradient(jumping - free[2], jumping, LAM, 0.0)
        landing = soft_threshold(landing - LR * (landing - free[2]), LR * LAM)
        steps["subgradient"].append(jumping.item())
        steps["prox"].append(landing.item())
    return Result(X, y, weights, steps)


def numbers(result: Result) -> dict[str, float | int]:
    """Weights by feature and method, the slope at the zero, the certificate, and the steps."""
    X, y, lasso = result.X, result.y, result.weights["lasso"]
    found: dict[str, float | int] = {"lam": LAM, "l2": L2, "lr": LR, "near": NEAR, "examples": len(y)}
    found |= {"threshold": LR * LAM, "data_step": LR * (result.weights["free"][2].item() - NEAR)}
    found |= {"critical": lambda_max(X, y).item(), "slope": (X.T @ (X @ lasso - y) / len(y))[2].item()}
    found |= {"violation": kkt_violation(X, y, lasso, LAM, 0.0).max().item(), "features": X.shape[1]}
    found |= {f"y_{row}": target.item() for row, target in enumerate(y, 1)}
    for method, weights in result.weights.items():
        found |= {f"{method}_{name}": weight for name, weight in zip(NAMES, weights.tolist(), strict=True)}
    for method, steps in result.steps.items():
        found |= {f"{method}_{step}": weight for step, weight in enumerate(steps, 1)}
    return found
