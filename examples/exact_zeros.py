"""
Who reaches an exact zero of the lasso, and who only comes close.

Subgradient descent, Adam, proximal steps and coordinate descent minimise the same lasso. Near zero a subgradient step
of fixed size jumps across zero again and again. Prediction: no exact zeros; a weight whose optimum is zero stays
within about twice step times strength, spread evenly over an interval of that length; proximal steps reach exactly the
zeros of coordinate descent, those of Adam with the threshold divided as its gradient is. Measured at each iteration:
exact zeros, small weights, the largest weight whose optimum is zero.
"""

from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from sklearn.linear_model import Lasso
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.penalties import elastic_net_subgradient, l1_subgradient, soft_threshold
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, D, STEPS, TAIL = 24, 60, 50, 800, 200
LAM, LR, ADAM_LR, SMALL = 0.15, 0.05, 0.01, 1e-3
FEW, BETA2, EPSILON = 8, 0.999, 1e-8  # the defaults of Adam
TRUE = (3.0, -2.0, 1.5, -1.0, 0.8)


@dataclass(frozen=True)
class Result:
    """Paths of shape (steps + 1, seeds, features), and final weights of the methods without a path."""

    prox: Tensor
    subgradient: Tensor
    w_adam: Tensor
    w_adam_prox: Tensor
    w_adam_plain: Tensor
    w_cd: Tensor


def data() -> tuple[Tensor, Tensor, Tensor]:
    """One sparse regression per seed, and random weights to start from."""
    generator = torch.Generator().manual_seed(37)
    X, noise, start = (
        torch.randn(SEEDS, *shape, generator=generator, dtype=torch.float64) for shape in ((N, D), (N,), (D,))
    )
    return X, X[:, :, : len(TRUE)] @ torch.tensor(TRUE, dtype=torch.float64) + 0.5 * noise, start


def compute() -> Result:
    """Run all methods on all seeds from the same start."""
    X, y, start = data()
    exact = Lasso(alpha=LAM, fit_intercept=False, tol=1e-12, max_iter=100_000)
    w_cd = torch.stack([torch.tensor(exact.fit(A, b).coef_) for A, b in zip(X.numpy(), y.numpy(), strict=True)])

    gram, pull = X.mT @ X / N, (X.mT @ y[..., None])[..., 0] / N

    def slope(w: Tensor, chosen: slice = slice(None)) -> Tensor:
        return (gram[chosen] @ w[..., None])[..., 0] - pull[chosen]

    prox, subgradient, adam = [start], [start], start
    m = v = torch.zeros_like(start)
    for t in range(1, STEPS + 1):
        w = subgradient[-1]
        prox.append(soft_threshold(prox[-1] - LR * slope(prox[-1]), LR * LAM))
        subgradient.append(w - LR * elastic_net_subgradient(slope(w), w, LAM, 0.0))
        adam, m, v = adam_step(adam, slope(adam) + l1_subgradient(adam, LAM), m, v, t, ADAM_LR, 0.0)

    divided = start[:FEW].expand(2, -1, -1)  # with the threshold divided, and with the plain one
    m = v = torch.zeros_like(divided)
    for t in range(1, 2 * STEPS + 1):
        divided, m, v = adam_step(divided, slope(divided, slice(FEW)), m, v, t, ADAM_LR, 0.0)
        root = (v / (1 - BETA2**t)).sqrt() + EPSILON
        root[1] = 1
        divided = divided.sign() * (divided.abs() - ADAM_LR * LAM / root).clamp(min=0)
    return Result(torch.stack(prox), torch.stack(subgradient), adam, divided[0], divided[1], w_cd)


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds at the end, with the predictions."""
    dead, late = result.w_cd == 0, result.subgradient[-TAIL:]
    zeros_cd = dead.sum(-1).double().mean().item()
    return {
        "seeds": SEEDS,
        "features": D,
        "zeros_cd": zeros_cd,
        "zeros_prox": (result.prox[-1] == 0).sum(-1).double().mean().item(),
        "zeros_subgradient": int((late == 0).sum()),
        "zeros_adam": int((result.w_adam == 0).sum()),
        "few": FEW,
        "zeros_few": dead[:FEW].sum(-1).double().mean().item(),
        "zeros_adam_prox": (result.w_adam_prox == 0).sum(-1).double().mean().item(),
        "zeros_adam_plain": (result.w_adam_plain == 0).sum(-1).double().mean().item(),
        "same_support": int(((result.prox[-1] == 0) == dead).all(-1).sum()),
        "prox_error": (result.prox[-1] - result.w_cd).abs().max().item(),
        "eta_lambda": LR * LAM,
        "bound": 2 * LR * LAM,
        "largest_subgradient": (late.abs() * dead).max().item(),
        "median_subgradient": late[:, dead].abs().median().item(),
        "small_predicted": zeros_cd * SMALL / (LR * LAM),
        "small_subgradient": (late.abs() < SMALL).sum(-1).double().mean().item(),
        "false_kept": (~dead)[:, len(TRUE) :].sum(-1).double().mean().item(),
        "true_missed": int(dead[:, : len(TRUE)].sum()),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Exact zeros against iteration, and the largest weight that should be zero."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))

    def band(axes: Any, values: Tensor, key: str, colour: str, style: str) -> None:
        shown = range(0, STEPS + 1, 5)
        low, middle, high = values[shown].double().quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        axes.fill_between(shown, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(shown, middle, color=colour, linestyle=style, label=text(key))

    dead = result.w_cd == 0
    upper.axhline(dead.sum(-1).median(), color=theme.ink, linestyle=":", label=text("cd"))
    band(upper, (result.prox == 0).sum(-1), "prox", theme.blue, "-")
    band(upper, (result.subgradient == 0).sum(-1), "subgradient", theme.orange, "--")
    band(upper, (result.subgradient.abs() < SMALL).sum(-1), "small", theme.violet, "-.")
    upper.set(title=text("title.zeros"), xlabel=text("iteration"), ylim=(-2, D))
    lower.axhline(2 * LR * LAM, color=theme.ink, linestyle=":", label=text("bound"))
    band(lower, (result.subgradient.abs() * dead).amax(-1), "subgradient", theme.orange, "--")
    band(lower, (result.prox.abs() * dead).amax(-1), "prox", theme.blue, "-")
    lower.set(title=text("title.largest"), xlabel=text("iteration"), yscale="log", ylim=(1e-3, 10))
    upper.legend(loc="center right", fontsize=9)
    lower.legend(loc="upper right", fontsize=9)
    return drawn
