"""
Where the languages differ in facts that have to be the same: ``differences.yaml``, each with its reason.

Denials and directions differ everywhere by the ways of the languages. ``balance.yaml`` holds how many more of them
Russian has than English, place by place: a sentence turned round in one language, a negation too many, twice for half
move the balance. ``seals.yaml`` holds a digest of the facts of each place as both languages have them, for what is
slipped into both alike. ``python -m tests.words`` shows what has moved, with its sentences to be read, and writes both.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.words.facts import directions, strict
from tests.words.fits import stems
from tests.words.twins import Twin

HERE = Path(__file__).parent
BALANCE, SEALS, LISTED = (HERE / f"{name}.yaml" for name in ("balance", "seals", "differences"))


def found(twin: Twin) -> list[dict[str, Any]]:
    """Facts of a twin that are not the same in its languages."""
    ru, en = strict(twin.ru), strict(twin.en)
    return [{"place": twin.place, "fact": fact, "ru": ru[fact], "en": en[fact]} for fact in ru if ru[fact] != en[fact]]


def _entries() -> list[dict[str, Any]]:
    return list(yaml.load(LISTED.read_text("utf-8"), yaml.CBaseLoader))


def listed() -> list[dict[str, Any]]:
    """What is known, without the reasons."""
    return [{key: value for key, value in entry.items() if key != "reason"} for entry in _entries()]


def reasons() -> list[str]:
    """Why each of them may be."""
    return [entry["reason"] for entry in _entries()]


def place_of(twin: Twin) -> str:
    """A section of a page, a claim or drill item, or a file of words."""
    words = twin.place.split()
    if words[0].endswith(".md"):
        return twin.place
    return " ".join(words[:3]) if words[0][:2].isdigit() else words[0]


def of(twins: Iterable[Twin]) -> dict[str, dict[str, int]]:
    """How many more words at each end of an axis Russian has than English, by place."""
    sums: dict[str, Counter[str]] = {}
    for twin in twins:
        here = sums.setdefault(place_of(twin), Counter())
        here.update(directions(twin.ru, "ru"))
        here.subtract(directions(twin.en, "en"))
    even = {place: {axis: by for axis, by in sorted(here.items()) if by} for place, here in sums.items()}
    return {place: here for place, here in sorted(even.items()) if here}


def seals(twins: Iterable[Twin]) -> dict[str, str]:
    """A digest of the facts of each place: a changed number, reference or direction in both languages changes it."""
    facts: dict[str, list[object]] = {}
    for twin in twins:
        # A label may hold no facts, only its words.
        short = [sorted(stems(text)) for text in (twin.en, twin.ru)] if len(twin.en) < 60 else []
        spoken = (sorted(directions(text, language).items()) for text, language in ((twin.en, "en"), (twin.ru, "ru")))
        facts.setdefault(place_of(twin), []).append([strict(twin.en), *spoken, short])
    return {place: hashlib.blake2s(repr(facts[place]).encode(), digest_size=4).hexdigest() for place in sorted(facts)}


def sealed() -> dict[str, str]:
    """The digests of what was last read and found right."""
    return dict(yaml.load(SEALS.read_text("utf-8"), yaml.CBaseLoader))


def recorded() -> dict[str, dict[str, int]]:
    """The balance as it was last read and found right."""
    loaded = yaml.load(BALANCE.read_text("utf-8"), yaml.CSafeLoader)
    return {place: {str(axis): by for axis, by in here.items()} for place, here in loaded.items()}


def moved(now: dict[str, dict[str, int]], then: dict[str, dict[str, int]]) -> dict[str, list[str]]:
    """Axes whose balance has moved, by place."""
    changed = {}
    for place in sorted(now.keys() | then.keys()):
        one, other = now.get(place, {}), then.get(place, {})
        if axes := [axis for axis in sorted(one.keys() | other.keys()) if one.get(axis, 0) != other.get(axis, 0)]:
            changed[place] = axes
    return changed
