"""
Advice on the lasso, followed: a solver that does not converge, weights that are too small, the choice of the penalty.

Squares and products of the diabetes features make scikit-learn warn; the duality gap it reports bounds how far the
loss is above its minimum. Prediction: features standardised before the products and after them make it converge, more
iterations do not. A logistic regression stopped too early has too few zeros. On a sparse regression a fit without
penalty on the kept features, or a second lasso with weights in the penalty, gives back what the first one took off. And
on held-out data the lasso beats ridge where few features matter, and loses to it where all matter a little.
"""

import warnings
from dataclasses import dataclass

import torch
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import Lasso, LogisticRegression, lasso_path
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from torch import Tensor

ALPHA, FEW, MANY, TRUE, LAM = 0.1, 1000, 4000, (3.0, -2.0, 1.5, -1.0, 0.8), 0.15
SEEDS, N, D, SETS, WIDE, SIGNAL = 12, 60, 50, 10, 200, 2.0


@dataclass(frozen=True)
class Result:
    """Gaps and tolerance; zeros by limit; weights (seeds, 3, features); whether the lasso won, by number of effects."""

    gaps: dict[str, float]
    tolerance: float
    iterations: int
    zeros: dict[str, int]
    weights: Tensor
    won: dict[int, list[bool]]


def gaps() -> tuple[dict[str, float], float, int]:
    """The duality gap with raw features, few iterations and many, and standardised, and when it is small enough."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    squares = PolynomialFeatures(2, include_bias=False)
    scale = StandardScaler().fit_transform
    raw, even = squares.fit_transform(X), scale(squares.fit_transform(scale(X)))
    found = {
        "raw": Lasso(ALPHA, max_iter=FEW).fit(raw, y),
        "long": Lasso(ALPHA, max_iter=MANY).fit(raw, y),
        "even": Lasso(ALPHA, max_iter=FEW).fit(even, y),
    }
    tolerance = found["raw"].tol * ((y - y.mean()) ** 2).mean()
    return (
        {name: round(float(model.dual_gap_), 1) for name, model in found.items()},
        float(tolerance),
        found["even"].n_iter_,
    )


def zeros() -> dict[str, int]:
    """How many weights of a logistic regression are zero at the default limit and at a hundred times it."""
    X, labels = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    limits = {"early": 100, "late": 10_000}
    models = {
        name: LogisticRegression(l1_ratio=1, solver="saga", max_iter=k, random_state=0) for name, k in limits.items()
    }
    return {name: int((model.fit(X, labels).coef_ == 0).sum()) for name, model in models.items()}


def lasso(X: Tensor, y: Tensor) -> Tensor:
    """Solve with scikit-learn's coordinate descent."""
    return torch.tensor(Lasso(LAM, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(X.numpy(), y.numpy()).coef_)


def again(X: Tensor, y: Tensor) -> Tensor:
    """Lasso, least squares on what it keeps, and a lasso on features multiplied by the weights of the first."""
    first = lasso(X, y)
    refit, kept = torch.zeros_like(first), first != 0
    refit[kept] = torch.linalg.lstsq(X[:, kept], y, driver="gelsd").solution
    adaptive = torch.zeros_like(first)
    adaptive[kept] = lasso(X[:, kept] * first[kept].abs(), y) * first[kept].abs()
    return torch.stack([first, refit, adaptive])


def lasso_wins(effects: int, generator: torch.Generator) -> bool:
    """Whether the best lasso has the smaller error on held-out data than the best ridge regression."""
    X, w, noise = (torch.randn(k, generator=generator, dtype=torch.float64) for k in ((3 * N, WIDE), WIDE, 3 * N))
    w[effects:] = 0
    y = X @ w + noise * w.norm() / SIGNAL**0.5
    U, s, V = torch.linalg.svd(X[:N], full_matrices=False)
    alphas = torch.logspace(0, 4, 25, dtype=torch.float64)
    ridge = V.mT @ ((s / (s.square() + alphas[:, None])) * (U.mT @ y[:N])).mT
    path = torch.tensor(lasso_path(X[:N].numpy(), y[:N].numpy(), alphas=25, eps=0.02)[1].copy())
    few, many = ((X[N:] @ each - y[N:, None]).square().mean(0).min() for each in (path, ridge))
    return bool(few < many)


def compute() -> Result:
    """Follow each advice, without the warnings."""
    generator = torch.Generator().manual_seed(37)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gap, tolerance, iterations = gaps()
        weights = []
        for _ in range(SEEDS):
            X, noise = (torch.randn(N, k, generator=generator, dtype=torch.float64) for k in (D, 1))
            weights.append(again(X, X[:, : len(TRUE)] @ torch.tensor(TRUE, dtype=torch.float64) + 0.5 * noise[:, 0]))
        won = {effects: [lasso_wins(effects, generator) for _ in range(SETS)] for effects in (len(TRUE), WIDE)}
        return Result(gap, tolerance, iterations, zeros(), torch.stack(weights).round(decimals=8), won)


def numbers(result: Result) -> dict[str, float | int]:
    """Gaps, zeros, sums of the absolute useful weights, useless ones kept, and how often the lasso won."""
    useful = len(TRUE)
    sums = result.weights[..., :useful].abs().sum(-1).mean(0).tolist()
    false = (result.weights[..., useful:] != 0).sum(-1).double().mean(0).tolist()
    found: dict[str, float | int] = {"gap_raw": int(min(result.gaps["raw"], result.gaps["long"]) // 100) * 100}
    found |= {"gap_even": result.gaps["even"]}
    found |= {"tolerance": result.tolerance, "few": FEW, "many": MANY, "alpha": ALPHA}
    found |= {f"zeros_{name}": count for name, count in result.zeros.items()}
    for name, total, useless in zip(("lasso", "refit", "adaptive"), sums, false, strict=True):
        found |= {f"sum_{name}": total, f"false_{name}": useless}
    few, many = (sum(result.won[effects]) for effects in (useful, WIDE))
    return found | {"sum_true": sum(map(abs, TRUE)), "sets": SETS, "wide": WIDE, "won_few": few, "won_many": many}
