"""
Grokking in seconds: addition modulo a prime, learned by heart first and understood later.

A network of one hidden layer with squares for activations sees a part of the table of addition, and weight decay is on.
Prediction: the part it sees is soon right while the rest stays at guessing; decay removes what only serves
memorising, on the scale of 1 / (η λ) steps, and the rest becomes right much later; without decay it does not, within
these steps. Measured: the share of right answers on both parts.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from optnotes.descent import adamw_step

PRIME, HIDDEN, SHARE, LR, LAM, SEEDS = 23, 64, 0.6, 0.01, 1.0, 3
EARLY, LATE, FORGET = 50, 1000, 0.98


@dataclass(frozen=True)
class Result:
    """Share of right answers on seen and on unseen sums, of shape (2, seeds), with decay and without."""

    early: Tensor
    late: Tensor
    plain: Tensor


def table(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Both summands one-hot, side by side, and the sum: a random part to be seen, and the rest; one order per seed."""
    pairs = torch.cartesian_prod(torch.arange(PRIME), torch.arange(PRIME))
    X, y = one_hot(pairs, PRIME).flatten(1).float(), pairs.sum(1) % PRIME
    order = torch.stack([torch.randperm(len(y), generator=generator) for _ in range(SEEDS)])
    seen = round(SHARE * len(y))
    return X[order[:, :seen]], y[order[:, :seen]], X[order[:, seen:]], y[order[:, seen:]]


def train(decay: float) -> tuple[Tensor, Tensor]:
    """Shares of right answers on both parts after the early and after the late step."""
    generator = torch.Generator().manual_seed(34)
    X, y, unseen, truth = table(generator)
    V, U = (
        torch.randn(SEEDS, *shape, generator=generator) / scale**0.5
        for shape, scale in (((2 * PRIME, HIDDEN), PRIME), ((HIDDEN, PRIME), HIDDEN))
    )
    (m, v), (q, r) = ([torch.zeros_like(each)] * 2 for each in (V, U))

    def right() -> Tensor:
        return torch.stack(
            [((x @ V).square() @ U).argmax(-1).eq(t).float().mean(1) for x, t in ((X, y), (unseen, truth))]
        )

    for step in range(1, LATE + 1):
        V, U = V.requires_grad_(), U.requires_grad_()
        logits = ((X @ V).square() @ U).flatten(0, 1)
        slopes = torch.autograd.grad(SEEDS * cross_entropy(logits, y.flatten()), (V, U))
        V, m, v = adamw_step(V.detach(), slopes[0], m, v, step, LR, decay, beta2=FORGET)
        U, q, r = adamw_step(U.detach(), slopes[1], q, r, step, LR, decay, beta2=FORGET)
        if step == EARLY:
            early = right()
    return early, right()


def compute() -> Result:
    """Train with decay and without, from the same start."""
    early, late = train(LAM)
    return Result(early, late, train(0.0)[1])


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds."""
    found: dict[str, float | int] = {"prime": PRIME, "seeds": SEEDS, "early": EARLY, "late": LATE}
    found |= {"share": SHARE, "scale": round(1 / (LR * LAM))}
    for name in ("early", "late", "plain"):
        found |= {
            f"{key}_{name}": each
            for key, each in zip(("seen", "new"), getattr(result, name).mean(1).tolist(), strict=True)
        }
    return found
