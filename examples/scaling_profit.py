"""
Whether a model that notices standardised features also profits.

Two synthetic sets hold the signal in the feature of smallest or of largest scale. Prediction: nearest neighbours gain
on the first and lose on the second. With more features than examples, whitening should leave minimum-norm least squares
the share of directions without data as error. Measured: test errors relative to the variance of the targets; accuracy
of nearest neighbours on the wine data.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from optnotes.features import covariance, fit_standardizer, pca_whiten, standardize

SEEDS, N, NEIGHBOURS = 20, 300, 5
POOL, ROWS, COLUMNS, DECAY = 2000, 60, 80, 2.0


@dataclass(frozen=True)
class Result:
    """Accuracies, and errors of shape (seeds, 2), raw and scaled."""

    accuracy: dict[str, float]
    errors: dict[str, Tensor]


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
    X, labels = load_wine(return_X_y=True)
    knn = KNeighborsClassifier(NEIGHBOURS)
    models = {"raw": knn, "scaled": make_pipeline(StandardScaler(), knn)}
    return Result({key: float(cross_val_score(model, X, labels).mean()) for key, model in models.items()}, errors)


def numbers(result: Result) -> dict[str, float | int]:
    """Accuracies, and median errors."""
    found: dict[str, float | int] = {"seeds": SEEDS, "rows": ROWS, "columns": COLUMNS}
    found |= {"norm_predicted": 1 - ROWS / COLUMNS, **{f"wine_{key}": value for key, value in result.accuracy.items()}}
    for name, errors in result.errors.items():
        raw, scaled = errors.median(0).values.tolist()
        found |= {f"{name}_raw": raw, f"{name}_scaled": scaled}
    return found
