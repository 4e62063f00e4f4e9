"""Arguments for optnotes.rectifiers: inputs of both signs and an exact zero at the kink."""


def _inputs(draw):
    x = draw.normal(6)
    x[0], x[1], x[2] = x[0].abs(), -x[1].abs(), 0.0
    return x


POINTS = {
    "relu": lambda draw: {"x": _inputs(draw)},
    "relu_derivative": lambda draw: {"x": _inputs(draw)},
    "leaky_relu": lambda draw: {"x": _inputs(draw), "a": draw.real(0.1, 0.4)},
    "leaky_relu_derivative": lambda draw: {"x": _inputs(draw), "a": draw.real(0.1, 0.4)},
}
