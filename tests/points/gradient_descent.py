"""Arguments for optnotes.gradient_descent."""


def _quadratic(draw):
    A = draw.normal(4, 4)
    return {"w": draw.normal(4), "H": A @ A.T, "w_star": draw.normal(4), "lr": draw.real(0.05, 0.3)}


POINTS = {
    "gd_quadratic_step": _quadratic,
    "gd_step_bound": lambda draw: {"lams": draw.uniform(0.1, 4.0, 5)},
    "weight_decay_step": lambda draw: {
        "w": draw.normal(5),
        "grad": draw.normal(5),
        "lr": draw.real(0.05, 0.4),
        "lam": draw.real(0.5, 0.9),
    },
}
