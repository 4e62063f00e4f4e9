"""Reads a formula's docstring: the one place that holds its equation, symbols, convention and sources."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from numpydoc.docscrape import NumpyDocString

from optnotes.site.words.citations import Citation, citation

MATH_ROLE = re.compile(r":math:`([^`]+)`")
DIRECTIVE = ".. math::"
CONVENTION = "Convention:"


class DocstringError(ValueError):
    """A docstring that does not follow the house rules."""


@dataclass(frozen=True)
class Entry:
    """One parameter or one returned value."""

    name: str
    kind: str
    text: str

    @property
    def symbol(self) -> str | None:
        """TeX of the symbol that stands for it in the equation."""
        found = MATH_ROLE.search(self.text)
        return found.group(1) if found else None


@dataclass(frozen=True)
class FormulaDoc:
    """A formula's docstring in parts; every text is one paragraph with single spaces."""

    summary: str
    tex: str
    parameters: tuple[Entry, ...]
    returns: tuple[Entry, ...]
    raises: tuple[Entry, ...]
    notes: tuple[str, ...]
    cited: tuple[Citation, ...]
    examples: str

    @property
    def convention(self) -> str:
        """The paragraph that states the convention."""
        return self.notes[0]

    @property
    def references(self) -> tuple[str, ...]:
        """Keys of its sources."""
        return tuple(each.key for each in self.cited)

    def units(self) -> Iterator[str]:
        """Yield all texts that need a translation."""
        yield self.summary
        for entry in (*self.parameters, *self.returns, *self.raises):
            yield entry.text
        yield from self.notes


def read(function: Callable[..., object]) -> FormulaDoc:
    """Parse the docstring of ``function`` and hold it to the house rules."""
    where = f"{function.__module__}.{function.__name__}"
    text = inspect.getdoc(function)
    if text is None:
        raise DocstringError(f"{where}: has no docstring")
    return _read(where, text)


@cache
def _read(where: str, text: str) -> FormulaDoc:
    parsed = NumpyDocString(text)
    extended = "\n".join(parsed["Extended Summary"])
    if text.count(DIRECTIVE) != 1 or not extended.lstrip().startswith(DIRECTIVE):
        raise DocstringError(f"{where}: needs exactly one '{DIRECTIVE}' block, right after the summary line")
    notes = tuple(paragraphs(parsed["Notes"]))
    if not notes or not notes[0].startswith(CONVENTION):
        raise DocstringError(f"{where}: the Notes must open with a paragraph '{CONVENTION} …'")
    return FormulaDoc(
        summary=" ".join(parsed["Summary"]),
        tex=inspect.cleandoc(extended.split(DIRECTIVE, 1)[1]),
        parameters=_entries(parsed["Parameters"]),
        returns=_entries(parsed["Returns"]),
        raises=_entries(parsed["Raises"]),
        notes=notes,
        cited=tuple(citation(line.strip()) for line in parsed["References"] if line.strip()),
        examples="\n".join(parsed["Examples"]),
    )


def _entries(section: list[tuple[str, str, list[str]]]) -> tuple[Entry, ...]:
    return tuple(Entry(name, kind, " ".join(" ".join(lines).split())) for name, kind, lines in section)


def paragraphs(lines: list[str]) -> Iterator[str]:
    """Join lines into paragraphs of single spaces."""
    for block in "\n".join(lines).split("\n\n"):
        if block.strip():
            yield " ".join(block.split())


def slug(function: str) -> str:
    """Label of a formula: ``eq-l1-loss`` for ``l1_loss``."""
    return f"eq-{function.replace('_', '-')}"


def anchor(function: str) -> str:
    """Where a formula stands on its page: ``equation-eq-l1-loss``, as Sphinx names the place of that label."""
    return f"equation-{slug(function)}"


def mask(text: str) -> tuple[str, list[str]]:
    """Replace each inline equation by ``{0}``, ``{1}``, …: TeX is never part of a translation."""
    roles = [match.group(0) for match in MATH_ROLE.finditer(text)]
    numbers = iter(range(len(roles)))
    return MATH_ROLE.sub(lambda _: f"{{{next(numbers)}}}", text), roles


def unmask(text: str, roles: list[str]) -> str:
    """Put the inline equations back."""
    return re.sub(r"\{(\d+)\}", lambda match: roles[int(match.group(1))], text)
