"""Arguments for optnotes.linear_networks: layers of unequal width, units active, inactive and just at the kink."""


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
    "collapse": lambda draw: {
        "W1": draw.normal(4, 2),
        "b1": draw.normal(4),
        "W2": draw.normal(3, 4),
        "b2": draw.normal(3),
    },
    "active_fraction": _unit,
    "relu_unit_gradient": lambda draw: {**_unit(draw), "grad": draw.normal(7)},
}
