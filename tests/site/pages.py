"""Reads a page's skeleton: what both languages must share, with line numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from optnotes.site.words.text import ROOT

FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)$")
HEADING = re.compile(r"^(#+) ")
LABEL = re.compile(r"^\(([\w-]+)\)=$")
ROLE = re.compile(r"\{(count|eq|footcite:p|num|place|ref|py:func|py:mod|doc|setting|term)\}`([^`]*)`")
EDGE = re.compile(r"(?<!\\)\|")  # of a table cell
RULE = re.compile(r"\s*:?-+:?\s*")
TARGET = re.compile(r"<([^<>]+)>$")
# Content of these directives is prose and differs between the languages.
PROSE = frozenset(
    {"admonition", "caution", "glossary", "hint", "important", "note", "tip", "warning", "list-table", "table"}
)


@dataclass
class Part:
    """One structural item of a page: it must have an equal twin at the same place in the other language."""

    line: int
    item: str


@dataclass
class Section:
    """References used under one heading; their order may differ between the languages, their number may not."""

    line: int
    roles: Counter[str] = field(default_factory=Counter)


def pages(language: str = "*") -> list[Path]:
    """All written pages; the generated API pages are not Markdown."""
    return sorted(ROOT.glob(f"docs/{language}/**/*.md"))


def code_cells(text: str) -> Iterator[tuple[int, str]]:
    """Yield first line number and content of every code cell."""
    for directive in directives(text):
        if directive[1].startswith("{code-cell}"):
            yield directive[0] + 1, directive[2]


def directives(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, opening and content of every directive."""
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        opening = FENCE.match(lines[index])
        if not opening:
            index += 1
            continue
        end = index + 1
        while end < len(lines) and lines[end].strip() != opening["fence"]:
            end += 1
        head = f"{{{opening['name']}}} {opening['argument']}".strip()
        yield index + 1, head, "\n".join(lines[index + 1 : end])
        index = index + 1 if opening["name"] in PROSE else end + 1


def skeleton(text: str) -> tuple[list[Part], list[Section]]:
    """Structure of a page, and the references of each of its sections."""
    parts: list[Part] = []
    sections = [Section(1)]
    held = {line: (head, content) for line, head, content in directives(text)}
    inside_until = 0
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if number in held:
            head, content = held[number]
            name = head[1 : head.index("}")]
            if name in PROSE:
                parts.append(Part(number, f"directive {{{name}}}"))
            else:
                parts.append(Part(number, f"directive {head}"))
                parts += [Part(number + 1 + i, f"content {each}") for i, each in enumerate(content.splitlines())]
                inside_until = number + len(content.splitlines()) + 1
            continue
        if number <= inside_until:
            continue
        if heading := HEADING.match(line):
            parts.append(Part(number, f"heading of level {len(heading[1])}"))
            sections.append(Section(number))
        elif label := LABEL.match(line):
            parts.append(Part(number, f"label ({label[1]})="))
        elif line.startswith("|"):
            cells = EDGE.split(line.strip())[1:-1]
            parts.append(Part(number, f"row of {len(cells)} cells: " + " | ".join(map(references, cells))))
        sections[-1].roles.update(roles(line))
    return parts, sections


def roles(line: str) -> list[str]:
    """The references in a line, in the same form in both languages; a term has a name in each."""
    return [f"{{{name}}}`{target(inside) if name != 'term' else '…'}`" for name, inside in ROLE.findall(line)]


def references(cell: str) -> str:
    """What both languages share of a table cell; the rule below the head is its own kind of cell."""
    return "---" if RULE.fullmatch(cell) else " ".join(sorted(roles(cell)))


def target(inside: str) -> str:
    """What a role points to; its shown text belongs to the language."""
    found = TARGET.search(inside)
    return found[1] if found else inside


def front_matter(text: str) -> str:
    """The page's settings."""
    return text.split("---\n", 2)[1] if text.startswith("---\n") else ""


def differences(ru: tuple[str, str], en: tuple[str, str]) -> list[str]:
    """Describe where twins part; each page is its name and its text."""
    (ru_name, ru_text), (en_name, en_text) = ru, en
    found = []
    if front_matter(ru_text) != front_matter(en_text):
        found.append(f"{ru_name}:1 and {en_name}:1: front matter differs")
    (ru_parts, ru_sections), (en_parts, en_sections) = skeleton(ru_text), skeleton(en_text)
    for ours, theirs in zip(ru_parts, en_parts, strict=False):
        if ours.item != theirs.item:
            found.append(f"{ru_name}:{ours.line} has '{ours.item}', {en_name}:{theirs.line} has '{theirs.item}'")
            return found
    if len(ru_parts) != len(en_parts):
        shorter = min(len(ru_parts), len(en_parts))
        longer, name = (ru_parts, ru_name) if len(ru_parts) > shorter else (en_parts, en_name)
        end = {ru_name: len(ru_text.splitlines()), en_name: len(en_text.splitlines())}
        other = en_name if name == ru_name else ru_name
        found.append(f"{name}:{longer[shorter].line} has '{longer[shorter].item}', {other} ends at line {end[other]}")
        return found
    for ours, theirs in zip(ru_sections, en_sections, strict=True):
        if ours.roles != theirs.roles:
            only_ru = ", ".join(sorted((ours.roles - theirs.roles).elements())) or "nothing"
            only_en = ", ".join(sorted((theirs.roles - ours.roles).elements())) or "nothing"
            found.append(
                f"section at {ru_name}:{ours.line} and {en_name}:{theirs.line}: "
                f"only in Russian {only_ru}; only in English {only_en}"
            )
    return found
