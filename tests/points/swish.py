"""Arguments for optnotes.swish."""

POINTS = {
    "swish": lambda draw: {"x": draw.normal(5), "beta": draw.real(1.2, 1.9)},
    "swish_derivative": lambda draw: {"x": draw.normal(5), "beta": draw.real(1.2, 1.9)},
}
