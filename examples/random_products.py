"""
Growth of random products, and a matrix whose powers grow first and vanish afterwards.

Top: products of independent 4 by 4 Gaussian matrices. Prediction: the logarithm of the norm grows by the closed-form
Lyapunov exponent per factor; at one over the root of the size, where the expected squared norm stays, the product
vanishes. Bottom: powers of one non-normal matrix whose largest singular value is above ten and whose eigenvalues are
0.9. Prediction: the norm peaks at -1/log(0.9) steps and vanishes, although the bound explodes. Measured: both norms.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.gradients import gaussian_lyapunov_exponent, rnn_jacobian_bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, SIZE, FACTORS, SKIP, POWERS = 400, 4, 100, 20, 200
CRITICAL = math.exp(-gaussian_lyapunov_exponent(SIZE, 1.0))
STDS = {"one": 1.0, "critical": CRITICAL, "root": 1 / math.sqrt(SIZE)}
RADIUS, SHEAR = 0.9, 10.0
WEIGHT = torch.tensor([[RADIUS, SHEAR], [0.0, RADIUS]], dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Log of the norm by standard deviation, of shape (factors + 1, seeds), and norms of the powers from the first."""

    products: dict[str, Tensor]
    powers: Tensor


def compute() -> Result:
    """Multiply the same standard normal matrices at every scale, and take powers of the non-normal matrix."""
    generator = torch.Generator().manual_seed(32)
    product = torch.eye(SIZE, dtype=torch.float64).expand(SEEDS, SIZE, SIZE)
    logs = [torch.zeros(SEEDS, dtype=torch.float64)]
    for _ in range(FACTORS):
        product = torch.bmm(torch.randn(SEEDS, SIZE, SIZE, generator=generator, dtype=torch.float64), product)
        # Frobenius norm over the root of the size: the factor for a gradient of random direction.
        logs.append(torch.linalg.matrix_norm(product).log() - math.log(SIZE) / 2)
    steps = torch.arange(FACTORS + 1)[:, None]
    powers = [torch.linalg.matrix_norm(torch.linalg.matrix_power(WEIGHT, k), 2) for k in range(1, POWERS + 1)]
    return Result({key: torch.stack(logs) + steps * math.log(std) for key, std in STDS.items()}, torch.stack(powers))


def growth(log_norm: Tensor) -> float:
    """Growth per factor, without the first factors, in which the product still turns to its fastest direction."""
    return ((log_norm[-1] - log_norm[SKIP]) / (FACTORS - SKIP)).mean().item()


def numbers(result: Result) -> dict[str, float | int]:
    """Exponents, critical scale, and the course of the powers."""
    one, root = result.products["one"], result.products["root"]
    return {
        "seeds": SEEDS,
        "size": SIZE,
        "factors": FACTORS,
        "exponent_predicted": gaussian_lyapunov_exponent(SIZE, 1.0),
        "exponent_measured": growth(one),
        "exponent_error": (one[-1] - one[SKIP]).std().item() / (FACTORS - SKIP) / math.sqrt(SEEDS),
        "typical_predicted": math.exp(FACTORS * gaussian_lyapunov_exponent(SIZE, 1.0)),
        "typical_measured": one[-1].median().exp().item(),
        "critical_std": CRITICAL,
        "root_std": STDS["root"],
        "exponent_root": gaussian_lyapunov_exponent(SIZE, STDS["root"]),
        "exponent_root_measured": growth(root),
        "root_typical": root[-1].median().exp().item(),
        "radius": RADIUS,
        "shear": SHEAR,
        "sigma_max": rnn_jacobian_bound(WEIGHT, 1.0, 1).item(),
        "peak_predicted": -1 / math.log(RADIUS),
        "peak_step": int(result.powers.argmax()) + 1,
        "peak_norm": result.powers.max().item(),
        "norm_50": result.powers[49].item(),
        "norm_last": result.powers[-1].item(),
        "powers": POWERS,
        "bound_peak": rnn_jacobian_bound(WEIGHT, 1.0, int(result.powers.argmax()) + 1).item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Norm against the number of factors, for random products and for powers of one matrix."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    steps = torch.arange(FACTORS + 1)
    looks = zip(result.products.items(), ("red", "green", "blue"), ("-", "--", "-."), strict=True)
    for (key, log_norm), look, style in looks:
        low, middle, high = log_norm.div(math.log(10)).quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        slope = gaussian_lyapunov_exponent(SIZE, STDS[key]) / math.log(10)
        upper.fill_between(steps, low, high, color=getattr(theme, look), alpha=0.25, linewidth=0)
        upper.plot(steps, middle, color=getattr(theme, look), linestyle=style, label=text(key))
        upper.plot(steps, slope * steps, color=theme.ink, linestyle=":", zorder=3)
    upper.plot([], [], color=theme.ink, linestyle=":", label=text("theory"))
    upper.set(title=text("title.products"), xlabel=text("factors"))
    upper.legend(fontsize=9, loc="upper left")
    k = torch.arange(1, POWERS + 1)
    bound = [rnn_jacobian_bound(WEIGHT, 1.0, steps).item() for steps in k.tolist()]
    lower.plot(k, bound, color=theme.red, linestyle="--", label=text("bound"))
    lower.plot(k, result.powers, color=theme.blue, label=text("powers"))
    lower.plot(k, RADIUS**k, color=theme.green, linestyle="-.", label=text("radius"))
    lower.axvline(-1 / math.log(RADIUS), color=theme.ink, linestyle=":", label=text("peak"))
    lower.set(title=text("title.powers"), xlabel=text("power"), yscale="log", ylim=(1e-8, 1e5))
    lower.legend(fontsize=9, loc="upper right")
    return drawn
