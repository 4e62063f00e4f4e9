"""Addresses that stay: every page and anchor that was ever published, and where those went that have moved.

``python -m optnotes.site.records.addresses`` adds what the last build has and the record lacks; it takes nothing out.
"""

import pickle
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import yaml

from optnotes.site.words.data import DataError, read
from optnotes.site.words.text import DATA, LANGUAGES, ROOT

ADDRESSES = DATA / "addresses.yaml"
HEAD = (
    "# Written by python -m optnotes.site.records.addresses, but for 'moved', as in\n"
    "# questions/31-old: questions/31-new and questions/31-a#old: questions/32-b#new.\n"
)
Anchors = Mapping[str, Set[str]]


def split(address: str) -> tuple[str, str]:
    """Page and anchor of an address; a page has the anchor ''."""
    page, _, anchor = address.partition("#")
    return page, anchor


@dataclass(frozen=True)
class Addresses:
    """The record."""

    pages: dict[str, set[str]]
    moved: dict[str, str]

    def now(self, address: str) -> str:
        """Return where an address leads now; an anchor goes with its page unless it has moved by itself."""
        seen = [address]
        while True:
            page, anchor = split(address)
            if address in self.moved:
                address = self.moved[address]
            elif anchor and page in self.moved:
                address = f"{split(self.moved[page])[0]}#{anchor}"
            else:
                return address
            if address in seen:
                raise DataError(f"{ADDRESSES.name}: expected moves that end, got {' → '.join([*seen, address])}")
            seen.append(address)

    def every(self) -> Iterator[str]:
        """Yield every address that was published, pages before their anchors."""
        for page, anchors in self.pages.items():
            yield page
            yield from (f"{page}#{anchor}" for anchor in sorted(anchors))

    def lost(self, present: Anchors) -> Iterator[str]:
        """Describe the addresses that lead nowhere in a site of these pages, and the moves that hide what is there."""
        for address in self.every():
            page, anchor = split(self.now(address))
            if page not in present or (anchor and anchor not in present[page]):
                by = "" if self.now(address) == address else f", which moved to {self.now(address)},"
                yield f"{address}{by} is gone: keep it, or say under 'moved' of {ADDRESSES.name} where it went"
        for old in self.moved:
            page, anchor = split(old)
            if page in present and (not anchor or anchor in present[page]):
                yield f"{old} has moved, says {ADDRESSES.name}, but is still there"


def load_addresses(path: Path = ADDRESSES) -> Addresses:
    """Read the record; a DataError names file, line and field."""
    fields = read(path).fields(("pages", "moved"))
    pages = {page: {anchor.text() for anchor in held.items()} for page, held in fields["pages"].entries().items()}
    record = Addresses(pages, {old: new.text() for old, new in fields["moved"].entries().items()})
    for old, new in fields["moved"].entries().items():
        if bool(split(old)[1]) != bool(split(new.text())[1]):
            raise new.error("a page for a page, or an anchor for an anchor")
        record.now(old)
    return record


def write_addresses(record: Addresses, path: Path = ADDRESSES) -> None:
    """Write the record, in an order of its own."""
    pages = {page: sorted(anchors) for page, anchors in sorted(record.pages.items())}
    text = yaml.safe_dump({"pages": pages, "moved": dict(sorted(record.moved.items()))}, sort_keys=False, width=1000)
    path.write_text(HEAD + text, encoding="utf-8")


def built(doctrees: Path) -> dict[str, set[str]]:
    """Pages and anchors of one built language."""
    with (doctrees / "environment.pickle").open("rb") as stream:
        anchors = pickle.load(stream).domaindata["optnotes"]["anchors"]
    return {page: {anchor for anchor, _ in found if anchor} for page, found in anchors.items()}


def unrecorded(record: Addresses, present: Anchors) -> list[str]:
    """Addresses of a site that the record lacks."""
    every = set(record.every())
    found = (address for page, held in present.items() for address in (page, *(f"{page}#{each}" for each in held)))
    return sorted(address for address in found if address not in every)


def main() -> None:
    """Add what the last build of all languages has."""
    record = load_addresses()
    for language in LANGUAGES:
        for address in unrecorded(record, built(ROOT / "build" / "doctrees" / language)):
            page, anchor = split(address)
            record.pages.setdefault(page, set()).update({anchor} - {""})
            print(f"added {address}")
    write_addresses(record)


if __name__ == "__main__":
    main()
