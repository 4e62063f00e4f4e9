"""Arguments for optnotes.prelu: inputs of both signs in every channel and an exact zero at the kink."""


def _inputs(draw):
    x = draw.normal(4, 3)
    x[0], x[1], x[2, 0] = -x[0].abs(), x[1].abs(), 0.0
    return x


POINTS = {
    "prelu": lambda draw: {"x": _inputs(draw), "a": draw.uniform(0.1, 0.4, 3)},
    "prelu_derivative": lambda draw: {"x": _inputs(draw), "a": draw.uniform(0.1, 0.4, 3)},
    "prelu_slope_gradient": lambda draw: {"x": _inputs(draw), "grad": draw.normal(4, 3)},
}
