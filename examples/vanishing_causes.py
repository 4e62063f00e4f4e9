"""
Three ways to lose a gradient, told apart by two factors and one count.

One layer multiplies the norm of the error signal by a factor from the weights and a factor from the derivatives, and
the product decides. Prediction: the first is the weight scale, the second the root mean square of the derivative;
small weights lower the first, saturation the second, dead units too, but with exact zeros on every example. Saturation
by large weights alone does not make a gradient vanish: the weights make up for it. Measured: both factors, and the
share of units without gradient on one example and on all examples of a batch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu, relu_derivative, sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.gradients import gradient_gain, variance_step
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

LAYERS, WIDTH, SEEDS, BATCH, DEAD = 12, 128, 20, 32, 0.6
KILLED = -1e3  # a bias that silences a ReLU unit on every example
FACTS = ("weights", "slopes", "silent_one", "silent_all")


@dataclass(frozen=True)
class Case:
    """A network at initialisation: activation, scales of weights and biases, share of killed units."""

    phi: Callable[[Tensor], Tensor]
    dphi: Callable[[Tensor], Tensor]
    weight: float
    bias: float = 0.0
    dead: float = 0.0


CASES = {
    "healthy": Case(relu, relu_derivative, math.sqrt(2)),
    "small": Case(relu, relu_derivative, math.sqrt(2) / 2),
    "dead": Case(relu, relu_derivative, math.sqrt(2), dead=DEAD),
    "sigmoid": Case(sigmoid, sigmoid_derivative, 1.0),
    "saturated": Case(tanh, tanh_derivative, 1.0, bias=3.0),
    "large": Case(tanh, tanh_derivative, 5.0),
}


@dataclass(frozen=True)
class Result:
    """By case, of shape (four facts, seeds): both factors, share of units silent on one and on all examples."""

    measured: dict[str, Tensor]


def predict(case: Case) -> tuple[float, float]:
    """Both factors of a wide layer, at the variance the signal has after many layers."""
    q = torch.tensor(case.weight**2 + case.bias**2, dtype=torch.float64)
    for _ in range(LAYERS):
        q = variance_step(q, case.phi, (1 - case.dead) * case.weight**2, case.bias**2)
    return case.weight, math.sqrt((1 - case.dead) * gradient_gain(q, case.dphi, 1.0).item())


def measure(case: Case, generator: torch.Generator) -> Tensor:
    """Factors as geometric means over layers and examples, and the two shares as means over layers."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(SEEDS, *shape, generator=generator).double()

    h, direction, W, z = normal(WIDTH, BATCH), normal(WIDTH, BATCH), [], []
    for _ in range(LAYERS):
        killed = torch.rand(SEEDS, WIDTH, 1, generator=generator) < case.dead
        W.append(case.weight / math.sqrt(WIDTH) * normal(WIDTH, WIDTH))
        z.append(torch.baddbmm((case.bias * normal(WIDTH, 1)).masked_fill(killed, KILLED), W[-1], h))
        h = case.phi(z[-1])
    delta, rows = direction * case.dphi(z[-1]), []
    for layer in reversed(range(LAYERS - 1)):
        carried = W[layer + 1].mT @ delta
        passed = case.dphi(z[layer]) * carried
        factors = [(b.norm(dim=1) / a.norm(dim=1)).log().mean(1) for a, b in ((delta, carried), (carried, passed))]
        delta, silent = passed, passed == 0
        rows.append(torch.stack([*factors, silent.double().mean((1, 2)), silent.all(2).double().mean(1)]))
    facts = torch.stack(rows).mean(0)
    return torch.cat([facts[:2].exp(), facts[2:]])


def compute() -> Result:
    """Measure every case on all seeds."""
    generator = torch.Generator().manual_seed(31)
    return Result({name: measure(case, generator) for name, case in CASES.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """Factors, gain and shares of every case, with the predicted factors."""
    found: dict[str, float | int] = {"layers": LAYERS, "seeds": SEEDS, "batch": BATCH, "killed": DEAD}
    for name, case in CASES.items():
        means = result.measured[name].mean(1).tolist()
        found |= {f"{fact}_{name}": mean for fact, mean in zip(FACTS, means, strict=True)}
        found[f"gain_{name}"] = found[f"weights_{name}"] * found[f"slopes_{name}"]
        found[f"weights_predicted_{name}"], found[f"slopes_predicted_{name}"] = predict(case)
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Both factors in one plane, with the line of gain one; and the share of silent units."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 7.0), height_ratios=(3, 2))
    looks = zip(CASES, ("green", "orange", "red", "violet", "blue", "ink"), "os^Dv*", strict=True)
    sides = {"small": (0, -18, "center"), "saturated": (0, -18, "center"), "dead": (0, 11, "center")}
    upper.plot([0.5, 10], [2, 0.1], color=theme.muted, linestyle=":", label=text("one"))
    behind = {"facecolor": theme.paper, "edgecolor": "none", "pad": 1}
    for row, (name, colour, marker) in enumerate(looks):
        shade, (x, y, one, every) = getattr(theme, colour), result.measured[name].mean(1).tolist()
        low, high = result.measured[name].quantile(torch.tensor([0.1, 0.9]).double(), dim=1).tolist()
        upper.plot([low[0], high[0]], [y, y], [x, x], [low[1], high[1]], color=shade, linewidth=1.2)
        upper.plot(*predict(CASES[name]), color=shade, marker=marker, markersize=13, markerfacecolor="none")
        upper.plot(x, y, color=shade, marker=marker, markersize=6)
        *offset, side = sides.get(name, (11, -3, "left"))
        upper.annotate(text(name), (x, y), offset, textcoords="offset points", color=shade, ha=side, bbox=behind)
        lower.barh([row - 0.2, row + 0.2], [one, every], 0.36, color=[(shade, 0.45), shade])
    upper.set(xscale="log", yscale="log", xlim=(0.45, 25), ylim=(0.18, 1.1))
    upper.set(xlabel=text("weights"), title=text("slopes"))
    for axis, ticks in ((upper.xaxis, (0.5, 1, 2, 5, 10, 20)), (upper.yaxis, (0.2, 0.5, 1))):
        axis.set_ticks(ticks, labels=[text("tick", value=tick) for tick in ticks])
    upper.minorticks_off()
    upper.legend(loc="upper right")
    lower.set(title=text("silent"), xlim=(0, 1))
    lower.set_yticks(range(len(CASES)), [text(name) for name in CASES])
    lower.invert_yaxis()
    return drawn
