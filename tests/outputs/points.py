"""Arguments for optnotes.outputs."""


def _example(draw):
    weights = draw.uniform(0.2, 1.0, 4)
    return {"z": draw.normal(4), "y": weights / weights.sum()}


POINTS = {
    "softmax": lambda draw: {"z": draw.normal(4)},
    "softmax_jacobian": lambda draw: {"z": draw.normal(4)},
    "two_class_probability": lambda draw: {"z": draw.normal(2)},
    "cross_entropy": _example,
    "cross_entropy_gradient": _example,
    "double_softmax_floor": lambda draw: {"c": draw.integer(3, 9)},
    "bce_with_logits": lambda draw: {"a": draw.normal(5), "y": draw.uniform(0.1, 0.9, 5)},
    "bce_with_logits_gradient": lambda draw: {"a": draw.normal(5), "y": draw.uniform(0.1, 0.9, 5)},
}
