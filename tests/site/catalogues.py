"""Completeness of everything that is written in two languages outside the pages."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from numpydoc.docscrape import NumpyDocString

import optnotes
from optnotes.site.pages.api import documented
from optnotes.site.words.docstrings import mask, paragraphs, read
from optnotes.site.words.text import LANGUAGES, load_catalogue

SLOT = re.compile(r"\{(\w*)(?::[^}]*)?\}")


def docstring_units() -> Iterator[tuple[str, str]]:
    """Yield every English docstring paragraph, with the place it comes from."""
    families = {f"optnotes.{family}" for family in optnotes.families()}
    modules = {function.__module__ for function in optnotes.formulas().values()}
    for full in sorted(families | modules):
        documented = inspect.getdoc(importlib.import_module(full))
        assert documented is not None
        yield full, mask(" ".join(documented.split()))[0]
    for full, function in optnotes.formulas().items():
        for unit in read(function).units():
            yield full, mask(unit)[0]
    yield from checkup_units()


def checkup_units() -> Iterator[tuple[str, str]]:
    """The same of the check-up, whose docstrings hold no equation."""
    face = optnotes.checkup
    measure = inspect.getmodule(face.checkup)
    for module in (face, measure):
        for unit in paragraphs((inspect.getdoc(module) or "").split("\n")):
            yield module.__name__, unit
    for module in {inspect.getmodule(getattr(face, name)) for name in face.__all__} - {measure}:
        yield module.__name__, " ".join((inspect.getdoc(module) or "").split())
    offered = {name: getattr(face, name) for name in face.__all__}
    offered |= {
        f"{name}.{member}": getattr(thing, member)
        for name, thing in offered.items()
        if inspect.isclass(thing)
        for member in vars(thing)
        if documented(thing, member)
    }
    for name, thing in offered.items():
        parsed = NumpyDocString(inspect.getdoc(thing) or "")
        entries = [entry for section in ("Parameters", "Returns", "Raises") for entry in parsed[section]]
        for unit in (" ".join(parsed["Summary"]), *(" ".join(" ".join(entry.desc).split()) for entry in entries)):
            yield f"optnotes.checkup.{name}", unit
        for unit in paragraphs(parsed["Notes"]):
            yield f"optnotes.checkup.{name}", unit


def translation_gaps(units: Iterable[tuple[str, str]], paths: Iterable[Path]) -> list[str]:
    """Every unit without a translation, every unused or contradictory translation, every lost placeholder."""
    wanted = {text: place for place, text in units}
    seen: dict[str, tuple[str, str]] = {}
    found = []
    for path in paths:
        with path.open("rb") as stream:
            messages = [message for message in read_po(stream, abort_invalid=True) if message.id]
        for message in messages:
            where = f"{path.name}:{message.lineno}"
            english, russian = str(message.id), str(message.string)
            if not russian:
                found.append(f"{where}: no translation of: {english}")
            elif sorted(SLOT.findall(english)) != sorted(SLOT.findall(russian)):
                found.append(f"{where}: placeholders differ: {english}")
            if english not in wanted:
                found.append(f"{where}: no docstring holds: {english}")
            if english in seen:
                found.append(f"{where}: stands already in {seen[english][0]}: {english}")
            seen[english] = (where, russian)
    found += [f"{place}: no translation of: {text}" for text, place in wanted.items() if text not in seen]
    return found


def strings(source: str) -> list[re.Pattern[str]]:
    """Every string of an example, as a pattern: a key may travel through a variable or be put together."""
    patterns = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            patterns.append(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.Constant) for part in node.values):
            parts = (re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
            patterns.append("".join(parts))
    return [re.compile(pattern) for pattern in patterns]


def text_keys(source: str) -> set[str]:
    """Keys that an example asks its catalogue for directly."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "text"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def label_gaps(path: Path, source: str) -> list[str]:
    """Every label that is missing, unused, or filled with different numbers in the two languages."""
    entries = load_catalogue(path)
    explorer = "def explore(" in source
    asked = text_keys(source) | {"alt", "caption"} | ({"explore"} if explorer else set())
    asked |= {"panel"} if "panels(" in source else set()
    found = [f"{path.name}: no entry '{key}'" for key in sorted(asked - set(entries))]
    known = strings(source) + ([re.compile("readout")] if explorer else [])
    unused = [key for key in sorted(set(entries) - asked) if not any(pattern.fullmatch(key) for pattern in known)]
    found += [f"{path.name}: entry '{key}' is used nowhere" for key in unused]
    for key, words in entries.items():
        slots = {language: sorted(SLOT.findall(words[language])) for language in LANGUAGES}
        if len(set(map(tuple, slots.values()))) != 1:
            found.append(f"{path.name}: entry '{key}' uses different numbers in its languages: {slots}")
    return found
