"""
The gradient under dropout as a cloud of points: how p spreads it, and how p moves its middle.

Two standardised features of the diabetes data, a linear model, squared error on a small batch, inverted dropout on the
features. Prediction: the middle of the cloud moves by the gradient of the equivalent penalty, and its covariance is a
sum over examples of what the four masks of an example do; averaging over several masks divides the covariance by their
number and leaves the middle alone. Measured: many drawn gradients, their spread and the share within the ellipse.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.dropout import dropout_expected_loss, dropout_penalty_gradient, inverted_dropout
from optnotes.features import fit_standardizer, standardize
from optnotes.site.figures.datasets import load_diabetes
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

FEATURES, BATCH, DRAWS, SHOWN, SHARE, WEIGHTS = ("bmi", "bp"), 48, 400, 120, 0.9, (0.6, -0.4)
PROBABILITIES, MASKS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (1, 4, 16)
FOUR = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
Key = tuple[float, int]


@dataclass(frozen=True)
class Result:
    """Gradient without dropout; by setting, drawn gradients, and their predicted mean and covariance."""

    plain: Tensor
    drawn: dict[Key, Tensor]
    mean: dict[Key, Tensor]
    covariance: dict[Key, Tensor]


def data() -> tuple[Tensor, Tensor]:
    """The first rows of two features and the target, all standardised."""
    X, y, names = load_diabetes()
    whole = torch.cat([X[:, [names.index(name) for name in FEATURES]], y[:, None]], 1)[:BATCH]
    whole = standardize(whole, *fit_standardizer(whole))
    return whole[:, :2], whole[:, 2]


def gradients(X: Tensor, y: Tensor) -> Tensor:
    """Gradient of the mean squared error for every batch of rows, dropped features included."""
    w = torch.tensor(WEIGHTS, dtype=X.dtype).expand(len(X), -1).requires_grad_()
    loss = torch.func.vmap(lambda rows, targets, v: dropout_expected_loss(rows, targets, v, 0.0))
    (found,) = torch.autograd.grad(loss(X, y, w).sum(), w)
    return found


def covariance(X: Tensor, y: Tensor, p: float) -> Tensor:
    """Covariance of the gradient with one mask: examples are independent, each has four masks."""
    chance = (1 - p) ** FOUR.sum(1) * p ** (2 - FOUR.sum(1))
    rows = inverted_dropout(X[:, None].expand(-1, 4, -1), FOUR.expand(len(X), -1, -1), p)
    each = gradients(rows.flatten(0, 1)[:, None], y.repeat_interleave(4)[:, None]).reshape(-1, 4, 2)
    off = each - torch.einsum("m,nmi->ni", chance, each)[:, None]
    return torch.einsum("m,nmi,nmj->ij", chance, off, off) / len(X) ** 2


def compute() -> Result:
    """Draw gradients, mean over the masks of a step, and predict both moments."""
    X, y = data()
    w, plain = torch.tensor(WEIGHTS, dtype=X.dtype), gradients(X[None], y[None])[0]
    generator = torch.Generator().manual_seed(38)
    uniform = torch.rand(DRAWS, MASKS[-1], *X.shape, generator=generator, dtype=X.dtype)
    drawn, mean, spread = {}, {}, {}
    for p in PROBABILITIES:
        mask, once = (uniform >= p).double(), covariance(X, y, p)
        rows = inverted_dropout(X.expand_as(mask), mask, p).flatten(0, 1)
        single = gradients(rows, y.expand(len(rows), -1)).reshape(DRAWS, -1, 2)
        for masks in MASKS:
            drawn[p, masks] = single[:, :masks].mean(1)
            mean[p, masks] = plain + dropout_penalty_gradient(X, w, p)
            spread[p, masks] = once / masks
    return Result(plain, drawn, mean, spread)


def summary(result: Result, key: Key) -> dict[str, float | int]:
    """Noise and shift relative to the gradient without dropout, and the share of gradients within the ellipse."""
    size, drawn = result.plain.norm().item(), result.drawn[key]
    found = {"noise": drawn.var(0).sum().sqrt() / size, "noise_predicted": result.covariance[key].trace().sqrt() / size}
    for name, mean in (("shift", drawn.mean(0)), ("shift_predicted", result.mean[key])):
        found[name] = (mean - result.plain).norm() / size
    off, floor = drawn - result.mean[key], 1e-12 * torch.eye(2, dtype=drawn.dtype)
    distance = torch.einsum("ni,ij,nj->n", off, torch.linalg.inv(result.covariance[key] + floor), off)
    found["inside"] = (distance <= -2 * math.log(1 - SHARE)).double().mean()
    return {name: value.item() for name, value in found.items()}


def numbers(result: Result) -> dict[str, float | int]:
    """Noise and shift at one half, with one mask and with the most."""
    one, most = summary(result, (0.5, 1)), summary(result, (0.5, MASKS[-1]))
    return {"masks": MASKS[-1]} | {f"one_{k}": v for k, v in one.items()} | {f"most_{k}": v for k, v in most.items()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One mask and many at the same probability: drawn gradients, the predicted ellipse, both means as lines."""
    drawn, panels = new_figure(nrows=2, figsize=(5.6, 6.8), sharex=True)
    turn, zero = torch.linspace(0, math.tau, 73).double(), torch.zeros(2).double()
    circle = math.sqrt(-2 * math.log(1 - SHARE)) * torch.stack([turn.cos(), turn.sin()], 1)
    for axes, masks in zip(panels, (MASKS[0], MASKS[-1]), strict=True):
        key = (0.5, masks)
        values, vectors = torch.linalg.eigh(result.covariance[key])
        ellipse = result.mean[key] + circle @ (vectors * values.clamp(min=0).sqrt()).mT
        axes.plot(*result.drawn[key][:SHOWN].T, ".", color=theme.orange, markersize=3)
        axes.plot(*ellipse.T, color=theme.ink, linestyle=":", linewidth=1.2)
        for end, colour, style in ((result.plain, theme.blue, "-"), (result.mean[key], theme.ink, "--")):
            axes.plot(*torch.stack([zero, end]).T, color=colour, linestyle=style)
        axes.set(title=text("panel", masks=masks), ylabel=text("g2"), xlim=(-2, 3.5), ylim=(-4, 1.2))
    panels[-1].set_xlabel(text("g1"))
    panels[1].text(0.0, 0.35, text("plain"), color=theme.blue, fontsize=9, ha="right")
    panels[1].text(0.6, -0.5, text("mean"), color=theme.ink, fontsize=9)
    return drawn
