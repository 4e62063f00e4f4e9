"""
What a wrong pair of output layer and loss costs: softmax applied twice, squared error behind a sigmoid.

Prediction: with a second softmax the loss cannot fall below a floor known in advance, and the gradient of a confident
mistake fades exponentially with its margin, as it does for squared error behind a sigmoid; on logits it stays large.
Measured: gradients of the library's losses, and a linear classifier on digits, from zero weights and from weights that
were trained on other labels and are confidently wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

from optnotes.activations import sigmoid_derivative
from optnotes.cross_entropy import bce_with_logits_gradient, cross_entropy_gradient, double_softmax_floor
from optnotes.outputs import softmax, softmax_jacobian
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

CLASSES, SEEDS, TRAIN, STEPS, LR, BEFORE, SHARPER = 10, 20, 200, 120, 1.0, 100, 5.0
MARGINS, QUOTED = tuple(range(13)), 10
LOOKS = {"logits": ("blue", "o"), "double": ("orange", "s"), "bce": ("green", "^"), "squared": ("violet", "v")}
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


def gradients(name: str) -> tuple[Tensor, Tensor]:
    """Norm by formula and by automatic differentiation of the library's loss, for a mistake of every margin."""
    right, wrong = torch.eye(CLASSES, dtype=torch.float64)[:2]
    one = torch.ones(1, dtype=torch.float64)
    losses: dict[str, tuple[Pair, Pair, Tensor, Tensor]] = {
        "logits": (cross_entropy_gradient, functional.cross_entropy, wrong, right),
        "double": (double_gradient, lambda z, y: functional.cross_entropy(z.softmax(0), y), wrong, right),
        "bce": (bce_with_logits_gradient, functional.binary_cross_entropy_with_logits, -one, one),
        "squared": (
            lambda a, y: 2 * bce_with_logits_gradient(a, y) * sigmoid_derivative(a),
            lambda a, y: functional.mse_loss(a.sigmoid(), y),
            -one,
            one,
        ),
    }
    formula, loss, direction, y = losses[name]
    inputs = [(margin * direction).requires_grad_() for margin in MARGINS]
    predicted = torch.stack([formula(z.detach(), y).norm() for z in inputs])
    return predicted, torch.stack([torch.autograd.grad(loss(z, y), z)[0].norm() for z in inputs])


def descend(W: Tensor, X: Tensor, y: Tensor, twice: bool, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Gradient descent of linear classifiers on the library's loss; returns loss, right answers and weights."""
    losses, right = [], []
    for _ in range(steps):
        W.requires_grad_()
        z = torch.bmm(X, W)
        outputs = z.softmax(2) if twice else z
        loss = functional.cross_entropy(outputs.mT, y, reduction="none").mean(1)
        losses.append(loss.detach())
        right.append((z.argmax(2) == y).double().mean(1))
        W = (W - LR * torch.autograd.grad(loss.sum(), W)[0]).detach()
    return torch.stack(losses), torch.stack(right), W


def compute() -> Result:
    """Gradients of all pairs, and training with one and two softmaxes from both starts."""
    generator = torch.Generator().manual_seed(39)
    pixels, digits = (torch.tensor(part) for part in load_digits(return_X_y=True))
    rows = torch.stack([torch.randperm(len(pixels), generator=generator)[:TRAIN] for _ in range(SEEDS)])
    X, y = pixels[rows].float() / 16, digits[rows]
    zero = torch.zeros(SEEDS, X.shape[2], CLASSES)
    wrong = SHARPER * descend(zero, X, (y + 1) % CLASSES, False, BEFORE)[2]
    starts = {"zero": zero, "wrong": wrong}
    runs = {
        f"{name}_{start}": descend(W, X, y, name == "double", STEPS)
        for start, W in starts.items()
        for name in ("logits", "double")
    }
    norms = {name: gradients(name) for name in LOOKS}
    return Result(
        *({name: pair[part] for name, pair in norms.items()} for part in range(2)),
        *({name: run[part] for name, run in runs.items()} for part in range(2)),
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Floor, losses and shares of right answers at the end, and gradients at the quoted margin."""
    return (
        {"seeds": SEEDS, "classes": CLASSES, "steps": STEPS, "margin": QUOTED, "floor": double_softmax_floor(CLASSES)}
        | {f"loss_{name}": loss[-1].mean().item() for name, loss in result.loss.items()}
        | {f"right_{name}": right[-1].mean().item() for name, right in result.accuracy.items()}
        | {f"gradient_{name}": norms[MARGINS.index(QUOTED)].item() for name, norms in result.measured.items()}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Gradient against the margin of a mistake, and the share of right answers during training."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    for name, (look, marker) in LOOKS.items():
        colour = getattr(theme, look)
        upper.plot(MARGINS, result.predicted[name], color=colour, linestyle="-", linewidth=1.2)
        upper.plot(MARGINS, result.measured[name], color=colour, marker=marker, linestyle="none", label=text(name))
    upper.set(yscale="log", title=text("title.gradient"), xlabel=text("margin"))
    upper.legend(fontsize=9, loc="lower left")
    for name, right in result.accuracy.items():
        colour, style = getattr(theme, LOOKS[name[:6]][0]), "-" if name.endswith("zero") else "--"
        low, middle, high = right.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        lower.fill_between(range(STEPS), low, high, color=colour, alpha=0.2, linewidth=0)
        lower.plot(middle, color=colour, linestyle=style, label=text(name))
    lower.set(title=text("title.right"), xlabel=text("step"), ylim=(-0.03, 1.03))
    lower.legend(fontsize=9, loc="center right")
    return drawn
