"""Arguments for optnotes.exponential_units: inputs of both signs and an exact zero at the kink."""


def _inputs(draw):
    x = draw.normal(6)
    x[0], x[1], x[2] = x[0].abs(), -x[1].abs(), 0.0
    return x


POINTS = {
    "elu": lambda draw: {"x": _inputs(draw), "alpha": draw.real(0.4, 0.9)},
    "elu_derivative": lambda draw: {"x": _inputs(draw), "alpha": draw.real(0.4, 0.9)},
    "selu": lambda draw: {"x": _inputs(draw)},
    "selu_derivative": lambda draw: {"x": _inputs(draw)},
}
