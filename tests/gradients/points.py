"""Arguments for optnotes.gradients."""

import torch

from optnotes.activations import tanh_derivative


def _phi(z):
    return torch.tanh(z + 0.5)


def _dphi(z):
    return tanh_derivative(z + 0.5)


POINTS = {
    "output_delta": lambda draw: {"grad": draw.normal(4), "z": draw.normal(4), "dphi": tanh_derivative},
    "backprop": lambda draw: {
        "delta": draw.normal(3),
        "W": draw.normal(3, 4),
        "z": draw.normal(4),
        "dphi": tanh_derivative,
    },
    "layer_gradients": lambda draw: {"delta": draw.normal(3), "h": draw.normal(4)},
    "euler_inner_product": lambda draw: {"W": draw.normal(3, 4), "grad": draw.normal(3, 4)},
    "scalar_chain": lambda draw: {"w": draw.normal(3), "z": draw.normal(3), "dphi": tanh_derivative},
    "chain_upper_bound": lambda draw: {"weights": draw.normal(3, 5, 4), "slopes": draw.normal(3, 4)},
    "chain_lower_bound": lambda draw: {"weights": draw.normal(3, 4, 4), "slopes": draw.normal(3, 4)},
    "geometric_gradient": lambda draw: {"gain": draw.uniform(0.5, 1.8, 4), "depth": draw.integer(3, 7)},
    "gradient_decades": lambda draw: {"gain": draw.uniform(0.2, 3.0, 4), "depth": draw.integer(3, 7)},
    "gradient_ratio": lambda draw: {"chi": draw.uniform(0.3, 2.5, 4), "layers": draw.integer(3, 7)},
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
    "rnn_jacobian": lambda draw: {"W": draw.normal(3, 3), "z": draw.normal(4, 3), "dphi": tanh_derivative},
    "rnn_jacobian_bound": lambda draw: {
        "W": draw.normal(3, 3),
        "slope": draw.real(0.3, 0.9),
        "steps": draw.integer(3, 5),
    },
    "gaussian_lyapunov_exponent": lambda draw: {"n": draw.integer(2, 9), "std": draw.real(0.3, 0.8)},
    "lstm_step": lambda draw: {
        "x": draw.normal(2),
        "h": draw.normal(3),
        "c": draw.normal(3),
        "input_weights": draw.normal(4, 3, 2),
        "recurrent_weights": draw.normal(4, 3, 3),
        "biases": draw.normal(4, 3),
    },
    "lstm_direct_path": lambda draw: {"forget": draw.uniform(0.2, 0.95, 4, 3)},
    "residual_jacobian": lambda draw: {"jacobians": draw.normal(4, 3, 3)},
    "residual_gain_bounds": lambda draw: {"jacobian": 0.2 * draw.normal(3, 3)},
    "residual_growth": lambda draw: {
        "gain": draw.uniform(0.3, 2.0, 3),
        "scale": draw.real(0.3, 0.8),
        "depth": draw.integer(3, 7),
    },
    "normalised_residual_growth": lambda draw: {"depth": draw.integer(3, 9)},
    "clip_by_norm": lambda draw: {"g": 3 * draw.normal(6), "c": draw.real(3.0, 12.0), "eps": draw.real(0.05, 0.2)},
    "clip_by_value": lambda draw: {"g": 3 * draw.normal(6), "c": draw.real(0.3, 0.8)},
    "value_clip_norm_bound": lambda draw: {"c": draw.real(0.3, 0.8), "d": draw.integer(3, 9)},
    "max_step": lambda draw: {"lr": draw.real(0.1, 0.3), "c": draw.real(1.5, 3.0), "momentum": draw.real(0.6, 0.9)},
    "xavier_std": lambda draw: {
        "fan_in": draw.integer(3, 9),
        "fan_out": draw.integer(11, 19),
        "gain": draw.real(1.2, 1.8),
    },
    "xavier_bound": lambda draw: {
        "fan_in": draw.integer(3, 9),
        "fan_out": draw.integer(11, 19),
        "gain": draw.real(1.2, 1.8),
    },
    "he_std": lambda draw: {"fan": draw.integer(3, 9), "slope": draw.real(0.2, 0.8)},
    "he_bound": lambda draw: {"fan": draw.integer(3, 9), "slope": draw.real(0.2, 0.8)},
    "linear_default": lambda draw: {"fan_in": draw.integer(3, 9)},
}
