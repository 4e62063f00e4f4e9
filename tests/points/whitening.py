"""Arguments for optnotes.whitening: fewer axes than features, so that transposes show."""

import torch


def _axes(draw):
    return {
        "X": draw.normal(5, 3),
        "mu": draw.normal(3),
        "lam": draw.uniform(0.2, 4.0, 2),
        "V": torch.linalg.qr(draw.normal(3, 2)).Q,
    }


POINTS = {
    "covariance": lambda draw: {"X": draw.normal(5, 3)},
    "pca_whiten": _axes,
    "zca_whiten": _axes,
}
