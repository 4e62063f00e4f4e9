"""
Ridge, a Gaussian prior, noise in the inputs, noisy copies and early stopping: which of them are the same.

Standardised diabetes data. Prediction: ridge regression, the posterior mean under a Gaussian prior and the minimum of
the expected loss under input noise have the same weights, and so has least squares on sixteen copies with balanced
noise; with random noise it scatters around them with a covariance that has a formula. Gradient descent stopped at the
matching time learns other shares of the eigenvectors, which differ by at most 0.204 when the steps are small. Measured:
the weights, each computed on its own road.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.descent import gd_quadratic_step
from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.generalization import gd_equivalent_penalty, gd_filter
from optnotes.penalties import (
    map_penalty,
    noise_augmentation_loss,
    noise_augmentation_penalty,
    ridge_solution,
    shrinkage_factor,
)
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

NOISE, LR, PRIOR, SEEDS, BALANCED, COPIES = 0.3, 0.1, 2.0, 24, 16, (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Result:
    """Weights by name of the method; of the noisy copies one row per number of copies and seed."""

    ridge: Tensor
    prior: Tensor
    noise: Tensor
    stopped: Tensor
    balanced: Tensor
    copies: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, and targets standardised too."""
    X, y = (torch.tensor(array) for array in load_diabetes(return_X_y=True, scaled=False))
    return standardize(X, *fit_standardizer(X)), (y - y.mean()) / y.std(correction=0)


def steps() -> int:
    """Number of steps whose penalty comes closest to that of the noise; both in the units of the Hessian."""
    return round(1 / (LR * NOISE**2))


def compute() -> Result:
    """Solve the same problem in six ways."""
    X, y = data()
    n, d = X.shape
    alpha = noise_augmentation_penalty(n, NOISE)
    # Weights normal with variance tau², targets with noise sigma²: the posterior mean, through the n by n covariance.
    sigma = PRIOR * math.sqrt(alpha)
    covariance = PRIOR**2 * X @ X.T + sigma**2 * torch.eye(n, dtype=X.dtype)
    prior = PRIOR**2 * X.T @ torch.cholesky_solve(y[:, None], torch.linalg.cholesky(covariance))[:, 0]
    # The expected loss under noise is quadratic: one Newton step from anywhere ends at its minimum.
    start = torch.ones(d, dtype=X.dtype, requires_grad=True)

    (slope,) = torch.autograd.grad(noise_augmentation_loss(X, y, start, NOISE), start, create_graph=True)
    curvature = torch.stack([torch.autograd.grad(part, start, retain_graph=True)[0] for part in slope])
    noise = start.detach() - torch.linalg.solve(curvature, slope.detach())
    H, w_star = least_squares_hessian(X), torch.linalg.solve(X.T @ X, X.T @ y)
    w = torch.zeros(d, dtype=X.dtype)
    for _ in range(steps()):
        w = gd_quadratic_step(w, H, w_star, LR)
    # Signs in orthogonal columns without mean: sixteen copies whose noise has exactly the moments of the expectation.
    signs = torch.ones(1, 1, dtype=X.dtype)
    while len(signs) < BALANCED:
        signs = torch.cat([torch.cat([signs, signs], 1), torch.cat([signs, -signs], 1)])
    noisy = (X + NOISE * signs[:, None, 1 : d + 1]).flatten(0, 1)
    balanced = torch.linalg.solve(noisy.T @ noisy, noisy.T @ y.repeat(BALANCED))
    generator, rows = torch.Generator().manual_seed(35), []
    for count in COPIES:
        noisy = torch.randn(SEEDS, count * n, d, generator=generator, dtype=X.dtype)
        noisy.mul_(NOISE).add_(X.repeat(count, 1))
        rows.append(torch.linalg.solve(noisy.mT @ noisy, noisy.mT @ y.repeat(count)))
    return Result(ridge_solution(X, y, map_penalty(sigma, PRIOR)), prior, noise, w, balanced, torch.stack(rows))


def scatter(count: int) -> float:
    """Predicted root mean squared distance of least squares on so many noisy copies from ridge."""
    X, y = data()
    n, d = X.shape
    w = ridge_solution(X, y, noise_augmentation_penalty(n, NOISE))
    r, identity, v = y - X @ w, torch.eye(d, dtype=X.dtype), NOISE**2
    slope = torch.outer(w, X.T @ r)
    noise = v * (r @ r * identity - slope - slope.T + w @ w * X.T @ X)
    noise = noise + n * v**2 * (w @ w * identity + torch.outer(w, w))
    inverse = torch.linalg.inv(X.T @ X + n * v * identity)
    return math.sqrt(torch.trace(inverse @ noise @ inverse).item() / count)


def shares(w: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues of the Hessian, and the share of the least-squares solution in the weights along each eigenvector."""
    X, y = data()
    lams, V = torch.linalg.eigh(least_squares_hessian(X))
    return lams, (V.T @ w) / (V.T @ torch.linalg.solve(X.T @ X, X.T @ y))


def numbers(result: Result) -> dict[str, float | int]:
    """Differences between the methods, and predictions for the two that are not exact."""
    lams, learned = shares(result.stopped)
    kept = shares(result.ridge)[1]
    apart = (result.copies - result.ridge).square().sum(-1).mean(-1).sqrt()
    u = torch.linspace(0, 10, 100_001, dtype=torch.float64)
    found: dict[str, float | int] = {"features": len(lams), "noise": NOISE, "steps": steps(), "seeds": SEEDS}
    for name in ("prior", "noise"):
        found[f"difference_{name}"] = (getattr(result, name) - result.ridge).abs().max().item()
    found |= {"balanced": BALANCED, "difference_balanced": (result.balanced - result.ridge).abs().max().item()}
    found |= {
        "alpha": noise_augmentation_penalty(len(data()[1]), NOISE),
        "copies": COPIES[-1],
        "length": result.ridge.norm().item(),
    }
    found |= {"copies_one": apart[0].item(), "copies_many": apart[-1].item(), "predicted_many": scatter(COPIES[-1])}
    found["filter_error"] = (learned - gd_filter(lams, LR, steps())).abs().max().item()
    # Three ways to one solution differ by rounding, each processor by its own.
    same = (found[f"difference_{name}"] for name in ("prior", "noise", "balanced"))
    found["difference_below"] = bound(max(same), 1e-12)
    found["filter_below"] = bound(found["filter_error"], 1e-12)
    found |= {"gap": (learned - kept).abs().max().item(), "gap_limit": (-torch.expm1(-u) - u / (1 + u)).max().item()}
    return found | {"difference_stopped": (result.stopped - result.ridge).norm().item()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Shares learned against the eigenvalue, and the scatter of noisy copies around ridge."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    fine = torch.logspace(-4, 1, 200, dtype=torch.float64)
    alpha = gd_equivalent_penalty(LR, steps())
    upper.plot(fine, shrinkage_factor(fine, alpha), color=theme.ink, linestyle=":", label=text("ridge.predicted"))
    upper.plot(fine, gd_filter(fine, LR, steps()), color=theme.muted, linestyle="--", label=text("stopped.predicted"))
    for w, key, colour, marker, size in (
        (result.ridge, "ridge", theme.orange, "s", 9),
        (result.prior, "prior", theme.green, "D", 6),
        (result.balanced, "balanced", theme.violet, "^", 3),
        (result.stopped, "stopped", theme.blue, "o", 6),
    ):
        style = {"markerfacecolor": "none"} if size == 9 else {}
        upper.plot(*shares(w), color=colour, marker=marker, markersize=size, linestyle="none", label=text(key), **style)
    apart = (result.copies - result.ridge).square().sum(-1).sqrt()
    low, high = apart.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
    lower.fill_between(COPIES, low, high, color=theme.blue, alpha=0.2, linewidth=0)
    mean = apart.square().mean(1).sqrt()
    lower.plot(COPIES, mean, color=theme.blue, marker="o", linestyle="none", label=text("copies"))
    lower.plot(COPIES, [scatter(count) for count in COPIES], color=theme.ink, linestyle=":", label=text("scatter"))
    upper.set(xscale="log", xlabel=text("eigenvalue"), title=text("title.shares"), ylim=(0, 1.05))
    lower.set(xscale="log", yscale="log", xlabel=text("count"), title=text("title.distance"))
    lower.set_xticks(COPIES, [str(count) for count in COPIES])
    lower.minorticks_off()
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9)
    return drawn
