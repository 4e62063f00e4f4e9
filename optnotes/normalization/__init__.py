"""Normalisation inside the network: by batch, by layer and by root mean square."""

from optnotes.normalization.layers import batch_norm, bn_relu_growth, layer_norm, rms_norm
from optnotes.normalization.passes import (
    batch_norm_backward,
    batch_norm_inference,
    batch_norm_running,
    running_momentum,
)

__all__ = [
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "batch_norm_running",
    "bn_relu_growth",
    "layer_norm",
    "rms_norm",
    "running_momentum",
]


def __dir__() -> list[str]:
    return __all__
