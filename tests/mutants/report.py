"""What a part prints: faults planted, share noticed, and the reason of each that no check notices."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Planted:
    """A fault: its kind, a key that stays when the code around moves, if it is noticed, what to print, and by what."""

    kind: str
    key: tuple[str, ...]
    noticed: bool
    shown: str = ""
    by: str = ""


def share(noticed: int, total: int) -> str:
    """A share with one digit, never rounded up to all."""
    return f"{noticed} of {total} noticed, {int(1000 * noticed / total) / 10 if total else 0:.1f} %"


def report(
    planted: Iterable[Planted], reasons: dict[tuple[str, ...], str], bar: float, faultless: bool = False
) -> tuple[list[str], bool]:
    """
    Lines to print, and whether the share reaches its bar and all survivors, and no others, have reasons.

    A reason stands under the key of a change or, for all of its kind, under the kind. ``faultless`` says that each
    reason shows a change to be no fault: what is said stays true. It is then not counted.
    """
    changes = list(planted)
    because = {each: reasons.get(each.key) or reasons.get((each.kind,), "") for each in changes if not each.noticed}
    true = [each for each in changes if faultless and because.get(each)]
    faults = [each for each in changes if each not in true]
    totals, found = Counter(each.kind for each in faults), Counter(each.kind for each in faults if each.noticed)
    lines = [f"{kind}: {share(found[kind], total)}" for kind, total in sorted(totals.items()) if len(totals) > 1]
    first = Counter(each.by for each in faults if each.by)
    lines += [f"noticed first by {check}: {count}" for check, count in first.most_common()]
    lines += [f"{len(true)} more leave true what is said"] if true else []
    lines.append(f"{len(faults)} faults planted: {share(found.total(), len(faults))}")
    for each, reason in because.items():
        lines.append(f"{' | '.join(each.key)}: {reason or 'NO REASON GIVEN'}")
        lines += [each.shown] if each.shown else []
    stale = {each.key for each in faults if each.noticed} & reasons.keys()
    lines += [f"a reason is given for what is noticed: {' | '.join(key)}" for key in sorted(stale)]
    good = bool(faults) and found.total() >= bar * len(faults) and not stale
    return lines, good and all(because.values())


def reasons(part: str, *fields: str) -> dict[tuple[str, ...], str]:
    """The reasons of one part, by the fields that make a key."""
    path = Path(__file__).with_name(f"{part}.yaml")
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return {tuple(entry[field] for field in fields): entry["reason"] for entry in entries}


def slice_of(names: list[str], part: str) -> list[str]:
    """Every n-th name from the k-th on, for a part written ``k/n``."""
    if not part:
        return names
    number, _, count = part.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise SystemExit(f"a part is written k/n, such as 2/4, got {part!r}")
    return names[int(number) - 1 :: int(count)]
