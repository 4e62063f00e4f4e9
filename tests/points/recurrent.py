"""Arguments for optnotes.recurrent."""

from optnotes.activations import tanh_derivative

POINTS = {
    "rnn_jacobian": lambda draw: {"weight": draw.normal(3, 3), "z": draw.normal(4, 3), "dphi": tanh_derivative},
    "rnn_jacobian_bound": lambda draw: {
        "weight": draw.normal(3, 3),
        "slope": draw.real(0.3, 0.9),
        "steps": draw.integer(3, 5),
    },
    "gaussian_lyapunov_exponent": lambda draw: {"n": draw.integer(2, 9), "std": draw.real(0.3, 0.8)},
}
