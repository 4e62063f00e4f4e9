"""Turns the tokens of one expression into a value, given the names bound so far (subset: see the reader)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, product
from typing import NoReturn

from optnotes.site.tex.algebra import Algebra, Interval, NoMeaningError, Value
from optnotes.site.tex.tokens import (
    CLOSING,
    TexError,
    Token,
    close,
    index_pieces,
    name_size,
    script,
    spell,
    split,
    texts,
)

Scope = Mapping[str, Value]
Extents = Mapping[str, tuple[Callable[[Scope], int], ...]]

LETTER, FORMAL = object(), object()  # stand-ins for an index letter and a function's letter while reading
# Under this name, which no TeX spells, a scope may hold a reader of what the grammar does not know.
SPECIAL = "@special"
COMPARE = frozenset({"=", "\\ne", "<", ">", "\\le", "\\ge"})
PRODUCTS = {"\\cdot": "dot_multiply", "\\times": "dot_multiply", "\\odot": "hadamard", "/": "divide"}
REDUCE = frozenset({"\\sum", "\\prod", "\\max", "\\min"})
ENDS = {"+", "-", ",", "&", "\\\\", "^", "_", "'", *CLOSING.values(), *COMPARE, *PRODUCTS}


class UnboundName(TexError):  # noqa: N818
    """A name that nothing defines, or nothing yet."""


@dataclass(frozen=True)
class Node:
    """A part of an equation: how to compute it, and the sizes seen for each free index letter."""

    run: Callable[[Scope], Value]
    extents: Extents = field(default_factory=dict)


@dataclass(frozen=True)
class Function:
    """A function the equation itself defines; ``sub`` tells whether its first letter is a subscript."""

    letters: tuple[str, ...]
    sub: bool
    body: list[Token]
    scope: Scope


def index_range(letter: str, nodes: Sequence[Node], scope: Scope) -> range:
    """All values of an index letter: every tensor it indexes must have the same size."""
    sizes = {extent(scope) for node in nodes for extent in node.extents.get(letter, ())}
    if len(sizes) != 1:
        raise TexError(f"the range of '{letter}' is open: the sizes it meets are {sorted(sizes)}")
    return range(1, sizes.pop() + 1)


class Parser:
    """Recursive descent over the tokens of one expression; ``scope`` decides which names exist."""

    def __init__(self, parts: list[Token], scope: Scope, tex: str, algebra: Algebra) -> None:
        self.parts, self.scope, self.tex, self.algebra, self.at = parts, scope, tex, algebra, 0

    # -- helpers ------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        """The text some places ahead; empty behind the end."""
        position = self.at + ahead
        return self.parts[position].text if position < len(self.parts) else ""

    def fail(self, message: str, at: int | None = None, error: type[TexError] = TexError) -> NoReturn:
        """Raise an error with its place."""
        position = self.at if at is None else at
        place = self.parts[position].at if position < len(self.parts) else len(self.tex)
        raise error(f"{message} at {place}: {self.tex[place : place + 30]!r}")

    def node(self, run: Callable[[Scope], Value], parts: Sequence[Node], at: int, drop: Sequence[str] = ()) -> Node:
        """A node that reports a failure with its place; letters in ``drop`` are no longer free."""

        def guarded(scope: Scope) -> Value:
            try:
                return run(scope)
            except TexError:
                raise
            except (ValueError, RuntimeError, IndexError, TypeError, AttributeError) as error:
                self.fail(str(error), at)

        letters = {letter for part in parts for letter in part.extents} - set(drop)
        return Node(guarded, {x: tuple(e for part in parts for e in part.extents.get(x, ())) for x in letters})

    def combine(self, function: Callable[..., Value], *parts: Node, at: int | None = None) -> Node:
        """A node that applies a function to the values of others."""
        place = self.at if at is None else at
        return self.node(lambda scope: function(*(part.run(scope) for part in parts)), parts, place)

    def inner(self, parts: list[Token], **more: Value) -> "Parser":
        """A parser of a part, with more names."""
        if not parts:
            self.fail("nothing to read")
        return Parser(parts, {**self.scope, **more} if more else self.scope, self.tex, self.algebra)

    def argument(self) -> list[Token]:
        """The argument that follows."""
        parts, self.at = script(self.parts, self.at)
        return parts

    def bracket(self) -> list[Token]:
        """What stands between the bracket here and its end."""
        end = close(self.parts, self.at)
        parts, self.at = self.parts[self.at + 1 : end], end + 1
        return parts

    def listed(self, parts: list[Token]) -> list[Node]:
        """The expressions between commas."""
        return [self.inner(piece).whole() for piece in split(parts, ",".__eq__)[0]]

    # -- grammar ------------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        """An expression that takes all tokens."""
        node = self.expression()
        if self.at < len(self.parts):
            self.fail(f"cannot read '{self.peek()}'")
        return node

    def expression(self) -> Node:
        """A sum."""
        minus = self.peek() == "-"
        self.at += minus
        node = self.term()
        if minus:
            node = self.combine(self.algebra.negate, node)
        while self.peek() in ("+", "-"):
            start, plus = self.at, self.peek() == "+"
            self.at += 1
            term = self.term()
            node = self.combine(
                self.algebra.add, node, term if plus else self.combine(self.algebra.negate, term), at=start
            )
        return node

    def term(self) -> Node:
        """A product."""
        node, divided = self.factor(), False
        while self.at < len(self.parts):
            start, sign = self.at, self.peek()
            if sign in PRODUCTS:
                self.at += 1
                node, divided = (
                    self.combine(getattr(self.algebra, PRODUCTS[sign]), node, self.factor(), at=start),
                    sign == "/",
                )
            elif sign in ENDS:
                break
            elif divided:
                self.fail("a factor right after a quotient could belong to either side")
            else:
                node = self.combine(self.algebra.multiply, node, self.factor(), at=start)
        return node

    def factor(self) -> Node:
        """An atom with its subscript and power."""
        start, node = self.at, self.atom()
        if self.peek() == "_" and self.parts[start].text == "(" and self.parts[self.at - 1].text == ")":
            node = self.part_of(node)
        if self.peek() in ("_", "'"):
            self.fail(f"cannot read '{self.peek()}' here")
        return self.raised(node)

    def raised(self, node: Node) -> Node:
        """The node with the power or transposition that may follow."""
        if self.peek() != "^":
            return node
        start = self.at
        self.at += 1
        exponent = self.argument()
        if self.peek() == "^":
            self.fail("two superscripts")
        if spell(exponent) == "\\top":
            return self.combine(self.algebra.transpose, node, at=start)
        return self.combine(self.algebra.power, node, self.inner(exponent).whole(), at=start)

    def atom(self) -> Node:
        """A name, number, function, operator or bracket."""
        text = self.peek()
        if not text:
            self.fail("an expression ends too early")
        if (known := self.name()) is not None:
            return known
        if SPECIAL in self.scope and (known := self.scope[SPECIAL](self)) is not None:
            return known
        if text.isdigit():
            return self.number()
        if text in REDUCE and self.peek(1) == "_":
            return self.big_operator()
        if text in self.algebra.FUNCTIONS:
            return self.known_function()
        if text in CLOSING:
            return self.bracketed()
        start = self.at
        self.at += 1
        match text:
            case "\\pi" | "e" | "I":
                return Node(lambda _: self.algebra.constant(text))
            case "\\mathbf" if self.peek() == "1":
                self.at += 1
                return Node(lambda _: self.algebra.constant("1"))
            case "\\frac":
                above, below = self.argument(), self.argument()
                return self.combine(self.algebra.divide, self.inner(above).whole(), self.inner(below).whole(), at=start)
            case "\\sqrt":
                return self.combine(self.algebra.root, self.inner(self.argument()).whole(), at=start)
            case "\\mathbb" if self.peek() == "1" and self.peek(1) == "[":
                self.at += 1
                return self.combine(self.algebra.indicator, self.condition(self.bracket()))
            case "\\mathbb" if self.peek() == "E" and self.peek(1) == "_":
                return self.normal_mean()
        if size := name_size(self.parts, start):
            self.fail(f"'{spell(self.parts[start : start + size])}' is not bound", start, UnboundName)
        self.fail(f"cannot read '{text}'", start)

    def number(self) -> Node:
        """A decimal number."""
        digits = ""
        while self.peek().isdigit() or (self.peek() == "." and self.peek(1).isdigit() and "." not in digits):
            digits += self.peek()
            self.at += 1
        return Node(lambda _: self.algebra.number(float(digits)))

    def bracketed(self) -> Node:
        """What a bracket of any kind means."""
        start, opening = self.at, self.peek()
        parts = self.bracket()
        if opening == "\\begin{cases}":
            return self.cases(parts)
        nodes = self.listed(parts)
        if opening == "[" and len(nodes) == 2:
            return self.combine(Interval, *nodes)
        if len(nodes) > 1 or opening == "{":
            self.fail("cannot read this bracket", start)
        if opening == "\\{":
            return self.combine(lambda value: Interval(value, value), nodes[0])
        if opening == "\\lvert":
            return self.combine(self.algebra.absolute, nodes[0], at=start)
        if opening == "\\lVert":
            which = ""
            if self.peek() == "_":
                self.at += 1
                which = spell(self.argument())
            return self.combine(lambda value: self.algebra.norm(value, which), nodes[0], at=start)
        return nodes[0]

    def cases(self, parts: list[Token]) -> Node:
        """The value whose condition holds."""
        nodes: list[Node] = []
        for row in split(parts, "\\\\".__eq__)[0]:
            columns = split(row, "&".__eq__)[0]
            if len(columns) != 2:
                self.fail("a case needs a value, '&' and a condition")
            value = columns[0][:-1] if columns[0][-1:] and columns[0][-1].text == "," else columns[0]
            nodes += [self.inner(value).whole(), self.condition(columns[1])]

        return self.combine(lambda *values: self.algebra.cases(values[::2], values[1::2]), *nodes)

    def condition(self, parts: list[Token]) -> Node:
        """A chain of relations."""
        sides, relations = split(parts, COMPARE.__contains__)
        if not relations:
            self.fail("a condition needs a relation")
        nodes = [self.inner(side).whole() for side in sides]

        def holds(*values: Value) -> Value:
            compared = [
                self.algebra.compared(r.text, a, b) for r, (a, b) in zip(relations, pairwise(values), strict=True)
            ]
            return self.algebra.all_hold(compared)

        return self.combine(holds, *nodes)

    def known_function(self) -> Node:
        """A function that the algebra brings, with its argument."""
        start, function = self.at, self.algebra.FUNCTIONS[self.peek()]
        self.at += 1
        exponent: list[Token] = []
        if self.peek() == "^":
            self.at += 1
            exponent = self.argument()
            if not spell(exponent).isdigit():
                self.fail("only a whole power may stand between a function and its argument")
        if self.peek() in ("(", "[", "\\{"):
            node = self.combine(function, *self.listed(self.bracket()), at=start)
        else:
            node = self.combine(function, self.factor(), at=start)
            if self.peek() and self.peek() not in ENDS and self.parts[start + 1].text not in REDUCE:
                self.fail("the argument needs brackets: a further factor follows")
        return self.combine(self.algebra.power, node, self.inner(exponent).whole(), at=start) if exponent else node

    def big_operator(self) -> Node:
        """A sum, product or extreme over an index."""
        start, reduce = self.at, self.reduction(self.peek())
        self.at += 2
        below = self.argument()
        above: list[Token] = []
        if self.peek() == "^":
            self.at += 1
            above = self.argument()
        (left, *right), relations = split(below, COMPARE.__contains__)
        letters = [token.text for token in left if token.text != ","]
        if relations and not above:
            letters += [t.text for side in right for t in side if t.text.isalpha() and t.text not in self.scope]
        ranged = bool(above)
        if not letters or any(len(x) > 1 or not x.isalpha() for x in letters) or len(right) > 1:
            self.fail("cannot read the index", start)
        if ranged != any(r.text == "=" for r in relations) or (ranged and len(letters) > 1):
            self.fail("an index needs both bounds or none", start)
        scoped: dict[str, Value] = dict.fromkeys(letters, LETTER)
        bounds = [self.inner(side).whole() for side in (*right, above)] if ranged else []
        keep = self.inner(below, **scoped).condition(below) if relations and not ranged else None
        rest = self.inner(self.parts[self.at :], **scoped)
        body = rest.term()
        self.at += rest.at

        def run(scope: Scope) -> Value:
            if bounds:
                first, last = (self.algebra.integer(bound.run(scope)) for bound in bounds)
                ranges = [range(first, last + 1)]
            else:
                ranges = [index_range(letter, [body], scope) for letter in letters]
            inside = [
                {**scope, **dict(zip(letters, map(self.algebra.number, at), strict=True))} for at in product(*ranges)
            ]
            values = [body.run(s) for s in inside if keep is None or self.algebra.holds(keep.run(s))]
            if not values:
                raise NoMeaningError("the index has no values")
            result = values[0]
            for value in values[1:]:
                result = reduce(result, value)
            return result

        return self.node(run, (body, *bounds), start, drop=letters)

    def normal_mean(self) -> Node:
        """A mean over a standard normal."""
        self.at += 2
        below = self.argument()
        if len(below) != 1 or self.peek() not in ("[", "("):
            self.fail("the mean needs one letter and a bracket")
        letter = below[0].text
        body = self.inner(self.bracket(), **{letter: FORMAL}).whole()

        def run(scope: Scope) -> Value:
            return self.algebra.normal_mean(lambda nodes: body.run({**scope, letter: nodes}))

        return self.node(run, (body,), self.at)

    def reduction(self, sign: str) -> Callable[[Value, Value], Value]:
        """How a big operator joins two values."""
        joins = {"\\sum": self.algebra.add, "\\prod": self.algebra.multiply}
        return joins[sign] if sign in joins else self.algebra.FUNCTIONS[sign]

    # -- names --------------------------------------------------------------------------------------------------

    def name(self) -> Node | None:
        """The bound name at this place with its index or arguments; None if there is none."""
        base = name_size(self.parts, self.at)
        bound, size = "", 0
        for key in self.scope:
            spelling = texts(key)
            if len(spelling) > size and all(self.peek(k) == text for k, text in enumerate(spelling)):
                bound, size = key, len(spelling)
        if size < base:
            bound, size = "", base
        elif size > base:
            self.at += size
            return self.named(bound)
        if not size:
            return None
        if self.peek(size) == "_":
            return self.element(size)
        if not bound:
            return None
        self.at += size
        return self.named(bound)

    def named(self, key: str) -> Node:
        """The value of a bound name."""
        value = self.scope[key]
        if value is LETTER:
            return Node(lambda scope: scope[key], {key: ()})
        if value is FORMAL or not (callable(value) or isinstance(value, Function)):
            return Node(lambda scope: scope[key])
        if self.peek() != "(" or (isinstance(value, Function) and value.sub):
            self.fail(f"the function '{key}' needs its arguments")
        return self.call(key, self.listed(self.bracket()))

    def call(self, key: str, arguments: list[Node]) -> Node:
        """A function at its arguments."""
        function = self.scope[key]
        if not isinstance(function, Function):
            return self.combine(lambda *values: function(*values), *arguments)
        if len(arguments) != len(function.letters):
            self.fail(f"'{key}' takes {len(function.letters)} arguments")
        # A bound f(x) is one value: the function's own x must not be mistaken for it.
        known = {k: v for k, v in function.scope.items() if "(" not in k or not set(texts(k)) & set(function.letters)}
        body = Parser(
            function.body, {**known, **dict.fromkeys(function.letters, FORMAL)}, self.tex, self.algebra
        ).whole()

        def run(*values: Value) -> Value:
            named = map(self.algebra.named, values)
            return body.run({**function.scope, **dict(zip(function.letters, named, strict=True))})

        return self.combine(run, *arguments)

    def element(self, size: int) -> Node | None:
        """An element of a bound tensor or list, or a function with a subscript."""
        start, name = self.at, self.parts[self.at : self.at + size]
        sub, after = script(self.parts, start + size + 1)
        key = spell(name)
        if after < len(self.parts) and self.parts[after].text == "^":
            _, end = script(self.parts, after + 1)
            raised = spell(name + self.parts[after:end])
            if raised in self.scope:
                key, after = raised, end
        if key not in self.scope:
            return None
        value = self.scope[key]
        if callable(value):
            self.fail(f"the function '{key}' has no elements")
        self.at = after
        if isinstance(value, Function) and value.sub and self.peek() == "(":
            return self.call(key, [self.inner(sub).whole(), *self.listed(self.bracket())])
        return self.entry(Node(lambda scope: scope[key]), key, sub, start)

    def part_of(self, node: Node) -> Node:
        """An element of a value in round brackets."""
        start = self.at
        self.at += 1
        return self.entry(node, "the bracket", self.argument(), start)

    def length(self, value: Value, axis: int) -> int:
        """Size of a value or of a list of them along an axis."""
        if isinstance(value, list):
            return len(value) if axis == 0 else self.length(value[0], axis - 1)
        return self.algebra.length(value, axis)

    def entry(self, whole: Node, name: str, sub: list[Token], start: int) -> Node:
        """The element of a value that a subscript points at."""
        pieces = index_pieces(sub)
        indices = [self.inner(piece).whole() for piece in pieces]
        sizes: dict[str, tuple[Callable[[Scope], int], ...]] = {}

        def size(axis: int, scope: Scope) -> int:
            return self.length(whole.run(scope), axis)

        for axis, piece in enumerate(pieces):
            letter = spell(piece)
            if isinstance(self.scope.get(name), list):  # a recurrence: its first step is number zero
                letter = letter.removesuffix("-1")
            if self.scope.get(letter) is LETTER:
                sizes[letter] = (*sizes.get(letter, ()), partial(size, axis))

        def run(scope: Scope) -> Value:
            item = whole.run(scope)
            for index in indices:
                position = self.algebra.integer(index.run(scope))
                if position == 0 and isinstance(item, list) and f"{name}_0" in scope:
                    item = scope[f"{name}_0"]  # where a recurrence begins
                    continue
                if not 1 <= position <= self.length(item, 0):
                    raise NoMeaningError(f"'{name}' has no element {position}")
                item = item[position - 1]
            return item

        return self.node(run, [whole, *indices, Node(run, sizes)], start)
