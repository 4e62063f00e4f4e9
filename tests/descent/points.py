"""Arguments for optnotes.descent."""

import torch


def _quadratic(draw):
    A = draw.normal(4, 4)
    return {"w": draw.normal(4), "H": A @ A.T, "w_star": draw.normal(4), "lr": draw.real(0.05, 0.3)}


def _step(draw):
    return {
        "w": draw.normal(5),
        "grad": draw.normal(5),
        "m": draw.normal(5),
        "v": draw.uniform(0.1, 2.0, 5),
        "t": draw.integer(2, 7),
        "lr": draw.real(0.05, 0.4),
        "lam": draw.real(0.5, 0.9),
        "beta1": draw.real(0.6, 0.8),
        "beta2": draw.real(0.85, 0.95),
        "eps": draw.real(0.1, 0.3),
    }


def _hessian(draw):
    A = draw.normal(6, 3)
    return A.mT @ A / 6 + torch.diag(draw.uniform(0.1, 0.5, 3))


POINTS = {
    "gd_quadratic_step": _quadratic,
    "gd_step_bound": lambda draw: {"lams": draw.uniform(0.1, 4.0, 5)},
    "momentum_step": lambda draw: {
        "w": draw.normal(5),
        "grad": draw.normal(5),
        "v": draw.normal(5),
        "lr": draw.real(0.05, 0.4),
        "beta": draw.real(0.6, 0.8),
    },
    "weight_decay_step": lambda draw: {
        "w": draw.normal(5),
        "grad": draw.normal(5),
        "lr": draw.real(0.05, 0.4),
        "lam": draw.real(0.5, 0.9),
    },
    "adam_step": _step,
    "adamw_step": _step,
    "condition_number": lambda draw: {"H": _hessian(draw)},
    "best_step": lambda draw: {"H": _hessian(draw)},
    "contraction_rate": lambda draw: {"H": _hessian(draw), "lr": draw.real(0.2, 1.5)},
    "best_rate": lambda draw: {"kappa": draw.real(2.0, 50.0)},
    "gd_iterations": lambda draw: {"kappa": draw.real(2.0, 50.0), "tolerance": draw.real(0.01, 0.3)},
    "saddle": lambda draw: {"x": draw.normal(5), "y": draw.normal(5)},
    "saddle_gradient": lambda draw: {"x": draw.normal(5), "y": draw.normal(5)},
    "tilted_double_well": lambda draw: {"y": draw.normal(5), "tilt": draw.real(0.1, 0.4)},
    "tilted_double_well_gradient": lambda draw: {"y": draw.normal(5), "tilt": draw.real(0.1, 0.4)},
}
