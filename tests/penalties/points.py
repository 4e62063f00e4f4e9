"""Arguments for optnotes.penalties."""


def _weights(draw):
    w = draw.normal(5)
    w[2] = 0.0
    return w


def _strengths(draw):
    return {"lr": draw.real(0.2, 0.4), "l1": draw.real(0.6, 0.9), "l2": draw.real(1.1, 1.9)}


def _point(draw):
    v = draw.normal(6)
    v[1], v[4] = 0.05, -2.0
    return v


def _sparse(draw):
    w = draw.normal(5)
    w[1] = w[3] = 0.0
    return w


def _spectrum(draw):
    return {"lams": draw.uniform(0.1, 4.0, 5), "alpha": draw.real(0.2, 2.0)}


POINTS = {
    "l2_loss": lambda draw: {"loss": draw.normal(), "w": draw.normal(5), "lam": draw.real(0.1, 0.9)},
    "l2_gradient": lambda draw: {"grad": draw.normal(5), "w": draw.normal(5), "lam": draw.real(0.1, 0.9)},
    "l1_loss": lambda draw: {"loss": draw.normal(), "w": draw.normal(5), "lam": draw.real(0.1, 0.9)},
    "elastic_net_loss": lambda draw: {
        "loss": draw.normal(),
        "w": draw.normal(5),
        "l1": draw.real(0.1, 0.4),
        "l2": draw.real(0.5, 0.9),
    },
    "l1_subdifferential": lambda draw: {"w": _weights(draw), "lam": draw.real(0.1, 0.9)},
    "l1_subgradient": lambda draw: {"w": _weights(draw), "lam": draw.real(0.1, 0.9)},
    "elastic_net_subgradient": lambda draw: {
        "grad": draw.normal(5),
        "w": _weights(draw),
        "l1": draw.real(0.1, 0.4),
        "l2": draw.real(0.5, 0.9),
    },
    "soft_threshold": lambda draw: {"v": _point(draw), "threshold": draw.real(0.1, 0.6)},
    "elastic_net_prox": lambda draw: {"v": _point(draw), **_strengths(draw)},
    "proximal_gradient_step": lambda draw: {
        "X": draw.normal(7, 6),
        "y": draw.normal(7),
        "w": _point(draw),
        **_strengths(draw),
    },
    "lambda_max": lambda draw: {"X": draw.normal(7, 5), "y": draw.normal(7)},
    "kkt_violation": lambda draw: {
        "X": draw.normal(7, 5),
        "y": draw.normal(7),
        "w": _sparse(draw),
        "l1": draw.real(0.05, 0.2),
        "l2": draw.real(0.4, 0.9),
    },
    "grouping_bound": lambda draw: {
        "y": draw.normal(7),
        "l2": draw.real(0.2, 0.7),
        "correlation": draw.real(0.1, 0.9),
    },
    "lasso_orthonormal": lambda draw: {"w_ols": draw.normal(5), "lam": draw.real(0.2, 0.7)},
    "ridge_orthonormal": lambda draw: {"w_ols": draw.normal(5), "lam": draw.real(0.2, 0.7)},
    "ridge_solution": lambda draw: {"X": draw.normal(6, 3), "y": draw.normal(6), "alpha": draw.real(0.2, 2.0)},
    "shrinkage_factor": _spectrum,
    "degrees_of_freedom": _spectrum,
    "ridge_condition_number": _spectrum,
    "map_penalty": lambda draw: {"sigma": draw.real(0.3, 1.0), "tau": draw.real(1.1, 3.0)},
    "ridge_noise_gain": lambda draw: {"s": draw.uniform(0.1, 4.0, 5), "alpha": draw.real(0.2, 2.0)},
    "ridge_noise_gain_bound": lambda draw: {"alpha": draw.real(0.2, 3.0)},
    "input_noise_variance": lambda draw: {"w": draw.normal(4), "sigma": draw.real(0.2, 0.9)},
    "noise_augmentation_loss": lambda draw: {
        "X": draw.normal(6, 3),
        "y": draw.normal(6),
        "w": draw.normal(3),
        "sigma": draw.real(0.2, 0.9),
    },
    "noise_augmentation_penalty": lambda draw: {"n": draw.integer(2, 40), "sigma": draw.real(0.2, 0.9)},
    "elastic_net_to_sklearn": lambda draw: {"l1": draw.real(0.1, 0.4), "l2": draw.real(0.5, 0.9)},
    "elastic_net_from_sklearn": lambda draw: {"alpha": draw.real(0.2, 3.0), "l1_ratio": draw.real(0.1, 0.4)},
    "keras_l2": lambda draw: {"l2": draw.real(0.1, 0.9)},
    "ridge_alpha": lambda draw: {"l2": draw.real(0.1, 0.9), "n": draw.integer(3, 50)},
    "logistic_c": lambda draw: {"l2": draw.real(0.1, 0.9), "n": draw.integer(3, 50)},
}
