"""Arguments for optnotes.scaling: the training set holds a constant feature where that is allowed."""


def _with_constant_feature(draw):
    X = draw.normal(4, 3)
    X[:, 1] = 2.0
    return X


def _minmax(draw):
    lower = draw.uniform(-2.0, -1.0, 3)
    return {
        "X": draw.normal(5, 3),
        "lower": lower,
        "upper": lower + draw.uniform(1.0, 3.0, 3),
        "low": draw.real(-1.5, -0.5),
        "high": draw.real(0.5, 2.5),
    }


POINTS = {
    "fit_standardizer": lambda draw: {"X": _with_constant_feature(draw)},
    "standardize": lambda draw: {"X": draw.normal(5, 3), "mu": draw.normal(3), "s": draw.uniform(0.3, 3.0, 3)},
    "fit_minmax": lambda draw: {"X": draw.normal(5, 3)},
    "minmax": _minmax,
}
