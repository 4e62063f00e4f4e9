"""
Two correlated features of equal effect: Elastic Net keeps both, the lasso drops one.

Two twins of a chosen sample correlation and six noise features, many seeds. Prediction: Elastic Net keeps the weights
of the twins together within the grouping bound, which falls with the root of one minus the correlation. The lasso
drops a twin when the noise in the difference of the least-squares weights exceeds their shrunken sum; both are normal,
so the share has a formula. Measured: the difference of the weights, and the share of seeds in which just one twin is
zero.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.linear_model import ElasticNet
from torch import Tensor

from optnotes.penalties import elastic_net_to_sklearn, grouping_bound, kkt_violation
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, D, NOISE, L1, L2 = 60, 50, 8, 1.5, 0.2, 0.5
CORRELATIONS, QUOTED = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999), 0.99


@dataclass(frozen=True)
class Result:
    """Weights of shape (correlations, seeds, features); bounds and violations without the last axis."""

    elastic_net: Tensor
    lasso: Tensor
    bound: Tensor
    violation: Tensor


def data(correlation: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Standardised features, of which the first two have exactly this sample correlation, and centred targets."""
    X, noise = (torch.randn(N, k, generator=generator, dtype=torch.float64) for k in (D, 1))
    X = X - X.mean(0)
    X[:, :2] = torch.linalg.qr(X[:, :2]).Q
    X[:, 1] = correlation * X[:, 0] + math.sqrt(1 - correlation**2) * X[:, 1]
    X = X / X.std(0, correction=0)
    return X, X[:, 0] + X[:, 1] + NOISE * (noise - noise.mean())[:, 0]


def fit(X: Tensor, y: Tensor, l1: float, l2: float) -> Tensor:
    """Solve with scikit-learn's coordinate descent."""
    alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-12, max_iter=1_000_000)
    return torch.tensor(model.fit(np.asfortranarray(X), y.numpy(), check_input=False).coef_)


def drop_share(correlation: float) -> float:
    """Predicted share of data sets in which the lasso drops one twin."""
    difference, total = (2 * NOISE**2 / (N * (1 - sign * correlation)) for sign in (1, -1))
    mean = 2 - 2 * L1 / (1 + correlation)
    return math.erfc(mean / math.sqrt(2 * (difference + total)))


def compute() -> Result:
    """Fit both models to every data set."""
    generator = torch.Generator().manual_seed(37)
    rows = []
    for correlation in (rho for rho in CORRELATIONS for _ in range(SEEDS)):
        X, y = data(correlation, generator)
        grouped, sparse = fit(X, y, L1, L2), fit(X, y, L1, 0.0)
        worst = max(kkt_violation(X, y, w, L1, l2).max() for w, l2 in ((grouped, L2), (sparse, 0.0)))
        rows.append((grouped, sparse, grouping_bound(y, L2, correlation), worst))
    columns = (torch.stack(column) for column in zip(*rows, strict=True))
    return Result(*(column.reshape(len(CORRELATIONS), SEEDS, *column.shape[1:]) for column in columns))


def apart(w: Tensor) -> Tensor:
    """Distance between the weights of the twins."""
    return (w[..., 0] - w[..., 1]).abs()


def one_dropped(w: Tensor) -> Tensor:
    """Share of seeds in which exactly one twin is zero."""
    return ((w[..., 0] == 0) != (w[..., 1] == 0)).double().mean(-1)


def numbers(result: Result) -> dict[str, float | int]:
    """Distances and shares at the quoted correlation, and how tight bound and prediction are over all of them."""
    at = CORRELATIONS.index(QUOTED)
    predicted = torch.tensor([drop_share(rho) for rho in CORRELATIONS], dtype=torch.float64)
    return {
        "seeds": SEEDS,
        "correlation": QUOTED,
        "apart_elastic_net": apart(result.elastic_net)[at].median().item(),
        "apart_lasso": apart(result.lasso)[at].median().item(),
        "bound": result.bound[at].median().item(),
        "bound_used": (apart(result.elastic_net) / result.bound).max().item(),
        "dropped_lasso": one_dropped(result.lasso)[at].item(),
        "dropped_predicted": predicted[at].item(),
        "dropped_error": (predicted[at] * (1 - predicted[at]) / SEEDS).sqrt().item(),
        "dropped_gap": (one_dropped(result.lasso) - predicted).abs().max().item(),
        "dropped_elastic_net": one_dropped(result.elastic_net).max().item(),
        "violation": result.violation.max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Distance between the twins' weights, and how often one is dropped, against one minus the correlation."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    gaps = [1 - rho for rho in CORRELATIONS]
    upper.plot(gaps, result.bound.median(-1).values, color=theme.ink, linestyle=":", label=text("bound"))
    looks = (("lasso", result.lasso, theme.orange, "--", "s"), ("net", result.elastic_net, theme.blue, "-", "o"))
    for key, w, colour, style, marker in looks:
        low, middle, high = apart(w).quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=-1)
        upper.fill_between(gaps, low, high, color=colour, alpha=0.25, linewidth=0)
        upper.plot(gaps, middle, color=colour, linestyle=style, marker=marker, label=text(key))
        lower.plot(gaps, one_dropped(w), color=colour, linestyle="none", marker=marker, label=text(key))
    lower.plot(gaps, [drop_share(rho) for rho in CORRELATIONS], color=theme.ink, linestyle=":", label=text("share"))
    upper.set(xscale="log", yscale="log", ylim=(2e-3, 30), title=text("title.apart"))
    lower.set(xlabel=text("gap"), ylim=(-0.04, 1), title=text("title.dropped"))
    upper.legend(fontsize=9, loc="upper left", ncols=2)
    lower.legend(fontsize=9)
    return drawn
