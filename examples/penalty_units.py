"""
What the penalty must not see: the unit of a feature and the origin of the targets.

Diabetes data. First, the body mass index is given in other units. Prediction: least squares does not notice; ridge
multiplies the weight by a shrinkage factor whose penalty is divided by the square of the unit's factor. Second, a
constant is added to the targets. Prediction: a free bias absorbs it; a penalised bias loses the fraction α / (n + α)
of their mean. Measured: the weight in its original unit, and the mean error of scikit-learn's predictions.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, Ridge
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import shrinkage_factor
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

FEATURE, ALPHA, BIAS_ALPHA = 2, 10.0, 10.0
UNITS = tuple(10.0 ** (k / 4) for k in range(-12, 9))
OFFSETS = tuple(float(k) for k in range(0, 1001, 100))


@dataclass(frozen=True)
class Result:
    """Weights relative to the unpenalised one (units,) and mean errors (offsets,), measured and predicted."""

    ridge: Tensor
    least_squares: Tensor
    predicted: Tensor
    free: Tensor
    penalised: Tensor
    lost: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, targets with their mean."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y


def column(values: Iterable[float]) -> Tensor:
    """Numbers in double precision."""
    return torch.tensor(list(values), dtype=torch.float64)


def curvature(X: Tensor) -> Tensor:
    """Sum of squares of the feature that ridge on the others leaves unexplained, their penalty included."""
    x, others = X[:, FEATURE], torch.cat([X[:, :FEATURE], X[:, FEATURE + 1 :]], dim=1)
    gram = others.T @ others + ALPHA * torch.eye(others.shape[1], dtype=X.dtype)
    explained: Tensor = torch.linalg.solve(gram, others.T @ x)
    return x @ x - x @ others @ explained


def weight(model: Ridge | LinearRegression, X: Tensor, y: Tensor, unit: float) -> float:
    """Fit with the feature in other units, and return its weight in the original one."""
    scale = torch.ones(X.shape[1], dtype=X.dtype)
    scale[FEATURE] = unit
    return float(model.fit((X * scale).numpy(), y.numpy()).coef_[FEATURE]) * unit


def mean_error(X: Tensor, y: Tensor, penalised: bool) -> float:
    """Mean of targets minus predictions; a penalised bias is a weight of a column of ones."""
    columns = torch.cat([X, torch.ones(len(y), 1, dtype=X.dtype)], dim=1) if penalised else X
    model = Ridge(alpha=BIAS_ALPHA, fit_intercept=not penalised).fit(columns.numpy(), y.numpy())
    return float((y.numpy() - model.predict(columns.numpy())).mean())


def predict_weight(X: Tensor, unit: float) -> float:
    """Shrinkage factor of the feature in its unit: the penalty seems divided by the square of the unit's factor."""
    return shrinkage_factor(curvature(X), ALPHA / unit**2).item()


def compute() -> Result:
    """Fit over all units and over all offsets; of a penalised bias the n examples keep their shrinkage factor."""
    X, y = data()
    kept = shrinkage_factor(column([len(y)]), BIAS_ALPHA)
    reference = weight(Ridge(alpha=ALPHA), X, y, 1e6)
    plain = weight(LinearRegression(), X, y, 1.0)
    return Result(
        ridge=column(weight(Ridge(alpha=ALPHA), X, y, unit) for unit in UNITS) / reference,
        least_squares=column(weight(LinearRegression(), X, y, unit) for unit in UNITS) / plain,
        predicted=column(predict_weight(X, unit) for unit in UNITS),
        free=column(mean_error(X, y + offset, False) for offset in OFFSETS),
        penalised=column(mean_error(X, y + offset, True) for offset in OFFSETS),
        lost=(1 - kept) * (y.mean() + column(OFFSETS)),
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Weights in three units, errors at both ends, and the largest gaps to the predictions."""
    kept = dict(zip((round(4 * math.log10(unit)) for unit in UNITS), result.ridge.tolist(), strict=True))
    return {
        "alpha": ALPHA,
        "kept_hundredth": kept[-8],
        "kept_tenth": kept[-4],
        "kept_same": kept[0],
        "kept_gap": (result.ridge - result.predicted).abs().max().item(),
        "least_squares_gap": (result.least_squares - 1).abs().max().item(),
        "offset": OFFSETS[-1],
        "lost_start": result.penalised[0].item(),
        "lost": result.penalised[-1].item(),
        "lost_gap": (result.penalised - result.lost).abs().max().item(),
        "lost_free": result.free.abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Weight against the unit, and mean error against the offset."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    upper.plot(UNITS, result.predicted, color=theme.ink, linestyle=":")
    upper.plot(UNITS, result.ridge, color=theme.orange, marker="s", linestyle="none", label=text("ridge"))
    upper.plot(UNITS, result.least_squares, color=theme.blue, marker="o", markersize=4, label=text("least_squares"))
    lower.plot(OFFSETS, result.lost, color=theme.ink, linestyle=":")
    lower.plot(OFFSETS, result.penalised, color=theme.orange, marker="s", linestyle="none", label=text("penalised"))
    lower.plot(OFFSETS, result.free, color=theme.blue, marker="o", markersize=4, label=text("free"))
    upper.set(xscale="log", xlabel=text("unit"), title=text("title.weight"), ylim=(-0.04, 1.1))
    lower.set(xlabel=text("offset"), title=text("title.error"))
    upper.legend(fontsize=9, loc="lower right")
    lower.legend(fontsize=9, loc="upper left")
    return drawn
