"""Derivations of formulas: one file each, steps in TeX with a reason in both languages; tests check every step."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA, Words, words

DERIVATIONS = DATA / "derivations"
CONSEQUENCES = DATA / "consequences"
# definition: a new name; formula: an equation pulled from its home; the others say how a step is checked.
Kind = Literal[
    "definition", "recurrence", "formula", "equality", "bound", "attained", "limit", "derivative", "mean", "minimum"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
BEGINNINGS: tuple[Kind, ...] = ("definition", "recurrence", "formula")


@dataclass(frozen=True)
class Given:
    """A symbol that no line defines, and the law from which a test draws it; what it means, if no formula says so."""

    symbol: str
    law: str
    meaning: Words | None
    # A law without the condition that ``meaning`` names: under it the derivation must fail.
    otherwise: str | None
    at: int = field(default=0, compare=False)  # line of the file


@dataclass(frozen=True)
class Step:
    """One line; ``formula`` names the function whose equation it is, else ``tex`` holds it."""

    kind: Kind
    tex: str
    formula: str
    reason: Words
    at: int = field(default=0, compare=False)  # line of the file


@dataclass(frozen=True)
class Derivation:
    """How a formula follows from what is known, or a statement from a formula, in whose box it stands."""

    name: str
    sizes: dict[str, tuple[int, ...]]
    given: tuple[Given, ...]
    steps: tuple[Step, ...]
    # Small errors that leave a line true: number of the line, the change, and why.
    equivalent: tuple[tuple[int, str, str], ...] = ()
    of: str = ""
    statement: Words | None = None
    page: str = ""  # of the question that shows a statement by itself, outside the box of its formula


def derivation_path(name: str) -> Path:
    """File of the derivation of one formula, by the name of its function, or of a consequence by its own name."""
    consequence = CONSEQUENCES / f"{name}.yaml"
    return consequence if consequence.exists() else DERIVATIONS / f"{name}.yaml"


def derivation_label(name: str) -> str:
    """Anchor of the derivation of one formula."""
    return f"derivation-{name.replace('_', '-')}"


def derived() -> list[str]:
    """Names of the functions whose formulas have a derivation."""
    return sorted(path.stem for path in DERIVATIONS.glob("*.yaml"))


def consequences() -> list[str]:
    """Names of the statements that follow from formulas."""
    return sorted(path.stem for path in CONSEQUENCES.glob("*.yaml"))


def boxed_with(function: str) -> list[str]:
    """Names of the derivation of a formula, if it has one, and of its consequences that no page shows by themselves."""
    own = [function] if function in derived() else []
    found = {name: load_derivation(derivation_path(name)) for name in consequences()}
    return own + [name for name, each in found.items() if each.of == function and not each.page]


def load_derivation(path: Path) -> Derivation:
    """Read and check one file; a DataError names file, line, field and what was expected."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> Derivation:
    fields = read(path).fields(("given", "steps"), ("sizes", "equivalent", "of", "statement", "page"))
    sizes = {
        name: tuple(int(size.number(whole=True)) for size in field.items())
        for name, field in (fields["sizes"].entries() if "sizes" in fields else {}).items()
    }
    steps = tuple(_step(entry) for entry in fields["steps"].items())
    if not steps or steps[0].kind not in BEGINNINGS:
        raise fields["steps"].error(
            f"a first step of the kind {', '.join(BEGINNINGS)}", steps[0].kind if steps else "none"
        )
    statement = words(fields["statement"]) if "statement" in fields else None
    if statement is None and steps[-1].formula != path.stem:
        raise fields["steps"].error(f"the last step to be 'formula: {path.stem}'", "another")
    given = tuple(_given(entry) for entry in fields["given"].items())
    listed = fields["equivalent"].items() if "equivalent" in fields else ()
    equivalent = tuple(_equivalent(entry, len(steps)) for entry in listed)
    of = fields["of"].text() if "of" in fields else path.stem
    page = fields["page"].text() if "page" in fields else ""
    return Derivation(path.stem, sizes, given, steps, equivalent, of, statement, page)


def _given(entry: Field) -> Given:
    fields = entry.fields(("symbol", "law"), ("meaning", "otherwise"))
    otherwise = fields["otherwise"].text() if "otherwise" in fields else None
    meaning = words(fields["meaning"]) if "meaning" in fields else None
    return Given(fields["symbol"].text(), fields["law"].text(), meaning, otherwise, entry.line)


def _equivalent(entry: Field, steps: int) -> tuple[int, str, str]:
    fields = entry.fields(("line", "mutant", "because"))
    line = int(fields["line"].number(whole=True))
    if not 1 <= line <= steps:
        raise fields["line"].error(f"the number of a step, from 1 to {steps}")
    return line, fields["mutant"].text(), fields["because"].text()


def _step(entry: Field) -> Step:
    fields = entry.fields(("reason",), ("formula", "tex", "kind"))
    reason = words(fields["reason"])
    if "formula" in fields:
        if extra := fields.keys() & {"tex", "kind"}:
            raise fields[min(extra)].error("no equation beside a formula, which brings its own", "one")
        return Step("formula", "", fields["formula"].text(), reason, entry.line)
    for name in ("tex", "kind"):
        if name not in fields:
            raise entry.error(f"the field '{name}', or 'formula'", "neither")
    allowed = [kind for kind in KINDS if kind != "formula"]
    kind = cast(Kind, fields["kind"].one_of(allowed))
    return Step(kind, fields["tex"].text().strip(), "", reason, entry.line)
