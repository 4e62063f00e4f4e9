"""The bundled digits of scikit-learn."""

import math

import torch
from torch import Tensor

from optnotes.site.figures.datasets import table


def load_digits() -> tuple[Tensor, Tensor]:
    """Return pixels (1797, 64) and labels, as ``sklearn.datasets.load_digits(return_X_y=True)`` does."""
    rows = table("digits.csv.gz")
    return rows[:, :-1].contiguous(), rows[:, -1].long()


def spread_digits(width: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the digits, centred, sent through random directions into ``width`` inputs of mean square one; labels."""
    pixels, digits = load_digits()
    X = (pixels - pixels.mean(0)).float() @ torch.randn(pixels.shape[1], width, generator=generator)
    return X / X.norm(dim=1, keepdim=True) * math.sqrt(width), digits
