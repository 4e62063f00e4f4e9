"""Arguments for optnotes.residual."""

POINTS = {
    "residual_jacobian": lambda draw: {"jacobians": draw.normal(4, 3, 3)},
    "residual_gain_bounds": lambda draw: {"jacobian": 0.2 * draw.normal(3, 3)},
    "residual_growth": lambda draw: {
        "gain": draw.uniform(0.3, 2.0, 3),
        "scale": draw.real(0.3, 0.8),
        "depth": draw.integer(3, 7),
    },
    "normalised_residual_growth": lambda draw: {"depth": draw.integer(3, 9)},
}
