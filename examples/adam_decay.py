"""
A penalty inside Adam is not weight decay.

First, weights that start at one and see nothing but gradient noise. Prediction: AdamW leaves the same share of each,
whatever its noise; Adam divides the penalty by the root mean square of the gradient, so that noisy weights hardly
decay. Second, ridge regression on the diabetes data, full batch. Prediction: gradient descent and Adam with the
penalty reach the ridge solution; AdamW passes by it and drifts to least squares, because its gradient step has unit
scale however small the gradient is and outweighs the decay. Measured: shares left, and distances to both solutions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.descent import adam_step, adamw_step, weight_decay_step
from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.penalties import ridge_alpha, ridge_solution
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, COPIES, STEPS, LR, LAM = 24, 30, 1000, 2e-3, 0.5
FINE = tuple(10.0 ** (k / 12) for k in range(-24, 25))
NOISES = FINE[::6]
RIDGE_STEPS, RIDGE_LR, GD_LR, RIDGE_LAM = 3000, 0.01, 0.3, 0.1
SEEN = tuple(sorted({round(10 ** (k / 16)) for k in range(56)} | {RIDGE_STEPS}))
Step = Callable[[int, Tensor, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]


@dataclass(frozen=True)
class Result:
    """Shares left (noises, seeds) and predicted (fine noises,); paths (seen steps, features), by method."""

    left: dict[str, Tensor]
    predicted: Tensor
    paths: dict[str, Tensor]
    ridge: Tensor
    least_squares: Tensor


def decay() -> dict[str, Tensor]:
    """Run both methods on pure gradient noise, the same for both."""
    generator = torch.Generator().manual_seed(36)
    sizes = torch.tensor(NOISES, dtype=torch.float64)[:, None, None]
    start = torch.ones(len(NOISES), SEEDS, COPIES, dtype=torch.float64)
    l2 = w = (start, torch.zeros_like(start), torch.zeros_like(start))
    for t in range(1, STEPS + 1):
        noise = sizes * torch.randn(start.shape, generator=generator, dtype=start.dtype)
        l2 = adam_step(l2[0], noise, *l2[1:], t, LR, LAM)
        w = adamw_step(w[0], noise, *w[1:], t, LR, LAM)
    return {"adam": l2[0].mean(-1), "adamw": w[0].mean(-1)}


def predict() -> Tensor:
    """Replace the square of the gradient by its mean: the noise then acts through the divisor only."""
    sizes = torch.tensor(FINE, dtype=torch.float64)
    w, m, v = torch.ones_like(sizes), torch.zeros_like(sizes), torch.zeros_like(sizes)
    for t in range(1, STEPS + 1):
        m = 0.9 * m + 0.1 * LAM * w
        v = 0.999 * v + 0.001 * (sizes.square() + (LAM * w).square())
        w = w - LR * m / (1 - 0.9**t) / (v / (1 - 0.999**t)).sqrt()
    return w


def descend(step: Step, zeros: Tensor) -> Tensor:
    """Follow one method from zero weights, and keep what is shown."""
    w, m, v, seen = zeros, zeros, zeros, []
    for t in range(1, RIDGE_STEPS + 1):
        w, m, v = step(t, w, m, v)
        if t in SEEN:
            seen.append(w)
    return torch.stack(seen)


def compute() -> Result:
    """Both experiments."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    X, y = standardize(X, *fit_standardizer(X)), (y - y.mean()) / y.std(correction=0)
    H, pull = least_squares_hessian(X), X.T @ y / len(y)
    steps: dict[str, Step] = {
        "gd": lambda t, w, m, v: (weight_decay_step(w, H @ w - pull, GD_LR, RIDGE_LAM), m, v),
        "adam": lambda t, w, m, v: adam_step(w, H @ w - pull, m, v, t, RIDGE_LR, RIDGE_LAM),
        "adamw": lambda t, w, m, v: adamw_step(w, H @ w - pull, m, v, t, RIDGE_LR, RIDGE_LAM),
    }
    paths = {name: descend(step, torch.zeros_like(pull)) for name, step in steps.items()}
    ridge = ridge_solution(X, y, ridge_alpha(RIDGE_LAM, len(y)))
    return Result(decay(), predict(), paths, ridge, torch.linalg.solve(H, pull))


def numbers(result: Result) -> dict[str, float | int]:
    """Shares left for the smallest and the largest noise, and where the three methods end."""
    mean = {name: left.mean(-1) for name, left in result.left.items()}
    adamw = (1 - LR * LAM) ** STEPS
    return {
        "seeds": SEEDS,
        "steps": STEPS,
        "adamw_predicted": adamw,
        "adamw_gap": (mean["adamw"] - adamw).abs().max().item(),
        "adam_small": mean["adam"][0].item(),
        "adam_large": mean["adam"][-1].item(),
        "adam_gap": (mean["adam"] - result.predicted[::6]).abs().max().item(),
        "adamw_closest": far(result, result.paths["adamw"]).min().item(),
        "least_squares": far(result, result.least_squares).item(),
        "adamw_left": (result.paths["adamw"][-1] - result.least_squares).norm().item() / result.ridge.norm().item(),
        "adamw_end": far(result, result.paths["adamw"])[-1].item(),
    } | {f"{name}_within": bound(far(result, result.paths[name])[-1].item(), 1e-12) for name in ("gd", "adam")}


def far(result: Result, w: Tensor) -> Tensor:
    """Relative distance of weights to the ridge solution."""
    distance: Tensor = (w - result.ridge).norm(dim=-1) / result.ridge.norm()
    return distance


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share left against the noise, and the distance to the ridge solution against the step."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    adamw = torch.full_like(result.predicted, (1 - LR * LAM) ** STEPS)
    looks = (("adamw", adamw, "blue", "-", "o"), ("adam", result.predicted, "orange", "--", "s"))
    for name, line, colour, style, marker in looks:
        look = getattr(theme, colour)
        low, middle, high = result.left[name].quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=-1)
        upper.plot(FINE, line, color=look, linestyle=style, linewidth=1.2)
        upper.fill_between(NOISES, low, high, color=look, alpha=0.25, linewidth=0)
        upper.plot(NOISES, middle, color=look, marker=marker, linestyle="none", label=text(name))
        lower.plot(SEEN, far(result, result.paths[name]), color=look, linestyle=style, label=text(name))
    lower.plot(SEEN, far(result, result.paths["gd"]), color=theme.green, linestyle="-.", label=text("gd"))
    lower.axhline(far(result, result.least_squares), color=theme.ink, linestyle=":", label=text("least_squares"))
    upper.set(xscale="log", xlabel=text("noise"), title=text("title.left"), ylim=(-0.04, 1.04))
    lower.set(xscale="log", yscale="log", xlabel=text("step"), title=text("title.distance"), ylim=(1e-7, 30))
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9, loc="lower left")
    return drawn
