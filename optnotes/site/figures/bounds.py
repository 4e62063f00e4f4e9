"""Rounding errors and chaotic results as pages print them: bounds that hold on any processor, not one's digits."""

import math
from collections.abc import Mapping


def bound(error: float, least: float) -> float:
    """Return a power of ten at least ten times the error, and never below the usual one."""
    return max(least, float(f"1e{math.ceil(math.log10(10 * error))}")) if error > 0 else least


def ranges(found: Mapping[str, float], stated: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return the ends of the stated range of each result of chaotic training, moved only where a run leaves it."""
    lows = {f"{name}_low": min(low, found[name]) for name, (low, _) in stated.items()}
    return lows | {f"{name}_high": max(high, found[name]) for name, (_, high) in stated.items()}
