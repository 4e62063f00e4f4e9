"""The TeX that stands in the sources, read by libraries and not by the site's own directives."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

import optnotes
from tests.formula_docs import read

DOCS = Path(__file__).parents[2] / "docs"
ROLE = re.compile(r":math:`([^`]+)`")
MARKDOWN = MarkdownIt("commonmark").use(dollarmath_plugin)


def blocks() -> dict[str, str]:
    """Equations by the full name of their function."""
    return {name: read(function).tex for name, function in optnotes.formulas().items()}


@cache
def inline(language: str) -> frozenset[str]:
    """Every formula within a line that a page of this language can show."""
    found = {tex for function in optnotes.formulas().values() for tex in ROLE.findall(inspect.getdoc(function) or "")}
    for path in (DOCS / "locale" / language).rglob("*.po"):
        found |= set(ROLE.findall(path.read_text("utf-8")))
    for path in (DOCS / language).rglob("*.md"):
        found |= set(in_markdown(path.read_text("utf-8")))
    for path in DOCS.glob("data/*.yaml"):
        data = yaml.safe_load(path.read_text("utf-8"))
        found |= {tex for text in words(data, language) for tex in in_markdown(text)}
    return frozenset(found)


def in_markdown(text: str) -> Iterator[str]:
    """Formulas within the lines of a page, those in directives among them."""
    for token in MARKDOWN.parse(text):
        if token.type == "fence" and token.info.startswith("{"):
            yield from in_markdown(token.content)
        yield from (child.content for child in token.children or () if child.type == "math_inline")


def words(data: Any, language: str) -> Iterator[str]:
    """Words of one language in a file of data."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == language and isinstance(value, str):
                yield value
            yield from words(value, language)
    elif isinstance(data, list):
        for value in data:
            yield from words(value, language)
