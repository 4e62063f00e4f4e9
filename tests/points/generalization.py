"""Arguments for optnotes.generalization."""

POINTS = {
    "empirical_risk": lambda draw: {"losses": draw.uniform(0.1, 3.0, 7)},
    "generalization_gap": lambda draw: {"held_out": draw.uniform(0.5, 3.0, 4), "train": draw.uniform(0.1, 1.0, 7)},
    "ols_errors": lambda draw: {"sigma": draw.real(0.3, 2.0), "d": draw.integer(2, 6), "n": draw.integer(7, 30)},
    "min_norm_interpolant": lambda draw: {"X": draw.normal(3, 5), "y": draw.normal(3)},
}
