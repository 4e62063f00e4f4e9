"""
Which of infinitely many perfect fits training finds: the start and the optimiser decide.

Linear regression with three times as many features as examples, many seeds; every run ends with zero training error.
Prediction: gradient descent never leaves the span of the examples plus its start, so from zero it ends at the shortest
interpolating weights, and a random start of length r adds to the expected error r² times the share of directions that
the data leave free. Adam leaves the span and finds other, longer weights. Measured: distance to the shortest weights
and exact error on new data, against the length of the start.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import adam_step, gd_quadratic_step, gd_step_bound
from optnotes.features import least_squares_hessian
from optnotes.generalization import min_norm_error, min_norm_interpolant
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, FEATURES, SIGMA, STEPS, ADAM_STEPS, ADAM_LR = 24, 30, 90, 0.3, 300, 500, 0.01
STARTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Result:
    """Final weights of gradient descent (starts, seeds, features) and of Adam, the shortest, and the true ones."""

    descent: Tensor
    adam: Tensor
    shortest: Tensor
    true: Tensor
    train: Tensor


def data() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Independent features, true weights of length one, targets, and directions of the start."""
    generator = torch.Generator().manual_seed(34)
    X, w, noise, start = (
        torch.randn(SEEDS, *shape, generator=generator, dtype=torch.float64)
        for shape in ((N, FEATURES), (FEATURES,), (N,), (FEATURES,))
    )
    w, start = (v / v.norm(dim=1, keepdim=True) for v in (w, start))
    return X, w, torch.einsum("snd,sd->sn", X, w) + SIGMA * noise, start


def compute() -> Result:
    """Run gradient descent from every start and Adam from zero, all seeds at once."""
    X, true, y, start = data()
    H, shortest = torch.func.vmap(least_squares_hessian)(X), torch.func.vmap(min_norm_interpolant)(X, y)
    lr = min(gd_step_bound(lams[-N:]).item() for lams in torch.linalg.eigvalsh(H)) / 2
    one = torch.func.vmap(lambda w, h, best: gd_quadratic_step(w, h, best, lr), in_dims=(0, None, None))
    # Starts inside and seeds outside: the other way round every step would copy the Hessians for every start.
    step, w = torch.func.vmap(one, in_dims=(1, 0, 0), out_dims=1), torch.tensor(STARTS).double()[:, None, None] * start
    for _ in range(STEPS):
        w = step(w, H, shortest)
    adam = m = v = torch.zeros_like(shortest)
    for t in range(1, ADAM_STEPS + 1):
        slope = (H @ (adam - shortest)[..., None])[..., 0]
        adam, m, v = adam_step(adam, slope, m, v, t, ADAM_LR, 0.0)
    residual = torch.einsum("snd,ksd->ksn", X, torch.cat([w, adam[None]])) - y
    return Result(w, adam, shortest, true, residual.square().mean(-1))


def error(w: Tensor, true: Tensor) -> Tensor:
    """Expected squared error on new data: the features are independent and of variance one."""
    return (w - true).square().sum(-1) + SIGMA**2


def predicted(length: float) -> float:
    """Expected error of gradient descent from a random start of this length."""
    return min_norm_error(1.0, 0.0, SIGMA, FEATURES, N) + length**2 * (1 - N / FEATURES)


def numbers(result: Result) -> dict[str, float | int]:
    """Distances and errors, means over seeds."""
    errors, apart = error(result.descent, result.true).mean(-1), (result.descent - result.shortest).norm(dim=-1)
    forecast = torch.tensor([predicted(length) for length in STARTS], dtype=torch.float64)
    return {
        "seeds": SEEDS,
        "n": N,
        "features": FEATURES,
        "distance_zero": apart[0].max().item(),
        "distance_far": apart[-1].mean().item(),
        "distance_predicted": math.sqrt(1 - N / FEATURES) * STARTS[-1],
        "distance_adam": (result.adam - result.shortest).norm(dim=-1).mean().item(),
        "error_zero": errors[0].item(),
        "predicted_zero": predicted(0.0),
        "error_far": errors[-1].item(),
        "predicted_far": predicted(STARTS[-1]),
        "error_adam": error(result.adam, result.true).mean().item(),
        "longer_adam": (result.adam.norm(dim=-1) / result.shortest.norm(dim=-1)).min().item(),
        "gap": ((errors - forecast).abs() / forecast).max().item(),
        "train": result.train.max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Error on new data against the length of the start."""
    drawn, axes = new_figure()
    fine = [i / 100 for i in range(106)]
    axes.plot(fine, [predicted(length) for length in fine], color=theme.ink, linestyle=":", label=text("prediction"))
    low, high = error(result.descent, result.true).quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
    axes.fill_between(STARTS, low, high, color=theme.blue, alpha=0.2, linewidth=0)
    middle = error(result.descent, result.true).mean(1)
    axes.plot(STARTS, middle, color=theme.blue, marker="o", linestyle="none", label=text("descent"))
    adam = error(result.adam, result.true)
    low, high = adam.quantile(torch.tensor([0.1, 0.9]).double()).tolist()
    span = [[adam.mean().item() - low], [high - adam.mean().item()]]
    axes.errorbar(0.015, adam.mean(), span, color=theme.orange, marker="s", capsize=3, label=text("adam"))
    axes.set(title=text("title"), xlabel=text("length"), ylim=(0, None))
    axes.legend(fontsize=9, loc="upper left")
    return drawn
