"""
Attention logits that grow: what the softmax then passes on, and three ways to hold them.

Prediction: queries and keys with entries s times larger make logits s^2 times larger, even after the division by the
root of d; the softmax becomes one-hot and its Jacobian vanishes. Normalised queries and keys (QK norm) do not depend on
s, a soft cap bounds every logit by its number, and the z-loss pulls the logarithm of the normaliser to zero.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from optnotes.outputs import softmax_jacobian

TOKENS, DIM, SCALE, CAP, ROWS = 32, 64, 4.0, 5.0, 200
RATE, STEPS = 1.0, 1000


@dataclass(frozen=True)
class Result:
    """By way to hold them, logits of shape (rows, tokens); logarithm of the normaliser before and after the z-loss."""

    logits: dict[str, Tensor]
    log_z: Tensor


def compute() -> Result:
    """One query per row and its keys, at both scales."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(33), dtype=torch.float64)
    query, keys = normal(ROWS, 1, DIM), normal(ROWS, TOKENS, DIM)
    unit = partial(functional.rms_norm, normalized_shape=(DIM,))

    def logits(q: Tensor, k: Tensor) -> Tensor:
        return (q * k).sum(-1) / math.sqrt(DIM)

    large = logits(SCALE * query, SCALE * keys)
    found = {
        "plain": logits(query, keys),
        "large": large,
        "normed": logits(unit(SCALE * query), unit(SCALE * keys)),
        "capped": CAP * torch.tanh(large / CAP),
    }
    z, log_z = (found["plain"] + 7.0).clone(), []
    for _ in range(STEPS):
        z.requires_grad_()
        normaliser = z.logsumexp(-1)
        log_z.append(normaliser.mean().detach())
        (gradient,) = torch.autograd.grad(normaliser.square().sum(), z)
        z = z.detach() - RATE * gradient
    return Result(found, torch.stack(log_z))


def numbers(result: Result) -> dict[str, float | int]:
    """Spread of the logits, mean of the largest weight, and median norm of the Jacobian of the softmax."""
    found: dict[str, float | int] = {"scale": SCALE, "cap": CAP, "tokens": TOKENS, "dim": DIM}
    for name, logits in result.logits.items():
        jacobian = torch.func.vmap(softmax_jacobian)(logits)
        found |= {f"{name}_std": logits.std().item(), f"{name}_top": logits.softmax(-1).amax(-1).mean().item()}
        found |= {f"{name}_slope": jacobian.flatten(1).norm(dim=1).median().item()}
        found[f"{name}_largest"] = logits.abs().max().item()
    return found | {"log_z_before": result.log_z[0].item(), "log_z_after": result.log_z[-1].abs().item()}
