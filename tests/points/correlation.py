"""Arguments for optnotes.correlation."""

POINTS = {
    "pearson": lambda draw: {"x": draw.normal(6), "y": draw.normal(6) + 2.0},
    "least_squares_hessian": lambda draw: {"X": draw.normal(5, 3)},
    "correlation_condition": lambda draw: {"rho": draw.real(-0.9, -0.1)},
}
