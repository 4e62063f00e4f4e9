"""Arguments for optnotes.batch_norm_passes."""

POINTS = {
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
}
