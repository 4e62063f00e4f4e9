"""Words for humans in both languages: catalogues, docstring translations, numbers as each language writes them."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "data"
LOCALE = ROOT / "docs" / "locale"
SITE_CATALOGUE = DATA / "text" / "site.yaml"

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

Label = Callable[..., str]


class CatalogueError(ValueError):
    """A catalogue entry that is missing or malformed."""


def catalogue_path(example: str) -> Path:
    """Catalogue that holds the labels of one example."""
    return DATA / "text" / f"{example}.yaml"


def load_catalogue(path: Path) -> dict[str, dict[Language, str]]:
    """Read a catalogue: key, then the words in each language."""
    import yaml  # here, because a notebook away from the site brings its own words and needs no YAML

    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, words in entries.items():
        if not isinstance(words, dict) or set(words) != set(LANGUAGES):
            raise CatalogueError(f"{path}: entry '{key}' must hold exactly the languages {', '.join(LANGUAGES)}")
    return dict(entries)


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
        return format_number(numbers[name], spec, language)

    return re.sub(r"\{(\w+)(?::([^}]*))?\}", one, template)


def format_number(value: float | str, spec: str, language: Language) -> str:
    """Write a number in ``language``: decimal comma and spaces in Russian, powers of ten in both."""
    if isinstance(value, str):
        return value
    plain = format(value, spec)
    percent = plain.endswith("%")
    digits, _, exponent = plain.rstrip("%").partition("e")
    digits = digits.replace("-", MINUS)
    if language == "ru":
        digits = digits.replace(",", NARROW_SPACE).replace(".", ",")
    if exponent:
        times = "·" if language == "ru" else f"{NARROW_SPACE}×{NARROW_SPACE}"
        digits += f"{times}10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    if percent:
        digits += f"{NARROW_SPACE}%" if language == "ru" else "%"
    return digits


def translate_kind(kind: str, language: Language) -> str:
    """Return the type line of a parameter in ``language``; what the program reads stays English."""
    english, spoken = site_labels("en"), site_labels(language)
    for key in ("kind.pair", "kind.like", "kind.any", "kind.shape", "kind.entries", "kind.range"):
        kind = kind.replace(english(key), spoken(key))
    return kind


def docstring_catalogue_paths(language: Language) -> list[Path]:
    """Files that hold the translations of docstring paragraphs."""
    return sorted((LOCALE / language).glob("*.po"))


@cache
def docstring_catalogue(language: Language) -> dict[str, str]:
    """All translations of docstring paragraphs; English needs none."""
    from babel.messages.pofile import read_po

    translations: dict[str, str] = {}
    for path in docstring_catalogue_paths(language):
        with path.open("rb") as stream:
            for message in read_po(stream, abort_invalid=True):
                if message.id and message.string:
                    translations[str(message.id)] = str(message.string)
    return translations


def translate(paragraph: str, language: Language) -> str | None:
    """Return a docstring paragraph in ``language``, or None where no translation exists."""
    from optnotes.site.docstrings import mask, unmask  # here, because numpydoc brings Sphinx along

    if language == "en":
        return paragraph
    masked, roles = mask(paragraph)
    found = docstring_catalogue(language).get(masked)
    return None if found is None else unmask(found, roles)
