"""Output layers with their losses: from logits to probabilities and gradients."""

from optnotes.outputs.cross_entropy import (
    bce_with_logits,
    bce_with_logits_gradient,
    cross_entropy,
    cross_entropy_gradient,
    double_softmax_floor,
)
from optnotes.outputs.softmax import softmax, softmax_jacobian, two_class_probability

__all__ = [
    "bce_with_logits",
    "bce_with_logits_gradient",
    "cross_entropy",
    "cross_entropy_gradient",
    "double_softmax_floor",
    "softmax",
    "softmax_jacobian",
    "two_class_probability",
]


def __dir__() -> list[str]:
    return __all__
