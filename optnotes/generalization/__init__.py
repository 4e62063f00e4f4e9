"""Overfitting: the gap between training and held-out data, double descent and early stopping."""

from optnotes.generalization.decomposition import bias_variance
from optnotes.generalization.double_descent import min_norm_error
from optnotes.generalization.early_stopping import gd_equivalent_penalty, gd_filter, patience_step
from optnotes.generalization.gap import empirical_risk, generalization_gap, min_norm_interpolant, ols_errors

__all__ = [
    "bias_variance",
    "empirical_risk",
    "gd_equivalent_penalty",
    "gd_filter",
    "generalization_gap",
    "min_norm_error",
    "min_norm_interpolant",
    "ols_errors",
    "patience_step",
]


def __dir__() -> list[str]:
    return __all__
