"""Formulas of deep-learning optimisation: each one a tested function whose printed TeX is itself checked."""

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType

__all__ = ["formulas", "modules"]
__version__ = "0.1.0"


def modules() -> list[str]:
    """Names of the formula modules, in alphabetical order."""
    return sorted(
        info.name for info in pkgutil.iter_modules(__path__) if not info.ispkg and not info.name.startswith("_")
    )


def formulas() -> dict[str, Callable[..., object]]:
    """Every public formula under its full name, such as ``optnotes.penalties.l1_loss``."""
    found: dict[str, Callable[..., object]] = {}
    for name in modules():
        module: ModuleType = importlib.import_module(f"optnotes.{name}")
        for function in module.__all__:
            found[f"optnotes.{name}.{function}"] = getattr(module, function)
    return found
