"""Arguments for optnotes.activations."""


def _around_zero(draw):
    x = draw.normal(6)
    x[0], x[1], x[2] = x[0].abs(), -x[1].abs(), 0.0
    return x


def _rows_around_zero(draw):
    x = draw.normal(4, 3)
    x[0], x[1], x[2, 0] = -x[0].abs(), x[1].abs(), 0.0
    return x


def _quarters(draw, *shape):
    return (4 * draw.normal(*shape)).round() / 4  # products and sums of these are exact


def _unit(draw):
    X, w = _quarters(draw, 7, 3), _quarters(draw, 3)
    w[0] = w[0].abs() + 0.25
    b = -(X[2] @ w)  # the pre-activation of this example is exactly zero
    z = X @ w + b
    X[0] -= (z[0] - 0.8) / (w @ w) * w  # active
    X[1] -= (z[1] + 0.8) / (w @ w) * w  # inactive
    return {"X": X, "w": w, "b": b}


POINTS = {
    "sigmoid": lambda draw: {"x": 2 * draw.normal(5)},
    "sigmoid_derivative": lambda draw: {"x": 2 * draw.normal(5)},
    "tanh": lambda draw: {"x": draw.normal(5)},
    "tanh_derivative": lambda draw: {"x": draw.normal(5)},
    "relu": lambda draw: {"x": _around_zero(draw)},
    "relu_derivative": lambda draw: {"x": _around_zero(draw)},
    "leaky_relu": lambda draw: {"x": _around_zero(draw), "a": draw.real(0.1, 0.4)},
    "leaky_relu_derivative": lambda draw: {"x": _around_zero(draw), "a": draw.real(0.1, 0.4)},
    "prelu": lambda draw: {"x": _rows_around_zero(draw), "a": draw.uniform(0.1, 0.4, 3)},
    "prelu_derivative": lambda draw: {"x": _rows_around_zero(draw), "a": draw.uniform(0.1, 0.4, 3)},
    "prelu_slope_gradient": lambda draw: {"grad": draw.normal(4, 3), "x": _rows_around_zero(draw)},
    "elu": lambda draw: {"x": _around_zero(draw), "alpha": draw.real(0.4, 0.9)},
    "elu_derivative": lambda draw: {"x": _around_zero(draw), "alpha": draw.real(0.4, 0.9)},
    "selu": lambda draw: {"x": _around_zero(draw)},
    "selu_derivative": lambda draw: {"x": _around_zero(draw)},
    "gelu": lambda draw: {"x": draw.normal(5)},
    "gelu_derivative": lambda draw: {"x": draw.normal(5)},
    "gelu_tanh": lambda draw: {"x": draw.normal(5)},
    "gelu_tanh_derivative": lambda draw: {"x": draw.normal(5)},
    "softplus": lambda draw: {"x": draw.normal(5)},
    "swish": lambda draw: {"x": draw.normal(5), "beta": draw.real(1.2, 1.9)},
    "swish_derivative": lambda draw: {"x": draw.normal(5), "beta": draw.real(1.2, 1.9)},
    "collapse": lambda draw: {
        "W1": draw.normal(4, 2),
        "b1": draw.normal(4),
        "W2": draw.normal(3, 4),
        "b2": draw.normal(3),
    },
    "active_fraction": _unit,
    "relu_unit_gradient": lambda draw: {"grad": draw.normal(7), **_unit(draw)},
}
