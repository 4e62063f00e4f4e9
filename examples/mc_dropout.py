"""
Monte Carlo dropout: the average over masks against the single pass without dropout, and the calibration of both.

Digits, one hidden layer trained with dropout, many seeds; tested on clean pixels and on noisy ones. Prediction: the
loss of the average of several passes falls to its limit as one over their number, with the variance of the predicted
probabilities as the factor. Whether the limit beats the single pass is not decided by theory. Measured: the test loss
against the number of passes, and the calibration: how often the class predicted with a given confidence is right.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.descent import adam_step
from optnotes.dropout import inverted_dropout
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, N_TEST, H, STEPS, LR, P, PASSES, BINS = 20, 100, 150, 64, 60, 0.02, 0.5, 128, 10
SHIFTS, SHOWN = {"clean": 0.0, "noisy": 0.4}, (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(frozen=True)
class Result:
    """Probabilities of the single pass and of the average, of shape (seeds, tests, classes), by kind of pixels."""

    labels: Tensor
    single: dict[str, Tensor]
    average: dict[str, Tensor]
    loss: dict[str, Tensor]
    loss_predicted: dict[str, Tensor]


def compute() -> Result:
    """Train with dropout, then predict without it and with many masks."""
    generator, (pixels, labels) = torch.Generator().manual_seed(38), load_digits()
    pixels = pixels.float() / 16
    order = torch.stack([torch.randperm(len(labels), generator=generator) for _ in range(SEEDS)])
    X, y, X_test, y_test = (part[order[:, at]] for at in (slice(N), slice(N, N + N_TEST)) for part in (pixels, labels))
    weights = [he_std(i) * torch.randn(SEEDS, i, o, generator=generator) for i, o in ((64, H), (H, 10))]
    moments = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]

    def masked(hidden: Tensor) -> Tensor:
        return inverted_dropout(hidden, (torch.rand(hidden.shape, generator=generator) >= P).float(), P) @ V

    for step in range(1, STEPS + 1):
        W, V = (w.requires_grad_() for w in weights)
        logits = masked((X @ W).relu())
        slopes = torch.autograd.grad(cross_entropy(logits.flatten(0, 1), y.flatten()) * SEEDS, (W, V))
        with torch.no_grad():
            for i, (m, v) in enumerate(moments):
                weights[i], *moments[i] = adam_step(weights[i], slopes[i], m, v, step, LR, 0.0)
    W, V = weights
    single, average, loss, predicted = {}, {}, {}, {}
    noise = torch.randn(X_test.shape, generator=generator)
    with torch.no_grad():
        for name, sigma in SHIFTS.items():
            hidden = ((X_test + sigma * noise) @ W).relu()
            passes = torch.stack([masked(hidden).softmax(-1) for _ in range(PASSES)])
            single[name], average[name] = (hidden @ V).softmax(-1), passes.mean(0)
            right = passes.gather(-1, y_test.expand(PASSES, SEEDS, N_TEST)[..., None])[..., 0]
            groups = (right.view(PASSES // T, T, SEEDS, N_TEST).mean(1) for T in SHOWN)
            loss[name] = torch.stack([-group.log().mean((0, 2)) for group in groups])
            # Second-order expansion of the logarithm about the mean over passes.
            excess = (right.var(0) / right.mean(0).square()).mean(1) / 2
            limit = loss[name][-1] - excess / PASSES
            predicted[name] = torch.stack([limit + excess / T for T in SHOWN])
    return Result(y_test, single, average, loss, predicted)


def nll(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Mean negative log-likelihood of each seed."""
    return -probabilities.gather(-1, labels[..., None])[..., 0].log().mean(1)


def reliability(probabilities: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean confidence, accuracy and share of the tests of all seeds in each bin of confidence."""
    confidence, predicted = probabilities.max(-1)
    bins = (confidence.flatten() * BINS).long().clamp(max=BINS - 1)
    count = torch.zeros(BINS).index_add(0, bins, torch.ones(bins.shape))
    total = torch.zeros(BINS).index_add(0, bins, confidence.flatten())
    right = torch.zeros(BINS).index_add(0, bins, (predicted == labels).float().flatten())
    return total / count.clamp(min=1), right / count.clamp(min=1), count / count.sum()


def calibration_error(probabilities: Tensor, labels: Tensor) -> float:
    """Expected calibration error: distance of confidence and accuracy, averaged over the tests."""
    confidence, accuracy, share = reliability(probabilities, labels)
    return (share * (confidence - accuracy).abs()).sum().item()


def numbers(result: Result) -> dict[str, float | int]:
    """Losses, calibration errors, confidence and accuracy of both predictions on both kinds of pixels."""
    found: dict[str, float | int] = {"seeds": SEEDS, "passes": PASSES, "p": P, "sigma": SHIFTS["noisy"], "bins": BINS}
    for name in SHIFTS:
        for key, probabilities in (("single", result.single[name]), ("average", result.average[name])):
            confidence, predicted = probabilities.max(-1)
            found[f"{key}_{name}"] = nll(probabilities, result.labels).mean().item()
            found[f"ece_{key}_{name}"] = calibration_error(probabilities, result.labels)
            found[f"confidence_{key}_{name}"] = confidence.mean().item()
            found[f"accuracy_{key}_{name}"] = (predicted == result.labels).float().mean().item()
        found[f"one_{name}"] = result.loss[name][0].mean().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Test loss on noisy pixels against the number of passes, and reliability of both predictions on both kinds."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.8))
    losses, single = result.loss["noisy"], nll(result.single["noisy"], result.labels).mean()
    low, high = losses.quantile(torch.tensor([0.1, 0.9]), dim=1)
    upper.fill_between(SHOWN, low, high, color=theme.blue, alpha=0.2, linewidth=0)
    upper.plot(SHOWN, losses.mean(1), "o", color=theme.blue, label=text("average"))
    predicted = result.loss_predicted["noisy"].mean(1)
    upper.plot(SHOWN, predicted, color=theme.ink, linestyle=":", label=text("predicted"))
    upper.axhline(single, color=theme.orange, linestyle="--", label=text("single"))
    lower.plot([0, 1], [0, 1], color=theme.muted, linewidth=1, linestyle="-")
    looks = (("single", theme.orange, "--", "s"), ("average", theme.blue, "-", "o"))
    for (key, colour, style, marker), name in ((look, name) for look in looks for name in SHIFTS):
        confidence, accuracy, share = reliability(getattr(result, key)[name], result.labels)
        enough, fill = share > 0.01, colour if name == "noisy" else theme.paper
        shape = {"marker": marker, "markerfacecolor": fill, "linestyle": style if name == "noisy" else ":"}
        label = text(f"{key}.{name}")
        lower.plot(confidence[enough], accuracy[enough], color=colour, label=label, **shape)
    upper.set(xscale="log", xticks=SHOWN, xticklabels=SHOWN, xlabel=text("passes"), title=text("title.loss"))
    upper.minorticks_off()
    lower.set(xlabel=text("confidence"), title=text("title.accuracy"), xlim=(0.2, 1.02), ylim=(0, 1.02))
    upper.legend(fontsize=9)
    lower.legend(fontsize=9)
    return drawn
