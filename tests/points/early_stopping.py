"""Arguments for optnotes.early_stopping: the epoch may improve on the best loss, hardly improve, or not improve."""


def _epoch(draw):
    best = draw.uniform(0.5, 1.0).mul(16).round() / 16  # sixteenths, so that ties are exact
    return {
        "loss": best + draw.integer(-6, 3) / 16,
        "best": best,
        "waited": draw.uniform(0.0, 1.0).round() + 1.0,
        "patience": draw.integer(2, 4),
        "min_delta": draw.integer(1, 3) / 16,
    }


POINTS = {
    "patience_step": _epoch,
    "gd_filter": lambda draw: {
        "lams": draw.uniform(0.1, 4.0, 5),
        "lr": draw.real(0.05, 0.45),
        "steps": draw.integer(2, 9),
    },
    "gd_equivalent_penalty": lambda draw: {"lr": draw.real(0.05, 0.45), "steps": draw.integer(2, 9)},
}
