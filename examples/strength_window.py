"""
The window of strengths in which regularisation helps, and how it closes when there is no noise.

Linear regression with normal inputs, normal true weights and little data, once with much and once with little noise.
Prediction: the expected error on new data has a formula, a bias part that grows with the penalty and a variance part
that falls; it is least at the penalty of the matching prior, the noise variance over the variance of the weights, and
without noise every penalty hurts. The training error only rises. Measured: both errors over many draws.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.penalties import map_penalty, ridge_condition_number, ridge_solution, shrinkage_factor
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

DRAWS, N, FEATURES, TAU, NOISES = 100, 80, 60, 0.25, (1.0, 0.03)
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-8, 15))


@dataclass(frozen=True)
class Result:
    """Errors on new data and on the training targets, of shape (noises, penalties, draws)."""

    new: Tensor
    train: Tensor


def data() -> tuple[Tensor, Tensor, Tensor]:
    """One design; true weights and unit noise of shape (draws, ...)."""
    generator = torch.Generator().manual_seed(35)
    X, w, noise = (
        torch.randn(*shape, generator=generator, dtype=torch.float64)
        for shape in ((N, FEATURES), (DRAWS, FEATURES), (DRAWS, N))
    )
    return X, TAU * w, noise


def compute() -> Result:
    """Fit every draw at every penalty."""
    X, true, noise = data()
    new, train = [], []
    for sigma in NOISES:
        y = true @ X.T + sigma * noise
        for alpha in ALPHAS:
            w = torch.func.vmap(lambda targets, a=alpha: ridge_solution(X, targets, a))(y)
            new.append((w - true).square().sum(1) + sigma**2)
            train.append((y - w @ X.T).square().mean(1))
    shape = (len(NOISES), len(ALPHAS), DRAWS)
    return Result(torch.stack(new).reshape(shape), torch.stack(train).reshape(shape))


def predicted(sigma: float, alpha: float) -> tuple[float, float, float]:
    """Expected error on new data, and its parts from bias and variance, averaged over weights and noise."""
    lams = torch.linalg.eigvalsh(data()[0].T @ data()[0])
    kept = shrinkage_factor(lams, alpha)
    bias, variance = (TAU * (1 - kept)).square().sum().item(), (sigma**2 * kept.square() / lams).sum().item()
    return bias + variance + sigma**2, bias, variance


def numbers(result: Result) -> dict[str, float | int]:
    """Errors at the weakest, the best and the strongest penalty, with and without much noise; condition numbers."""
    new, train = result.new.mean(-1), result.train.mean(-1)
    lams = torch.linalg.eigvalsh(data()[0].T @ data()[0])
    found: dict[str, float | int] = {"draws": DRAWS, "n": N, "features": FEATURES}
    for row, (name, sigma) in enumerate(zip(("noisy", "quiet"), NOISES, strict=True)):
        at, law = int(new[row].argmin()), [predicted(sigma, alpha)[0] for alpha in ALPHAS]
        found |= {f"{name}_alpha": ALPHAS[at], f"{name}_predicted": map_penalty(sigma, TAU), f"{name}_sigma": sigma}
        for key, place in (("weak", 0), ("best", at), ("strong", -1)):
            found |= {f"{name}_{key}": new[row, place].item(), f"{name}_{key}_train": train[row, place].item()}
        found[f"{name}_gap"] = (new[row] / torch.tensor(law, dtype=torch.float64) - 1).abs().max().item()
    kappa = ridge_condition_number(lams, map_penalty(NOISES[0], TAU)).item()
    return found | {"kappa": (lams[-1] / lams[0]).item(), "kappa_best": kappa}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Errors against the penalty, with much noise above and with little below."""
    drawn, rows = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    for axes, sigma, new, train, title in zip(rows, NOISES, result.new, result.train, ("noisy", "quiet"), strict=True):
        parts = [predicted(sigma, alpha) for alpha in ALPHAS]
        for values, key, colour, marker in ((new, "new", theme.orange, "s"), (train, "train", theme.blue, "o")):
            low, high = values.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
            axes.fill_between(ALPHAS, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(
                ALPHAS, values.mean(1), color=colour, marker=marker, markersize=4.5, linestyle="none", label=text(key)
            )
        axes.plot(ALPHAS, [part[0] for part in parts], color=theme.ink, linestyle=":", label=text("prediction"))
        axes.plot(
            ALPHAS, [part[1] for part in parts], color=theme.violet, linestyle="--", linewidth=1.2, label=text("bias")
        )
        axes.plot(
            ALPHAS,
            [part[2] for part in parts],
            color=theme.green,
            linestyle="-.",
            linewidth=1.2,
            label=text("variance"),
        )
        axes.axvline(map_penalty(sigma, TAU), color=theme.muted, linewidth=1)
        axes.set(xscale="log", title=text(f"title.{title}"))
    rows[0].set(ylim=(0, 8))
    rows[1].set(xlabel=text("alpha"), yscale="log", ylim=(1e-4, 10))
    rows[0].legend(fontsize=9, loc="upper left", ncols=2)
    return drawn
