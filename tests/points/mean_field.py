"""Arguments for optnotes.mean_field: a smooth activation that is neither odd nor even."""

import torch

from optnotes.activations import tanh_derivative


def _phi(z):
    return torch.tanh(z + 0.5)


def _dphi(z):
    return tanh_derivative(z + 0.5)


POINTS = {
    "variance_step": lambda draw: {
        "q": draw.uniform(0.3, 0.9),
        "phi": _phi,
        "weight_variance": draw.real(1.2, 2.5),
        "bias_variance": draw.real(0.1, 0.4),
    },
    "gradient_gain": lambda draw: {
        "q": draw.uniform(0.3, 0.9),
        "dphi": _dphi,
        "weight_variance": draw.real(1.2, 2.5),
    },
    "mean_field_ratio": lambda draw: {"chi": draw.uniform(0.3, 2.5, 4)},
    "component_gain": lambda draw: {
        "chi": draw.uniform(0.3, 2.5, 3),
        "width": draw.integer(3, 5),
        "next_width": draw.integer(7, 9),
    },
}
