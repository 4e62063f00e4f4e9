"""Arguments for optnotes.double_descent."""

POINTS = {
    "min_norm_error": lambda draw: {
        "used": draw.real(0.3, 2.0),
        "hidden": draw.real(0.2, 1.0),
        "sigma": draw.real(0.3, 1.5),
        "d": draw.integer(14, 30),
        "n": draw.integer(5, 11),
    },
}
