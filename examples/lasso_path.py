"""
The lasso path: where it starts, and a certificate for each point on it.

Diabetes data of scikit-learn, standardised, targets centred. Prediction: above the critical strength all weights are
zero, and the feature most correlated with the target enters first; zero violation of the optimality conditions
certifies each solution without a reference. Measured: the strength at which scikit-learn's first weight leaves zero,
the largest violation and the largest difference to scikit-learn along the path, and where each feature enters.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, lasso_path
from torch import Tensor

from optnotes.descent import best_rate, condition_number
from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.penalties import kkt_violation, lambda_max, soft_threshold
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import CYCLE, STYLES, Theme, new_figure
from optnotes.site.words.text import Label

STRENGTHS, TOLERANCE, GAP = 61, 1e-10, 3.2


@dataclass(frozen=True)
class Result:
    """The path: one row per strength, strongest first; relative strengths are divided by the predicted critical one."""

    names: list[str]
    relative: Tensor
    path: Tensor
    path_sklearn: Tensor
    violation: Tensor
    predicted: float
    measured: float


def data() -> tuple[Tensor, Tensor, list[str]]:
    """Standardised features, centred targets, names."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean(), list(bunch.feature_names)


def first_entry(X: Tensor, y: Tensor, low: float, high: float) -> float:
    """Bisect for the strength at which scikit-learn's first weight leaves zero."""
    for _ in range(45):
        middle = (low + high) / 2
        empty = not Lasso(alpha=middle, fit_intercept=False, tol=1e-12).fit(X.numpy(), y.numpy()).coef_.any()
        low, high = (low, middle) if empty else (middle, high)
    return (low + high) / 2


def compute() -> Result:
    """Accelerated proximal steps with warm starts from the strongest penalty to the weakest."""
    X, y, names = data()
    predicted = lambda_max(X, y).item()
    relative = torch.logspace(0.1, -3, STRENGTHS, dtype=torch.float64)
    hessian = least_squares_hessian(X)
    lr = 1 / torch.linalg.eigvalsh(hessian)[-1].item()
    momentum = best_rate(condition_number(hessian).sqrt().item())
    w, pull = torch.zeros(X.shape[1], dtype=X.dtype), X.mT @ y / len(y)
    path, violation = [], []
    for lam in (relative * predicted).tolist():
        ahead = w
        while kkt_violation(X, y, w, lam, 0.0).amax() > TOLERANCE * predicted:
            for _ in range(10):
                before, w = w, soft_threshold(ahead - lr * (hessian @ ahead - pull), lr * lam)
                forward = (ahead - w) @ (w - before) <= 0  # otherwise the momentum points uphill: drop it
                ahead = w + momentum * (w - before) if forward else w
        path.append(w)
        violation.append(kkt_violation(X, y, w, lam, 0.0))
    strengths = (relative * predicted).numpy()
    _, reference, _ = lasso_path(X.numpy(), y.numpy(), alphas=strengths, tol=1e-14, max_iter=100_000)
    return Result(
        names=names,
        relative=relative,
        path=torch.stack(path),
        path_sklearn=torch.tensor(reference.T.copy()),
        violation=torch.stack(violation),
        predicted=predicted,
        measured=first_entry(X, y, 0.5 * predicted, 2 * predicted),
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Critical strength, certificate, agreement, and the relative strength at which each feature is first seen."""
    seen = {name: (result.path[:, j] != 0).int().argmax() for j, name in enumerate(result.names)}
    left_again = ((result.path[:-1] != 0) & (result.path[1:] == 0)).any(0)
    return {
        "lambda_max_predicted": result.predicted,
        "lambda_max_measured": result.measured,
        "violation": result.violation.max().item(),
        "violation_below": bound(result.violation.max().item(), 1e-7),
        "difference": (result.path - result.path_sklearn).abs().max().item(),
        "difference_below": bound((result.path - result.path_sklearn).abs().max().item(), 1e-5),
        "largest_weight": result.path.abs().max().item(),
        "strengths": len(result.relative),
        "left_again": int(left_again.sum()),
        "kept_at_tenth": int((result.path[(result.relative - 0.1).abs().argmin()] != 0).sum()),
    } | {f"entry_{name}": result.relative[index].item() for name, index in seen.items()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Weights against the relative strength, with the predicted start of the path."""
    drawn, axes = new_figure()
    height = -math.inf
    for rank, j in enumerate(result.path[-1].argsort().tolist()):
        colour, style = getattr(theme, CYCLE[rank % 5]), STYLES[(rank + rank // 5) % 5]
        axes.plot(result.relative, result.path[:, j], color=colour, linestyle=style)
        height = max(result.path[-1, j].item(), height + GAP)
        axes.text(0.93 * result.relative[-1], height, result.names[j], color=colour, va="center", fontsize=9)
    axes.axvline(1, color=theme.ink, linestyle=":")
    axes.text(0.93, 0.03, text("start"), transform=axes.get_xaxis_transform(), fontsize=9)
    axes.set(xscale="log", xlabel=text("strength"), title=text("weight"), xlim=(1.3, 7e-4))
    return drawn
