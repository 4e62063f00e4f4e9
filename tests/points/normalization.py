"""Arguments for optnotes.normalization."""

POINTS = {
    "batch_norm": lambda draw: {
        "x": draw.normal(5, 3),
        "gamma": draw.uniform(0.5, 2.0, 3),
        "beta": draw.normal(3),
        "eps": draw.real(0.01, 0.2),
    },
    "layer_norm": lambda draw: {
        "x": draw.normal(5, 3),
        "gamma": draw.uniform(0.5, 2.0, 3),
        "beta": draw.normal(3),
        "eps": draw.real(0.01, 0.2),
    },
    "rms_norm": lambda draw: {
        "x": draw.normal(5, 3),
        "gamma": draw.uniform(0.5, 2.0, 3),
        "eps": draw.real(0.01, 0.2),
    },
    "bn_relu_growth": lambda draw: {"depth": draw.integer(2, 9)},
}
