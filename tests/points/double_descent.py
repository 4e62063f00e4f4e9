"""Arguments for optnotes.double_descent."""


def size(draw, n):
    """On both sides of the peak, next to the forbidden sizes and away from them."""
    return n + (-5, -2, 2, 9)[draw.integer(0, 3)]


POINTS = {
    "min_norm_error": lambda draw: {
        "used": draw.real(0.3, 2.0),
        "hidden": draw.real(0.2, 1.0),
        "sigma": draw.real(0.3, 1.5),
        "n": (n := draw.integer(8, 13)),
        "d": size(draw, n),
    },
}
