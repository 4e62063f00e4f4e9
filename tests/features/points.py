"""Arguments for optnotes.features."""

import torch


def _with_constant_feature(draw):
    X = draw.normal(4, 3)
    X[:, 1] = 2.0
    return X


def _minmax(draw):
    lower = draw.uniform(-2.0, -1.0, 3)
    return {
        "X": draw.normal(5, 3),
        "lower": lower,
        "upper": lower + draw.uniform(1.0, 3.0, 3),
        "low": draw.real(-1.5, -0.5),
        "high": draw.real(0.5, 2.5),
    }


def _axes(draw):
    return {
        "X": draw.normal(5, 3),
        "mean": draw.normal(3),
        "lams": draw.uniform(0.2, 4.0, 2),
        "V": torch.linalg.qr(draw.normal(3, 2)).Q,
    }


POINTS = {
    "fit_standardizer": lambda draw: {"X": _with_constant_feature(draw)},
    "standardize": lambda draw: {"X": draw.normal(5, 3), "mean": draw.normal(3), "s": draw.uniform(0.3, 3.0, 3)},
    "fit_minmax": lambda draw: {"X": draw.normal(5, 3)},
    "minmax": _minmax,
    "covariance": lambda draw: {"X": draw.normal(5, 3)},
    "pca_whiten": _axes,
    "zca_whiten": _axes,
    "pearson": lambda draw: {"x": draw.normal(6), "y": draw.normal(6) + 2.0},
    "least_squares_hessian": lambda draw: {"X": draw.normal(5, 3)},
    "correlation_condition": lambda draw: {"rho": draw.real(-0.9, -0.1)},
}
