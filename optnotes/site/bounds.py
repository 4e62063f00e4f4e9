"""Rounding errors as pages print them: a bound that holds on any processor in place of one processor's digits."""

import math


def bound(error: float, least: float) -> float:
    """Return a power of ten at least ten times the error, and never below the usual one."""
    return max(least, float(f"1e{math.ceil(math.log10(10 * error))}")) if error > 0 else least
