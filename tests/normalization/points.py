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
    "batch_norm_running": lambda draw: {
        "mean": draw.normal(3),
        "var": draw.uniform(0.2, 3.0, 3),
        "x": draw.normal(5, 3),
        "momentum": draw.real(0.1, 0.4),
    },
    "batch_norm_inference": lambda draw: {
        "x": draw.normal(5, 3),
        "mean": draw.normal(3),
        "var": draw.uniform(0.2, 3.0, 3),
        "gamma": draw.uniform(0.5, 2.0, 3),
        "beta": draw.normal(3),
        "eps": draw.real(0.01, 0.2),
    },
    "batch_norm_backward": lambda draw: {
        "grad": draw.normal(5, 3),
        "x": draw.normal(5, 3),
        "gamma": draw.uniform(0.5, 2.0, 3),
        "eps": draw.real(0.01, 0.2),
    },
    "running_momentum": lambda draw: {"momentum": draw.real(0.1, 0.4)},
}
