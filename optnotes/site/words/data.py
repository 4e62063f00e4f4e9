"""Reads YAML files whose every error names file, line, field and what was expected."""

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is there


class DataError(ValueError):
    """A file that does not hold what it must."""


@dataclass(frozen=True)
class Field:
    """One value of a file, with its place and its name there, such as ``claims[2].verdict``."""

    path: Path
    name: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Line where the value begins."""
        return self.node.start_mark.line + 1

    @property
    def value(self) -> Any:
        """The value as Python sees it."""
        return _constructed(self.path, self.node)

    def error(self, expected: str, got: str | None = None) -> DataError:
        """Say what was expected here."""
        found = repr(self.value) if got is None else got
        shown = found if len(found) <= 80 else f"{found[:77]}…"
        return DataError(f"{self.path}:{self.line}: field '{self.name}': expected {expected}, got {shown}")

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Field"]:
        """Fields of a mapping that holds all the required ones and nothing unknown."""
        found = self.entries()
        known = ", ".join([*required, *(f"{name} (optional)" for name in optional)])
        for name in required:
            if name not in found:
                raise self._below(name).error(f"to be there, with {known}", "nothing")
        for name, field in found.items():
            if name not in required and name not in optional:
                raise field.error(f"one of {known}", "an unknown field")
        return found

    def entries(self) -> dict[str, "Field"]:
        """Fields of a mapping with any names, none of them twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("a mapping")
        found: dict[str, Field] = {}
        for key, node in self.node.value:
            name = str(key.value)
            if name in found:
                raise Field(self.path, found[name].name, key).error("one value", "a second one")
            found[name] = self._below(name, node)
        return found

    def items(self) -> Iterator["Field"]:
        """Items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("a list")
        for index, node in enumerate(self.node.value):
            yield Field(self.path, f"{self.name}[{index}]", node)

    def text(self) -> str:
        """Words."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("text")
        return self.value

    def number(self, *, whole: bool = False) -> float:
        """Return a finite number that is not negative."""
        kinds = (int,) if whole else (int, float)
        if type(self.value) not in kinds or not 0 <= self.value < float("inf"):
            raise self.error(f"a {'whole ' if whole else ''}number, zero or more")
        return float(self.value)

    def one_of(self, allowed: Collection[str]) -> str:
        """One of some words."""
        if self.value not in allowed:
            raise self.error(f"one of {', '.join(allowed)}")
        return str(self.value)

    def words(self, languages: Collection[str]) -> dict[str, str]:
        """Words in exactly these languages."""
        return {language: field.text() for language, field in self.fields(languages).items()}

    def _below(self, name: str, node: yaml.Node | None = None) -> "Field":
        return Field(self.path, f"{self.name}.{name}".lstrip("."), node or self.node)


def read(path: Path) -> Field:
    """Read a file."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=LOADER)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{path}:{line}: expected UTF-8, got the byte {error.object[error.start]:#04x}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", error)
        raise DataError(f"{path}:{mark.line + 1 if mark else 1}: expected YAML, got: {problem}") from None
    except RecursionError:
        raise DataError(f"{path}:1: expected YAML, got lists within lists without end") from None
    if node is None:
        raise DataError(f"{path}:1: expected fields, got an empty file")
    return Field(path, "", node)


class _Constructor(yaml.constructor.SafeConstructor):
    """YAML's own values; a date stays the text it was."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value
        return super().construct_object(node, deep)


def _constructed(path: Path, node: yaml.Node) -> Any:
    try:
        value = _Constructor().construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = node.start_mark.line + 1
        raise DataError(f"{path}:{line}: expected a plain value, got one that YAML cannot construct: {error}") from None
    return value if isinstance(value, Hashable | list | dict) else str(value)
