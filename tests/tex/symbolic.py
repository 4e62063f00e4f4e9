"""Proves lines of derivations with SymPy, for all values of their symbols rather than at some.

A vector is one entry of it that stands for all. A sum of entries is taken apart until each sum left is of a term
without constant factors; that is a symbol of its own, so what is proved holds for every size. What else mixes entries
(products over an index, norms, matrices) is left to the check at random values. Means are taken by the moments that a
law fixes, so for every law with these moments.
``python -m tests.tex.symbolic`` writes the lines proved into ``docs/data/proved.yaml``, which the pages show.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr

from optnotes.site.records.derivations import Derivation, Step, consequences, derivation_path, derived, load_derivation
from optnotes.site.records.proved import PROVED_FILE
from optnotes.site.tex import reader
from optnotes.site.tex.algebra import Interval, NoMeaningError, Value
from optnotes.site.tex.parser import COMPARE, LETTER, REDUCE, SPECIAL, Function, Node, Parser
from optnotes.site.tex.tokens import TexError, TexMismatch, Token, normalise, spell, split, tokens
from tests.tex.calculus import MOMENTS, differential
from tests.tex.derivations import Checker, tex_of

MOST = 400  # operations in a difference: beyond, simplifying takes long and proves little
UNPROVED = (TexError, NoMeaningError, KeyError, TypeError, ValueError, AttributeError, NotImplementedError)
UNPROVED += (sympy.polys.polyerrors.BasePolynomialError,)
RANDOM = {"two-point", "bernoulli", "gauss", "flat"}
RELATIONS = {"=": sympy.Eq, "\\ne": sympy.Ne, "<": sympy.Lt, ">": sympy.Gt, "\\le": sympy.Le, "\\ge": sympy.Ge}


class EntrySymbol(sympy.Symbol):
    """The entry of a given vector that stands for all."""


class SummedSymbol(sympy.Symbol):
    """The same entry under a sum, which another index letter may not be mistaken for."""


SUMS: dict[tuple[Expr, Expr], sympy.Dummy] = {}  # a term without constant factors, the last index -> their sum


def under_sum(symbol: EntrySymbol, letter: str) -> SummedSymbol:
    """Return the entry that a letter of a sum points at."""
    return SummedSymbol(f"{symbol.name}@{letter}", **symbol.assumptions0)


class Summed(int):
    """The place that a letter of a sum points at; a number for the parser, which counts from one."""

    letter: str

    def __sub__(self, _: int) -> "Summed":
        return self


@dataclass(frozen=True)
class Entry:
    """A vector by one entry that stands for all."""

    value: Expr

    def __getitem__(self, at: int) -> Expr:
        if not isinstance(at, Summed):
            return self.value
        return self.value.xreplace({each: under_sum(each, at.letter) for each in self.value.atoms(EntrySymbol)})


@dataclass(frozen=True)
class Position:
    """Where the entry stands that an index letter points at; a number would point at one entry only."""

    letter: str = ""  # of a sum


def refuse(*_: Value) -> Value:
    """Refuse what mixes entries."""
    raise NoMeaningError("not an operation on entries")


def entrywise(function: Callable[..., Expr]) -> Callable[..., Value]:
    """Let a function of numbers act on entries."""

    def apply(*values: Value) -> Value:
        if not all(isinstance(value, Entry | Expr | sympy.logic.boolalg.Boolean) for value in values):
            refuse()
        found = function(*(value.value if isinstance(value, Entry) else value for value in values))
        return Entry(found) if any(isinstance(value, Entry) for value in values) else found

    return apply


def extreme(function: Callable[..., Expr]) -> Callable[..., Value]:
    """Return the largest or smallest of several numbers; of one vector it would mix entries."""
    return lambda *values: entrywise(function)(*values) if len(values) > 1 else refuse()


class Symbolic:
    """Expressions of SymPy as values for the reader of TeX."""

    FUNCTIONS: Mapping[str, Callable[..., Value]] = {
        **{
            f"\\{name}": entrywise(getattr(sympy, name))
            for name in ("exp", "log", "sin", "cos", "tanh", "cosh", "sinh")
        },
        "\\Phi": entrywise(lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2),
        "\\varphi": entrywise(lambda x: sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)),
        "\\max": extreme(sympy.Max),
        "\\min": extreme(sympy.Min),
        "\\operatorname{sign}": entrywise(sympy.sign),
        "\\operatorname{erf}": entrywise(sympy.erf),
        "\\operatorname{arccos}": entrywise(sympy.acos),
    }

    def bound(self, name: str, value: object) -> Value:
        """Return the value as it is."""
        return value

    named = staticmethod(lambda value: value)
    number = staticmethod(lambda value: Position() if isinstance(value, int) else sympy.Rational(str(value)))
    add = staticmethod(entrywise(lambda a, b: a + b))
    negate = staticmethod(entrywise(lambda a: -a))
    multiply = dot_multiply = hadamard = staticmethod(entrywise(lambda a, b: a * b))
    divide = staticmethod(entrywise(lambda a, b: a / b))
    power = staticmethod(entrywise(lambda a, b: a**b))
    root = staticmethod(entrywise(sympy.sqrt))
    absolute = staticmethod(entrywise(sympy.Abs))
    transpose = norm = normal_mean = staticmethod(refuse)

    def constant(self, name: str) -> Value:
        r"""Return ``\pi`` or ``e``."""
        return {"\\pi": sympy.pi, "e": sympy.E}.get(name) or refuse()

    def integer(self, value: Value) -> int:
        """Return the place of the entry that stands for all."""
        if not isinstance(value, Position):
            refuse()
        place = Summed(1)
        place.letter = value.letter
        return place if value.letter else 1

    def length(self, value: Value, axis: int) -> int:
        """Return the number of entries that stand for all."""
        return 1 if isinstance(value, Entry) and axis == 0 else refuse()

    def stack(self, values: Sequence[Value]) -> Value:
        """Return the entry for all."""
        if isinstance(values[0], Interval):
            return Interval(*(Entry(end) for end in values[0]))
        return Entry(values[0]) if len(values) == 1 and isinstance(values[0], Expr) else refuse()

    def compared(self, relation: str, a: Value, b: Value) -> Value:
        """Return the condition."""
        return entrywise(RELATIONS[relation])(a, b)

    def all_hold(self, conditions: Sequence[Value]) -> Value:
        """Return the conjunction."""
        return conditions[0] if len(conditions) == 1 else entrywise(sympy.And)(*conditions)

    def holds(self, condition: Value) -> bool:
        """Refuse a choice of indices."""
        return bool(refuse(condition))

    def indicator(self, condition: Value) -> Value:
        """Return one or zero."""
        return entrywise(lambda where: sympy.Piecewise((1, where), (0, True)))(condition)

    def cases(self, values: Sequence[Value], conditions: Sequence[Value]) -> Value:
        """Return the value whose condition holds."""
        if isinstance(values[0], Interval):
            return Interval(*(self.cases(ends, conditions) for ends in zip(*values, strict=True)))

        def chosen(*parts: Any) -> Expr:
            half = len(parts) // 2
            return sympy.Piecewise(*zip(parts[:half], parts[half:], strict=True))

        return entrywise(chosen)(*values, *conditions)

    def check(self, relation: Token, a: Value, b: Value) -> None:
        """Refuse what SymPy does not prove."""
        if isinstance(a, Interval) and isinstance(b, Interval):
            for ends in zip(a, b, strict=True):
                self.check(relation, *ends)
            return
        if isinstance(a, Entry) != isinstance(b, Entry):
            refuse()
        a, b = (side.value if isinstance(side, Entry) else side for side in (a, b))
        if not proves(relation.text, a, b):
            raise TexMismatch(f"not proved: {a} {relation.text} {b}")


@cache
def proves(relation: str, a: Expr, b: Expr) -> bool:
    """Whether SymPy shows a relation for all values; numbers come first, since most errors show at once."""
    difference = b - a
    if not agrees(relation, difference) or sympy.count_ops(difference) > MOST:
        return False
    if relation == "=":
        forms = (sympy.expand, sympy.simplify, lambda x: sympy.simplify(sympy.piecewise_fold(x.rewrite(sympy.exp))))
        return difference == 0 or any(form(difference) == 0 for form in forms)
    sign = {"\\le": "is_nonnegative", "\\ge": "is_nonpositive", "<": "is_positive", ">": "is_negative"}.get(relation)
    return bool(sign) and any(
        getattr(form(difference), str(sign)) for form in (sympy.expand, sympy.simplify, sympy.factor)
    )


def agrees(relation: str, difference: Expr) -> bool:
    """Whether a relation holds at some values; true where they cannot be put in."""
    chance = random.Random(0)
    for _ in range(3):
        at = {each: drawn(each, chance) for each in difference.free_symbols}
        try:
            value = complex(difference.subs(at).evalf(20))
        except (TypeError, ValueError):
            continue
        if value != value or abs(value.imag) > 1e-9:
            continue
        small = 1e-9 * (1 + abs(value.real))
        fits = {"=": abs(value) <= small, "\\le": value.real >= -small, "\\ge": value.real <= small}
        if not fits.get(relation, True):
            return False
    return True


def drawn(symbol: sympy.Symbol, chance: random.Random) -> sympy.Rational:
    """Return a number that the symbol may be."""
    if symbol.is_integer:
        return sympy.Integer(chance.randint(1, 6))
    return sympy.Rational(chance.randint(50 if symbol.is_positive else -900, 900), 307)


class Recorder(Checker):
    """Also keeps which statements of each line name something new."""

    def __init__(self, derivation: Derivation, seed: int) -> None:
        super().__init__(derivation, seed)
        self.new: list[list[bool]] = []

    def line(self, step: Step, last: bool) -> None:
        """Check one line."""
        self.new.append([])
        super().line(step, last)

    def is_new(self, statement: list[Token]) -> bool:
        """Whether a statement names something that was not known."""
        found = super().is_new(statement)
        self.new[-1].append(found)
        return found


class Prover:
    """One derivation, with symbols for all that is given."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation, self.random = derivation, {}
        sizes = {size: sympy.Symbol(size, integer=True, positive=True) for size in derivation.sizes}
        self.reader = reader.Reader("", sizes, Symbolic())
        self.reader.scope[SPECIAL] = self.read_calculus
        for given in derivation.given:
            self.give(normalise(given.symbol), given.law.split())
        self.end = ""

    def give(self, key: str, law: list[str]) -> None:
        """Bind a symbol to what its law lets one say of it; leave out what it does not."""
        name, *words = law
        shape = words[{"uniform": 2, "integer": 2, **dict.fromkeys(RANDOM, 1)}.get(name, 0) :]
        scope = self.reader.scope
        if name == "function" and words != ["loss"] and words != ["number-of-vector"]:
            function = sympy.Function(key, real=True)
            scope[key] = entrywise(function)
            scope[f"{key}'"] = entrywise(lambda x: function(x).fdiff(1))
            return
        if name in ("slope", "function", "orthonormal", "positive-definite", "shared") or len(shape) > 1:
            return
        if name == "uniform" and float(words[0]) == float(words[1]):
            value: Expr = sympy.Rational(words[0])
        elif name == "integer":
            value = sympy.Symbol(key, integer=True, positive=True)
        else:
            positive = (name == "uniform" and float(words[0]) > 0) or name == "distribution" or None
            value = (EntrySymbol if shape else sympy.Symbol)(key, real=True, positive=positive)
        if name in RANDOM:
            try:
                scale = self.reader.parser(tokens(words[0]), {}).whole().run(scope)
            except (TexError, NoMeaningError):
                return
            self.random[value] = moments(name, scale)
        scope[key] = Entry(value) if shape else value

    def lines(self, new_names: list[list[bool]], until: int) -> list[int]:
        """Return the numbers of the lines that are proved."""
        found, last = [], len(self.derivation.steps)
        lines = list(zip(self.derivation.steps, new_names, strict=True))[:until]
        for number, (step, new) in enumerate(lines, 1):
            try:
                if self.line(tex_of(step), step.kind, new) and (step.kind != "formula" or number == last):
                    found.append(number)
            except UNPROVED:
                continue
        return found

    def line(self, tex: str, kind: str, expected: list[bool]) -> bool:
        """Read a line; return whether all that the check at random values compares was compared, and so proved."""
        if tokens(tex)[0].text in COMPARE:
            tex = f"{self.end} {tex}"
        parts = tokens(tex)
        statements = self.statements(tex)
        self.end = spell(split(statements[0], COMPARE.__contains__)[0][-1])
        over_index = any(token.text in REDUCE - {"\\sum"} and after.text == "_" for token, after in pairwise(parts))
        if kind in ("recurrence", "minimum") or over_index:
            return bool(refuse())
        new = [self.is_new(statement) for statement in statements]
        waiting, before = statements, self.functions()
        while waiting:
            waiting = self.reader.run(waiting)
        # A known f(x) whose f is no name yet becomes a function of what it is compared with.
        trivial = not all(new) and self.functions() != before
        return kind != "definition" and new == expected and not trivial

    def functions(self) -> set[str]:
        """Return the functions that lines have defined."""
        return {key for key, value in self.reader.scope.items() if isinstance(value, Function)}

    def is_new(self, statement: list[Token]) -> bool:
        """Whether a statement names something that was not known."""
        left = split(statement, COMPARE.__contains__)[0][0]
        known = spell(left) in self.reader.results
        return not known and self.reader.side(left, self.reader.index_letters(left), True) is None

    def statements(self, tex: str) -> list[list[Token]]:
        """Cut a line."""
        self.reader.tex = tex
        return self.reader.statements()

    # -- means and derivatives ----------------------------------------------------------------------------------

    def read_calculus(self, parser: Parser) -> Node | None:
        """Read what begins here if it is a mean, a derivative or a sum."""
        for spelling, moment in MOMENTS.items():
            if all(parser.peek(k) == text for k, text in enumerate((*spelling, "["))):
                parser.at += len(spelling)
                return self.over_outcomes(parser, moment)
        if parser.peek() == "\\sum":
            return self.over_index(parser)
        if parser.peek() == "\\frac":
            start = parser.at
            parser.at += 1
            above, below = differential(parser.argument(), False), differential(parser.argument(), True)
            if above and below and above[1] == below[1]:
                of, by = parser.inner(above[0]).whole(), parser.inner(below[0]).whole()
                return parser.combine(lambda a, b: derivative(a, b, above[1]), of, by)
            parser.at = start
        return None

    def over_index(self, parser: Parser) -> Node:
        """The sum of a term over an index from one to a size."""
        start = parser.at
        parser.at += 2
        below = parser.argument()
        letter = below[0].text
        if parser.peek() != "^" or spell(below[1:]) != "=1":
            refuse()
        parser.at += 1
        upper = parser.inner(parser.argument()).whole()
        rest = parser.inner(parser.parts[parser.at :], **{letter: LETTER})
        body = rest.term()
        parser.at += rest.at

        def run(scope: Mapping[str, Value]) -> Expr:
            value = body.run({**scope, letter: Position(letter)})
            return self.total(value, letter, upper.run(scope)) if isinstance(value, Expr) else refuse()

        return parser.node(run, (body, upper), start, [letter])

    def total(self, value: Expr, letter: str, last: Expr) -> Expr:
        """A sum by the sums of its terms without their constant factors."""
        found: Expr = sympy.Integer(0)
        moved = {each for each in value.atoms(SummedSymbol) if each.name.endswith(f"@{letter}")}
        for term in sympy.Add.make_args(sympy.expand(value)):
            factor, rest = term.as_independent(*moved, as_Add=False)
            if rest == 1:
                found += factor * last
                continue
            if rest.atoms(EntrySymbol) or rest.atoms(SummedSymbol) - moved or rest.free_symbols & set(self.random):
                refuse()
            rest = rest.xreplace({each: SummedSymbol(each.name[: -len(letter)], **each.assumptions0) for each in moved})
            signs = {"positive": rest.is_positive, "nonnegative": rest.is_nonnegative}
            known = {sign: True for sign, holds in signs.items() if holds}
            found += factor * SUMS.setdefault((rest, last), sympy.Dummy("sum", real=True, **known))
        return found

    def over_outcomes(self, parser: Parser, moment: str) -> Node:
        """The mean, variance or covariance of what the bracket holds."""
        bodies = parser.listed(parser.bracket())

        def taken(*values: Expr) -> Expr:
            first, last = values[0], values[-1]
            if moment == "mean":
                return self.mean(first)
            return self.mean(first * last) - self.mean(first) * self.mean(last)

        return parser.combine(entrywise(taken), *bodies)

    def mean(self, value: Expr) -> Expr:
        """The mean of a polynomial in independent random symbols."""
        names = {symbol.name for symbol in self.random}
        terms = [value, *(term for (term, _), symbol in SUMS.items() if value.has(symbol))]
        if any(each.name.partition("@")[0] in names for term in terms for each in term.atoms(SummedSymbol)):
            refuse()  # the mean of a sum is left to the check over all outcomes
        known = [symbol for symbol in self.random if value.has(symbol)]
        if not known:
            return value
        total: Expr = sympy.Integer(0)
        for powers, factor in sympy.Poly(sympy.expand(value), *known).terms():
            if factor.free_symbols & set(known):
                refuse()
            pairs = zip(known, powers, strict=True)
            total += reduce(lambda a, b: a * b, (self.random[symbol](power) for symbol, power in pairs), factor)
        return total


def moments(law: str, scale: Expr) -> Callable[[int], Expr]:
    """The moments that a law fixes; higher ones of a law of which only the variance is said stay open."""
    if isinstance(scale, Entry):
        scale = scale.value
    if law == "bernoulli":
        return lambda k: scale if k else sympy.Integer(1)
    if law == "flat":
        return lambda k: (1 + (-1) ** k) * scale**k / (2 * sympy.Integer(k + 1))
    if law == "gauss":
        return lambda k: sympy.Integer(0) if k % 2 else scale**k * sympy.factorial2(k - 1)
    open_ = [sympy.Dummy(f"moment{k}", real=True) for k in range(20)]
    return lambda k: [sympy.Integer(1), sympy.Integer(0), scale**2][k] if k < 3 else open_[k]


def derivative(of: Value, by: Value, order: int) -> Expr:
    """The derivative of a number by a given number."""
    if not isinstance(of, Expr) or not isinstance(by, sympy.Symbol):
        refuse()
    if of.atoms(SummedSymbol) or isinstance(by, SummedSymbol) or of.free_symbols & set(SUMS.values()):
        refuse()  # under a sum the letter may or may not point at the same entry
    return sympy.diff(of, by, order)


def proved(derivation: Derivation, new: list[list[bool]] | None = None, until: int = 99) -> list[int]:
    """Return the numbers of the lines that SymPy proves; ``new`` says which statements name something."""
    if new is None:
        recorder = Recorder(derivation, 0)
        recorder.run()
        new = recorder.new
    return Prover(derivation).lines(new, until)


def main() -> None:
    """Write which lines of which derivations are proved."""
    found = {name: proved(load_derivation(derivation_path(name))) for name in [*derived(), *consequences()]}
    lines = [f"{name}: [{', '.join(map(str, numbers))}]\n" for name, numbers in found.items() if numbers]
    head = "# Lines that SymPy proves for all values, by derivation; python -m tests.tex.symbolic writes this file.\n"
    PROVED_FILE.write_text(head + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
