"""All dropout masks of a given size with their probabilities: expectations without Monte Carlo."""

import itertools

import torch
from torch import Tensor


def all_masks(*shape: int) -> Tensor:
    """Every tensor of zeros and ones of this shape, stacked along the first dimension."""
    size = torch.Size(shape).numel()
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=size)), dtype=torch.float64).reshape(-1, *shape)


def mask_probabilities(masks: Tensor, p: float) -> Tensor:
    """Probability of each mask when every entry is zero with probability ``p``."""
    kept = masks.flatten(1).sum(1)
    return (1 - p) ** kept * p ** (masks[0].numel() - kept)


def mean(values: Tensor, masks: Tensor, p: float) -> Tensor:
    """Exact expectation of values that were computed for each mask."""
    return torch.einsum("m,m...->...", mask_probabilities(masks, p), values)
