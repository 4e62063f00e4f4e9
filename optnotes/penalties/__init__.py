"""L2, L1 and Elastic Net: losses, solutions, and the strengths in the units of other libraries."""

from optnotes.penalties.conventions import (
    elastic_net_from_sklearn,
    elastic_net_to_sklearn,
    keras_l2,
    logistic_c,
    ridge_alpha,
)
from optnotes.penalties.lasso import grouping_bound, kkt_violation, lambda_max
from optnotes.penalties.losses import elastic_net_loss, l1_loss, l2_gradient, l2_loss
from optnotes.penalties.noise import (
    input_noise_variance,
    noise_augmentation_loss,
    noise_augmentation_penalty,
    ridge_noise_gain,
    ridge_noise_gain_bound,
)
from optnotes.penalties.orthonormal import lasso_orthonormal, ridge_orthonormal
from optnotes.penalties.proximal import elastic_net_prox, proximal_gradient_step, soft_threshold
from optnotes.penalties.ridge import (
    degrees_of_freedom,
    map_penalty,
    ridge_condition_number,
    ridge_solution,
    shrinkage_factor,
)
from optnotes.penalties.subgradients import elastic_net_subgradient, l1_subdifferential, l1_subgradient

__all__ = [
    "degrees_of_freedom",
    "elastic_net_from_sklearn",
    "elastic_net_loss",
    "elastic_net_prox",
    "elastic_net_subgradient",
    "elastic_net_to_sklearn",
    "grouping_bound",
    "input_noise_variance",
    "keras_l2",
    "kkt_violation",
    "l1_loss",
    "l1_subdifferential",
    "l1_subgradient",
    "l2_gradient",
    "l2_loss",
    "lambda_max",
    "lasso_orthonormal",
    "logistic_c",
    "map_penalty",
    "noise_augmentation_loss",
    "noise_augmentation_penalty",
    "proximal_gradient_step",
    "ridge_alpha",
    "ridge_condition_number",
    "ridge_noise_gain",
    "ridge_noise_gain_bound",
    "ridge_orthonormal",
    "ridge_solution",
    "shrinkage_factor",
    "soft_threshold",
]


def __dir__() -> list[str]:
    return __all__
