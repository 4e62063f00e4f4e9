"""
Which models notice that features were standardised, and whether they profit.

Regressions on the diabetes data in raw units and standardised. Prediction: least squares with an intercept and a tree
predict the same; a penalty, distances, or a fixed number of gradient steps do not. Two synthetic sets hold the signal
in the feature of smallest or of largest scale: nearest neighbours should gain on the first and lose on the second. With
more features than examples, whitening should leave minimum-norm least squares the share of directions without data as
error. Measured: the largest change of a prediction, test errors relative to the variance of the targets.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor
from torch import Tensor

from optnotes.conditioning import best_step
from optnotes.correlation import least_squares_hessian
from optnotes.gradient_descent import gd_quadratic_step
from optnotes.scaling import fit_standardizer, standardize
from optnotes.whitening import covariance, pca_whiten

SEEDS, N, NEIGHBOURS, STEPS, STRENGTH = 20, 300, 5, 100, 1.0
POOL, ROWS, COLUMNS, DECAY = 2000, 60, 80, 2.0
MODELS: dict[str, Callable[[], LinearRegression]] = {
    "ols": LinearRegression,
    "tree": lambda: DecisionTreeRegressor(max_depth=4, random_state=0),
    "ridge": lambda: Ridge(alpha=STRENGTH),
    "lasso": lambda: Lasso(alpha=STRENGTH, max_iter=100_000),
    "knn": lambda: KNeighborsRegressor(NEIGHBOURS),
    "svm": lambda: SVR(C=100.0),
}


@dataclass(frozen=True)
class Result:
    """Largest changes of predictions, features the lasso keeps, accuracies, and errors per seed."""

    change: dict[str, float]
    kept: dict[str, int]
    accuracy: dict[str, float]
    errors: dict[str, Tensor]


def descend(X: Tensor, y: Tensor) -> Tensor:
    """Predictions of a linear model with a bias after some steps of gradient descent from zero."""
    A = torch.column_stack([X, torch.ones_like(y)])
    H, target = least_squares_hessian(A), torch.linalg.lstsq(A, y[:, None]).solution[:, 0]
    w, lr = torch.zeros_like(target), best_step(H).item()
    for _ in range(STEPS):
        w = gd_quadratic_step(w, H, target, lr)
    return A @ w


def regressions() -> tuple[dict[str, float], dict[str, int]]:
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
    return {name: round((value.abs().max() / y.std()).item(), 10) for name, value in change.items()}, kept


def relative_error(prediction: Tensor, y: Tensor) -> float:
    """Mean squared error over the variance of the targets."""
    return ((prediction - y).square().mean() / y.var(correction=0)).item()


def neighbours(signal: int, generator: torch.Generator) -> tuple[float, float]:
    """Test errors, raw and standardised, when the target depends on one of three features of different scales."""
    X = torch.randn(2 * N, 3, generator=generator, dtype=torch.float64) * torch.tensor([0.01, 1.0, 100.0]).double()
    y = torch.sin(2 * X[:, signal] / X[:, signal].std())
    errors = []
    for mu, s in ((torch.zeros(3).double(), torch.ones(3).double()), fit_standardizer(X[:N])):
        Z = standardize(X, mu, s).numpy()
        model = KNeighborsRegressor(NEIGHBOURS).fit(Z[:N], y[:N].numpy())
        errors.append(relative_error(torch.tensor(model.predict(Z[N:])), y[N:]))
    return errors[0], errors[1]


def minimum_norm(generator: torch.Generator) -> tuple[float, float]:
    """Test errors of minimum-norm least squares on fewer rows than columns, raw and whitened by all rows."""
    scale = torch.arange(1, COLUMNS + 1, dtype=torch.float64) ** -DECAY
    turn = torch.linalg.qr(torch.randn(COLUMNS, COLUMNS, generator=generator, dtype=torch.float64)).Q
    latent = torch.randn(POOL, COLUMNS, generator=generator, dtype=torch.float64) * scale
    X, y = latent @ turn, latent.sum(1)
    mu, C = covariance(X)
    errors = []
    for Z in (X - mu, pca_whiten(X, mu, *torch.linalg.eigh(C))):
        w = torch.linalg.pinv(Z[:ROWS]) @ y[:ROWS]
        errors.append(relative_error(Z[ROWS:] @ w, y[ROWS:]))
    return errors[0], errors[1]


def compute() -> Result:
    """Run all comparisons."""
    generator = torch.Generator().manual_seed(40)
    trials: dict[str, Callable[[], tuple[float, float]]] = {
        "small": lambda: neighbours(0, generator),
        "large": lambda: neighbours(2, generator),
        "norm": lambda: minimum_norm(generator),
    }
    errors = {name: torch.tensor([trial() for _ in range(SEEDS)]) for name, trial in trials.items()}
    wine = load_wine()
    X, labels = wine.data, wine.target
    knn = KNeighborsClassifier(NEIGHBOURS)
    accuracy = {
        "raw": float(cross_val_score(knn, X, labels).mean()),
        "scaled": float(cross_val_score(make_pipeline(StandardScaler(), knn), X, labels).mean()),
    }
    return Result(*regressions(), accuracy, errors)


def numbers(result: Result) -> dict[str, float | int]:
    """Changes, accuracies, and median errors with their ratio."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "rows": ROWS, "columns": COLUMNS}
    found["norm_predicted"] = 1 - ROWS / COLUMNS
    found |= {f"change_{name}": value for name, value in result.change.items()}
    found |= {f"kept_{key}": value for key, value in result.kept.items()}
    found |= {f"wine_{key}": value for key, value in result.accuracy.items()}
    for name, errors in result.errors.items():
        raw, other = errors.median(0).values.tolist()
        found |= {f"{name}_raw": raw, f"{name}_scaled": other}
    return found
