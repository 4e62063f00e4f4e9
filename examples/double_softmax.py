"""
What a wrong pair of output layer and loss costs: softmax applied twice, squared error behind a sigmoid.

Prediction: with a second softmax the loss cannot fall below a floor known in advance, and the gradient of a confident
mistake fades exponentially with its margin, as it does for squared error behind a sigmoid; on logits it stays large.
Measured: gradients of the library's losses; linear classifiers on digits, from zero and from confidently wrong weights.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from optnotes.activations import sigmoid_derivative
from optnotes.outputs import (
    bce_with_logits_gradient,
    cross_entropy_gradient,
    double_softmax_floor,
    softmax,
    softmax_jacobian,
)
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

CLASSES, SEEDS, TRAIN, STEPS, LR, BEFORE, SHARPER, QUOTED = 10, 20, 200, 120, 1.0, 100, 5.0, 10
MARGINS = tuple(range(13))
LOOKS = {"logits": ("blue", "o"), "double": ("orange", "s"), "bce": ("green", "^"), "squared": ("violet", "v")}
PLACES = {  # where the lines are named
    "logits": (0.2, 10),
    "bce": (0.2, 3),
    "squared": (0.2, 2e-4),
    "double": (0.2, 4e-5),
    "logits_zero": (40, 1.03),
    "double_zero": (8, 0.74),
    "logits_wrong": (72, 0.22),
    "double_wrong": (60, 0.05),
}
Pair = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Result:
    """Norms of the gradient by loss and margin; loss and share of right answers by run, of shape (steps, seeds)."""

    predicted: dict[str, Tensor]
    measured: dict[str, Tensor]
    loss: dict[str, Tensor]
    accuracy: dict[str, Tensor]


def double_gradient(z: Tensor, y: Tensor) -> Tensor:
    """Gradient of cross-entropy with softmax in front, by the chain rule; the Jacobian is symmetric."""
    return softmax_jacobian(z) @ cross_entropy_gradient(softmax(z), y)


def squared_gradient(a: Tensor, y: Tensor) -> Tensor:
    """Gradient of squared error behind a sigmoid: predicted minus true, times the slope of the sigmoid."""
    return 2 * bce_with_logits_gradient(a, y) * sigmoid_derivative(a)


def gradients(name: str) -> tuple[Tensor, Tensor]:
    """Norm by formula and by automatic differentiation of the library's loss, for a mistake of every margin."""
    losses: dict[str, tuple[Pair, Pair]] = {
        "logits": (cross_entropy_gradient, functional.cross_entropy),
        "double": (double_gradient, lambda z, y: functional.cross_entropy(z.softmax(0), y)),
        "bce": (bce_with_logits_gradient, functional.binary_cross_entropy_with_logits),
        "squared": (squared_gradient, lambda a, y: functional.mse_loss(a.sigmoid(), y)),
    }
    (formula, loss), one = losses[name], torch.ones(1).double()
    y, direction = torch.eye(CLASSES).double()[:2] if name in ("logits", "double") else (one, -one)
    inputs = [(margin * direction).requires_grad_() for margin in MARGINS]
    predicted = torch.stack([formula(z.detach(), y).norm() for z in inputs])
    return predicted, torch.stack([torch.autograd.grad(loss(z, y), z)[0].norm() for z in inputs])


def descend(W: Tensor, X: Tensor, y: Tensor, twice: bool, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Gradient descent of linear classifiers on the library's loss; returns loss, right answers and weights."""
    losses, right = [], []
    for _ in range(steps):
        z = torch.bmm(X, W.requires_grad_())
        loss = functional.cross_entropy((z.softmax(2) if twice else z).mT, y, reduction="none").mean(1)
        W = (W - LR * torch.autograd.grad(loss.sum(), W)[0]).detach()
        losses.append(loss.detach())
        right.append((z.argmax(2) == y).double().mean(1))
    return torch.stack(losses), torch.stack(right), W


def compute() -> Result:
    """Gradients of all pairs, and training with one and two softmaxes from both starts."""
    generator = torch.Generator().manual_seed(39)
    pixels, digits = load_digits()
    rows = torch.stack([torch.randperm(len(pixels), generator=generator)[:TRAIN] for _ in range(SEEDS)])
    X, y = pixels[rows].float() / 16, digits[rows]
    zero = torch.zeros(SEEDS, X.shape[2], CLASSES)
    wrong = SHARPER * descend(zero, X, (y + 1) % CLASSES, False, BEFORE)[2]
    found: list[dict[str, Tensor]] = [{}, {}, {}, {}]
    for name in LOOKS:
        found[0][name], found[1][name] = gradients(name)
    for start, W in (("zero", zero), ("wrong", wrong)):
        for name in ("logits", "double"):
            found[2][f"{name}_{start}"], found[3][f"{name}_{start}"], _ = descend(W, X, y, name == "double", STEPS)
    return Result(*found)


def numbers(result: Result) -> dict[str, float | int]:
    """Floor, losses and shares of right answers at the end, and gradients at the quoted margin."""
    return (
        {"seeds": SEEDS, "classes": CLASSES, "steps": STEPS, "margin": QUOTED, "floor": double_softmax_floor(CLASSES)}
        | {f"loss_{name}": loss[-1].mean().item() for name, loss in result.loss.items()}
        | {f"right_{name}": right[-1].mean().item() for name, right in result.accuracy.items()}
        | {f"gradient_{name}": norms[MARGINS.index(QUOTED)].item() for name, norms in result.measured.items()}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Gradient against the margin of a mistake, and the share of right answers during training; lines are named."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.0))
    for name, (look, marker) in LOOKS.items():
        colour = getattr(theme, look)
        upper.plot(MARGINS, result.predicted[name], color=colour, linestyle="-", linewidth=1.2)
        upper.plot(MARGINS, result.measured[name], color=colour, marker=marker, markersize=4, linestyle="none")
        upper.text(*PLACES[name], text(name), color=colour, fontsize=9)
    upper.set(yscale="log", title=text("title.gradient"), xlabel=text("margin"), ylim=(3e-6, 60))
    for name, share in result.accuracy.items():
        colour, style = getattr(theme, LOOKS[name[:6]][0]), "-" if name.endswith("zero") else "--"
        low, middle, high = share.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        lower.fill_between(range(STEPS), low, high, color=colour, alpha=0.2, linewidth=0)
        lower.plot(middle, color=colour, linestyle=style)
        lower.text(*PLACES[name], text(name), color=colour, fontsize=9)
    lower.set(title=text("title.right"), xlabel=text("step"), ylim=(-0.03, 1.12))
    return drawn
