"""
Which solution descent prefers on separable classes, and why flatness by itself says nothing.

Logistic regression without penalty on two separable clouds. Prediction: the loss has no minimum, the weights grow as
the logarithm of the step, by ln 10 over the margin for every tenfold number of steps, and their direction turns to
that of the largest margin. Then a ReLU network whose first layer is multiplied by ten and whose second is divided by
ten. Prediction: the function stays, the largest eigenvalue of the Hessian of the loss does not.
"""

import math
from dataclasses import dataclass

import torch
from sklearn.svm import SVC
from torch import Tensor

POINTS, STEPS, LR = 40, (100, 1_000, 10_000), 1.0
INPUTS, HIDDEN, EXAMPLES, FACTOR = 3, 6, 40, 10.0


@dataclass(frozen=True)
class Result:
    """Weights at the three steps, mistakes at the first; direction and margin of the machine; outputs, curvatures."""

    weights: Tensor
    mistakes: int
    direction: Tensor
    margin: float
    same: float
    curvature: tuple[float, float]


def separable(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two clouds of different spread on both sides of the origin; labels are plus and minus one."""
    y = torch.ones(POINTS, dtype=torch.float64)
    y[: POINTS // 2] = -1
    spread = torch.tensor([0.5, 1.5], dtype=torch.float64)
    X = y[:, None] * torch.tensor([2.0, 1.0]).double() + spread * torch.randn(POINTS, 2, generator=generator).double()
    keep = y * (X @ torch.tensor([2.0, 1.0]).double()) > 1.5
    return X[keep], y[keep]


def descend(X: Tensor, y: Tensor) -> Tensor:
    """Gradient descent on the logistic loss from zero."""
    Z, w, found = y[:, None] * X, torch.zeros(2, dtype=torch.float64), []
    for t in range(1, STEPS[-1] + 1):
        w = w + LR * torch.sigmoid(-Z @ w) @ Z / len(Z)
        if t in STEPS:
            found.append(w)
    return torch.stack(found)


def curvatures(generator: torch.Generator) -> tuple[float, tuple[float, float]]:
    """Change of the outputs, and the largest Hessian eigenvalue before and after the layers are scaled."""
    X, y = (torch.randn(EXAMPLES, *k, generator=generator, dtype=torch.float64) for k in ((INPUTS,), ()))
    w = torch.randn(HIDDEN * (INPUTS + 1), generator=generator, dtype=torch.float64)
    scale = torch.ones_like(w) * FACTOR
    scale[HIDDEN * INPUTS :] = 1 / FACTOR

    def outputs(w: Tensor) -> Tensor:
        return (X @ w[: HIDDEN * INPUTS].view(INPUTS, HIDDEN)).relu() @ w[HIDDEN * INPUTS :]

    def loss(w: Tensor) -> Tensor:
        return (outputs(w) - y).square().mean() / 2

    hessian = torch.func.jacrev(torch.func.grad(loss))
    before, after = (torch.linalg.eigvalsh(hessian(each))[-1].item() for each in (w, scale * w))
    return (outputs(scale * w) - outputs(w)).abs().max().item(), (before, after)


def compute() -> Result:
    """Descend, and compare with a support vector machine; then scale a network."""
    generator = torch.Generator().manual_seed(35)
    X, y = separable(generator)
    machine = SVC(kernel="linear", C=1e8, tol=1e-8)
    # Without an intercept: each point and its mirror image with the other label.
    machine.fit(torch.cat([X, -X]).numpy(), torch.cat([y, -y]).numpy())
    best = torch.tensor(machine.coef_[0])
    weights = descend(X, y)
    mistakes = int((y * (X @ weights[0]) <= 0).sum())
    same, curvature = curvatures(generator)
    return Result(weights, mistakes, best / best.norm(), 1 / best.norm().item(), same, curvature)


def numbers(result: Result) -> dict[str, float | int]:
    """Growth of the norm beside the prediction, angle to the largest margin, curvatures."""
    norms = result.weights.norm(dim=1)
    cosines = (result.weights @ result.direction / norms).clamp(max=1)
    return {
        "early": STEPS[0],
        "late": STEPS[-1],
        "mistakes": result.mistakes,
        "growth": (norms[-1] - norms[-2]).item(),
        "growth_predicted": math.log(STEPS[-1] / STEPS[-2]) / result.margin,
        "angle_early": math.degrees(math.acos(cosines[0])),
        "angle_late": math.degrees(math.acos(cosines[-1])),
        "factor": FACTOR,
        "same": result.same,
        "curvature": result.curvature[0],
        "curvature_scaled": result.curvature[1],
        "ratio": result.curvature[1] / result.curvature[0],
    }
