"""Arguments for optnotes.chain_bounds."""

import torch


def _dphi(z):
    return 1 - torch.tanh(z) ** 2


POINTS = {
    "scalar_chain": lambda draw: {"w": draw.normal(3), "z": draw.normal(3), "dphi": _dphi},
    "chain_upper_bound": lambda draw: {"weights": draw.normal(3, 5, 4), "slopes": draw.normal(3, 4)},
    "chain_lower_bound": lambda draw: {"weights": draw.normal(3, 4, 4), "slopes": draw.normal(3, 4)},
}
