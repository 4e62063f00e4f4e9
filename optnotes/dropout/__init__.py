"""Dropout: masks, inference, and the ridge penalty it amounts to."""

from optnotes.dropout.inference import (
    dropout_variance_ratio,
    normalised_geometric_mean,
    standard_dropout_inference,
    weight_scaling,
)
from optnotes.dropout.masks import (
    inverted_dropout,
    inverted_dropout_moments,
    keep_probability,
    standard_dropout,
    standard_dropout_moments,
)
from optnotes.dropout.ridge import dropout_expected_loss, dropout_penalty_gradient, dropout_ridge

__all__ = [
    "dropout_expected_loss",
    "dropout_penalty_gradient",
    "dropout_ridge",
    "dropout_variance_ratio",
    "inverted_dropout",
    "inverted_dropout_moments",
    "keep_probability",
    "normalised_geometric_mean",
    "standard_dropout",
    "standard_dropout_inference",
    "standard_dropout_moments",
    "weight_scaling",
]


def __dir__() -> list[str]:
    return __all__
