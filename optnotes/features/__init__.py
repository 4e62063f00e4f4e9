"""Features before training: scaling, whitening and correlation."""

from optnotes.features.correlation import correlation_condition, least_squares_hessian, pearson
from optnotes.features.scaling import fit_minmax, fit_standardizer, minmax, standardize
from optnotes.features.whitening import covariance, pca_whiten, zca_whiten

__all__ = [
    "correlation_condition",
    "covariance",
    "fit_minmax",
    "fit_standardizer",
    "least_squares_hessian",
    "minmax",
    "pca_whiten",
    "pearson",
    "standardize",
    "zca_whiten",
]


def __dir__() -> list[str]:
    return __all__
