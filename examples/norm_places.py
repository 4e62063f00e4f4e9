"""
Where the normalisation stands in a residual block: what every block's weights receive, and how the signal grows.

Prediction for layer normalisation, ReLU and He's weights: in front of the branch (pre-norm) the stream gains variance
one per block, so the gradient of the weights of block l falls as one over the root of l + 1; behind the sum (post-norm)
it is the same everywhere, larger by the root of (L + 1) / 2 at the end; a branch divided by the root of L keeps the
stream from growing. Measured: both, in random nets with a random gradient behind the last normalisation.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, DEPTH, WIDTH, BATCH, FACTOR = 8, 60, 64, 32, 3.0
PLACES = ("post", "pre", "scaled", "sandwich")


@dataclass(frozen=True)
class Result:
    """By place: root mean square of the stream and gradient norm of the weights, of shape (blocks, seeds)."""

    stream: dict[str, Tensor]
    gradient: dict[str, Tensor]
    large: dict[str, Tensor]  # the stream again, with weights FACTOR times larger


def norm(z: Tensor) -> Tensor:
    """Layer normalisation as it starts: without gain and shift."""
    return functional.layer_norm(z, z.shape[-1:])


def block(place: str, h: Tensor, W: Tensor) -> Tensor:
    """One residual block."""
    if place == "post":
        return norm(h + torch.relu(h) @ W)
    branch = torch.relu(norm(h)) @ W
    if place == "sandwich":
        return h + norm(branch)
    return h + branch / math.sqrt(DEPTH) if place == "scaled" else h + branch


def pass_through(place: str, weights: list[Tensor], x: Tensor) -> list[Tensor]:
    """The stream behind every block; nets without a normalisation on the stream get one at the end."""
    stream = [x]
    for W in weights:
        stream.append(block(place, stream[-1], W))
    return [*stream[1:], stream[-1] if place == "post" else norm(stream[-1])]


def size(h: Tensor) -> Tensor:
    """Root mean square, by seed."""
    return h.detach().square().mean((1, 2)).sqrt()


def compute() -> Result:
    """Send the same input and gradient through blocks of each kind."""
    generator = torch.Generator().manual_seed(33)
    base = he_std(WIDTH) * torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
    x, grad = torch.randn(2, SEEDS, BATCH, WIDTH, generator=generator, dtype=torch.float64)
    stream, gradient, large = {}, {}, {}
    for place in PLACES:
        weights = [W.clone().requires_grad_() for W in base]
        *behind, out = pass_through(place, weights, x)
        found = torch.autograd.grad((out * grad).sum(), weights)
        stream[place] = torch.stack([size(h) for h in behind])
        gradient[place] = torch.stack([each.norm(dim=(1, 2)) for each in found]) / (WIDTH * math.sqrt(BATCH))
        large[place] = torch.stack([size(h) for h in pass_through(place, list(FACTOR * base), x)[:-1]])
    return Result(stream, gradient, large)


def predict(place: str) -> tuple[Tensor, Tensor]:
    """Root mean square of the stream behind every block, and gradient norm of its weights, in a wide net."""
    blocks = torch.arange(1, DEPTH + 1, dtype=torch.float64)
    if place == "post":
        return torch.ones_like(blocks), torch.full_like(blocks, 0.5)
    added = 1 / DEPTH if place == "scaled" else 1.0
    variance = 1 + added * blocks
    return variance.sqrt(), (added / (2 * variance)).sqrt()


def numbers(result: Result) -> dict[str, float | int]:
    """Stream and weight gradients at the last block and the first; medians over seeds."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "width": WIDTH, "factor": FACTOR}
    for place in PLACES:
        stream, gradient = predict(place)
        found |= {f"{place}_stream": result.stream[place][-1].median().item()}
        found |= {f"{place}_stream_predicted": stream[-1].item()}
        found |= {f"{place}_first": result.gradient[place][0].median().item()}
        found |= {f"{place}_last": result.gradient[place][-1].median().item()}
        found |= {f"{place}_last_predicted": gradient[-1].item()}
        found |= {f"{place}_large": result.large[place][-1].median().item()}
    found["ratio"] = found["post_last"] / found["pre_last"]
    found["ratio_predicted"] = found["post_last_predicted"] / found["pre_last_predicted"]
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Gradient norm of the weights of every block, measured and predicted, with the words beside the lines."""
    drawn, axes = new_figure(figsize=(5.4, 3.6))
    blocks = torch.arange(1, DEPTH + 1)
    looks = (("post", theme.orange, "s"), ("pre", theme.blue, "o"), ("scaled", theme.green, "^"))
    for place, colour, marker in looks:
        axes.plot(blocks, predict(place)[1], color=theme.ink, linestyle=":", linewidth=1.2)
        middle = result.gradient[place].median(1).values
        axes.plot(blocks, middle, marker, color=colour, markersize=3.5, linestyle="none")
    axes.set(title=text("title"), xlabel=text("block"), yscale="log", xlim=(0, DEPTH + 1), ylim=(0.04, 1.2))
    ticks = (0.05, 0.1, 0.2, 0.5, 1)
    axes.set_yticks(ticks)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set_yticks([], minor=True)
    for (place, colour, _), x, y in zip(looks, (60, 60, 4), (0.8, 0.17, 0.06), strict=True):
        axes.text(x, y, text(place), color=colour, ha="left" if x < 30 else "right", va="center")
    axes.text(18, 0.8, text("predicted"), color=theme.ink, ha="center", va="center", fontsize=9)
    return drawn
