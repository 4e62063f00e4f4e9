"""
Formulas of deep-learning optimisation: each one a tested function whose printed TeX is itself checked.

One package holds one family; ``help(optnotes.penalties)`` prints its formulas, and ``optnotes.find`` searches all.

activations     Activation functions, each beside its derivative, and what a network of them can do.
descent         Gradient descent and Adam: their steps, the rates they can bear, and landscapes to try them on.
dropout         Dropout: masks, inference, and the ridge penalty it amounts to.
features        Features before training: scaling, whitening and correlation.
generalization  Overfitting: the gap between training and held-out data, double descent and early stopping.
gradients       How gradients vanish or explode on their way through layers and steps, and what keeps them level.
normalization   Normalisation inside the network: by batch, by layer and by root mean square.
outputs         Output layers with their losses: from logits to probabilities and gradients.
penalties       L2, L1 and Elastic Net: losses, solutions, and the strengths in the units of other libraries.

``optnotes.checkup`` holds no formulas: it measures a training run and names the likeliest cause of its failure.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["families", "find", "formulas"]
__version__ = "0.1.0"

# Packages that hold no formulas: the machinery of the pages, and the check-up, which has guards of its own.
OTHERS = ("checkup", "site")


def families() -> list[str]:
    """Names of the families, in alphabetical order."""
    return sorted(info.name for info in pkgutil.iter_modules(__path__) if info.ispkg and info.name not in OTHERS)


def formulas() -> dict[str, Callable[..., object]]:
    """Every public formula under its full name, such as ``optnotes.penalties.l1_loss``."""
    found: dict[str, Callable[..., object]] = {}
    for family in families():
        face: ModuleType = importlib.import_module(f"optnotes.{family}")
        for function in face.__all__:
            found[f"optnotes.{family}.{function}"] = getattr(face, function)
    return found


def find(words: str) -> dict[str, str]:
    """
    Find formulas by words of their names and summaries.

    Parameters
    ----------
    words : str
        Words or beginnings of words, in any case and order; a formula is found when it has all of them.

    Returns
    -------
    dict of str to str
        Full name of each formula found and its summary.

    Examples
    --------
    >>> import optnotes
    >>> optnotes.find("soft thresh")
    {'optnotes.penalties.soft_threshold': 'Soft threshold: the proximal step of the L1 penalty.'}
    """
    if not isinstance(words, str) or not words.strip():
        raise ValueError(f"words must be a string with at least one word, got {words!r}")
    begun = [re.compile(rf"(?<![^\W_]){re.escape(word)}", re.IGNORECASE) for word in words.split()]
    found = {}
    for name, function in formulas().items():
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        if all(word.search(f"{name} {summary}") for word in begun):
            found[name] = summary
    return found


def __dir__() -> list[str]:
    return [*__all__, "checkup", *families()]


if not TYPE_CHECKING:  # a type checker would take any name for a family

    def __getattr__(name: str) -> ModuleType:
        # A family brings torch along, so it is loaded when it is asked for.
        if name in ("checkup", *families()):
            return importlib.import_module(f"optnotes.{name}")
        raise AttributeError(f"module 'optnotes' has no attribute '{name}'")
