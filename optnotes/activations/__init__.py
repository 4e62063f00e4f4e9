"""Activation functions, each beside its derivative, and what a network of them can do."""

from optnotes.activations.exponential_units import elu, elu_derivative, selu, selu_derivative
from optnotes.activations.gelu import gelu, gelu_derivative, gelu_tanh, gelu_tanh_derivative
from optnotes.activations.linear_networks import active_fraction, collapse, relu_unit_gradient
from optnotes.activations.prelu import prelu, prelu_derivative, prelu_slope_gradient
from optnotes.activations.rectifiers import leaky_relu, leaky_relu_derivative, relu, relu_derivative
from optnotes.activations.sigmoid import sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.activations.softplus import softplus
from optnotes.activations.swish import swish, swish_derivative

__all__ = [
    "active_fraction",
    "collapse",
    "elu",
    "elu_derivative",
    "gelu",
    "gelu_derivative",
    "gelu_tanh",
    "gelu_tanh_derivative",
    "leaky_relu",
    "leaky_relu_derivative",
    "prelu",
    "prelu_derivative",
    "prelu_slope_gradient",
    "relu",
    "relu_derivative",
    "relu_unit_gradient",
    "selu",
    "selu_derivative",
    "sigmoid",
    "sigmoid_derivative",
    "softplus",
    "swish",
    "swish_derivative",
    "tanh",
    "tanh_derivative",
]


def __dir__() -> list[str]:
    return __all__
