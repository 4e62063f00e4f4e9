"""Arguments for optnotes.penalties."""

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
}
