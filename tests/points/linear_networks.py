"""Arguments for optnotes.linear_networks: layers of unequal width, units active on some examples only."""


def _unit(draw):
    X, w, b = draw.normal(7, 3), draw.normal(3), draw.normal()
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
