"""
An exploding gradient with a pencil: three equal factors, one step of descent, and the same step clipped.

The output is the cube of one weight, the target one. Beside it what clipping means for parts: a gradient kept on two
machines, two micro-batches of unequal length, and noise that is mostly small and rarely large.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.descent import gd_step_bound
from optnotes.gradients import clip_by_norm, clip_by_value

WEIGHT, DEPTH, TARGET, LR, THRESHOLD = 2.0, 3, 1.0, 0.1, 4.0
SHARDS, LIMIT = (3.0, 4.0), 1.0
TOKENS, MEANS = (10, 30), (2.0, 4.0)
NOISE, CHANCES = (9.0, -1.0), (0.1, 0.9)


@dataclass(frozen=True)
class Result:
    """Weights one step after another, without clipping and with it."""

    free: Tensor
    clipped: Tensor


def slope(w: float) -> float:
    """Gradient of half the squared error."""
    return (w**DEPTH - TARGET) * DEPTH * w ** (DEPTH - 1)


def compute() -> Result:
    """Two steps of each kind."""
    free, clipped = [WEIGHT], [WEIGHT]
    for _ in range(2):
        free.append(free[-1] - LR * slope(free[-1]))
        short = clip_by_norm(torch.tensor([slope(clipped[-1])], dtype=torch.float64), THRESHOLD).item()
        clipped.append(clipped[-1] - LR * short)
    return Result(torch.tensor(free, dtype=torch.float64), torch.tensor(clipped, dtype=torch.float64))


def numbers(result: Result) -> dict[str, float | int]:
    """Outputs, gradients and steps; norms of the parts; both means over tokens; where clipped noise settles."""
    found: dict[str, float | int] = {"w": WEIGHT, "depth": DEPTH, "target": TARGET, "lr": LR, "threshold": THRESHOLD}
    found |= {"out": WEIGHT**DEPTH, "error": WEIGHT**DEPTH - TARGET, "factor": DEPTH * WEIGHT ** (DEPTH - 1)}
    for name, path in (("free", result.free.tolist()), ("clipped", result.clipped.tolist())):
        for step, w in enumerate(path[1:], 1):
            found |= {f"w{step}_{name}": w, f"gradient{step}_{name}": slope(w)}
    found |= {"gradient": slope(WEIGHT), "step": LR * slope(WEIGHT), "step_clipped": LR * THRESHOLD}
    found |= {"curvature": DEPTH**2, "bound": gd_step_bound(torch.tensor([DEPTH**2], dtype=torch.float64)).item()}
    parts = torch.tensor(SHARDS, dtype=torch.float64)
    apart = torch.cat([clip_by_norm(part, LIMIT) for part in torch.split(parts, 1)])
    for name, kept in (("whole", clip_by_norm(parts, LIMIT)), ("apart", apart)):
        found |= {f"{name}_first": kept[0].item(), f"{name}_second": kept[1].item(), f"{name}_norm": kept.norm().item()}
    found |= {"shard_first": SHARDS[0], "shard_second": SHARDS[1], "norm": parts.norm().item(), "limit": LIMIT}
    total = sum(count * mean for count, mean in zip(TOKENS, MEANS, strict=True))
    found |= {"tokens_short": TOKENS[0], "tokens_long": TOKENS[1], "mean_short": MEANS[0], "mean_long": MEANS[1]}
    found |= {"mean_of_means": sum(MEANS) / 2, "by_tokens": total / sum(TOKENS)}
    rare, often = CHANCES
    # Clipped, the rare value counts as the threshold; the frequent one is not cut: rare * 1 + often * (w - 1) = 0.
    settled = 1 - rare * LIMIT / often
    cut = clip_by_value(torch.tensor(NOISE, dtype=torch.float64) + settled, LIMIT).tolist()
    found |= {"rare": NOISE[0], "often": NOISE[1], "rare_chance": rare, "settled": settled}
    return found | {"pull": rare * cut[0] + often * cut[1], "noise_mean": rare * NOISE[0] + often * NOISE[1]}
