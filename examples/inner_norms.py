"""
Whether a normalisation layer inside the network replaces the scaling of its inputs.

A network with one hidden tanh layer learns the breast cancer data, whose features differ in scale by five orders of
magnitude; raw or standardised inputs, with nothing, batch or layer normalisation after the first linear map. Each
variant uses its best learning rate. Prediction: the inner layer divides out a factor common to all inputs exactly, but
not their ratio, so the largest features drown the others before it acts; scaled inputs learn faster. Measured: the
training loss against the step, and how far the hidden units follow the two largest features.
"""

from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.normalization import batch_norm, layer_norm
from optnotes.outputs import bce_with_logits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, ROWS, HIDDEN, STEPS, FACTOR = 20, 128, 8, 100, 1000.0
RATES, EPS = (0.3, 3.0, 10.0, 30.0), 1e-5
LAYERS = ("none", "batch", "layer")
VARIANTS = tuple((inputs, layer) for inputs in ("raw", "scaled") for layer in LAYERS)


@dataclass(frozen=True)
class Result:
    """Training losses of shape (steps + 1, rates, seeds); effects of factors on the hidden layer; its dependence."""

    loss: dict[str, Tensor]
    common: dict[str, float]
    single: dict[str, float]
    followed: dict[str, float]


def data() -> tuple[dict[str, Tensor], Tensor]:
    """Raw and standardised rows in a random order that does not change, and labels."""
    bunch = load_breast_cancer()
    rows = torch.randperm(len(bunch.data), generator=torch.Generator().manual_seed(40))[:ROWS]
    X, y = torch.tensor(bunch.data)[rows], torch.tensor(bunch.target).double()[rows]
    return {"raw": X, "scaled": standardize(X, *fit_standardizer(X))}, y


def hidden(X: Tensor, A: Tensor, layer: str) -> Tensor:
    """Inputs of the activation, of shape (rows, networks, units): a linear map, then perhaps a normalisation layer."""
    z = torch.einsum("nd,...kd->n...k", X, A)
    if layer == "none":
        return z
    flat, normalise = (z.flatten(1), batch_norm) if layer == "batch" else (z.flatten(0, -2), layer_norm)
    units = torch.ones_like(flat[0])
    return normalise(flat, units, 0 * units, EPS).reshape(z.shape)


def start() -> tuple[Tensor, Tensor, Tensor]:
    """Random first layer, random output weights and zero biases, one row per seed."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(40), dtype=torch.float64)
    A = normal(SEEDS, HIDDEN, 30) / 30**0.5
    return A, normal(SEEDS, HIDDEN) / HIDDEN**0.5, torch.zeros(SEEDS, dtype=A.dtype)


def train(X: Tensor, y: Tensor, layer: str) -> Tensor:
    """Losses along full-batch gradient descent, for all learning rates and seeds at once."""
    weights = [w.repeat(len(RATES), *[1] * (w.dim() - 1)).requires_grad_() for w in start()]
    rates, losses = torch.tensor(RATES).repeat_interleave(SEEDS), []
    for _ in range(STEPS + 1):
        A, b, bias = weights
        logits = (torch.tanh(hidden(X, A, layer)) * b).sum(-1) + bias
        value = bce_with_logits(logits, y[:, None].expand_as(logits)).mean(0)
        losses.append(value.detach())
        grads = torch.autograd.grad(value.sum(), weights)  # networks do not share weights
        with torch.no_grad():
            for w, grad in zip(weights, grads, strict=True):
                w -= rates.reshape(-1, *[1] * (w.dim() - 1)) * grad
    return torch.stack(losses).reshape(STEPS + 1, len(RATES), SEEDS)


def compute() -> Result:
    """Train every variant; then change the scale of all inputs, or of one, and see what the hidden layer notices."""
    versions, y = data()
    A, X = start()[0][:1], versions["scaled"]
    one = torch.ones(30, dtype=X.dtype).index_fill(0, torch.tensor([3]), FACTOR)

    def change(factor: Tensor | float, layer: str) -> float:
        return (hidden(X * factor, A, layer) - hidden(X, A, layer)).abs().max().item()

    followed = {}
    for name, Z in versions.items():
        centred = Z - Z.mean(0)
        largest = versions["raw"].std(0).topk(2).indices
        z = hidden(centred, start()[0], "none").flatten(1)
        explained = torch.linalg.qr(centred[:, largest]).Q.mT @ z
        followed[name] = (explained.square().sum() / z.square().sum()).item()
    return Result(
        loss={f"{inputs}_{layer}": train(versions[inputs], y, layer) for inputs, layer in VARIANTS},
        common={layer: change(FACTOR, layer) for layer in LAYERS},
        single={layer: change(one, layer) for layer in LAYERS},
        followed=followed,
    )


def best(loss: Tensor) -> Tensor:
    """Losses of shape (steps + 1, seeds) at the learning rate with the smallest median at the end."""
    return loss[:, loss[-1].median(-1).values.argmin()]


def numbers(result: Result) -> dict[str, float | int]:
    """Median losses at the end and the best learning rates; effects of a factor; dependence on two features."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "factor": FACTOR}
    for name, loss in result.loss.items():
        found[f"loss_{name}"] = best(loss)[-1].median().item()
        found[f"rate_{name}"] = RATES[int(loss[-1].median(-1).values.argmin())]
    for layer in LAYERS:
        found |= {f"common_{layer}": result.common[layer], f"single_{layer}": result.single[layer]}
    return found | {f"followed_{name}": value for name, value in result.followed.items()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Training loss at the end for raw and for standardised inputs, by layer."""
    drawn, axes = new_figure(figsize=(5.6, 3.4))
    names, place = [], 0.0
    for inputs in ("raw", "scaled"):
        for layer, colour, marker in zip(LAYERS, (theme.red, theme.blue, theme.green), "os^", strict=True):
            last = best(result.loss[f"{inputs}_{layer}"])[-1]
            low, middle, high = last.quantile(torch.tensor([0.1, 0.5, 0.9]).double()).tolist()
            axes.hlines(place, low, high, color=colour, linewidth=3)
            axes.plot(middle, place, marker, color=colour, markersize=7)
            names.append((place, text(layer)))
            place -= 1
        axes.text(2.0, place + 3.55, text(f"title.{inputs}"), ha="right", va="center", fontweight="bold", fontsize=9)
        place -= 0.9
    axes.set_yticks([place for place, _ in names], [name for _, name in names])
    axes.set(xscale="log", title=text("title"), xlim=(3e-4, 2.2), ylim=(place + 1.4, 1.0))
    return drawn
