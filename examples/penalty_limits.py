"""
Two limits of what a penalty does: it may lower the training loss on the way, and no strength at all may be best.

Decay of the weights in front of batch normalisation cannot simplify a net; it keeps their norm small and the effective
step large. Prediction: at a small learning rate the training loss after a given number of steps is lower with decay
than without. And with far more features than examples and the signal along one strong direction the weak directions
shrink the weights by themselves. Prediction: the error on new data only rises with the strength of ridge regression.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.site.figures.digits import load_digits

SEEDS, STEPS, LR, WIDTH, EXAMPLES, DECAYS = 5, 300, 0.01, 24, 150, (0.0, 1.0)
DRAWS, ROWS, COLUMNS, STRONG, NOISE, ALPHAS = 20, 50, 1000, 30.0, 0.5, (1e-6, 10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class Result:
    """Training losses of shape (decays, seeds), and expected errors on new data of shape (strengths, draws)."""

    losses: Tensor
    errors: Tensor


def training_losses(generator: torch.Generator) -> Tensor:
    """All nets at once, each seed with every decay from the same start; the weights of the last layer do not decay."""
    pixels, digits = load_digits()
    X, y = (pixels[:EXAMPLES] / 16 - 0.3).float(), digits[:EXAMPLES]
    first, second, last = (
        (torch.randn(SEEDS, rows, width, generator=generator) * width**-0.5).repeat(len(DECAYS), 1, 1).requires_grad_()
        for rows, width in ((WIDTH, 64), (WIDTH, WIDTH), (10, WIDTH))
    )
    decay = torch.tensor(DECAYS).repeat_interleave(SEEDS)[:, None, None]
    loss = torch.zeros(len(DECAYS) * SEEDS)
    for _ in range(STEPS):
        h = X.expand(len(loss), -1, -1)
        for weight in (first, second):
            z = h @ weight.mT
            h = ((z - z.mean(1, keepdim=True)) / (z.var(1, correction=0, keepdim=True) + 1e-5).sqrt()).relu()
        logits = (h @ last.mT).transpose(1, 2)
        loss = cross_entropy(logits, y.expand(len(loss), -1), reduction="none").mean(1)
        grads = torch.autograd.grad(loss.sum(), (first, second, last))
        with torch.no_grad():
            for weight, grad, strength in zip((first, second, last), grads, (decay, decay, 0 * decay), strict=True):
                weight -= LR * (grad + strength * weight)
    return loss.detach().reshape(len(DECAYS), SEEDS)


def errors(generator: torch.Generator) -> Tensor:
    """Expected squared error on new data beyond the noise, by strength."""
    scale = torch.ones(COLUMNS, dtype=torch.float64)
    scale[0] = STRONG**0.5
    X, noise = (torch.randn(ROWS, k, generator=generator, dtype=torch.float64) for k in (COLUMNS, 1))
    X, y = X * scale, X[:, 0] + NOISE * noise[:, 0]
    found = []
    for alpha in ALPHAS:
        w = X.mT @ torch.linalg.solve(X @ X.mT + alpha * torch.eye(ROWS, dtype=X.dtype), y)
        w[0] -= 1 / scale[0]
        found.append((w * scale).square().sum())
    return torch.stack(found)


def compute() -> Result:
    """Train with and without decay, and fit with every strength."""
    generator = torch.Generator().manual_seed(35)
    return Result(training_losses(generator), torch.stack([errors(generator) for _ in range(DRAWS)], 1))


def numbers(result: Result) -> dict[str, float | int]:
    """Mean training losses, and mean errors by strength."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "rows": ROWS, "columns": COLUMNS}
    found |= dict(zip(("loss_plain", "loss_decay"), result.losses.mean(1).tolist(), strict=True))
    names = ("error_none", "error_weak", "error_medium", "error_strong")
    return found | dict(zip(names, result.errors.mean(1).tolist(), strict=True))
