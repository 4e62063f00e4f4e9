"""The languages of the site: their order, their names, and how each writes a number."""

import re
from dataclasses import dataclass, fields
from pathlib import Path

from optnotes.site.words.data import Field, read

FILE = Path(__file__).with_suffix(".yaml")
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SAMPLES = {"number": "1(?P<thousands>.?)234(?P<decimal>.)5", "power": "2(?P<times>.*)10⁵", "share": "5(?P<percent>.*)"}


@dataclass(frozen=True)
class Tongue:
    """What differs from language to language before a word is said of the subject."""

    name: str
    territory: str
    citation: str  # a style of pages/cite.py
    counterpart: str
    twin: str
    read: str
    lost: str
    contents: str
    search: str
    signs: dict[str, str]  # between thousands, before decimals, before a power of ten, and for per cent

    def digits(self, plain: str) -> str:
        """Digits that Python wrote, as the language writes them."""
        return plain.translate({ord(","): self.signs["thousands"], ord("."): self.signs["decimal"]})


def tongue(field: Field) -> Tongue:
    """Read one language."""
    names = [each.name for each in fields(Tongue) if each.name != "signs"]
    given = field.words([*names, *SAMPLES])
    signs: dict[str, str] = {}
    for name, form in SAMPLES.items():
        found = re.fullmatch(form, given.pop(name).replace(" ", NARROW_SPACE))
        if found is None:
            raise field.entries()[name].error(f"a number that fits '{form}'")
        signs |= found.groupdict()
    return Tongue(**given, signs=signs)


TONGUES = {code: tongue(field) for code, field in read(FILE).entries().items()}
