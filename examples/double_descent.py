"""
The peak where the model only just fits the data, and the second descent behind it.

Regression with the shortest weights of least training error, on a growing number of features, many seeds. Prediction:
for independent normal features Belkin, Hsu and Xu give the expected error at every size; it is infinite where there are
as many features as examples. A ridge penalty from the matching prior has no peak. For random ReLU features no such
formula is used, only the place of the peak. Measured: error on new data and training error at every size.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu
from optnotes.generalization import min_norm_error, min_norm_interpolant
from optnotes.penalties import map_penalty, ridge_solution
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, FEATURES, SIGMA, AWAY = 200, 30, 90, 0.3, 6
SIZES = (1, 2, 3, 5, 8, 11, 15, 20, 24, 27, 30, 33, 36, 42, 50, 66, 90)
RELU_SEEDS, INPUTS, RELU_N, TEST = 24, 10, 60, 200
RELU_SIZES = (6, 10, 15, 20, 28, 40, 54, 60, 67, 80, 110, 200, 400, 1000)
STRENGTHS = 1 / torch.arange(1, FEATURES + 1, dtype=torch.float64)
SQUARES = STRENGTHS / STRENGTHS.sum()  # squared true weights


@dataclass(frozen=True)
class Result:
    """Errors of shape (sizes, seeds): shortest weights, their training error, ridge; two for ReLU features."""

    shortest: Tensor
    train: Tensor
    ridge: Tensor
    relu: Tensor
    relu_train: Tensor


def fit(X: Tensor, y: Tensor) -> Tensor:
    """Shortest weights of least training error, for all seeds."""
    if X.shape[1] < X.shape[2]:
        return torch.func.vmap(min_norm_interpolant)(X, y)
    Q, R = torch.linalg.qr(X)
    solution: Tensor = torch.linalg.solve_triangular(R, Q.mT @ y[..., None], upper=True)
    return solution[..., 0]


def apply(X: Tensor, w: Tensor) -> Tensor:
    """Outputs of the linear model, for all seeds."""
    return torch.bmm(X, w[..., None])[..., 0]


def compute() -> Result:
    """Fit every size."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(34), dtype=torch.float64)
    X, rows, relu_rows = normal(SEEDS, N, FEATURES), [], []
    y = X @ SQUARES.sqrt() + SIGMA * normal(SEEDS, N)
    for size in SIZES:
        A, hidden = X[:, :, :size], SQUARES[size:].sum().item() + SIGMA**2
        alpha = map_penalty(math.sqrt(hidden), math.sqrt(SQUARES[:size].mean().item()))
        w, shrunk = fit(A, y), torch.func.vmap(partial(ridge_solution, alpha=alpha))(A, y)
        distances = [(v - SQUARES[:size].sqrt()).square().sum(1) + hidden for v in (w, shrunk)]
        rows.append((distances[0], (apply(A, w) - y).square().mean(1), distances[1]))
    inputs, target = normal(RELU_SEEDS, RELU_N + TEST, INPUTS), normal(RELU_SEEDS, INPUTS) / math.sqrt(INPUTS)
    truth = apply(inputs, target)
    seen = truth[:, :RELU_N] + SIGMA * normal(RELU_SEEDS, RELU_N)
    layer = normal(RELU_SEEDS, INPUTS, RELU_SIZES[-1]) / math.sqrt(INPUTS)
    hidden_units = relu(inputs @ layer)
    for size in RELU_SIZES:
        Z = hidden_units[:, :, :size]
        outputs = apply(Z, fit(Z[:, :RELU_N], seen))
        error = (outputs - truth)[:, RELU_N:].square().mean(1) + SIGMA**2
        relu_rows.append((error, (outputs[:, :RELU_N] - seen).square().mean(1)))
    return Result(*(torch.stack(part) for part in (*zip(*rows, strict=True), *zip(*relu_rows, strict=True))))


def predicted(size: int) -> float:
    """Expected error of the shortest weights on so many independent features; infinite at the peak."""
    if abs(size - N) <= 1:
        return math.inf
    return min_norm_error(SQUARES[:size].sum().item(), SQUARES[size:].sum().item(), SIGMA, size, N)


def numbers(result: Result) -> dict[str, float | int]:
    """Medians at the quoted sizes, means against the prediction away from the peak, and the places of the extremes."""
    mean, median, wide = result.shortest.mean(1), result.shortest.median(1).values, result.relu.median(1).values
    forecast = torch.tensor([predicted(size) for size in SIZES], dtype=torch.float64)
    tame = torch.tensor([abs(size - N) >= AWAY for size in SIZES])
    first, peak = int(mean[: SIZES.index(N)].argmin()), int(median.argmax())
    relu_first, relu_peak = int(wide[: RELU_SIZES.index(RELU_N)].argmin()), int(wide.argmax())
    found: dict[str, float | int] = {"seeds": SEEDS, "n": N, "relu_n": RELU_N, "relu_seeds": RELU_SEEDS, "away": AWAY}
    found |= {"peak": SIZES[peak], "first": SIZES[first], "relu_peak": RELU_SIZES[relu_peak]}
    found |= {"relu_first": RELU_SIZES[relu_first], "features": FEATURES, "relu_features": RELU_SIZES[-1]}
    found |= {"error_first": mean[first].item(), "error_peak": median[peak].item(), "error_last": mean[-1].item()}
    found |= {"predicted_first": forecast[first].item(), "predicted_last": forecast[-1].item()}
    found |= {"gap": ((mean - forecast).abs() / forecast)[tame].max().item()}
    found |= {"relu_error_first": wide[relu_first].item(), "relu_error_peak": wide[relu_peak].item()}
    found |= {"relu_error_last": wide[-1].item(), "train_last": result.train[-1].max().item()}
    found |= {"relu_train_last": result.relu_train[-1].max().item()}
    ridge = result.ridge.mean(1)
    found |= {"ridge_worst": ridge[4:].max().item(), "ridge_from": SIZES[4]}
    return found | {"ridge_least": ridge.min().item()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Error against the number of features: independent ones with the prediction, and random ReLU features."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    fine = [size for size in range(1, FEATURES + 1) if abs(size - N) > 1]
    for part in (fine[: N - 2], fine[N - 2 :]):
        label = text("prediction") if part[0] == 1 else None
        upper.plot(part, [predicted(size) for size in part], color=theme.ink, linestyle=":", label=label)
    for axes, sizes, errors, key, look, marker in (
        (upper, SIZES, result.shortest, "shortest", "orange", "s"),
        (upper, SIZES, result.ridge, "ridge", "green", "^"),
        (lower, RELU_SIZES, result.relu, "shortest", "orange", "s"),
        (lower, RELU_SIZES, result.relu_train, "train", "blue", "o"),
    ):
        colour, style = getattr(theme, look), "none" if axes is upper else "-"
        low, high = errors.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        centre = errors.mean(1) if axes is upper else errors.median(1).values
        axes.fill_between(sizes, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(sizes, centre, color=colour, marker=marker, markersize=4.5, linestyle=style, label=text(key))
    for axes, examples in ((upper, N), (lower, RELU_N)):
        axes.axvline(examples, color=theme.muted, linewidth=1)
        axes.text(1.04 * examples, 0.04, text("examples"), transform=axes.get_xaxis_transform(), fontsize=9)
    upper.set(yscale="log", ylim=(0.25, 40), title=text("title.linear"))
    lower.set(xscale="log", yscale="log", ylim=(0.01, 100), title=text("title.relu"), xlabel=text("features"))
    upper.legend(fontsize=9, loc="upper right")
    lower.legend(fontsize=9, loc="upper right")
    return drawn
