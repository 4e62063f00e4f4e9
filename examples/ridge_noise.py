"""
Less noise in the weights, more bias, and fewer steps of gradient descent.

Thirty patients of the diabetes data; their targets are the least-squares fit to all patients plus fresh noise of the
size of its residuals. Prediction: the squared error of the fitted values is a noise part that falls with the penalty
and a bias part that grows with it, both sums over the eigenvalues; no noise reaches the weights amplified more than
1 / (2√α) times; gradient descent needs as many steps as the condition number with the penalty demands. Measured:
errors over fresh data sets, the largest amplification, steps until the distance has shrunk a thousandfold.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.descent import best_step, gd_iterations, gd_quadratic_step
from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import (
    ridge_condition_number,
    ridge_noise_gain,
    ridge_noise_gain_bound,
    ridge_solution,
    shrinkage_factor,
)
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

PATIENTS, SEEDS, SETS, TOLERANCE, QUOTED = 30, 24, 200, 1e-3, 10.0
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-8, 17))


@dataclass(frozen=True)
class Result:
    """Eigenvalues; predicted noise and bias (alphas,); measured errors (alphas, seeds), gains and steps (alphas,)."""

    lams: Tensor
    noise: Tensor
    bias: Tensor
    error: Tensor
    gain: Tensor
    steps: Tensor


def data() -> tuple[Tensor, Tensor, float]:
    """Standardised features of the first patients, targets without noise, and the size of the noise."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    X, y = standardize(X, *fit_standardizer(X)), y - y.mean()
    fit = X @ torch.linalg.solve(X.T @ X, X.T @ y)
    return X[:PATIENTS], fit[:PATIENTS], (y - fit).square().mean().sqrt().item()


def count_steps(X: Tensor, y: Tensor, alpha: float) -> int:
    """Run gradient descent with the best constant step from a start that lies along the slowest direction."""
    H = X.T @ X + alpha * torch.eye(X.shape[1], dtype=X.dtype)
    minimum, lr = ridge_solution(X, y, alpha), best_step(H).item()
    w = minimum + torch.linalg.eigh(H).eigenvectors[:, 0]
    count = 0
    while (w - minimum).norm() > TOLERANCE:
        w, count = gd_quadratic_step(w, H, minimum, lr), count + 1
    return count


def compute() -> Result:
    """Predict from the eigenvalues, then fit fresh data sets, probe the noise gain and run gradient descent."""
    X, truth, sigma = data()
    generator = torch.Generator().manual_seed(36)
    lams, vectors = torch.linalg.eigh(X.T @ X)
    along = (vectors.T @ (X.T @ truth)).square() / lams
    targets = truth + sigma * torch.randn(SEEDS * SETS, PATIENTS, generator=generator, dtype=X.dtype)
    rows = []
    for alpha in ALPHAS:
        kept = shrinkage_factor(lams, alpha)
        transfer = torch.stack([ridge_solution(X, unit, alpha) for unit in torch.eye(PATIENTS, dtype=X.dtype)])
        error = (targets @ transfer @ X.T - truth).square().mean(1)
        noise, bias = sigma**2 * kept.square().sum(), ((1 - kept).square() * along).sum()
        gain, steps = torch.linalg.matrix_norm(transfer, 2), torch.tensor(count_steps(X, truth, alpha))
        rows.append((noise / PATIENTS, bias / PATIENTS, error.reshape(SEEDS, SETS).mean(1), gain, steps))
    return Result(lams, *(torch.stack(column) for column in zip(*rows, strict=True)))


def predict_steps(lams: Tensor) -> list[float]:
    """Steps that the condition number demands at each penalty."""
    return [gd_iterations(ridge_condition_number(lams, alpha).item(), TOLERANCE) for alpha in ALPHAS]


def numbers(result: Result) -> dict[str, float | int]:
    """Errors at both ends and at the best penalty, gains and steps at the quoted one, and the gaps to predictions."""
    at, predicted = ALPHAS.index(QUOTED), result.noise + result.bias
    best, measured = int(predicted.argmin()), result.error.mean(1)
    gains = torch.stack([ridge_noise_gain(result.lams.sqrt(), alpha) for alpha in ALPHAS])
    steps = predict_steps(result.lams)
    return {
        "patients": PATIENTS,
        "seeds": SEEDS,
        "sets": SETS,
        "alpha": QUOTED,
        "alpha_best": ALPHAS[best],
        "error_weak": measured[0].item(),
        "error_best": measured[best].item(),
        "error_strong": measured[-1].item(),
        "saved": 1 - (measured[best] / measured[0]).item(),
        "error_gap": (measured / predicted - 1).abs().max().item(),
        "gain": result.gain[at].item(),
        "gain_bound": ridge_noise_gain_bound(QUOTED),
        "gain_none": (1 / result.lams.sqrt().min()).item(),
        "gain_gap": (result.gain - gains).abs().max().item(),
        "kappa_none": (result.lams.max() / result.lams.min()).item(),
        "kappa": ridge_condition_number(result.lams, QUOTED).item(),
        "steps_weak": int(result.steps[0]),
        "steps": int(result.steps[at]),
        "steps_predicted": math.ceil(steps[at]),
        "steps_gap": max(abs(math.ceil(t) - int(count)) for t, count in zip(steps, result.steps, strict=True)),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Error with its two parts, and steps of gradient descent, against the penalty."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    upper.plot(ALPHAS, result.noise, color=theme.orange, linestyle="--", label=text("noise"))
    upper.plot(ALPHAS, result.bias, color=theme.violet, linestyle="-.", label=text("bias"))
    upper.plot(ALPHAS, result.noise + result.bias, color=theme.ink, linewidth=1.2, label=text("sum"))
    low, middle, high = result.error.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
    upper.fill_between(ALPHAS, low, high, color=theme.blue, alpha=0.25, linewidth=0)
    upper.plot(ALPHAS, middle, color=theme.blue, marker="o", linestyle="none", label=text("measured"))
    lower.plot(ALPHAS, predict_steps(result.lams), color=theme.ink, linewidth=1.2, label=text("predicted"))
    lower.plot(ALPHAS, result.steps, color=theme.blue, marker="o", linestyle="none", label=text("measured"))
    upper.set(xscale="log", title=text("title.error"), ylim=(-60, 2300))
    lower.set(xlabel=text("alpha"), yscale="log", title=text("title.steps"))
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9, loc="upper right")
    return drawn
