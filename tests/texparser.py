"""Turns the tokens of one expression into a value, given the names bound so far (subset: see tests.texreader)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import NoReturn

import torch
from torch import Tensor

from tests import texvalues as tv
from tests.texcalculus import WORLDS, read_calculus
from tests.textokens import CLOSING, TexError, Token, close, index_pieces, name_size, script, spell, split, texts
from tests.texvalues import Value

Scope = Mapping[str, Value]
Extents = Mapping[str, tuple[Callable[[Scope], int], ...]]

LETTER, FORMAL = object(), object()  # stand-ins for an index letter and a function's letter while reading
COMPARE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "=": torch.eq, "\\ne": torch.ne, "<": torch.lt, ">": torch.gt, "\\le": torch.le, "\\ge": torch.ge,
}  # fmt: skip
PRODUCTS = {"\\cdot": tv.dot_multiply, "\\times": tv.dot_multiply, "\\odot": tv.hadamard, "/": tv.divide}
REDUCE: dict[str, Callable[[Value, Value], Value]] = {
    "\\sum": tv.add, "\\prod": tv.multiply, "\\max": tv.FUNCTIONS["\\max"], "\\min": tv.FUNCTIONS["\\min"],
}  # fmt: skip
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


def length(value: Value, axis: int) -> int:
    """Size of a tensor or list along an axis."""
    if isinstance(value, list):
        return len(value) if axis == 0 else length(value[0], axis - 1)
    if not isinstance(value, Tensor) or axis >= value.ndim:
        raise TexError(f"a {tv.kind(value)} has no index number {axis + 1}")
    return value.shape[axis]


class Parser:
    """Recursive descent over the tokens of one expression; ``scope`` decides which names exist."""

    def __init__(self, parts: list[Token], scope: Scope, tex: str) -> None:
        self.parts, self.scope, self.tex, self.at = parts, scope, tex, 0

    # -- helpers ------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        position = self.at + ahead
        return self.parts[position].text if position < len(self.parts) else ""

    def fail(self, message: str, at: int | None = None, error: type[TexError] = TexError) -> NoReturn:
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
        place = self.at if at is None else at
        return self.node(lambda scope: function(*(part.run(scope) for part in parts)), parts, place)

    def inner(self, parts: list[Token], **more: Value) -> "Parser":
        if not parts:
            self.fail("nothing to read")
        return Parser(parts, {**self.scope, **more} if more else self.scope, self.tex)

    def argument(self) -> list[Token]:
        parts, self.at = script(self.parts, self.at)
        return parts

    def bracket(self) -> list[Token]:
        end = close(self.parts, self.at)
        parts, self.at = self.parts[self.at + 1 : end], end + 1
        return parts

    def listed(self, parts: list[Token]) -> list[Node]:
        return [self.inner(piece).whole() for piece in split(parts, ",".__eq__)[0]]

    # -- grammar ------------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        """An expression that takes all tokens."""
        node = self.expression()
        if self.at < len(self.parts):
            self.fail(f"cannot read '{self.peek()}'")
        return node

    def expression(self) -> Node:
        minus = self.peek() == "-"
        self.at += minus
        node = self.term()
        if minus:
            node = self.combine(tv.negate, node)
        while self.peek() in ("+", "-"):
            start, plus = self.at, self.peek() == "+"
            self.at += 1
            term = self.term()
            node = self.combine(tv.add, node, term if plus else self.combine(tv.negate, term), at=start)
        return node

    def term(self) -> Node:
        node, divided = self.factor(), False
        while self.at < len(self.parts):
            start, sign = self.at, self.peek()
            if sign in PRODUCTS:
                self.at += 1
                node, divided = self.combine(PRODUCTS[sign], node, self.factor(), at=start), sign == "/"
            elif sign in ENDS:
                break
            elif divided:
                self.fail("a factor right after a quotient could belong to either side")
            else:
                node = self.combine(tv.multiply, node, self.factor(), at=start)
        return node

    def factor(self) -> Node:
        node = self.atom()
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
            return self.combine(tv.transpose, node, at=start)
        return self.combine(tv.power, node, self.inner(exponent).whole(), at=start)

    def atom(self) -> Node:
        text = self.peek()
        if not text:
            self.fail("an expression ends too early")
        if (known := self.name()) is not None:
            return known
        if WORLDS in self.scope and (known := read_calculus(self)) is not None:
            return known
        if text.isdigit():
            return self.number()
        if text in REDUCE and self.peek(1) == "_":
            return self.big_operator()
        if text in tv.FUNCTIONS:
            return self.known_function()
        if text in CLOSING:
            return self.bracketed()
        start = self.at
        self.at += 1
        match text:
            case "\\pi":
                return Node(lambda _: tv.number(math.pi))
            case "e":
                return Node(lambda _: tv.number(math.e))
            case "I":
                return Node(lambda _: tv.Eye(tv.number(1.0)))
            case "\\mathbf" if self.peek() == "1":
                self.at += 1
                return Node(lambda _: tv.Ones(tv.number(1.0)))
            case "\\frac":
                above, below = self.argument(), self.argument()
                return self.combine(tv.divide, self.inner(above).whole(), self.inner(below).whole(), at=start)
            case "\\sqrt":
                return self.combine(tv.elementwise(torch.sqrt), self.inner(self.argument()).whole(), at=start)
            case "\\mathbb" if self.peek() == "1" and self.peek(1) == "[":
                self.at += 1
                return self.combine(torch.Tensor.double, self.condition(self.bracket()))
            case "\\mathbb" if self.peek() == "E" and self.peek(1) == "_":
                return self.normal_mean()
        if size := name_size(self.parts, start):
            self.fail(f"'{spell(self.parts[start : start + size])}' is not bound", start, UnboundName)
        self.fail(f"cannot read '{text}'", start)

    def number(self) -> Node:
        digits = ""
        while self.peek().isdigit() or (self.peek() == "." and self.peek(1).isdigit() and "." not in digits):
            digits += self.peek()
            self.at += 1
        return Node(lambda _: tv.number(float(digits)))

    def bracketed(self) -> Node:
        start, opening = self.at, self.peek()
        parts = self.bracket()
        if opening == "\\begin{cases}":
            return self.cases(parts)
        nodes = self.listed(parts)
        if opening == "[" and len(nodes) == 2:
            return self.combine(tv.Interval, *nodes)
        if len(nodes) > 1 or opening == "{":
            self.fail("cannot read this bracket", start)
        if opening == "\\{":
            return self.combine(lambda value: tv.Interval(value, value), nodes[0])
        if opening == "\\lvert":
            return self.combine(tv.absolute, nodes[0], at=start)
        if opening == "\\lVert":
            which = ""
            if self.peek() == "_":
                self.at += 1
                which = spell(self.argument())
            return self.combine(lambda value: tv.norm(value, which), nodes[0], at=start)
        return nodes[0]

    def cases(self, parts: list[Token]) -> Node:
        nodes: list[Node] = []
        for row in split(parts, "\\\\".__eq__)[0]:
            columns = split(row, "&".__eq__)[0]
            if len(columns) != 2:
                self.fail("a case needs a value, '&' and a condition")
            value = columns[0][:-1] if columns[0][-1:] and columns[0][-1].text == "," else columns[0]
            nodes += [self.inner(value).whole(), self.condition(columns[1])]

        def choose(*values: Value) -> Value:
            conditions = values[1::2]
            if not (sum(condition.int() for condition in conditions) == 1).all():
                raise tv.NoMeaningError("exactly one case must hold")
            result = values[0]
            for value, condition in zip(values[2::2], conditions[1:], strict=True):
                result = tv.choose(condition, value, result)
            return result

        return self.combine(choose, *nodes)

    def condition(self, parts: list[Token]) -> Node:
        sides, relations = split(parts, COMPARE.__contains__)
        if not relations:
            self.fail("a condition needs a relation")
        nodes = [self.inner(side).whole() for side in sides]

        def holds(*values: Value) -> Tensor:
            results = [COMPARE[r.text](*pair) for r, pair in zip(relations, pairwise(values), strict=True)]
            return torch.stack(torch.broadcast_tensors(*results)).all(0)

        return self.combine(holds, *nodes)

    def known_function(self) -> Node:
        start, function = self.at, tv.FUNCTIONS[self.peek()]
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
        return self.combine(tv.power, node, self.inner(exponent).whole(), at=start) if exponent else node

    def big_operator(self) -> Node:
        start, reduce = self.at, REDUCE[self.peek()]
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
                first, last = (tv.integer(bound.run(scope)) for bound in bounds)
                ranges = [range(first, last + 1)]
            else:
                ranges = [index_range(letter, [body], scope) for letter in letters]
            inside = [{**scope, **dict(zip(letters, map(tv.number, at), strict=True))} for at in product(*ranges)]
            values = [body.run(s) for s in inside if keep is None or keep.run(s).item()]
            if not values:
                raise tv.NoMeaningError("the index has no values")
            result = values[0]
            for value in values[1:]:
                result = reduce(result, value)
            return result

        return self.node(run, (body, *bounds), start, drop=letters)

    def normal_mean(self) -> Node:
        self.at += 2
        below = self.argument()
        if len(below) != 1 or self.peek() not in ("[", "("):
            self.fail("the mean needs one letter and a bracket")
        letter = below[0].text
        body = self.inner(self.bracket(), **{letter: FORMAL}).whole()
        nodes = Node(lambda scope: body.run({**scope, letter: tv.NORMAL_NODES}), body.extents)
        return self.combine(tv.normal_mean, nodes)

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
        value = self.scope[key]
        if value is LETTER:
            return Node(lambda scope: scope[key], {key: ()})
        if value is FORMAL or not (callable(value) or isinstance(value, Function)):
            return Node(lambda scope: scope[key])
        if self.peek() != "(" or (isinstance(value, Function) and value.sub):
            self.fail(f"the function '{key}' needs its arguments")
        return self.call(key, self.listed(self.bracket()))

    def call(self, key: str, arguments: list[Node]) -> Node:
        function = self.scope[key]
        if not isinstance(function, Function):
            return self.combine(lambda *values: function(*values), *arguments)
        if len(arguments) != len(function.letters):
            self.fail(f"'{key}' takes {len(function.letters)} arguments")
        # A bound f(x) is one value: the function's own x must not be mistaken for it.
        known = {k: v for k, v in function.scope.items() if "(" not in k or not set(texts(k)) & set(function.letters)}
        body = Parser(function.body, {**known, **dict.fromkeys(function.letters, FORMAL)}, self.tex).whole()

        def run(*values: Value) -> Value:
            return body.run({**function.scope, **dict(zip(function.letters, values, strict=True))})

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
        pieces = index_pieces(sub)
        indices = [self.inner(piece).whole() for piece in pieces]
        sizes: dict[str, tuple[Callable[[Scope], int], ...]] = {}
        for axis, piece in enumerate(pieces):
            letter = spell(piece)
            if self.scope.get(letter) is LETTER:
                sizes[letter] = (*sizes.get(letter, ()), lambda scope, axis=axis: length(scope[key], axis))

        def run(scope: Scope) -> Value:
            item = scope[key]
            for index in indices:
                position = tv.integer(index.run(scope))
                if not 1 <= position <= length(item, 0):
                    raise tv.NoMeaningError(f"'{key}' has no element {position}")
                item = item[position - 1]
            return item

        return self.node(run, [*indices, Node(run, sizes)], start)
