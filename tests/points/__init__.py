"""Random, non-symmetric arguments for every formula, one file per formula module."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


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
    points: dict[str, Point] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for function, point in module.POINTS.items():
            points[f"optnotes.{info.name}.{function}"] = point
    return points
