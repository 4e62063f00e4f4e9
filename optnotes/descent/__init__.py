"""Gradient descent and Adam: their steps, the rates they can bear, and landscapes to try them on."""

from optnotes.descent.adam import adam_step, adamw_step
from optnotes.descent.conditioning import best_rate, best_step, condition_number, contraction_rate, gd_iterations
from optnotes.descent.landscapes import saddle, saddle_gradient, tilted_double_well, tilted_double_well_gradient
from optnotes.descent.steps import gd_quadratic_step, gd_step_bound, momentum_step, weight_decay_step

__all__ = [
    "adam_step",
    "adamw_step",
    "best_rate",
    "best_step",
    "condition_number",
    "contraction_rate",
    "gd_iterations",
    "gd_quadratic_step",
    "gd_step_bound",
    "momentum_step",
    "saddle",
    "saddle_gradient",
    "tilted_double_well",
    "tilted_double_well_gradient",
    "weight_decay_step",
]


def __dir__() -> list[str]:
    return __all__
