"""Arguments for optnotes.adam: a step in the middle of training, with an epsilon that can be seen."""


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


POINTS = {"adam_step": _step, "adamw_step": _step}
