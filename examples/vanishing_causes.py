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
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

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
    """Both factors of every case and their product on one scale; beside them the share of silent units."""
    drawn, (left, right) = new_figure(ncols=2, figsize=(5.6, 3.9), sharey=True, width_ratios=(5, 3))
    left.axvline(1, color=theme.muted, linestyle=":")
    looks = {"weights": (theme.orange, "s"), "slopes": (theme.violet, "D"), "gain": (theme.blue, "o")}
    for row, name in enumerate(CASES):
        weights, slopes, one, every = result.measured[name].mean(1).tolist()
        first, second = predict(CASES[name])
        left.axhline(row, color=theme.grid, linewidth=0.6)
        for key, y, here, expected in (
            ("weights", row - 0.17, weights, first),
            ("slopes", row - 0.17, slopes, second),
            ("gain", row + 0.2, weights * slopes, first * second),
        ):
            colour, marker = looks[key]
            left.plot([1, here], [y, y], color=colour, linewidth=1.5 if key == "gain" else 0.8, linestyle="-")
            left.plot(expected, y, color=colour, marker=marker, markersize=9, markerfacecolor="none")
            left.plot(here, y, color=colour, marker=marker, markersize=4.5)
        right.barh([row - 0.17, row + 0.2], [one, every], 0.32, color=[theme.muted, theme.red])
    weights, slopes = result.measured["healthy"].mean(1).tolist()[:2]
    places = {"weights": (weights, -0.17, 7), "slopes": (slopes, -0.17, -7), "gain": (weights * slopes, 0.2, 7)}
    for key, (x, y, offset) in places.items():
        where = {"textcoords": "offset points", "va": "center", "ha": "left" if offset > 0 else "right"}
        left.annotate(text(key), (x, y), (offset, 0), color=looks[key][0], fontsize=9, **where)
    right.text(0.54, -0.17, text("silent.one"), color=theme.muted, va="center", fontsize=9)
    right.text(0.14, 0.22, text("silent.all"), color=theme.red, va="center", fontsize=9)
    left.set(xscale="log", xlim=(0.07, 12), title=text("factors"))
    left.set_xticks((0.25, 0.5, 1, 2, 4, 8), [text("tick", value=tick) for tick in (0.25, 0.5, 1, 2, 4, 8)])
    left.minorticks_off()
    left.set_yticks(range(len(CASES)), [text(name) for name in CASES])
    left.invert_yaxis()
    left.grid(visible=False)
    right.tick_params(left=False)
    right.grid(visible=False, axis="y")
    right.set(title=text("silent"), xlim=(0, 1))
    right.set_xticks((0, 0.5, 1), [text("share", value=tick) for tick in (0, 0.5, 1)])
    return drawn
