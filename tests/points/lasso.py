"""Arguments for optnotes.lasso."""


def _sparse(draw):
    w = draw.normal(5)
    w[1] = w[3] = 0.0
    return w


POINTS = {
    "lambda_max": lambda draw: {"X": draw.normal(7, 5), "y": draw.normal(7)},
    "kkt_violation": lambda draw: {
        "X": draw.normal(7, 5),
        "y": draw.normal(7),
        "w": _sparse(draw),
        "l1": draw.real(0.05, 0.2),
        "l2": draw.real(0.4, 0.9),
    },
    "grouping_bound": lambda draw: {
        "y": draw.normal(7),
        "l2": draw.real(0.2, 0.7),
        "correlation": draw.real(0.1, 0.9),
    },
}
