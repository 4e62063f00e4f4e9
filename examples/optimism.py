"""
How far the training error flatters: the optimism of least squares, and of gradient descent on its way there.

Least squares with a right model, fixed inputs and many noise draws. Prediction: the optimism, the error on fresh
targets minus the training error, is twice the noise variance times the number of features over the number of examples.
On the way, gradient descent has used up only as many features as the sum of its filter factors, so its optimism grows
with the steps; Newton's method arrives at once. Measured: both errors against the number of features, and the optimism
and the fresh error against the steps.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import gd_quadratic_step, gd_step_bound
from optnotes.features import least_squares_hessian
from optnotes.generalization import gd_filter, ols_errors
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

DRAWS, N, TRUE, SIGMA, CHOSEN, STEPS = 400, 60, 10, 1.0, 40, 3000
SIZES = tuple(range(TRUE, N + 1, 5))
SHOWN = tuple(sorted({round(STEPS ** (i / 40)) for i in range(41)}))


@dataclass(frozen=True)
class Result:
    """Errors of shape (sizes, draws) and (steps shown, draws), final weights of shape (draws, features)."""

    train: Tensor
    fresh: Tensor
    path_train: Tensor
    path_fresh: Tensor
    w_descent: Tensor
    w_newton: Tensor


def data() -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, the true mean of the targets, and targets of shape (draws, examples)."""
    generator = torch.Generator().manual_seed(34)
    X = torch.randn(N, N, generator=generator, dtype=torch.float64)
    mean = X[:, :TRUE] @ torch.full((TRUE,), 0.4, dtype=torch.float64)
    return X, mean, mean + SIGMA * torch.randn(DRAWS, N, generator=generator, dtype=torch.float64)


def errors(fitted: Tensor, mean: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Error on the training targets, and the error expected on fresh targets at the same inputs."""
    return (fitted - y).square().mean(-1), (fitted - mean).square().mean(-1) + SIGMA**2


def solve(A: Tensor, y: Tensor) -> Tensor:
    """Least squares for every column of the targets."""
    Q, R = torch.linalg.qr(A)
    solution: Tensor = torch.linalg.solve_triangular(R, Q.T @ y, upper=True)
    return solution


def descent() -> tuple[Tensor, Tensor, float]:
    """Features of the chosen size, their Hessian, and a quarter of the largest stable learning rate."""
    A = data()[0][:, :CHOSEN]
    H = least_squares_hessian(A)
    return A, H, gd_step_bound(torch.linalg.eigvalsh(H)).item() / 4


def compute() -> Result:
    """Fit nested models exactly; then descend from zero in one of them, and take one Newton step in the same."""
    X, mean, y = data()
    basis = torch.linalg.qr(X).Q
    fits = [y @ basis[:, :size] @ basis[:, :size].T for size in SIZES]
    train, fresh = (torch.stack(parts) for parts in zip(*(errors(fit, mean, y) for fit in fits), strict=True))
    A, H, lr = descent()
    w_star = solve(A, y.T).T
    step = torch.func.vmap(lambda w, best: gd_quadratic_step(w, H, best, lr))
    w, path = torch.zeros_like(w_star), []
    for t in range(1, STEPS + 1):
        w = step(w, w_star)
        if t in SHOWN:
            path.append(errors(w @ A.T, mean, y))
    path_train, path_fresh = (torch.stack(parts) for parts in zip(*path, strict=True))
    return Result(train, fresh, path_train, path_fresh, w, torch.linalg.solve(H, A.T @ y.T / N).T)


@cache
def spectrum() -> tuple[Tensor, Tensor, float]:
    """Eigenvalues of the Hessian, the true weights in its eigenvectors, and the learning rate."""
    A, H, lr = descent()
    lams, V = torch.linalg.eigh(H)
    return lams.clamp(min=0), V.T @ solve(A, data()[1][:, None])[:, 0], lr


def predicted(steps: int) -> tuple[float, float]:
    """Expected optimism and expected fresh error after so many steps."""
    lams, truth, lr = spectrum()
    learned = gd_filter(lams, lr, steps)
    missed = (lams * ((1 - learned) * truth).square()).sum()
    noise = SIGMA**2 * learned.square().sum() / N
    return (2 * SIGMA**2 * learned.sum() / N).item(), (SIGMA**2 + noise + missed).item()


def numbers(result: Result) -> dict[str, float | int]:
    """Means over noise draws beside the predictions, and Newton's method beside gradient descent."""
    at, gaps, path = SIZES.index(CHOSEN), result.fresh - result.train, result.path_fresh.mean(1)
    forecast = torch.tensor([predicted(t) for t in SHOWN], dtype=torch.float64)
    law = torch.tensor([ols_errors(SIGMA, size, N)[2] for size in SIZES], dtype=torch.float64)
    newton = errors(result.w_newton @ descent()[0].T, *data()[1:])[1].mean().item()
    found: dict[str, float | int] = {"draws": DRAWS, "n": N, "chosen": CHOSEN, "steps": STEPS}
    for key, values, value in zip(
        ("train", "fresh", "optimism"), (result.train, result.fresh, gaps), ols_errors(SIGMA, CHOSEN, N), strict=True
    ):
        found |= {key: values[at].mean().item(), f"{key}_predicted": value}
    found["gap_largest"] = (gaps.mean(1) - law).abs().max().item()
    on_path = torch.stack([(result.path_fresh - result.path_train).mean(1), path], 1)
    found["path_gap_largest"] = (on_path - forecast).abs().max().item()
    found |= {"best_step": SHOWN[int(path.argmin())], "best_fresh": path.min().item()}
    found |= {"best_fresh_predicted": forecast[:, 1].min().item(), "descent_fresh": path[-1].item()}
    difference = (result.w_newton - result.w_descent).abs().max().item()
    return found | {"newton_fresh": newton, "difference": difference}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Both errors against the number of features, and the path of gradient descent against Newton's single step."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    lines = [ols_errors(SIGMA, size, N)[:2] for size in SIZES]
    forecast = [predicted(t) for t in SHOWN]
    rows: tuple[tuple[Any, Any, Tensor, list[float], str, str, str], ...] = (
        (upper, SIZES, result.fresh, [line[1] for line in lines], "fresh", "orange", "s"),
        (upper, SIZES, result.train, [line[0] for line in lines], "train", "blue", "o"),
        (lower, SHOWN, result.path_fresh, [line[1] for line in forecast], "fresh", "orange", "s"),
        (
            lower,
            SHOWN,
            result.path_fresh - result.path_train,
            [line[0] for line in forecast],
            "optimism",
            "violet",
            "^",
        ),
    )
    for axes, x, values, line, key, look, marker in rows:
        colour = getattr(theme, look)
        low, high = values.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, line, color=theme.ink, linestyle=":")
        axes.plot(x, values.mean(1), color=colour, marker=marker, linestyle="none", markersize=5, label=text(key))
    lower.axhline(numbers(result)["newton_fresh"], color=theme.green, linestyle="--", label=text("newton"))
    upper.set(title=text("title.sizes"), xlabel=text("features"))
    lower.set(title=text("title.path"), xlabel=text("steps"), xscale="log", ylim=(-0.2, 3.4))
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9, loc="upper left")
    return drawn
