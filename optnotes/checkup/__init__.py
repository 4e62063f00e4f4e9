"""
A check-up of a training run: what is measured on an own network, loss and batches, and what it says of the cause.

``checkup`` takes all measurements at once and returns a report; every other function takes one of them.
Nothing of it changes the model, its modes, gradients and buffers, the optimiser or a random state.
"""

from optnotes.checkup._measure import (
    baseline,
    checkup,
    clipping,
    decay,
    effective_step,
    features,
    gradient_flow,
    gradient_noise,
    normalisation,
    precision,
    softmax,
    units,
    wiring,
)
from optnotes.checkup._report import Finding, Reading, Report

__all__ = [
    "Finding",
    "Reading",
    "Report",
    "baseline",
    "checkup",
    "clipping",
    "decay",
    "effective_step",
    "features",
    "gradient_flow",
    "gradient_noise",
    "normalisation",
    "precision",
    "softmax",
    "units",
    "wiring",
]
