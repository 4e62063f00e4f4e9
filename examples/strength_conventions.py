"""
One number, six penalties: what a strength of one means in each parametrisation.

Ridge regression on the diabetes data is fitted by six routes, each with strength one: scikit-learn's Ridge, ElasticNet
and MLPRegressor, and torch.optim.SGD on a mean, a sum and half a mean of squares. Prediction: each is ridge with a
penalty that follows from sum or mean and from the halves. Measured: the largest difference to the closed form with
that penalty, and the degrees of freedom it leaves.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Ridge
from sklearn.neural_network import MLPRegressor
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import degrees_of_freedom, ridge_alpha, ridge_solution
from optnotes.site.figures.bounds import bound

STRENGTH, STEPS = 1.0, 700


@dataclass(frozen=True)
class Result:
    """Weights by route, the penalty each ought to have, and the closed form with it."""

    weights: dict[str, Tensor]
    alphas: dict[str, float]
    closed: dict[str, Tensor]
    lams: Tensor
    n: int


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, targets with mean zero and variance one."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), (y - y.mean()) / y.std(correction=0)


def predict(n: int) -> dict[str, float]:
    """Ridge penalty that each route amounts to."""
    return {
        "ridge": STRENGTH,
        "elastic_net": ridge_alpha(STRENGTH, n),
        "mlp": STRENGTH,
        "sgd_half": ridge_alpha(STRENGTH, n),
        "sgd_mean": ridge_alpha(STRENGTH, n) / 2,
        "sgd_sum": STRENGTH / 2,
    }


def sgd(X: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor], scale: float) -> Tensor:
    """Minimise with torch.optim.SGD; step and momentum fit the extreme curvatures of the penalised loss."""
    curvatures = scale * torch.linalg.eigvalsh(X.T @ X)[[0, -1]] + STRENGTH
    low, high = (math.sqrt(value) for value in curvatures.tolist())
    w = torch.zeros(X.shape[1], dtype=X.dtype, requires_grad=True)
    lr, momentum = 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2
    optimiser = torch.optim.SGD([w], lr=lr, momentum=momentum, weight_decay=STRENGTH)
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss(X @ w, y).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return w.detach()


def compute() -> Result:
    """Fit by every route."""
    X, y = data()
    n, mean, total = len(y), torch.nn.MSELoss(), torch.nn.MSELoss(reduction="sum")

    def fitted(model: Any, attribute: str = "coef_") -> Tensor:
        found = getattr(model.fit(X.numpy(), y.numpy()), attribute)
        return torch.tensor(found[0] if attribute == "coefs_" else found).flatten()

    net = MLPRegressor(hidden_layer_sizes=(), activation="identity", solver="lbfgs", alpha=STRENGTH, random_state=36)
    weights = {
        "ridge": fitted(Ridge(alpha=STRENGTH)),
        "elastic_net": fitted(ElasticNet(alpha=STRENGTH, l1_ratio=0.0, tol=1e-14)),
        "mlp": fitted(net.set_params(tol=1e-10), "coefs_"),
        "sgd_half": sgd(X, y, lambda z, t: mean(z, t) / 2, 1 / n),
        "sgd_mean": sgd(X, y, mean, 2 / n),
        "sgd_sum": sgd(X, y, total, 2.0),
    }
    closed = {name: ridge_solution(X, y, alpha) for name, alpha in predict(n).items()}
    return Result(weights, predict(n), closed, torch.linalg.eigvalsh(X.T @ X).clamp(min=0), n)


def numbers(result: Result) -> dict[str, float | int]:
    """Penalty, degrees of freedom and largest difference to the closed form, by route."""
    found: dict[str, float | int] = {"n": result.n, "strength": STRENGTH, "features": len(result.lams)}
    for name, alpha in result.alphas.items():
        found[f"alpha_{name}"] = alpha
        found[f"dof_{name}"] = degrees_of_freedom(result.lams, alpha).item()
        gap = (result.weights[name] - result.closed[name]).abs().max().item()
        found[f"gap_{name}"] = bound(gap, 1e-3 if name == "mlp" else 1e-11)
    return found
