"""What each letter means: the words of docstrings and derivations, grouped by ``docs/data/notation.yaml``.

A letter keeps accents, primes and subscripts that name it; an index of a layer, step, example or feature is dropped.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from optnotes.site.records.derivations import boxed_with, derivation_path, load_derivation
from optnotes.site.tex.parser import COMPARE
from optnotes.site.tex.tokens import GREEK, name_size, normalise, script, spell, split, tokens
from optnotes.site.words.data import Field, read
from optnotes.site.words.docstrings import MATH_ROLE, Entry
from optnotes.site.words.docstrings import read as read_docstring
from optnotes.site.words.text import DATA, Words, words

NOTATION_FILE = DATA / "notation.yaml"
INDEX = re.compile(r"[ijkltLT]{1,2}([+-]1)?")
TEX = re.compile(rf"{MATH_ROLE.pattern}|\$[^$]+\$|``")
CLAUSE = re.compile(r"[,;:]")
ALPHABET = GREEK.split()
NAMING = ("definition", "recurrence", "minimum")

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Sign:
    """A sign that is no letter; ``head`` is how the TeX of a value that it makes begins."""

    id: str
    symbol: str
    head: str
    meaning: Words


@dataclass(frozen=True, eq=False)
class Joined:
    """First clauses that mean the same by a letter; ``name`` says it for all of them."""

    symbol: str
    of: tuple[str, ...]
    name: Words | None
    field: Field


@dataclass(frozen=True)
class Named:
    """A letter that lines of derivations define, these derivations, and the first clause that says what it means."""

    symbol: str
    of: tuple[str, ...]
    means: str
    field: Field


@dataclass(frozen=True)
class Clash:
    """Why one page may give a letter two meanings."""

    page: str
    symbol: str
    because: Words
    field: Field


@dataclass(frozen=True)
class Notation:
    """The file: what groups and names meanings, and the signs that no docstring explains."""

    joined: tuple[Joined, ...]
    lines: tuple[Named, ...]
    clashes: tuple[Clash, ...]
    sizes: dict[str, Words]
    indices: dict[str, Words]
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Use:
    """A function that uses a letter, its page, and what it says of it: in its docstring or its derivation."""

    page: str
    function: str
    entries: tuple[Entry, ...]
    given: Words | None

    @property
    def head(self) -> str:
        """The first clause without TeX, by which equal meanings are told."""
        text = self.entries[0].text if self.entries else self.given["en"] if self.given else ""
        return " ".join(CLAUSE.split(TEX.sub("", text))[0].rstrip(".").lower().split())


@dataclass(frozen=True)
class Meaning:
    """What a letter means to some functions; the first one's words are shown if no name is given."""

    symbol: str
    uses: tuple[Use, ...]
    name: Words | None

    @property
    def pages(self) -> list[str]:
        """The questions that use it, in their order."""
        return sorted({use.page for use in self.uses})

    @property
    def said(self) -> Use:
        """The first use in a docstring, or the first one."""
        return next((use for use in self.uses if use.entries), self.uses[0])


def load_notation(path: Path = NOTATION_FILE) -> Notation:
    """Read and check the file; a DataError names file, line, field and what was expected."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> Notation:
    fields = read(path).fields(("joined", "lines", "clashes", "sizes", "indices", "signs"))
    joined = [
        _joined(symbol, group) for symbol, groups in fields["joined"].entries().items() for group in groups.items()
    ]
    return Notation(
        tuple(joined),
        tuple(map(_named, fields["lines"].items())),
        tuple(map(_clash, fields["clashes"].items())),
        {symbol: words(entry) for symbol, entry in fields["sizes"].entries().items()},
        {symbol: words(entry) for symbol, entry in fields["indices"].entries().items()},
        tuple(map(_sign, fields["signs"].items())),
    )


def _joined(symbol: str, entry: Field) -> Joined:
    fields = entry.fields(("of",), ("name",))
    of = tuple(each.text() for each in fields["of"].items())
    return Joined(normalise(symbol), of, words(fields["name"]) if "name" in fields else None, entry)


def _named(entry: Field) -> Named:
    fields = entry.fields(("symbol", "of", "means"))
    of = tuple(each.text() for each in fields["of"].items())
    return Named(normalise(fields["symbol"].text()), of, fields["means"].text(), entry)


def _clash(entry: Field) -> Clash:
    fields = entry.fields(("page", "symbol", "because"))
    return Clash(fields["page"].text(), normalise(fields["symbol"].text()), words(fields["because"]), entry)


def _sign(entry: Field) -> Sign:
    fields = entry.fields(("id", "symbol", "meaning"), ("head",))
    head = fields["head"] if "head" in fields else fields["symbol"]
    return Sign(fields["id"].text(), fields["symbol"].text(), normalise(head.text()), words(fields["meaning"]))


def letter(tex: str) -> str | None:
    """Return the letter that a symbol is, or whose value it is; None if a sign makes it."""
    parts = tokens(tex)
    size = name_size(parts)
    if not size:
        return None
    key, at = spell(parts[:size]), size
    while at < len(parts) and parts[at].text in ("_", "^"):
        raised, end = script(parts, at + 1)
        if parts[at].text == "^" or not INDEX.fullmatch(spell(raised)):
            key += spell(parts[at:end])
        at = end
    return key if at == len(parts) or parts[at].text == "(" else None


def sign_of(tex: str, signs: Sequence[Sign]) -> Sign | None:
    """Return the sign that makes a value."""
    return next((sign for sign in signs if normalise(tex).startswith(sign.head)), None)


def place_of(tex: str, signs: Sequence[Sign]) -> str | None:
    """Return the anchor where the table explains a symbol."""
    key = letter(tex)
    if key is not None:
        return anchor(key)
    sign = sign_of(tex, signs)
    return f"notation-{sign.id}" if sign else None


def anchor(key: str) -> str:
    """Return the anchor of a letter; capitals are spelled out, since labels know none."""
    pieces = [("capital-" + piece if piece[0].isupper() else piece) for piece in re.findall(r"[A-Za-z]+|\d+", key)]
    marks = {"'": "prime", "*": "star", "+": "plus"}
    pieces += [name for mark, name in marks.items() if mark in key]
    return "-".join(["notation", *pieces]).lower()


def order(key: str) -> tuple[object, ...]:
    """Return the place of a letter in the list: Latin, then Greek, small before capital, plain before marked."""
    parts = tokens(key)
    named = [token.text for token in parts[: name_size(parts)] if token.text not in ("{", "}", "'")]
    base = "l" if named[-1] == "\\ell" else named[-1]
    greek, name = base.startswith("\\"), base.strip("\\")
    rank = ALPHABET.index(f"\\{name.lower()}") if greek else ord(name.lower())
    return greek, rank, name[0].isupper(), len(parts), key


def uses(
    pages: Sequence[tuple[str, Sequence[str], Sequence[str]]], known: Mapping[str, Formula]
) -> dict[str, list[Use]]:
    """Return the uses of each letter in the order of the pages, given the formulas and the consequences on each."""
    found: dict[str, list[Use]] = {}
    for page, formulas, derivations in pages:
        for full in formulas:
            for key, (entries, given) in _said(known[full]).items():
                use = Use(page, known[full].__name__, tuple(entries), given)
                found.setdefault(key, []).append(use)
        for name in derivations:
            for key, meaning in _given(name):
                found.setdefault(key, []).append(Use(page, load_derivation(derivation_path(name)).of, (), meaning))
    return dict(sorted(found.items(), key=lambda item: order(item[0])))


def _said(function: Formula) -> dict[str, tuple[list[Entry], Words | None]]:
    """What one function, and its derivation, says of each letter."""
    found: dict[str, tuple[list[Entry], Words | None]] = {}
    doc = read_docstring(function)
    for entry in (*doc.returns, *doc.parameters):
        key = letter(entry.symbol) if entry.symbol else None
        if key is not None:
            found.setdefault(key, ([], None))[0].append(entry)
    for name in boxed_with(function.__name__):
        for key, meaning in _given(name):
            found.setdefault(key, ([], meaning))
    return found


def _given(name: str) -> Iterator[tuple[str, Words]]:
    """Yield the letters that a derivation explains."""
    for given in load_derivation(derivation_path(name)).given:
        key = letter(given.symbol)
        if key is not None and given.meaning:
            yield key, given.meaning


def defined(
    pages: Sequence[tuple[str, Sequence[str], Sequence[str]]], known: Mapping[str, Formula], notation: Notation
) -> dict[str, list[Use]]:
    """Return the letters that lines of derivations define and no box explains, as uses that the table does not show."""
    told = {(named.symbol, name): named.means for named in notation.lines for name in named.of}
    found: dict[str, list[Use]] = {}
    for page, formulas, derivations in pages:
        boxes = [(name, set(_said(known[full]))) for full in formulas for name in boxed_with(known[full].__name__)]
        for name, explained in [*boxes, *((name, {key for key, _ in _given(name)}) for name in derivations)]:
            for number, step in enumerate(load_derivation(derivation_path(name)).steps, 1):
                key = (
                    letter(spell(split(tokens(step.tex), COMPARE.__contains__)[0][0])) if step.kind in NAMING else None
                )
                if key is not None and key not in explained:
                    means = told.get((key, name), f"line {number} of {name}")
                    found.setdefault(key, []).append(Use(page, name, (), {"en": means, "ru": means}))
    return found


def meanings(found: Mapping[str, Sequence[Use]], notation: Notation) -> dict[str, list[Meaning]]:
    """Group the uses of each letter: equal first clauses mean the same, and what the file joins does."""
    return {key: list(_grouped(key, of, notation)) for key, of in found.items()}


def _grouped(key: str, found: Sequence[Use], notation: Notation) -> Iterator[Meaning]:
    joined = {head: each for each in notation.joined if each.symbol == key for head in each.of}
    groups: dict[object, list[Use]] = {}
    for use in found:
        groups.setdefault(joined.get(use.head, use.head), []).append(use)
    for group, of in groups.items():
        yield Meaning(key, tuple(of), group.name if isinstance(group, Joined) else None)


def faults(found: Mapping[str, Sequence[Use]], lines: Mapping[str, Sequence[Use]], notation: Notation) -> Iterator[str]:
    """Describe, one by one, letters with two meanings on a page, and entries of the file that nothing needs."""
    needed = set()
    both = {key: [*found.get(key, ()), *lines.get(key, ())] for key in (*found, *lines)}
    for key, groups in meanings(both, notation).items():
        for page in sorted({page for meaning in groups for page in meaning.pages}):
            said = [meaning for meaning in groups if page in meaning.pages]
            if len(said) > 1:
                needed.add((page, key))
                if (page, key) not in {(clash.page, clash.symbol) for clash in notation.clashes}:
                    several = "; ".join(f"{meaning.said.head} ({meaning.said.function})" for meaning in said)
                    yield f"page {page}: '{key}' means {several}"
    for named in notation.lines:
        for name in named.of:
            own = [use for use in lines.get(named.symbol, ()) if use.function == name]
            pages = {use.page for use in own}
            if not any(use.page in pages and use not in own for use in both.get(named.symbol, ())):
                yield str(named.field.error(f"a line that defines '{named.symbol}', as others do", f"'{name}'"))
    for clash in notation.clashes:
        if (clash.page, clash.symbol) not in needed:
            yield str(clash.field.error("a letter with two meanings there", f"one meaning of '{clash.symbol}'"))
    seen: set[tuple[str, str]] = set()
    for joined in notation.joined:
        heads = {use.head for use in found.get(joined.symbol, ())}
        for head in joined.of:
            if (joined.symbol, head) in seen:
                yield str(joined.field.error("words of one group", f"'{head}' in two"))
            seen.add((joined.symbol, head))
            if head not in heads:
                yield str(joined.field.error(f"words that a docstring has for '{joined.symbol}'", f"'{head}'"))
