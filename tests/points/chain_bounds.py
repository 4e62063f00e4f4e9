"""Arguments for optnotes.chain_bounds."""

from optnotes.activations import tanh_derivative

POINTS = {
    "scalar_chain": lambda draw: {"w": draw.normal(3), "z": draw.normal(3), "dphi": tanh_derivative},
    "chain_upper_bound": lambda draw: {"weights": draw.normal(3, 5, 4), "slopes": draw.normal(3, 4)},
    "chain_lower_bound": lambda draw: {"weights": draw.normal(3, 4, 4), "slopes": draw.normal(3, 4)},
}
