"""
A depth at which training stalls at the entropy of the classes, and what the gradient does meanwhile.

Twenty layers on digits, plain gradient descent. Prediction: with sigmoid and Xavier's weights no signal passes, so the
best the network can learn is the frequency of the classes, and the loss stops at their entropy; ReLU with He's
weights, and the same sigmoid with a gain near one, go below it. The ratio of the gradients of the first and the last
hidden layer is set by the depth before the first step, and no iteration multiplies it again. Measured: loss and ratio.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu, relu_derivative, sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.gradients import gradient_gain, he_std, mean_field_ratio, variance_step, xavier_std
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

LAYERS, WIDTH, SEEDS, EXAMPLES, STEPS = 20, 24, 20, 64, 120
SIZES = (64, *[WIDTH] * (LAYERS - 1), 10)
RATES = {"sigmoid": 0.1, "relu": 0.07, "matched": 0.2}
MATCHED = 1.2  # weight scale of the matched sigmoid, seen as tanh: just above one, which is where tanh keeps its signal
STATED = {"best_relu": (0.8, 1.6), "best_matched": (0.4, 0.8)}
# A sigmoid is tanh of half the argument, halved and shifted; the matched one is judged as the tanh it is.
WIDE = {
    "sigmoid": (sigmoid, sigmoid_derivative, 1.0),
    "relu": (relu, relu_derivative, 2.0),
    "matched": (tanh, tanh_derivative, MATCHED**2),
}


@dataclass(frozen=True)
class Result:
    """By network, of shape (steps, seeds): loss, and ratio of the first hidden gradient to the last."""

    loss: dict[str, Tensor]
    ratio: dict[str, Tensor]
    entropy: float


def data() -> tuple[Tensor, Tensor]:
    """The first digits, scaled as a whole to mean zero and variance one; examples are columns."""
    X, y = (part[:EXAMPLES] for part in load_digits())
    return ((X - X.mean()) / X.std()).float().T, y


def initial(name: str) -> list[Tensor]:
    """Weights, then biases, of all seeds."""
    generator = torch.Generator().manual_seed(31)
    weights, biases = [], []
    for layer in range(LAYERS):
        inputs, units = SIZES[layer : layer + 2]
        std = he_std(inputs) if name == "relu" else xavier_std(inputs, units)
        if name == "matched":
            std = MATCHED / math.sqrt(inputs) * (4 if layer else 2)
        weights.append(std * torch.randn(SEEDS, units, inputs, generator=generator))
        centred = name == "matched" and layer > 0
        biases.append(weights[-1].sum(2, keepdim=True) / -2 if centred else torch.zeros(SEEDS, units, 1))
    return weights + biases


def train(name: str, X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Full-batch gradient descent on the cross-entropy, all seeds at once."""
    phi = torch.relu if name == "relu" else torch.sigmoid
    parameters = [parameter.requires_grad_() for parameter in initial(name)]
    losses, ratios = [], []
    for _ in range(STEPS):
        z = [parameters[LAYERS] + parameters[0] @ X]
        for W, b in zip(parameters[1:LAYERS], parameters[LAYERS + 1 :], strict=True):
            z.append(torch.baddbmm(b, W, phi(z[-1])))
        loss = torch.nn.functional.cross_entropy(z[-1], y.expand(SEEDS, -1), reduction="none").mean(1)
        first, last, *slopes = torch.autograd.grad(loss.sum(), [z[0], z[-2], *parameters])
        losses.append(loss.detach().double())
        ratios.append(first.double().norm(dim=(1, 2)) / last.double().norm(dim=(1, 2)))
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= RATES[name] * slope
    return torch.stack(losses), torch.stack(ratios)


def predicted_ratio(name: str) -> float:
    """Ratio of the gradients of the first and the last hidden layer in wide random networks."""
    phi, dphi, variance = WIDE[name]
    q = torch.tensor(variance, dtype=torch.float64)
    gains = []
    for _ in range(LAYERS - 2):
        gains.append(gradient_gain(q, dphi, variance))
        q = variance_step(q, phi, variance, 0.0)
    return mean_field_ratio(torch.stack(gains)).item()


def compute() -> Result:
    """Train the three networks on the same digits."""
    X, y = data()
    loss, ratio = zip(*(train(name, X, y) for name in RATES), strict=True)
    share = y.bincount() / len(y)
    return Result(
        dict(zip(RATES, loss, strict=True)), dict(zip(RATES, ratio, strict=True)), -(share * share.log()).sum().item()
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Best losses against the entropy; ratios before the first step, at the end and at their lowest."""
    found: dict[str, float | int] = {"layers": LAYERS, "seeds": SEEDS, "steps": STEPS, "entropy": result.entropy}
    for name in RATES:
        best = result.loss[name].amin(0)
        found |= {f"best_{name}": best.median().item(), f"worst_{name}": best.max().item()}
        found[f"below_{name}"] = result.entropy - best.min().item()
        ratio = result.ratio[name]
        found |= {f"ratio_{name}": ratio[0].median().item(), f"ratio_predicted_{name}": predicted_ratio(name)}
        found |= {f"ratio_end_{name}": ratio[-1].median().item(), f"ratio_lowest_{name}": ratio.min().item()}
    return found | ranges(found, STATED)


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Loss and ratio of gradients against the iteration."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    looks = zip(RATES, (theme.orange, theme.blue, theme.green), ("-", "--", "-."), strict=True)
    upper.axhline(result.entropy, color=theme.ink, linestyle=":", label=text("entropy"))
    for name, colour, style in looks:
        for axes, values in ((upper, result.loss[name]), (lower, result.ratio[name])):
            low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
            axes.fill_between(range(STEPS), low, high, color=colour, alpha=0.25, linewidth=0)
            axes.plot(middle, color=colour, linestyle=style, label=text(name))
        lower.plot(0, predicted_ratio(name), color=colour, marker="D", markersize=7, linestyle="none", clip_on=False)
    lower.plot([], color=theme.ink, marker="D", linestyle="none", label=text("predicted"))
    upper.set(title=text("title.loss"), ylim=(0, 4))
    lower.set(title=text("title.ratio"), xlabel=text("iteration"), yscale="log", ylim=(1e-13, 1e3))
    upper.legend(loc="upper right", fontsize=9)
    lower.legend(handles=[lower.lines[-1]], loc="center right", fontsize=9)
    return drawn
