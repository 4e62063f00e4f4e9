"""Arguments for optnotes.gradient_flow."""

from optnotes.activations import tanh_derivative

POINTS = {
    "output_delta": lambda draw: {"grad": draw.normal(4), "z": draw.normal(4), "dphi": tanh_derivative},
    "backprop": lambda draw: {
        "delta": draw.normal(3),
        "weight": draw.normal(3, 4),
        "z": draw.normal(4),
        "dphi": tanh_derivative,
    },
    "layer_gradients": lambda draw: {"delta": draw.normal(3), "h": draw.normal(4)},
    "euler_inner_product": lambda draw: {"weight": draw.normal(3, 4), "grad": draw.normal(3, 4)},
}
