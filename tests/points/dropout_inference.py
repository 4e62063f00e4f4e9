"""Arguments for optnotes.dropout_inference: drop probabilities away from one half."""


def _masks(draw):
    weights = draw.uniform(0.2, 1.0, 4)
    return {"logits": draw.normal(4), "probabilities": weights / weights.sum()}


POINTS = {
    "standard_dropout_inference": lambda draw: {"h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "weight_scaling": lambda draw: {"w": draw.normal(5), "h": draw.normal(5), "p": draw.real(0.1, 0.4)},
    "normalised_geometric_mean": _masks,
    "dropout_variance_ratio": lambda draw: {
        "mean": draw.normal(5),
        "var": draw.uniform(0.3, 2.0, 5),
        "p": draw.real(0.1, 0.4),
    },
}
