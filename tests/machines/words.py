"""Every word that an experiment prints: quoted numbers, alternative texts, captions, labels, readouts of explorers."""

import importlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from optnotes.site.figures.explore import words as explorer_words
from optnotes.site.figures.style import house_style
from optnotes.site.words.text import DATA, LANGUAGES, ROOT, catalogue_path, format_number, labels, load_catalogue
from tests.examples import numbers_of, result_of

QUOTE = re.compile(r"\{num\}`(\w+)\.(\w+):?([^`]*)`")
SLUGS = sorted(path.stem for path in (ROOT / "examples").glob("[!_]*.py"))


def quotes() -> Iterator[tuple[str, str, str, str]]:
    """File, example, number and format of everything that pages, claims and drills quote."""
    for path in sorted([*(ROOT / "docs").rglob("*.md"), *DATA.glob("*.yaml")]):
        for found in QUOTE.finditer(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), *found.groups()


def words_of(slug: str) -> dict[str, str]:
    """What one example writes into figures and around them, in both languages."""
    example = importlib.import_module(f"examples.{slug}")
    numbers, found = numbers_of(example), {}
    for language in LANGUAGES if hasattr(example, "figure") else ():
        text = labels(catalogue_path(slug), language)

        def say(key, text=text, language=language, **values):
            found.setdefault(f"{slug} {language} {key}", []).append(text(key, **values))
            return found[f"{slug} {language} {key}"][-1]

        with house_style("light") as theme:
            example.figure(result_of(example), say, theme)
        if hasattr(example, "explore"):
            said = explorer_words(example.explore(result_of(example)), text, language)
            found[f"{slug} {language} explorer"] = [str(said)]
        for key in {"alt", "caption"} & set(load_catalogue(catalogue_path(slug))):
            say(key, **numbers)
    return {key: " | ".join(said) for key, said in found.items()}


def printed(slugs: list[str] = SLUGS) -> dict[str, str]:
    """All words of the examples, by the place where they stand."""
    found: dict[str, str] = {}
    for slug in slugs:
        found |= words_of(slug)
    for path, slug, name, spec in quotes():
        if slug in slugs:
            value = numbers_of(importlib.import_module(f"examples.{slug}"))[name]
            for language in LANGUAGES if path.endswith(".yaml") else (path.split("/")[1],):
                found[f"{path}: {slug}.{name}:{spec} {language}"] = format_number(value, spec, language)
    return found


def pytest_sessionfinish() -> None:
    """Write the words as JSON; what the tests have computed is not computed again."""
    Path(os.environ["OPTNOTES_WORDS"]).write_text(json.dumps(printed(), ensure_ascii=False, indent=1), encoding="utf-8")
