"""Arguments for optnotes.outputs."""

POINTS = {
    "softmax": lambda draw: {"z": draw.normal(4)},
    "softmax_jacobian": lambda draw: {"z": draw.normal(4)},
    "two_class_probability": lambda draw: {"z": draw.normal(2)},
}
