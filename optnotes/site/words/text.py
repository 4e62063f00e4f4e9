"""Words for humans in every language: catalogues, docstring translations, numbers as each language writes them."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from optnotes.site.words.data import DataError, Field, read
from optnotes.site.words.languages import TONGUES

Language = str  # its code
LANGUAGES: tuple[Language, ...] = tuple(TONGUES)
Words = dict[Language, str]
ROOT = Path(__file__).parents[3]
DATA = ROOT / "docs" / "data"
LOCALE = ROOT / "docs" / "locale"
SITE_CATALOGUE = DATA / "text" / "site.yaml"

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

SPEC = re.compile(r"\+?,?(\.\d{1,2})?[defg%]?")

Label = Callable[..., str]


class CatalogueError(ValueError):
    """A catalogue entry that is missing, or is filled with numbers that are not there."""


def catalogue_path(example: str) -> Path:
    """Catalogue that holds the labels of one example."""
    return DATA / "text" / f"{example}.yaml"


def load_catalogue(path: Path) -> dict[str, Words]:
    """Read a catalogue: key, then the words in each language."""
    return {key: words(entry) for key, entry in read(path).entries().items()}


def words(field: Field) -> Words:
    """Return the text of a field in every language."""
    return field.words(LANGUAGES)


def labels(path: Path, language: Language) -> Label:
    """Return a look-up ``text(key, **numbers)`` for one catalogue and language."""
    return spoken({key: words[language] for key, words in load_catalogue(path).items()}, language, path)


def spoken(words: Mapping[str, str], language: Language, where: object = "words") -> Label:
    """Return the look-up ``text(key, **numbers)`` for words of one language."""

    def text(key: str, **numbers: Any) -> str:
        if key not in words:
            raise CatalogueError(f"{where}: no entry '{key}'")
        return fill(words[key], numbers, language)

    return text


@cache
def site_labels(language: Language) -> Label:
    """Words of the site's own machinery."""
    return labels(SITE_CATALOGUE, language)


def fill(template: str, numbers: Mapping[str, Any], language: Language) -> str:
    """Replace ``{name:spec}`` by the number as ``language`` writes it."""

    def one(match: re.Match[str]) -> str:
        name, spec = match.group(1), match.group(2) or ""
        if name not in numbers:
            raise CatalogueError(f"'{template}' asks for '{name}'; known: {', '.join(sorted(numbers))}")
        try:
            return format_number(numbers[name], spec, language)
        except ValueError as error:
            raise CatalogueError(f"'{template}': '{name}': {error}") from None

    return re.sub(r"\{(\w+)(?::([^}]*))?\}", one, template)


def format_number(value: float | str, spec: str, language: Language) -> str:
    """Write a number in ``language``: its decimal sign, its thousands, its powers of ten."""
    if isinstance(value, str):
        return value
    if not SPEC.fullmatch(spec):  # a million digits would be a format as well
        raise ValueError(f"expected a format such as '.2f', '.1e', '.0%', ',' or 'd', got '{spec}'")
    plain = format(value, spec)
    percent = plain.endswith("%")
    digits, _, exponent = plain.rstrip("%").partition("e")
    tongue = TONGUES[language]
    digits = tongue.digits(digits.replace("-", MINUS))
    if exponent:
        digits = "" if digits == "1" else digits + tongue.signs["times"]  # a bare power of ten needs no factor
        digits += f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    if percent:
        digits += tongue.signs["percent"]
    return digits


def translate_kind(kind: str, language: Language) -> str:
    """Return the type line of a parameter in ``language``; what the program reads stays English."""
    english, spoken = site_labels("en"), site_labels(language)
    for key in (
        "kind.pair",
        "kind.like",
        "kind.any",
        "kind.shape",
        "kind.double",
        "kind.entries",
        "kind.total",
        "kind.range",
        "kind.dtype",
    ):
        kind = kind.replace(english(key), spoken(key))
    return kind


def docstring_catalogue_paths(language: Language) -> list[Path]:
    """Files that hold the translations of docstring paragraphs."""
    return sorted((LOCALE / language).rglob("*.po"))


@cache
def docstring_catalogue(language: Language) -> dict[str, str]:
    """All translations of docstring paragraphs; English needs none."""
    from babel.messages.pofile import PoFileError, read_po

    translations: dict[str, str] = {}
    for path in docstring_catalogue_paths(language):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            messages = list(read_po(lines, abort_invalid=True))
        except PoFileError as error:
            raise DataError(f"{path}:{error.lineno + 1}: expected a gettext catalogue, got: {error.args[0]}") from None
        except ValueError as error:
            raise DataError(f"{path}:1: expected a gettext catalogue in UTF-8, got: {error}") from None
        for number, line in enumerate(lines, 1):  # the reader would cut off the last letter instead
            if not line.startswith("#") and line.strip().count('"') and not line.rstrip().endswith('"'):
                raise DataError(f"{path}:{number}: expected a closing quote, got: {line}")
        for message in messages:
            if message.id and message.string:
                translations[str(message.id)] = str(message.string)
    return translations


def translate(paragraph: str, language: Language) -> str | None:
    """Return a docstring paragraph in ``language``, or None where no translation exists."""
    from optnotes.site.words.docstrings import mask, unmask  # here, because numpydoc brings Sphinx along

    if language == "en":
        return paragraph
    masked, roles = mask(paragraph)
    found = docstring_catalogue(language).get(masked)
    return None if found is None else unmask(found, roles)
