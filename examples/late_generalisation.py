"""
Grokking in a case that can be computed: the training error falls at once, the error on new data much later.

Linear regression with more features than examples, without noise, from a long random start, with a little weight decay.
Prediction: the data never touch the part of the weights outside the span of the examples; only the decay removes it,
by the factor 1 - η λ at every step. So the error on new data keeps the squared length of that part, times
(1 - η λ)^(2t), long after the training error is gone, and falls when η λ t is about one. Measured: both errors against
the step, with and without decay.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, D, ACTIVE, LENGTH, LR, LAM, STEPS = 12, 40, 60, 5, 10.0, 0.2, 0.002, 15_000
SHOWN = tuple(sorted({round(STEPS ** (i / 60)) for i in range(61)}))
CLOSE = 0.01


@dataclass(frozen=True)
class Result:
    """Errors on training and on new data of shape (steps, seeds), the latter without decay as well; the prediction."""

    train: Tensor
    new: Tensor
    plain: Tensor
    predicted: Tensor


def compute() -> Result:
    """Descend from the same starts with decay and without."""
    generator = torch.Generator().manual_seed(34)
    X, start = (torch.randn(SEEDS, *k, D, generator=generator, dtype=torch.float64) for k in ((N,), ()))
    start = LENGTH * start / start.norm(dim=1, keepdim=True)
    true = torch.zeros(SEEDS, D, dtype=torch.float64)
    true[:, :ACTIVE] = 1
    H = X.mT @ X / N
    free = torch.eye(D).double() - torch.linalg.pinv(X) @ X
    unseen, pull = (free @ torch.stack([start, true], -1)).unbind(-1), LR * H @ true[..., None]
    paths: dict[float, list[Tensor]] = {LAM: [], 0.0: []}
    for lam, path in paths.items():
        shrink, w = (1 - LR * lam) * torch.eye(D).double() - LR * H, start[..., None]
        for t in range(1, STEPS + 1):
            w = torch.baddbmm(pull, shrink, w)
            if t in SHOWN:
                path.append(w)
    train, new, plain, predicted = [], [], [], []
    for t, w, other in zip(SHOWN, paths[LAM], paths[0.0], strict=True):
        train.append((X @ (w - true[..., None]))[..., 0].square().mean(-1))
        new.append((w[..., 0] - true).square().sum(-1))
        plain.append((other[..., 0] - true).square().sum(-1))
        predicted.append(((1 - LR * LAM) ** t * unseen[0] - unseen[1]).square().sum(-1))
    return Result(*(torch.stack(each) for each in (train, new, plain, predicted)))


def numbers(result: Result) -> dict[str, float | int]:
    """When each error has lost 99 % of its value at the first step, and where the errors end."""
    train, new = result.train.mean(1), result.new.mean(1)
    early = next(t for t, error in zip(SHOWN, train, strict=True) if error < CLOSE * train[0])
    late = next(t for t, error in zip(SHOWN, new, strict=True) if error < 2 * result.predicted.mean(1)[-1])
    at = SHOWN.index(early)
    return {
        "seeds": SEEDS,
        "n": N,
        "features": D,
        "decay": LAM,
        "early": early,
        "late": late,
        "scale": round(1 / (LR * LAM)),
        "new_early": new[at].item(),
        "new_last": new[-1].item(),
        "plain_last": result.plain[-1].mean().item(),
        "gap": ((result.new - result.predicted).abs() / result.predicted)[at:].mean(1).max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Both errors against the step, with the prediction."""
    drawn, axes = new_figure()
    rows = (
        (result.train, "train", theme.blue, "-"),
        (result.new, "new", theme.orange, "-"),
        (result.plain, "plain", theme.violet, "--"),
        (result.predicted, "predicted", theme.ink, ":"),
    )
    for values, key, colour, style in rows:
        axes.plot(SHOWN, values.mean(1), color=colour, linestyle=style, label=text(key))
    axes.set(xscale="log", yscale="log", ylim=(1e-4, 1e3), xlabel=text("step"), title=text("error"))
    axes.legend(fontsize=9, loc="lower left")
    return drawn
