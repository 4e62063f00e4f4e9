"""Arguments for optnotes.activations."""

POINTS = {
    "sigmoid": lambda draw: {"x": 2 * draw.normal(5)},
    "sigmoid_derivative": lambda draw: {"x": 2 * draw.normal(5)},
    "tanh": lambda draw: {"x": draw.normal(5)},
    "tanh_derivative": lambda draw: {"x": draw.normal(5)},
}
