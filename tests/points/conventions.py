"""Arguments for optnotes.conventions."""

POINTS = {
    "elastic_net_to_sklearn": lambda draw: {"l1": draw.real(0.1, 0.4), "l2": draw.real(0.5, 0.9)},
    "elastic_net_from_sklearn": lambda draw: {"alpha": draw.real(0.2, 3.0), "l1_ratio": draw.real(0.1, 0.4)},
    "keras_l2": lambda draw: {"l2": draw.real(0.1, 0.9)},
    "ridge_alpha": lambda draw: {"l2": draw.real(0.1, 0.9), "n": draw.integer(3, 50)},
    "logistic_c": lambda draw: {"l2": draw.real(0.1, 0.9), "n": draw.integer(3, 50)},
}
