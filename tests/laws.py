"""Strategies, settings and random numbers shared by the tests of laws."""

import torch
from hypothesis import settings
from hypothesis import strategies as st

# A fraction of the profile, for laws that run for every formula: nox -s fuzz loads a profile with more.
FEW = settings(max_examples=max(10, settings.default.max_examples // 10))


def seeds():
    """Seeds of a torch generator."""
    return st.integers(0, 2**32 - 1)


def normal(seed, *shape):
    """Normal numbers in double precision, the same ones for the same seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
