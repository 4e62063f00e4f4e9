"""Arguments for optnotes.proximal: thresholds that leave zeros and survivors."""


def _strengths(draw):
    return {"lr": draw.real(0.2, 0.4), "l1": draw.real(0.6, 0.9), "l2": draw.real(1.1, 1.9)}


def _point(draw):
    v = draw.normal(6)
    v[1], v[4] = 0.05, -2.0
    return v


POINTS = {
    "soft_threshold": lambda draw: {"v": _point(draw), "threshold": draw.real(0.1, 0.6)},
    "elastic_net_prox": lambda draw: {"v": _point(draw), **_strengths(draw)},
    "proximal_gradient_step": lambda draw: {
        "X": draw.normal(7, 6),
        "y": draw.normal(7),
        "w": _point(draw),
        **_strengths(draw),
    },
}
