"""Arguments for optnotes.gelu."""

POINTS = {
    "gelu": lambda draw: {"x": draw.normal(5)},
    "gelu_derivative": lambda draw: {"x": draw.normal(5)},
    "gelu_tanh": lambda draw: {"x": draw.normal(5)},
    "gelu_tanh_derivative": lambda draw: {"x": draw.normal(5)},
}
