"""Arguments for optnotes.dropout."""

import torch


def _masks(draw):
    weights = draw.uniform(0.2, 1.0, 4)
    return {"logits": draw.normal(4), "probabilities": weights / weights.sum()}


def _features(draw):
    return draw.normal(6, 3) * torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64) + 0.3


POINTS = {
    "standard_dropout": lambda draw: {"h": draw.normal(5), "mask": draw.mask(5)},
    "inverted_dropout": lambda draw: {"h": draw.normal(5), "mask": draw.mask(5), "p": draw.real(0.1, 0.4)},
    "standard_dropout_moments": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "inverted_dropout_moments": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "standard_dropout_inference": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "weight_scaling": lambda draw: {"w": draw.normal(5), "h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "normalised_geometric_mean": _masks,
    "dropout_variance_ratio": lambda draw: {
        "mean": draw.normal(5),
        "var": draw.uniform(0.3, 2.0, 5),
        "p": draw.real(0.1, 0.4),
    },
    "dropout_expected_loss": lambda draw: {
        "X": _features(draw),
        "y": draw.normal(6),
        "w": draw.normal(3),
        "p": draw.real(0.1, 0.4),
    },
    "dropout_ridge": lambda draw: {"X": _features(draw), "y": draw.normal(6), "p": draw.real(0.1, 0.4)},
    "dropout_penalty_gradient": lambda draw: {"X": _features(draw), "w": draw.normal(3), "p": draw.real(0.1, 0.4)},
    "keep_probability": lambda draw: {"p": draw.real(0.1, 0.4)},
}
