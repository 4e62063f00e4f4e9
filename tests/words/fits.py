"""Whether a text is the translation of its twin or of a neighbour's, by the company its words keep elsewhere."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import yaml

from tests.words.facts import bare_words, strict
from tests.words.twins import Twin

LISTED = Path(__file__).with_name("alike.yaml")
STEM = 5


@cache
def stems(text: str) -> frozenset[str]:
    """Beginnings of the words, and what is written alike in every language."""
    facts = strict(text)
    alike = [each for fact in ("runs", "references", "symbols", "code", "slots", "digits") for each in facts[fact]]
    return frozenset(word[:STEM] for word in bare_words(text) if len(word) > 2) | frozenset(alike)


class Company:
    """How often stems stand in the two halves of one twin."""

    def __init__(self, twins: Iterable[Twin]) -> None:
        self.ru: Counter[str] = Counter()
        self.en: Counter[str] = Counter()
        self.both: Counter[tuple[str, str]] = Counter()
        for twin in twins:
            self.count(twin, 1)

    def count(self, twin: Twin, by: int) -> None:
        """Add a twin, or take it out again."""
        ru, en = stems(twin.ru), stems(twin.en)
        for one in ru:
            self.ru[one] += by
            for other in en:
                self.both[one, other] += by
        for other in en:
            self.en[other] += by

    def tie(self, one: str, other: str, own: int) -> float:
        """From zero to one, without the twin itself where ``own`` is one."""
        if one == other:
            return 1.0
        together = self.both.get((one, other), 0) - own
        return 2 * together / (self.ru[one] + self.en[other] - 2 * own) if together > 0 else 0.0

    def fit(self, russian: str, english: str, own: bool) -> float:
        """How well the words of one text answer those of another, the rarer the more."""
        ru, en = stems(russian), stems(english)
        total = weights = 0.0
        if not ru or not en:
            return 0.0
        for one in ru:
            weight = 1 / math.log(2 + self.ru[one])
            total += weight * max(self.tie(one, other, own) for other in en)
            weights += weight
        for other in en:
            weight = 1 / math.log(2 + self.en[other])
            total += weight * max(self.tie(one, other, own) for one in ru)
            weights += weight
        return total / weights


def groups(twins: Iterable[Twin]) -> dict[str, list[Twin]]:
    """Texts that an editor could exchange: words of one figure, captions, definitions, translations of one file."""
    found: dict[str, list[Twin]] = {}
    for twin in twins:
        file, *way = twin.place.split()
        if file.startswith("text/") and file != "text/site.yaml":
            found.setdefault(way[-1] if way[-1] in ("alt", "caption") else file, []).append(twin)
        elif twin.place == "glossary.md glossary" and twin.en.startswith("  ") and "{other}" not in twin.en:
            found.setdefault("definitions", []).append(twin)
        elif file.endswith(".po") and file != "common.po":
            found.setdefault(file, []).append(twin)
    return found


def exchanged(company: Company, group: list[Twin]) -> Iterator[tuple[Twin, Twin]]:
    """Pairs of a group that would fit no worse with their halves exchanged."""
    own = [company.fit(twin.ru, twin.en, own=True) for twin in group]
    for i, j in combinations(range(len(group)), 2):
        one, other = group[i], group[j]
        crossed = company.fit(one.ru, other.en, own=False) + company.fit(other.ru, one.en, own=False)
        if one.ru != other.ru and one.en != other.en and own[i] + own[j] <= crossed:
            yield one, other


def listed() -> list[tuple[str, str]]:
    """Pairs that say nearly the same, or whose words stand nowhere else, by their English."""
    return [tuple(pair) for pair in yaml.load(LISTED.read_text("utf-8"), yaml.CBaseLoader)]
