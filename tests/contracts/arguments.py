"""All formulas with their arguments, and what the generic tests do to the tensors among them."""

from torch import Tensor

import optnotes
from tests.formula_docs import kinds
from tests.points import all_points

FORMULAS = optnotes.formulas()
POINTS = all_points()
WITH_TENSORS = [
    name for name in FORMULAS if any(of.base in ("Tensor", "list") for of in kinds(FORMULAS[name]).values())
]


def tensors(value):
    """All tensors in an argument or a result."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, list | tuple):
        return [item for part in value for item in tensors(part)]
    return [item for part in value.values() for item in tensors(part)] if isinstance(value, dict) else []


def converted(value, change):
    """The arguments with every tensor changed."""
    if isinstance(value, dict):
        return {key: converted(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(converted(item, change) for item in value)
    return change(value) if isinstance(value, Tensor) else value
