"""Every text that stands in two languages, side by side: of pages, data files and translated docstrings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po

from optnotes.site.words.text import LANGUAGES
from tests.site.pages import EDGE, LABEL, directives

PAIR = set(LANGUAGES)
FENCED = re.compile(r"```\w+$")


@dataclass(frozen=True)
class Twin:
    """One text in both languages and the place where a reader of the sources finds it."""

    place: str
    ru: str
    en: str


def twins(root: Path) -> Iterator[Twin]:
    """All of a copy of the repository."""
    for path in sorted((root / "docs" / "ru").rglob("*.md")):
        if "api" not in path.parts:
            name = path.relative_to(root / "docs" / "ru").as_posix()
            yield from of_page(name, *((root / "docs" / each / name).read_text("utf-8") for each in ("ru", "en")))
    for path in sorted((root / "docs" / "data").rglob("*.yaml")):
        yield from of_data(path.relative_to(root / "docs" / "data").as_posix(), path.read_text("utf-8"))
    for path in sorted((root / "docs" / "locale" / "ru").rglob("*.po")):
        yield from of_catalogue(path, path.relative_to(root / "docs" / "locale" / "ru").as_posix())


def of_page(name: str, ru: str, en: str) -> Iterator[Twin]:
    """Blocks between structure, as far down as both languages divide them alike: paragraphs, then lines, then cells."""
    for (place, one), (_, other) in zip(blocks(ru), blocks(en), strict=True):
        for left, right in alike(one, other, "\n\n"):
            for a, b in alike(left, right, "\n"):
                cells = [EDGE.split(each.strip()) for each in (a, b)]
                if a.startswith("|") and len(cells[0]) == len(cells[1]):
                    yield from (Twin(f"{name} {place}", *pair) for pair in zip(*cells, strict=True))
                else:
                    yield Twin(f"{name} {place}", a, b)


def alike(ru: str, en: str, edge: str) -> list[tuple[str, str]]:
    """Pieces between edges if both texts have the same number of them, else the texts themselves."""
    one, other = ([part for part in text.split(edge) if part.strip()] for text in (ru, en))
    return list(zip(one, other, strict=True)) if len(one) == len(other) else [(ru, en)]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Prose of a page piece by piece, each with the label above it; headings and table rows stand alone."""
    lines, place, found = text.splitlines(), "", []
    for line, _, content in directives(text):
        inside = content.splitlines()
        prose = len(inside) and lines[line - 1].startswith(("```{glossary}", "```{admonition}"))
        if not prose:
            lines[line - 1 : line + len(inside) + 1] = ["#"] * (len(inside) + 2)
    code = False
    for line in lines:
        code = line != "```" if code else bool(FENCED.match(line))
        if code:
            continue
        label = LABEL.match(line)
        if label or line.startswith(("#", "|", "```")):
            yield place, "\n".join(found)
            found = []
            if label:
                place = label[1]
            else:
                yield place, line
        else:
            found.append(line)
    yield place, "\n".join(found)


def of_data(name: str, text: str) -> Iterator[Twin]:
    """Every entry of a data file that has both languages."""
    yield from entries(name, yaml.load(text, yaml.CBaseLoader))


def entries(place: str, loaded: Any) -> Iterator[Twin]:
    """By the ids and keys on the way to it."""
    if isinstance(loaded, dict):
        if loaded.keys() >= PAIR:
            ru, en = (as_lists(loaded[language]) for language in ("ru", "en"))
            pairs = zip(ru, en, strict=True) if len(ru) == len(en) else [("\n".join(ru), "\n".join(en))]
            yield from (Twin(place, *pair) for pair in pairs)
            return
        for key, value in loaded.items():
            yield from entries(f"{place} {key}", value)
    elif isinstance(loaded, list):
        for value in loaded:
            known = value.get("id") if isinstance(value, dict) else None
            yield from entries(f"{place} {known}" if known else place, value)


def as_lists(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def of_catalogue(path: Path, name: str) -> Iterator[Twin]:
    """Docstring paragraphs and their translations."""
    with path.open("rb") as stream:
        for message in read_po(stream):
            if message.id:
                yield Twin(name, str(message.string), str(message.id))


def predictions(root: Path) -> Iterator[Twin]:
    """What the experiments predict, in their docstrings; these have one language."""
    for path in sorted((root / "examples").glob("*.py")):
        words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        yield Twin(f"examples/{path.name}", "", words)
