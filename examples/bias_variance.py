"""
Bias and variance, measured over many data sets.

Polynomials of growing degree, fitted to the same inputs with fresh noise each time. Prediction: at the training inputs
the mean squared error on fresh targets is noise plus squared bias plus variance; the variance is that of least
squares, the noise variance times the number of coefficients over the number of examples, whatever the pattern; the
bias is what is left of the pattern after its projection. Measured over many data sets: bias, variance, and the error.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.generalization import ols_errors
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SETS, N, SIGMA, DEGREES = 1000, 30, 0.5, tuple(range(16))


@dataclass(frozen=True)
class Result:
    """By degree: squared bias, variance, and the errors of the single data sets on their own and fresh targets."""

    bias: Tensor
    variance: Tensor
    train: Tensor
    fresh: Tensor
    left: Tensor


def compute() -> Result:
    """Fit every degree to every data set."""
    generator = torch.Generator().manual_seed(34)
    x = torch.linspace(-1, 1, N, dtype=torch.float64)
    truth = torch.sin(1.5 * math.pi * x)
    noise, other = SIGMA * torch.randn(2, SETS, N, generator=generator, dtype=torch.float64)
    Q = torch.linalg.qr(torch.stack([torch.cos(k * torch.acos(x)) for k in DEGREES], 1)).Q
    bias, variance, train, fresh, left = [], [], [], [], []
    for degree in DEGREES:
        hat = Q[:, : degree + 1] @ Q[:, : degree + 1].T
        fits = (truth + noise) @ hat
        mean = fits.mean(0)
        bias.append((mean - truth).square().mean())
        variance.append((fits - mean).square().mean())
        train.append((truth + noise - fits).square().mean(-1))
        fresh.append((truth + other - fits).square().mean(-1))
        left.append((truth - hat @ truth).square().mean())
    return Result(*(torch.stack(each) for each in (bias, variance, train, fresh, left)))


def numbers(result: Result) -> dict[str, float | int]:
    """Parts and error at the best degree, at the lowest and the highest, and the largest gaps to the predictions."""
    error = result.fresh.mean(-1)
    law = torch.tensor([ols_errors(SIGMA, degree + 1, N)[1] - SIGMA**2 for degree in DEGREES]).double()
    low = int((SIGMA**2 + result.left + law).argmin())
    found: dict[str, float | int] = {"sets": SETS, "n": N, "sigma": SIGMA, "noise": SIGMA**2, "best": low}
    found |= {"top": DEGREES[-1]}
    for name, at in (("flat", 0), ("best", low), ("top", DEGREES[-1])):
        found |= {f"bias_{name}": result.bias[at].item(), f"variance_{name}": result.variance[at].item()}
        found |= {f"error_{name}": error[at].item(), f"law_{name}": law[at].item()}
        found |= {f"train_{name}": result.train[at].mean().item()}
    found["gap_variance"] = ((result.variance - law).abs() / law).max().item()
    found["gap_bias"] = (result.bias - result.left).abs().max().item()
    return found | {"gap": (SIGMA**2 + result.bias + result.variance - error).abs().max().item()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Noise, squared bias, variance and their sum against the degree, with the measured errors."""
    drawn, axes = new_figure()
    law = torch.tensor([ols_errors(SIGMA, degree + 1, N)[1] - SIGMA**2 for degree in DEGREES]).double()
    axes.plot(DEGREES, SIGMA**2 + result.left + law, color=theme.ink, linestyle=":", label=text("sum"))
    axes.plot(DEGREES, result.fresh.mean(-1), color=theme.orange, marker="s", linestyle="none", label=text("fresh"))
    axes.plot(DEGREES, result.train.mean(-1), color=theme.blue, marker="o", linestyle="none", label=text("train"))
    axes.plot(DEGREES, result.left, color=theme.violet, linestyle="--", label=text("bias"))
    axes.plot(DEGREES, law, color=theme.green, linestyle="-.", label=text("variance"))
    axes.set(xlabel=text("degree"), title=text("error"), ylim=(0, 1.0))
    axes.legend(fontsize=9, ncols=2, loc="upper right")
    return drawn
