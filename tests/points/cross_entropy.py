"""Arguments for optnotes.cross_entropy: smoothed targets, unequal over the classes."""


def _example(draw):
    weights = draw.uniform(0.2, 1.0, 4)
    return {"z": draw.normal(4), "y": weights / weights.sum()}


POINTS = {
    "cross_entropy": _example,
    "cross_entropy_gradient": _example,
    "double_softmax_floor": lambda draw: {"c": draw.integer(3, 9)},
    "bce_with_logits": lambda draw: {"a": draw.normal(5), "y": draw.uniform(0.1, 0.9, 5)},
    "bce_with_logits_gradient": lambda draw: {"a": draw.normal(5), "y": draw.uniform(0.1, 0.9, 5)},
}
