"""
Dropout right before batch normalisation: training and inference see different variances.

Untrained nets of ReLU layers on digits. Prediction: with dropout on, the variance of a unit is larger than with dropout
off by a factor that depends on its mean; batch normalisation stores the larger one and divides by it at inference, so
its outputs come out too small, and layer after layer the factors multiply. Dropout behind the last normalisation shifts
nothing. Measured: the factor with the running variance of PyTorch, and the standard deviation of normalised units at
inference by layer, many seeds.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.dropout import dropout_variance_ratio, inverted_dropout
from optnotes.gradients import he_std
from optnotes.normalization import batch_norm, batch_norm_inference
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, H, DEPTH, EPS, PASSES = 20, 1000, 32, 5, 1e-5, 20
PROBABILITIES, P, SUMMED, CORRELATION = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 0.5, 16, 0.5


@dataclass(frozen=True)
class Result:
    """Ratios of shape (probabilities, units); standard deviations at inference of shape (seeds, layers)."""

    ratio: Tensor
    ratio_predicted: Tensor
    before: Tensor
    before_predicted: Tensor
    behind: Tensor


def drop(hidden: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """Inverted dropout with a fresh mask."""
    return inverted_dropout(hidden, (torch.rand(hidden.shape, generator=generator) >= p).to(hidden), p)


def pixels() -> Tensor:
    """Digits, centred by pixel."""
    X = load_digits()[0][:N] / 16
    return X - X.mean(0)


def ratios(p: float) -> tuple[Tensor, Tensor]:
    """Running variance of BatchNorm1d behind dropout over the variance without: measured and predicted, by unit."""
    generator = torch.Generator().manual_seed(38)
    hidden = (pixels() @ (he_std(64) * torch.randn(64, H, generator=generator, dtype=torch.float64))).relu()
    layer = torch.nn.BatchNorm1d(H, momentum=None, dtype=hidden.dtype)
    for _ in range(PASSES):
        layer(drop(hidden, p, generator))
    assert layer.running_var is not None
    mean, variance = hidden.mean(0), hidden.var(0)
    return layer.running_var / variance, dropout_variance_ratio(mean, variance, p)


def spread(p: float, seed: int) -> tuple[Tensor, Tensor]:
    """Mean standard deviation of normalised units at inference by layer, and its prediction."""
    generator = torch.Generator().manual_seed(seed)
    training = inference = pixels()
    one, zero = torch.ones(H, dtype=torch.float64), torch.zeros(H, dtype=torch.float64)
    measured, predicted, factor = [], [], 1.0
    for _ in range(DEPTH):
        fan_in = training.shape[1]
        W = he_std(fan_in) * torch.randn(fan_in, H, generator=generator, dtype=torch.float64)
        plain = (training @ W).relu()
        dropped = drop(plain, p, generator)
        ratio = dropout_variance_ratio(plain.mean(0), plain.var(0), p)
        inference = batch_norm_inference((inference @ W).relu(), dropped.mean(0), dropped.var(0), one, zero, EPS)
        training = batch_norm(dropped, one, zero, EPS)
        factor *= (1 / ratio.sqrt()).mean().item()
        measured.append(inference.std(0).mean())
        predicted.append(torch.tensor(factor))
    return torch.stack(measured), torch.stack(predicted)


def compute() -> Result:
    """Compare variances at every probability, then follow the shift through the layers."""
    measured, predicted = zip(*(ratios(p) for p in PROBABILITIES), strict=True)
    before, expected = zip(*(spread(P, seed) for seed in range(SEEDS)), strict=True)
    behind = [spread(0.0, seed)[0] for seed in range(SEEDS)]
    columns = (measured, predicted, before, expected, behind)
    return Result(*(torch.stack(list(column)) for column in columns))


def numbers(result: Result) -> dict[str, float | int]:
    """Ratios at the quoted probability, the error of the prediction, and standard deviations by layer."""
    at = PROBABILITIES.index(P)
    return {
        "seeds": SEEDS,
        "p": P,
        "depth": DEPTH,
        "centred": 1 / (1 - P),
        "summed": SUMMED,
        "correlation": CORRELATION,
        "ratio_summed": 1 + P / (1 - P) / (1 + (SUMMED - 1) * CORRELATION),
        "ratio": result.ratio[at].median().item(),
        "ratio_predicted": result.ratio_predicted[at].median().item(),
        "ratio_smallest": result.ratio[at].min().item(),
        "ratio_largest": result.ratio[at].max().item(),
        "ratio_error": (result.ratio / result.ratio_predicted - 1).abs().max().item(),
        "first": result.before.mean(0)[0].item(),
        "first_predicted": result.before_predicted.mean(0)[0].item(),
        "last": result.before.mean(0)[-1].item(),
        "last_predicted": result.before_predicted.mean(0)[-1].item(),
        "behind": result.behind[:, -1].mean().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Ratio of variances against the drop probability, and the standard deviation at inference by layer."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    low, middle, high = result.ratio.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
    upper.fill_between(PROBABILITIES, low, high, color=theme.orange, alpha=0.2, linewidth=0)
    upper.plot(PROBABILITIES, middle, "o", color=theme.orange, markersize=4)
    upper.plot(PROBABILITIES, result.ratio_predicted.median(1).values, color=theme.ink, linestyle="-", linewidth=1.2)
    upper.plot(PROBABILITIES, [1 / (1 - p) for p in PROBABILITIES], color=theme.blue, linestyle="--")
    upper.text(0.08, 2.6, text("relu"), color=theme.orange, fontsize=9)
    upper.text(0.7, 1.1, text("centred"), color=theme.blue, fontsize=9, ha="right")
    layers = range(1, DEPTH + 1)
    low, middle, high = result.before.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=0)
    lower.fill_between(layers, low, high, color=theme.orange, alpha=0.2, linewidth=0)
    lower.plot(layers, result.behind.mean(0), color=theme.blue, marker="o", markersize=4)
    lower.plot(layers, middle, "s", color=theme.orange, markersize=4)
    lower.plot(layers, result.before_predicted.mean(0), color=theme.ink, linestyle="-", linewidth=1.2)
    lower.text(DEPTH, 1.05, text("behind"), color=theme.blue, fontsize=9, ha="right")
    lower.text(1.9, 0.6, text("before"), color=theme.orange, fontsize=9)
    upper.set(title=text("title.ratio"), xlabel=text("p"), ylim=(0, 6))
    lower.set(title=text("title.spread"), xlabel=text("layer"), ylim=(0, 1.2), xticks=layers)
    return drawn
