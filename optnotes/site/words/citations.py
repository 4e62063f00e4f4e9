"""A source with the place for which it is cited: ``Boyd2004 Section 5.5.3``, ``TorchDocs torch.nn.LSTM``."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from optnotes.site.words.text import Language, site_labels

KINDS = (
    *("algorithm", "appendix", "chapter", "corollary", "definition", "equation", "figure"),
    *("lemma", "proposition", "section", "sections", "table", "theorem"),
)
NUMBERED = re.compile(rf"(?P<kind>{'|'.join(map(str.capitalize, KINDS))}) (?P<number>[A-Z]?[\w.]*\w(?:–[\w.]*\w)?)")
NAMED = re.compile(r"[A-Za-z]\w*(?:[./][\w.-]+)+")  # of an object or a page of documentation


@dataclass(frozen=True)
class Citation:
    """A key of the bibliography and a place in it, which may be empty."""

    key: str
    place: str = ""


def citation(text: str) -> Citation:
    """Read a source and its place; a ValueError says what a place may be."""
    key, _, place = text.partition(" ")
    if place:
        check_place(place)
    return Citation(key, place)


def check_place(place: str) -> None:
    """Refuse what is neither numbered nor the name of a page of documentation."""
    if not (NUMBERED.fullmatch(place) or NAMED.fullmatch(place)):
        raise ValueError(f"expected a place, such as 'Section 5.5.3' or 'torch.nn.LSTM', got '{place}'")


def in_words(place: str, language: Language) -> str:
    """A place as the language writes it; a name stays as it is."""
    found = NUMBERED.fullmatch(place)
    if not found:
        return place
    kind = found["kind"].lower()
    return f"{site_labels(language)(f'place.{kind}')} {found['number']}"


def roles(cited: Iterable[Citation], opening: str = "{", closing: str = "}") -> str:
    """Source marks, each with its place behind it."""
    found = []
    for each in cited:
        place = f" {opening}place{closing}`{each.place}`" if each.place else ""
        found.append(f"{opening}footcite:p{closing}`{each.key}`{place}")
    return ", ".join(found)
