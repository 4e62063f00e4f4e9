"""Arguments for optnotes.conditioning."""

import torch


def _hessian(draw):
    A = draw.normal(6, 3)
    return A.mT @ A / 6 + torch.diag(draw.uniform(0.1, 0.5, 3))


POINTS = {
    "condition_number": lambda draw: {"H": _hessian(draw)},
    "best_step": lambda draw: {"H": _hessian(draw)},
    "contraction_rate": lambda draw: {"H": _hessian(draw), "step": draw.real(0.2, 1.5)},
    "best_rate": lambda draw: {"kappa": draw.real(2.0, 50.0)},
    "gd_iterations": lambda draw: {"kappa": draw.real(2.0, 50.0), "tolerance": draw.real(0.01, 0.3)},
}
