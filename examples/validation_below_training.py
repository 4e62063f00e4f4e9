"""
Why the validation loss can lie below the training loss that a progress bar prints.

A network with dropout and a penalty is trained on digits in mini-batches. The printed training loss is the mean over an
epoch of the penalised loss with units switched off, taken while the weights still move; the validation loss is computed
afterwards, without all that. Prediction: evaluated alike, the training loss is the lower one; the difference splits
into exactly three parts, and moving weights make up half an epoch's progress. Measured: three parts and both losses by
epoch, and how much worse each batch is just before its own step than the rest.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import one_hot

from optnotes.activations import relu
from optnotes.dropout import inverted_dropout
from optnotes.gradients import he_std
from optnotes.outputs import cross_entropy
from optnotes.penalties import l2_loss
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, TRAIN, VALID, HIDDEN, BATCHES, EPOCHS = 20, 400, 300, 50, 10, 12
LR, P, LAM = 0.1, 0.5, 0.003
losses = torch.func.vmap(torch.func.vmap(cross_entropy))
penalty = torch.func.vmap(lambda w: l2_loss(torch.zeros(()), w, LAM))


@dataclass(frozen=True)
class Result:
    """Losses of shape (epochs, seeds): as printed, recomputed after the epoch, on the validation set; the parts."""

    printed: Tensor
    fresh: Tensor
    valid: Tensor
    penalty: Tensor
    dropout: Tensor
    moving: Tensor
    stale: Tensor


def network(weights: list[Tensor], X: Tensor, mask: Tensor | None = None) -> Tensor:
    """Logits of one hidden layer for all seeds; with a mask, as in training."""
    hidden = relu(torch.bmm(X, weights[0]))
    return torch.bmm(hidden if mask is None else inverted_dropout(hidden, mask, P), weights[1])


def compute() -> Result:
    """Train all seeds at once; keep what is printed apart from what is recomputed."""
    generator = torch.Generator().manual_seed(34)
    pixels, digits = load_digits()
    order = torch.stack([torch.randperm(len(digits), generator=generator)[: TRAIN + VALID] for _ in range(SEEDS)])
    X, y = pixels.float()[order] / 6 - 0.8, one_hot(digits[order], 10).float()
    weights = [he_std(i) * torch.randn(SEEDS, i, o, generator=generator) for i, o in ((64, HIDDEN), (HIDDEN, 10))]
    rows = []
    for _ in range(EPOCHS):
        seen = []
        for part in torch.randperm(TRAIN, generator=generator).chunk(BATCHES):
            mask = (torch.rand(SEEDS, len(part), HIDDEN, generator=generator) >= P).float()
            leaves = [w.requires_grad_() for w in weights]
            noisy = losses(network(leaves, X[:, part], mask), y[:, part]).mean(1)
            extra = penalty(leaves[0]) + penalty(leaves[1])
            gradients = torch.autograd.grad((noisy + extra).sum(), leaves)
            with torch.no_grad():
                alike = losses(network(weights, X[:, :TRAIN]), y[:, :TRAIN])
                calm = alike[:, part].mean(1)
                seen.append(torch.stack([extra, noisy - calm, calm, calm - alike.mean(1)]))
                weights = [w - LR * g for w, g in zip(weights, gradients, strict=True)]
        with torch.no_grad():
            fresh, valid = (part.mean(1) for part in torch.split(losses(network(weights, X), y), [TRAIN, VALID], 1))
        extra, dropped, calm, stale = torch.stack(seen).mean(0)
        rows.append((extra + dropped + calm, fresh, valid, extra, dropped, calm - fresh, stale))
    return Result(*(torch.stack(part).detach() for part in zip(*rows, strict=True)))


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds in the quoted epochs."""
    found: dict[str, float | int] = {"seeds": SEEDS, "epochs": EPOCHS, "batches": BATCHES}
    for name in ("printed", "fresh", "valid", "penalty", "dropout", "moving", "stale"):
        mean = getattr(result, name).mean(1)
        found |= {f"{name}_second": mean[1].item(), f"{name}_last": mean[-1].item()}
    half = -result.fresh.diff(dim=0).mean(1) / 2
    found |= {"half_second": half[0].item(), "half_last": half[-1].item()}
    found["below"] = int((result.valid < result.printed).all(1).sum())
    found["never_below"] = int((result.valid.mean(1) > result.fresh.mean(1)).sum())
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Three losses by epoch, and the parts of the difference between the printed and the recomputed one."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    epochs = range(1, EPOCHS + 1)
    for axes, name, look, marker, style in (
        (upper, "printed", "red", "^", "-."),
        (upper, "valid", "orange", "s", "--"),
        (upper, "fresh", "blue", "o", "-"),
        (lower, "dropout", "violet", "D", "--"),
        (lower, "penalty", "green", "v", "-."),
        (lower, "moving", "blue", "o", "none"),
    ):
        colour = getattr(theme, look)
        low, middle, high = getattr(result, name).quantile(torch.tensor([0.1, 0.5, 0.9]), dim=1)
        axes.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(epochs, middle, color=colour, marker=marker, markersize=4.5, linestyle=style, label=text(name))
    half = -result.fresh.diff(dim=0).mean(1) / 2
    lower.plot(epochs[1:], half, color=theme.ink, linestyle=":", label=text("half"))
    upper.set(title=text("title.losses"), ylim=(0, 1.6))
    lower.set(title=text("title.parts"), xlabel=text("epoch"), ylim=(0, None))
    upper.legend(fontsize=9)
    lower.legend(fontsize=9)
    return drawn
