"""Arguments for optnotes.subgradients: every weight vector holds an exact zero."""


def _weights(draw):
    w = draw.normal(5)
    w[2] = 0.0
    return w


POINTS = {
    "l1_subdifferential": lambda draw: {"w": _weights(draw), "lam": draw.real(0.1, 0.9)},
    "l1_subgradient": lambda draw: {"w": _weights(draw), "lam": draw.real(0.1, 0.9)},
    "elastic_net_subgradient": lambda draw: {
        "grad": draw.normal(5),
        "w": _weights(draw),
        "l1": draw.real(0.1, 0.4),
        "l2": draw.real(0.5, 0.9),
    },
}
