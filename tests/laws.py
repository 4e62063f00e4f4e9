"""Strategies shared by the property tests."""

from hypothesis import strategies as st


def seeds():
    """Seeds of a torch generator."""
    return st.integers(0, 2**32 - 1)
