"""Arguments for optnotes.gradient_flow."""

import torch


def _dphi(z):
    return 1 - torch.tanh(z) ** 2


POINTS = {
    "output_delta": lambda draw: {"grad": draw.normal(4), "z": draw.normal(4), "dphi": _dphi},
    "backprop": lambda draw: {"delta": draw.normal(3), "weight": draw.normal(3, 4), "z": draw.normal(4), "dphi": _dphi},
    "layer_gradients": lambda draw: {"delta": draw.normal(3), "h": draw.normal(4)},
    "euler_inner_product": lambda draw: {"weight": draw.normal(3, 4), "grad": draw.normal(3, 4)},
}
