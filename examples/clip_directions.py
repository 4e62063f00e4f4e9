"""
Clipping by norm and by value: what is left of the direction and of the length.

Gradients of untrained networks on digits and Gaussian vectors are clipped both ways at thresholds relative to the root
mean square of a component. Prediction: by norm the angle stays zero; by value a Gaussian gradient keeps a cosine that
has a closed form, and at low thresholds every gradient keeps the cosine to its own signs. The length by value lies far
above the threshold, up to the bound. Measured: cosine and length.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from torch import Tensor
from torch.nn.functional import cosine_similarity

from optnotes.gradients import clip_by_norm, clip_by_value, he_std, value_clip_norm_bound
from optnotes.outputs import cross_entropy
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, BATCH, QUOTED = 24, 32, 1.0
SHAPES = ((48, 64), (48, 48), (10, 48))
RELATIVE = torch.logspace(-2, 2, 17, dtype=torch.float64)
SKETCH, SKETCH_C, STEEP = torch.tensor([3.0, 1.0]).double(), 1.0, torch.tensor([100.0, 1.0]).double()


@dataclass(frozen=True)
class Result:
    """Gradients, one row per seed; cosines by value and by norm and lengths by value of shape (thresholds, seeds)."""

    gradients: dict[str, Tensor]
    by_value: dict[str, Tensor]
    by_norm: dict[str, Tensor]
    length: dict[str, Tensor]


def gaussian_cosine(c: Tensor) -> Tensor:
    """Predicted cosine for standard normal components in the limit of many components."""
    inside = torch.erf(c / math.sqrt(2))
    square = inside - c * math.sqrt(2 / math.pi) * torch.exp(-c.square() / 2) + c.square() * (1 - inside)
    return inside / square.sqrt()


def network_gradients(generator: torch.Generator) -> Tensor:
    """Gradients of untrained ReLU networks on a batch of digits, all parameters in one row."""
    pixels, digits = load_digits()
    chosen = torch.randperm(len(pixels), generator=generator)[:BATCH]
    X, y = pixels[chosen] / 16, torch.eye(10).double()[digits[chosen]]
    weights = [he_std(n) * torch.randn(SEEDS, m, n, generator=generator, dtype=torch.float64) for m, n in SHAPES]

    def loss(layers: list[Tensor]) -> Tensor:
        h = X
        for layer in layers[:-1]:
            h = torch.relu(h @ layer.T)
        return torch.func.vmap(cross_entropy)(h @ layers[-1].T, y).mean()

    return torch.cat([grad.flatten(1) for grad in torch.func.vmap(torch.func.grad(loss))(weights)], dim=1)


def compute() -> Result:
    """Clip all gradients at all thresholds."""
    generator = torch.Generator().manual_seed(32)
    gradients = {"network": network_gradients(generator)}
    gradients["gaussian"] = torch.randn(gradients["network"].shape, generator=generator, dtype=torch.float64)
    by_value, by_norm, length = {}, {}, {}
    for key, all_g in gradients.items():
        unit = all_g / all_g.square().mean(1, keepdim=True).sqrt()
        value = torch.stack([clip_by_value(unit, c) for c in RELATIVE.tolist()])
        norm = torch.stack([torch.stack([clip_by_norm(g, c) for g in unit]) for c in RELATIVE.tolist()])
        by_value[key], by_norm[key] = (cosine_similarity(clipped, unit, -1) for clipped in (value, norm))
        length[key] = value.norm(dim=-1)
    return Result(gradients, by_value, by_norm, length)


def numbers(result: Result) -> dict[str, float | int]:
    """Cosines at the quoted and at the lowest threshold with predictions; lengths relative to threshold and bound."""
    at, d = int((RELATIVE - QUOTED).abs().argmin()), result.gradients["network"].shape[1]
    found: dict[str, float | int] = {
        "seeds": SEEDS,
        "components": d,
        "steep": cosine_similarity(clip_by_value(STEEP, 1.0), STEEP, -1).item(),
        "gaussian_predicted": gaussian_cosine(RELATIVE[at]).item(),
        "gaussian_limit": math.sqrt(2 / math.pi),
        "by_norm": min(each.min().item() for each in result.by_norm.values()),
        "longest": result.length["network"][at].median().item(),
        "bound": value_clip_norm_bound(QUOTED, d),
    }
    for key, gradient in result.gradients.items():
        found[key] = result.by_value[key][at].median().item()
        found[f"{key}_low"] = result.by_value[key][0].median().item()
        found[f"{key}_signs"] = cosine_similarity(gradient.sign(), gradient).median().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Both operations on one gradient in the plane, and the cosine against the threshold."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), height_ratios=(4, 5))
    upper.add_patch(Circle((0, 0), SKETCH_C, fill=False, edgecolor=theme.blue))
    upper.add_patch(Rectangle((-1, -1), 2, 2, fill=False, edgecolor=theme.orange, linestyle="--"))
    norm, value = clip_by_norm(SKETCH, SKETCH_C), clip_by_value(SKETCH, SKETCH_C)
    for key, end, look in (("gradient", SKETCH, "ink"), ("norm", norm, "blue"), ("value", value, "orange")):
        colour = getattr(theme, look)
        upper.annotate("", end.tolist(), (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.8})
        upper.plot([], [], color=colour, linestyle="--" if key == "value" else "-", label=text(key))
    upper.set(title=text("title.plane"), aspect="equal", xlim=(-1.3, 5.2), ylim=(-1.15, 1.45))
    lower.plot(RELATIVE, gaussian_cosine(RELATIVE), color=theme.ink, linestyle=":", label=text("theory"))
    for key, look, marker, style in (("gaussian", "violet", "s", "none"), ("network", "orange", "", "--")):
        low, middle, high = result.by_value[key].quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        lower.fill_between(RELATIVE, low, high, color=getattr(theme, look), alpha=0.25, linewidth=0)
        lower.plot(RELATIVE, middle, color=getattr(theme, look), marker=marker, linestyle=style, label=text(key))
    lower.plot(RELATIVE, result.by_norm["network"].median(-1).values, color=theme.blue, label=text("norm"))
    lower.set(title=text("title.cosine"), xlabel=text("threshold"), xscale="log", ylim=(0, 1.04))
    upper.legend(fontsize=9, loc="center right")
    lower.legend(fontsize=9, loc="lower right")
    return drawn
