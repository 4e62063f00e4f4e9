"""What tests of examples share: one run of each, and checks of repeatability, plain numbers and unused labels."""

import dataclasses
import re
from functools import cache

import torch

from optnotes.site.figures.explore import words
from optnotes.site.figures.style import MODES, house_style
from optnotes.site.words.text import LANGUAGES, catalogue_path, labels, load_catalogue


@cache
def result_of(example):
    """What the example computes, once in a test session: its own tests and those of the claims share the run."""
    return example.compute()


@cache
def numbers_of(example):
    return example.numbers(result_of(example))


def assert_deterministic(example, result):
    """A second run gives equal fields and equal numbers."""
    again = example.compute()
    for field in dataclasses.fields(result):
        assert equal(getattr(result, field.name), getattr(again, field.name)), field.name
    assert example.numbers(result) == example.numbers(again)


def equal(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def assert_plain(numbers):
    """Numbers are finite Python floats and ints."""
    for name, value in numbers.items():
        assert type(value) in (int, float), name
        assert abs(value) < float("inf"), name


def assert_drawn(example, result):
    """Figure, explorer and texts use every catalogue entry, and write only numbers of the example, in both modes."""
    path, numbers = catalogue_path(example.__name__.rpartition(".")[2]), example.numbers(result)
    for language in LANGUAGES:
        text, used = labels(path, language), set()

        def say(key, text=text, used=used, **values):
            used.add(key)
            return text(key, **values)

        for mode in MODES:
            with house_style(mode) as theme:
                example.figure(result, say, theme)
        if hasattr(example, "explore"):
            assert words(example.explore(result), say, language)["readouts"]
        for key in ("alt", "caption"):
            assert say(key, **numbers)
        assert used == set(load_catalogue(path))


def placeholders(slug, key):
    """Names of the numbers an entry writes; the same in both languages."""
    entry = load_catalogue(catalogue_path(slug))[key]
    russian, english = (set(re.findall(r"\{(\w+)", entry[language])) for language in ("ru", "en"))
    assert russian == english
    return russian
