"""Arguments for optnotes.dropout_ridge: features of unequal scale."""

import torch


def _features(draw):
    return draw.normal(6, 3) * torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64) + 0.3


POINTS = {
    "dropout_expected_loss": lambda draw: {
        "X": _features(draw),
        "y": draw.normal(6),
        "w": draw.normal(3),
        "p": draw.real(0.1, 0.4),
    },
    "dropout_ridge": lambda draw: {"X": _features(draw), "y": draw.normal(6), "p": draw.real(0.1, 0.4)},
    "dropout_penalty_gradient": lambda draw: {"X": _features(draw), "w": draw.normal(3), "p": draw.real(0.1, 0.4)},
}
