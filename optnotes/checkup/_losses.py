"""What a loss expects: recognised by its values at made-up outputs, whatever it is called."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Loss = Callable[[Any, Any], Tensor]


@dataclass(frozen=True)
class LossKind:
    """``loss = factor · kind(output, target) + offset``; an offset that no output changes is a penalty on weights."""

    name: str
    factor: float
    offset: float
    rank_one: bool  # outputs and targets differ in shape and were broadcast


def _rows(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return logits (n, classes) and classes (n,), or None where these are no classes."""
    if target.is_floating_point() or target.dtype == torch.bool:
        return None
    if target.shape == output.shape[:-1]:
        return output.reshape(-1, output.shape[-1]), target.reshape(-1)
    if target.dim() >= 1 and target.shape == output.shape[:1] + output.shape[2:]:
        return output.movedim(1, -1).reshape(-1, output.shape[1]), target.reshape(-1)
    return None


def _same(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    return torch.broadcast_tensors(output, target.to(output.dtype))  # type: ignore[no-untyped-call]


def _log_probability(output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of probabilities, the logarithm taken by hand."""
    return functional.nll_loss(output.log(), target)


OF_CLASSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": functional.cross_entropy,
    "nll": functional.nll_loss,
    "log_probability": _log_probability,
}
OF_NUMBERS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": functional.mse_loss,
    "l1": functional.l1_loss,
    "huber": functional.smooth_l1_loss,
    "bce_logits": functional.binary_cross_entropy_with_logits,
    "bce": functional.binary_cross_entropy,
}
ON_PROBABILITIES = ("log_probability", "bce")


def candidate(name: str, output: Tensor, target: Tensor) -> Tensor:
    """Return the mean loss of a known kind."""
    if name in OF_CLASSES:
        pair = _rows(output, target)
        assert pair is not None
        return OF_CLASSES[name](*pair)
    return OF_NUMBERS[name](*_same(output, target))


def recognise(loss: Loss, output: Tensor, target: Tensor) -> LossKind | None:
    """Return the kind of a loss, or None where it is none of the known ones."""
    if not isinstance(target, Tensor) or not output.is_floating_point():
        return None
    names: dict[str, Callable[[Tensor, Tensor], Tensor]] = OF_NUMBERS
    if _rows(output, target) is not None:
        names = OF_CLASSES
    elif not _broadcastable(output, target):
        return None
    elif not target.is_floating_point():
        names = {name: OF_NUMBERS[name] for name in ("mse", "l1", "bce_logits", "bce")}
    for name in names:
        if found := _fit(loss, name, output, target):
            return found
    return None


def _broadcastable(output: Tensor, target: Tensor) -> bool:
    try:
        torch.broadcast_shapes(output.shape, target.shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return False
    return True


def _probes(output: Tensor, probabilities: bool) -> list[Tensor]:
    """Three outputs that nothing singles out, in the range that a loss can take."""
    count = torch.arange(output.numel(), device=output.device, dtype=torch.float64)
    waves = [torch.sin(1 + 1.7 * count), torch.cos(2.3 * count), torch.sin(0.6 * count + 2) * 1.5]
    shape, dtype = output.shape, output.dtype if output.dtype == torch.float64 else torch.float32
    scaled = [(wave / 4 + 0.5 if probabilities else 2 * wave).reshape(shape).to(dtype) for wave in waves]
    return [probe.clamp(0.05, 0.95) for probe in scaled] if probabilities else scaled


def _fit(loss: Loss, name: str, output: Tensor, target: Tensor) -> LossKind | None:
    with torch.no_grad():
        try:
            probes = _probes(output, name in ON_PROBABILITIES)
            theirs = [float(loss(probe, target)) for probe in probes]
            ours = [candidate(name, probe, target).item() for probe in probes]
        except (RuntimeError, ValueError, IndexError, TypeError, AssertionError):
            return None
    if not all(map(math.isfinite, theirs + ours)) or abs(ours[0] - ours[1]) < 1e-6:
        return None
    factor = (theirs[0] - theirs[1]) / (ours[0] - ours[1])
    offset = theirs[0] - factor * ours[0]
    if factor == 0 or abs(factor * ours[2] + offset - theirs[2]) > 1e-3 * (abs(factor * ours[2]) + abs(offset)):
        return None
    differ = name in OF_NUMBERS and output.shape != target.shape and output.numel() > 1
    return LossKind(name, factor, offset if abs(offset) > 1e-4 * abs(theirs[0]) else 0.0, differ)


def constant_loss(name: str, target: Tensor, classes: int) -> float:
    """Mean loss of the best answer that does not look at the input: entropy of the labels, or spread of targets."""
    if name in OF_CLASSES:
        shares = torch.bincount(target.reshape(-1).clamp_min(0), minlength=classes).double() / target.numel()
        return torch.special.entr(shares).sum().item()
    values = target.double()
    centre = values.mean(0) if values.dim() > 1 else values.mean()
    if name in ("bce", "bce_logits"):
        return (torch.special.entr(centre) + torch.special.entr(1 - centre)).mean().item()
    if name == "mse":
        return (values - centre).square().mean().item()
    middle = values.median(0).values if values.dim() > 1 else values.median()
    return candidate(name, middle.expand_as(values), values).item()
