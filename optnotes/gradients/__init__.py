"""How gradients vanish or explode on their way through layers and steps, and what keeps them level."""

from optnotes.gradients.chain_bounds import chain_lower_bound, chain_upper_bound, scalar_chain
from optnotes.gradients.clipping import clip_by_norm, clip_by_value, max_step, value_clip_norm_bound
from optnotes.gradients.flow import backprop, euler_inner_product, layer_gradients, output_delta
from optnotes.gradients.geometric_decay import geometric_gradient, gradient_decades, gradient_ratio
from optnotes.gradients.initialization import he_bound, he_std, linear_default, xavier_bound, xavier_std
from optnotes.gradients.lstm import lstm_direct_path, lstm_step
from optnotes.gradients.mean_field import component_gain, gradient_gain, mean_field_ratio, variance_step
from optnotes.gradients.recurrent import gaussian_lyapunov_exponent, rnn_jacobian, rnn_jacobian_bound
from optnotes.gradients.residual import (
    normalised_residual_growth,
    residual_gain_bounds,
    residual_growth,
    residual_jacobian,
)

__all__ = [
    "backprop",
    "chain_lower_bound",
    "chain_upper_bound",
    "clip_by_norm",
    "clip_by_value",
    "component_gain",
    "euler_inner_product",
    "gaussian_lyapunov_exponent",
    "geometric_gradient",
    "gradient_decades",
    "gradient_gain",
    "gradient_ratio",
    "he_bound",
    "he_std",
    "layer_gradients",
    "linear_default",
    "lstm_direct_path",
    "lstm_step",
    "max_step",
    "mean_field_ratio",
    "normalised_residual_growth",
    "output_delta",
    "residual_gain_bounds",
    "residual_growth",
    "residual_jacobian",
    "rnn_jacobian",
    "rnn_jacobian_bound",
    "scalar_chain",
    "value_clip_norm_bound",
    "variance_step",
    "xavier_bound",
    "xavier_std",
]


def __dir__() -> list[str]:
    return __all__
