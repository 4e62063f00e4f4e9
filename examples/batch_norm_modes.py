"""
Batch normalisation that was meant to be frozen, and batches of two.

Prediction: ``requires_grad_(False)`` stops gain and shift, and not the running averages, which follow the new data as
long as the layer is in training mode; ``eval()`` stops them. With two examples a unit can only say which is larger: it
gives plus and minus one, whatever the inputs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

UNITS, BATCH, BATCHES, SHIFT = 16, 32, 100, 2.0


@dataclass(frozen=True)
class Result:
    """Running means before fine-tuning and after it, by mode; outputs for two batches of two, one far wider."""

    means: dict[str, Tensor]
    pair: Tensor
    wide: Tensor


def fine_tuned(frozen: bool, normal: torch.Generator) -> Tensor:
    """Running mean of a layer without gradients that saw new, shifted data."""
    layer = nn.BatchNorm1d(UNITS).double().requires_grad_(False)
    layer.train(not frozen)
    for _ in range(BATCHES):
        layer(SHIFT + torch.randn(BATCH, UNITS, generator=normal, dtype=torch.float64))
    return torch.as_tensor(layer.running_mean).clone()


def compute() -> Result:
    """Show shifted data to the layer in both modes; then batches of two."""
    generator = torch.Generator().manual_seed(33)
    means = {"train": fine_tuned(False, generator), "eval": fine_tuned(True, generator)}
    layer, pair = nn.BatchNorm1d(UNITS).double(), torch.randn(2, UNITS, generator=generator, dtype=torch.float64)
    return Result(means, layer(pair).detach(), layer(100 * pair).detach())


def numbers(result: Result) -> dict[str, float | int]:
    """Drift of the means in standard deviations; distance of the outputs of a pair from plus or minus one."""
    found: dict[str, float | int] = {"batches": BATCHES, "shift": SHIFT, "batch_size": BATCH}
    found |= {f"drift_{mode}": means.mean().item() for mode, means in result.means.items()}
    off = (result.wide.abs() - 1).abs()
    return found | {"pair_off": off.median().item(), "changed": (result.wide - result.pair).abs().median().item()}
