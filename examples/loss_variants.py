"""
Losses and outputs that are often confused, called as the library offers them.

Prediction: a softmax over one logit is the constant one, so a classifier with it learns nothing; losses on
probabilities lose what float32 rounds away; Huber is a multiple of smooth L1; smoothed labels have a finite best logit;
a class weight moves the fitted odds by itself; a bias at the logit of a rare class starts at the entropy; a detached
factor of the focal loss changes its gradient. Measured: one call of the library each, and one classifier trained on
digits with each of two outputs.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from optnotes.site.figures.digits import load_digits

STEPS, RATE, BELOW = 200, 1.0, 3
DELTA, RESIDUAL, CLASSES, SMOOTHING, RARE, GAMMA = 2.0, 3.0, 10, 0.1, 0.1, 2.0
SCARCE = 0.01
FAR, FAINT = 20.0, 120.0
WEIGHTS, TARGETS = (1.0, 9.0, 2.0), (0, 1, 2, 1, 0)


@dataclass(frozen=True)
class Result:
    """Everything is a plain number."""

    values: dict[str, float]


def trained(single: bool) -> tuple[float, float]:
    """Share of right answers of a linear classifier of two classes, and the share of the class that is called one."""
    pixels, digits = load_digits()
    X, y = pixels.float() / 16, (digits >= BELOW).float()
    w, b = torch.zeros(X.shape[1], 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(STEPS):
        logit = X @ w + b
        if single:
            loss = functional.binary_cross_entropy(logit.softmax(1), y[:, None])
        else:
            loss = functional.binary_cross_entropy_with_logits(logit, y[:, None])
        slopes = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            for parameter, slope in zip((w, b), slopes, strict=True):
                parameter -= RATE * slope
    with torch.no_grad():
        answer = ((X @ w + b).softmax(1) if single else (X @ w + b).sigmoid()) > 0.5
    return (answer[:, 0] == y.bool()).double().mean().item(), y.double().mean().item()


def rounding() -> dict[str, float]:
    """What float32 leaves of two confident mistakes when the loss is given probabilities."""
    logit, target = torch.tensor([FAR, -FAINT], requires_grad=True), torch.tensor([0.0, 1.0])
    loss = functional.binary_cross_entropy(logit.sigmoid(), target, reduction="none")
    exact = functional.binary_cross_entropy_with_logits(logit, target, reduction="none")
    (slope,) = torch.autograd.grad(loss.sum(), logit)
    (kept,) = torch.autograd.grad(exact.sum(), logit)
    pair = torch.tensor([0.0, FAINT], requires_grad=True)
    (broken,) = torch.autograd.grad(-pair.softmax(0).log()[0], pair)
    once = pair.detach().log_softmax(0)
    return {
        "bce_far": loss[0].item(),
        "bce_faint": loss[1].item(),
        "bce_slope": slope.abs().max().item(),
        "logits_far": exact[0].item(),
        "logits_faint": exact[1].item(),
        "logits_slope": kept.abs().min().item(),
        "log_softmax_nan": float(broken.isnan().all()),
        "twice_log": (once.log_softmax(0) - once).abs().max().item(),
    }


def huber() -> dict[str, float]:
    """Huber and smooth L1 at one residual beyond the threshold, and the largest difference over many."""
    grid = torch.linspace(-5, 5, 101, dtype=torch.float64, requires_grad=True)
    zero = torch.zeros_like(grid)
    both = functional.huber_loss, functional.smooth_l1_loss
    large = functional.huber_loss(grid, zero, "none", DELTA)
    smooth = functional.smooth_l1_loss(grid, zero, reduction="none", beta=DELTA)
    one, none = torch.tensor(RESIDUAL), torch.tensor(0.0)
    return {
        "huber": both[0](one, none, delta=DELTA).item(),
        "smooth_l1": both[1](one, none, beta=DELTA).item(),
        "huber_gap": (large - DELTA * smooth).abs().max().item(),
        "huber_slope": torch.autograd.grad(large.sum(), grid)[0].abs().max().item(),
        "smooth_l1_slope": torch.autograd.grad(smooth.sum(), grid)[0].abs().max().item(),
    }


def smoothed() -> dict[str, float]:
    """The gap of logits that smoothed labels ask for, the slope there, and class weights in the same loss."""
    gap = math.log(1 + CLASSES * (1 - SMOOTHING) / SMOOTHING)
    z = torch.zeros(CLASSES, dtype=torch.float64)
    z[0] = gap
    z.requires_grad_()
    loss = functional.cross_entropy(z, torch.tensor(0), label_smoothing=SMOOTHING)
    weight, y = torch.tensor(WEIGHTS, dtype=torch.float64), torch.tensor(TARGETS)
    logits = torch.randn(len(y), 3, generator=torch.Generator().manual_seed(39), dtype=torch.float64)
    target = (1 - SMOOTHING) * functional.one_hot(y, 3).double() + SMOOTHING / 3
    terms = -(weight * target * logits.log_softmax(1)).sum()
    hard = functional.cross_entropy(logits, y, weight=weight, label_smoothing=SMOOTHING)
    soft = functional.cross_entropy(logits, target, weight=weight)
    return {
        "smooth_gap": gap,
        "smooth_loss": loss.item(),
        "smooth_slope": torch.autograd.grad(loss, z)[0].abs().max().item(),
        "weighted_gap": abs((hard - terms / weight[y].sum()).item()),
        "soft_ratio": (soft / hard).item(),
        "mean_weight": weight[y].mean().item(),
    }


def odds() -> dict[str, float]:
    """Constant answer to a rare class, fitted with a weight that balances it."""
    weight = (1 - RARE) / RARE
    z = torch.tensor(math.log(weight * RARE / (1 - RARE)), dtype=torch.float64, requires_grad=True)
    pair = z.expand(2)
    target, share, heavy = (torch.tensor(each, dtype=z.dtype) for each in ([1.0, 0.0], [RARE, 1 - RARE], weight))
    each = functional.binary_cross_entropy_with_logits(pair, target, pos_weight=heavy, reduction="none")
    return {"pos_weight": weight, "balanced": z.sigmoid().item(), "odds_slope": slope_of((share * each).sum(), z)}


def first_losses() -> dict[str, float]:
    """Mean loss before the first step if one example in a hundred is positive: zero logit, logit of the share."""
    share = torch.tensor([SCARCE], dtype=torch.float64)
    logits = {"start_zero": torch.zeros_like(share), "start_prior": share.logit()}
    return {name: functional.binary_cross_entropy_with_logits(z, share).item() for name, z in logits.items()}


def slope_of(loss: Tensor, z: Tensor) -> float:
    """Derivative of a loss by one number."""
    return float(torch.autograd.grad(loss, z)[0].abs().item())


def focal(z: Tensor, detach: bool) -> Tensor:
    """Focal loss of the class one, from its logit; the factor may be cut out of the gradient."""
    p = z.sigmoid()
    factor = (1 - p) ** GAMMA
    return -(factor.detach() if detach else factor) * functional.logsigmoid(z)


def compute() -> Result:
    """Ask the library, and train the two classifiers."""
    right_single, share = trained(True)
    right_logit, _ = trained(False)
    z = torch.zeros((), dtype=torch.float64, requires_grad=True)
    values = {"right_single": right_single, "share": share, "right_logit": right_logit}
    values |= rounding() | huber() | smoothed() | odds() | first_losses()
    values |= {"focal_easy": 0.1**GAMMA, "focal_slope": slope_of(focal(z, False), z)}
    return Result(values | {"focal_detached": slope_of(focal(z, True), z)})


def numbers(result: Result) -> dict[str, float | int]:
    """What the library returned, and the settings."""
    settings = {"delta": DELTA, "residual": RESIDUAL, "classes": CLASSES, "smoothing": SMOOTHING, "rare": RARE}
    return settings | {"scarce": SCARCE, "gamma": GAMMA, "far": FAR, "faint": FAINT, "below": BELOW} | result.values
