"""
Which models notice that features were standardised.

Regressions on the diabetes data in raw units and standardised. Prediction: least squares with an intercept and a tree
predict the same; a penalty, distances, or a fixed number of gradient steps do not. Measured: the largest change of a
prediction relative to the deviation of the targets, and the features that the lasso keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor
from torch import Tensor

from optnotes.descent import best_step, gd_quadratic_step
from optnotes.features import fit_standardizer, least_squares_hessian, standardize

STEPS, STRENGTH = 100, 1.0
MODELS: dict[str, Callable[[], LinearRegression]] = {
    "ols": LinearRegression,
    "tree": lambda: DecisionTreeRegressor(max_depth=4, random_state=0),
    "ridge": lambda: Ridge(alpha=STRENGTH),
    "lasso": lambda: Lasso(alpha=STRENGTH, max_iter=100_000),
    "knn": lambda: KNeighborsRegressor(5),
    "svm": lambda: SVR(C=100.0),
}


@dataclass(frozen=True)
class Result:
    """Largest changes of predictions, and how many features the lasso keeps."""

    change: dict[str, float]
    kept: dict[str, int]


def descend(X: Tensor, y: Tensor) -> Tensor:
    """Predictions of a linear model with a bias after some steps of gradient descent from zero."""
    A = torch.column_stack([X, torch.ones_like(y)])
    H, target = least_squares_hessian(A), torch.linalg.lstsq(A, y[:, None], driver="gelsd").solution[:, 0]
    w, lr = torch.zeros_like(target), best_step(H).item()
    for _ in range(STEPS):
        w = gd_quadratic_step(w, H, target, lr)
    return A @ w


def compute() -> Result:
    """Fit all models to raw and to standardised features."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    versions = {"raw": X, "scaled": standardize(X, *fit_standardizer(X))}
    predictions = {(name, key): descend(Z, y) for name, key, Z in (("gd", key, Z) for key, Z in versions.items())}
    kept = {}
    for key, Z in versions.items():
        for name, build in MODELS.items():
            model = build().fit(Z.numpy(), y.numpy())
            predictions[name, key] = torch.tensor(model.predict(Z.numpy()))
            if name == "lasso":
                kept[key] = int((model.coef_ != 0).sum())
    change = {name: predictions[name, "raw"] - predictions[name, "scaled"] for name in (*MODELS, "gd")}
    # Ten digits: what is left beyond them is rounding, which depends on the machine.
    return Result({name: round((value.abs().max() / y.std()).item(), 10) for name, value in change.items()}, kept)


def numbers(result: Result) -> dict[str, float | int]:
    """Changes, and features kept."""
    found = {f"change_{name}": value for name, value in result.change.items()}
    return found | {f"kept_{key}": value for key, value in result.kept.items()} | {"steps": STEPS}
