"""Look for the setting at which a statement comes closest to being false: at random first, then around the worst."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Setting = dict[str, Any]


@dataclass(frozen=True)
class Interval:
    """Real numbers from low to high, evenly spread; with ``log`` their logarithms are."""

    low: float
    high: float
    log: bool = False

    def draw(self, rng: random.Random) -> float:
        return self.at(rng.random())

    def near(self, value: float, rng: random.Random) -> float:
        """A number of the interval close to the value."""
        low, high, here = self.ends(value)
        return self.at(min(1.0, max(0.0, (here - low) / (high - low) + rng.gauss(0, 0.1))))

    def at(self, share: float) -> float:
        low, high, _ = self.ends(self.low)
        here = low + share * (high - low)
        return min(self.high, max(self.low, math.exp(here) if self.log else here))

    def describe(self) -> str:
        return f"from {self.low:g} to {self.high:g}{', logarithmic' if self.log else ''}"

    def ends(self, value: float) -> tuple[float, float, float]:
        change = math.log if self.log else float
        return change(self.low), change(self.high), change(value)


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    values: tuple[Any, ...]

    def draw(self, rng: random.Random) -> Any:
        return rng.choice(self.values)

    def near(self, value: Any, rng: random.Random) -> Any:
        """Mostly the value itself."""
        return value if rng.random() < 0.8 else rng.choice(self.values)

    def describe(self) -> str:
        first, last = self.values[0], self.values[-1]
        span = len(self.values) > 3 and isinstance(first, int) and self.values == tuple(range(first, last + 1))
        return f"whole, from {first} to {last}" if span else ", ".join(map(str, self.values))


def whole(low: int, high: int) -> Choice:
    """Whole numbers from low to high."""
    return Choice(tuple(range(low, high + 1)))


SEED = whole(0, 10**4)


@dataclass(frozen=True)
class Miss:
    """The worst setting found and its margin, the room that the statement had there; below zero it is refuted."""

    margin: float
    setting: Setting = field(hash=False)


@dataclass(frozen=True)
class Statement:
    """A sentence, the domain over which it is said, and its margin at a setting: positive where it holds."""

    words: str
    domain: Mapping[str, Interval | Choice]
    margin: Callable[..., float]
    draws: int = 60
    steps: int = 40

    def nearest_miss(self, seed: int = 0, effort: float = 1.0) -> Miss:
        """Draw settings, then move around the worst one; a margin that is not a number counts as refuted."""
        rng = random.Random(seed)
        worst = min((self.try_at(self.draw(rng)) for _ in range(max(1, round(self.draws * effort)))), key=order)
        for _ in range(round(self.steps * effort)):
            near = {name: part.near(worst.setting[name], rng) for name, part in self.domain.items()}
            worst = min(worst, self.try_at(near), key=order)
        return worst

    def draw(self, rng: random.Random) -> Setting:
        return {name: part.draw(rng) for name, part in self.domain.items()}

    def try_at(self, setting: Setting) -> Miss:
        margin = float(self.margin(**setting))
        return Miss(-math.inf if math.isnan(margin) else margin, setting)

    def check(self) -> Miss:
        """Assert that the search finds no counter-example."""
        miss = self.nearest_miss()
        assert miss.margin > 0, f"{self.words!r} fails by {miss.margin:.3g} at {miss.setting}"
        return miss


def order(miss: Miss) -> float:
    return miss.margin
