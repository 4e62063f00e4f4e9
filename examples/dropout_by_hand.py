"""
Dropout with a pencil: two units, four masks, every mean written out.

Two activations and two weights, inverted dropout. Prediction: the mean of the output over the masks is the output
without dropout; behind a ReLU it is not; the mean squared error grows by a penalty, the sum of squared weights times
squared activations times p over one minus p.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.dropout import dropout_expected_loss, inverted_dropout

ACTIVATIONS, WEIGHTS, P, THRESHOLD = (1.0, 3.0), (2.0, 1.0), 0.2, 4.0
MASKS = {"both": (1.0, 1.0), "first": (1.0, 0.0), "second": (0.0, 1.0), "none": (0.0, 0.0)}


@dataclass(frozen=True)
class Result:
    """Probability and output of each mask, and the output without dropout."""

    chance: Tensor
    output: Tensor
    plain: Tensor


def compute() -> Result:
    """Write down all masks."""
    h, w = (torch.tensor(values, dtype=torch.float64) for values in (ACTIVATIONS, WEIGHTS))
    masks = torch.tensor(list(MASKS.values()), dtype=torch.float64)
    chance = ((1 - P) ** masks * P ** (1 - masks)).prod(1)
    return Result(chance, inverted_dropout(h.expand_as(masks), masks, P) @ w, h @ w)


def numbers(result: Result) -> dict[str, float | int]:
    """Every mask, the mean of the outputs, the mean behind a ReLU, and the mean squared error with its penalty."""
    found: dict[str, float | int] = {"p": P, "keep": 1 - P, "threshold": THRESHOLD, "masks": len(MASKS)}
    found |= {"h1": ACTIVATIONS[0], "h2": ACTIVATIONS[1], "w1": WEIGHTS[0], "w2": WEIGHTS[1]}
    found |= {"scaled1": ACTIVATIONS[0] / (1 - P), "scaled2": ACTIVATIONS[1] / (1 - P)}
    for name, chance, output in zip(MASKS, result.chance.tolist(), result.output.tolist(), strict=True):
        found |= {f"chance_{name}": chance, f"output_{name}": output}
    mean = (result.chance * result.output).sum()
    behind = (result.chance * (result.output - THRESHOLD).relu()).sum()
    error = (result.chance * (result.output - result.plain).square()).sum()
    found |= {"plain": result.plain.item(), "mean": mean.item(), "relu_mean": behind.item(), "error": error.item()}
    found["relu_pass"] = (result.plain - THRESHOLD).relu().item()
    h, w = (torch.tensor([values], dtype=torch.float64) for values in (ACTIVATIONS, WEIGHTS))
    return found | {"penalty": dropout_expected_loss(h, result.plain[None], w[0], P).item()}
