"""Random, non-symmetric arguments for every formula, one file per family."""

import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import optnotes


class Draw:
    """Seeded source of arguments: float64 tensors and plain Python numbers."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=self.generator, dtype=torch.float64)

    def real(self, low: float, high: float) -> float:
        return self.uniform(low, high).item()

    def integer(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return int(torch.randint(low, high + 1, (), generator=self.generator))

    def mask(self, *shape: int) -> Tensor:
        """Zeros and ones with at least one of each."""
        flat = (torch.rand(shape, generator=self.generator) < 0.6).double().flatten()
        flat[0], flat[-1] = 1.0, 0.0
        return flat.reshape(shape)


Point = Callable[[Draw], dict[str, Any]]


def all_points() -> dict[str, Point]:
    """Full formula name to the function that draws its arguments."""
    return {
        f"optnotes.{family}.{function}": point
        for family in optnotes.families()
        for function, point in importlib.import_module(f"tests.{family}.points").POINTS.items()
    }
