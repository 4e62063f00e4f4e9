"""
What breaks a scaler: outliers, new data, constant columns, sparse columns.

One outlier of growing size joins normal data before the scaler is fitted. Prediction: after min-max scaling the others
shrink to their range over the distance to the outlier, after standardisation to one over the root of a mean of
squares, with median and quartiles hardly at all. A fresh value leaves the range of n training values with probability
2 / (n + 1). On the digits, where some pixels are constant and half of the entries are zero, a plain division gives
invalid values, and centring fills the zeros. Measured: spread of the others, escapes, invalid entries, zeros.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.preprocessing import MaxAbsScaler, RobustScaler, StandardScaler
from torch import Tensor

from optnotes.features import fit_minmax, fit_standardizer, minmax, standardize
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, TRAINED, FRESH = 40, 200, 1000, 1000
SIZES, QUOTED = tuple(10 ** (k / 2) for k in range(1, 9)), 1000.0


@dataclass(frozen=True)
class Result:
    """Spread of the inliers after scaling, of shape (sizes, seeds), and its predictions; escapes; the digits."""

    spread: dict[str, Tensor]
    predicted: dict[str, Tensor]
    escaped: float
    digits: dict[str, float]


def robust(X: Tensor) -> Tensor:
    """Scale by median and quartiles."""
    return torch.tensor(RobustScaler().fit_transform(X.numpy()))


def outliers(generator: torch.Generator) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Spread of normal values after scaling together with one outlier, measured and predicted."""
    values = torch.randn(N - 1, SEEDS, generator=generator, dtype=torch.float64)
    values = (values - values.mean(0)) / values.std(0, correction=0)
    clean = robust(values).std(0, correction=0)
    spread: dict[str, list[Tensor]] = {"minmax": [], "standard": [], "robust": []}
    predicted: dict[str, list[Tensor]] = {"minmax": [], "standard": [], "robust": []}
    for size in SIZES:
        X = torch.cat([values, torch.full((1, SEEDS), size, dtype=torch.float64)])
        scaled = {
            "minmax": minmax(X, *fit_minmax(X), 0.0, 1.0),
            "standard": standardize(X, *fit_standardizer(X)),
            "robust": robust(X),
        }
        law = {
            "minmax": 1 / (values.amax(0).clamp(min=size) - values.amin(0)),
            "standard": torch.full_like(clean, 1 / math.sqrt((N - 1) / N * (1 + size**2 / N))),
            "robust": clean,
        }
        for way, Z in scaled.items():
            spread[way].append(Z[:-1].std(0, correction=0))
            predicted[way].append(law[way])
    return {way: torch.stack(rows) for way, rows in spread.items()}, {k: torch.stack(v) for k, v in predicted.items()}


def escapes(generator: torch.Generator) -> float:
    """Share of fresh values outside the range of the training values."""
    train, fresh = (torch.randn(n, TRAINED, generator=generator, dtype=torch.float64) for n in (N, FRESH))
    Z = minmax(fresh, *fit_minmax(train), 0.0, 1.0)
    return ((Z < 0) | (Z > 1)).double().mean().item()


def digits() -> dict[str, float]:
    """Constant pixels, invalid entries of a plain division, and zeros before and after scaling."""
    X, _ = load_digits()
    mu, s = fit_standardizer(X)
    plain = (X - mu) / X.std(0, correction=0)
    zeros = {
        "raw": X,
        "centred": standardize(X, mu, s),
        "uncentred": torch.tensor(StandardScaler(with_mean=False).fit_transform(X.numpy())),
        "maxabs": torch.tensor(MaxAbsScaler().fit_transform(X.numpy())),
    }
    shares = {f"zeros_{name}": (Z == 0).double().mean().item() for name, Z in zeros.items()}
    counts = {"constant": (X.amax(0) == X.amin(0)).sum().item(), "invalid": (~plain.isfinite()).sum().item()}
    return shares | counts | {"pixels": X.shape[1]}


def compute() -> Result:
    """Measure all four ways to break."""
    generator = torch.Generator().manual_seed(40)
    return Result(*outliers(generator), escapes(generator), digits())


def numbers(result: Result) -> dict[str, float | int]:
    """Spread of the inliers for the quoted outlier, the largest relative gap to its law, escapes and zeros."""
    at = SIZES.index(QUOTED)
    found: dict[str, float | int] = {"seeds": SEEDS, "n": N, "size": QUOTED}
    for way, spread in result.spread.items():
        found[way] = spread[at].median().item()
        found[f"{way}_predicted"] = result.predicted[way][at].median().item()
        found[f"{way}_gap"] = (spread / result.predicted[way] - 1).abs().max().item()
    return found | {"escaped": result.escaped, "escaped_predicted": 2 / (N + 1)} | result.digits


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Spread of the other values against the size of the outlier, with the laws as lines."""
    drawn, axes = new_figure(figsize=(5.6, 4.0))
    looks = (("robust", theme.green, "^"), ("standard", theme.blue, "o"), ("minmax", theme.orange, "s"))
    for way, colour, marker in looks:
        spread = result.spread[way]
        axes.fill_between(SIZES, spread.amin(1), spread.amax(1), color=colour, alpha=0.25, linewidth=0)
        axes.plot(SIZES, result.predicted[way].median(1).values, color=colour, linestyle=":")
        axes.plot(SIZES, spread.median(1).values, color=colour, marker=marker, linestyle="none", label=text(way))
    axes.plot([], [], color=theme.muted, linestyle=":", label=text("law"))
    axes.set(xscale="log", yscale="log", xlabel=text("size"), title=text("title"), ylim=(5e-5, 3))
    axes.legend(fontsize=9, loc="lower left")
    return drawn
