"""Arguments for optnotes.generalization."""


def size(draw, n):
    """On both sides of the peak, next to the forbidden sizes and away from them."""
    return n + (-5, -2, 2, 9)[draw.integer(0, 3)]


def _epoch(draw):
    best = draw.uniform(0.5, 1.0).mul(16).round() / 16  # sixteenths, so that ties are exact
    return {
        "loss": best + draw.integer(-6, 3) / 16,
        "best": best,
        "waited": draw.uniform(0.0, 1.0).round() + 1.0,
        "patience": draw.integer(2, 4),
        "min_delta": draw.integer(1, 3) / 16,
    }


POINTS = {
    "bias_variance": lambda draw: {
        "predictions": draw.normal(5),
        "truth": draw.real(-1.0, 1.0),
        "sigma": draw.real(0.3, 2.0),
    },
    "empirical_risk": lambda draw: {"losses": draw.uniform(0.1, 3.0, 7)},
    "generalization_gap": lambda draw: {"held_out": draw.uniform(0.5, 3.0, 4), "train": draw.uniform(0.1, 1.0, 7)},
    "ols_errors": lambda draw: {"sigma": draw.real(0.3, 2.0), "d": draw.integer(2, 6), "n": draw.integer(7, 30)},
    "min_norm_interpolant": lambda draw: {"X": draw.normal(3, 5), "y": draw.normal(3)},
    "min_norm_error": lambda draw: {
        "used": draw.real(0.3, 2.0),
        "hidden": draw.real(0.2, 1.0),
        "sigma": draw.real(0.3, 1.5),
        "n": (n := draw.integer(8, 13)),
        "d": size(draw, n),
    },
    "patience_step": _epoch,
    "gd_filter": lambda draw: {
        "lams": draw.uniform(0.1, 4.0, 5),
        "lr": draw.real(0.05, 0.45),
        "steps": draw.integer(2, 9),
    },
    "gd_equivalent_penalty": lambda draw: {"lr": draw.real(0.05, 0.45), "steps": draw.integer(2, 9)},
}
