r"""Means over random symbols and derivatives, where a derivation may use them (see ``tests.tex.derivations``).

``\mathbb{E}[...]``, ``\operatorname{Var}[...]`` and ``\operatorname{Cov}[a, b]`` are taken over all outcomes of the
random symbols. ``\frac{\partial a}{\partial b}``, ``\frac{\partial^2 a}{\partial b^2}`` and ``\nabla_b f(x)`` are those
of autograd, through everything that ``a`` was computed from; an upright d may stand for the round one. ``b`` is a bound
name or one of its elements, ``(W_l)_{ij}`` where the name has an index itself; ``\nabla f(b)`` is by ``b``. The
derivative of a vector by a vector has a row for each entry of the first. ``\lim_{t \to \infty}`` takes the rest of the
product, whose difference from the limit must have an expansion in 1/t or fall faster, over three decades.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from optnotes.site.tex.algebra import NoMeaningError, Value
from optnotes.site.tex.parser import FORMAL
from optnotes.site.tex.tokens import Token, close, index_pieces, script, spell, split
from tests.tex.values import integer, kind, number

if TYPE_CHECKING:
    from optnotes.site.tex.parser import Node, Parser

FIRST, DOUBLINGS = 16.0, 10  # of the letter that grows: three decades
# Under this name, which no TeX spells, a scope holds the outcomes: a function that returns weights and scopes.
WORLDS = "@worlds"
MOMENTS = {("\\mathbb", "E"): "mean", ("\\operatorname{Var}",): "variance", ("\\operatorname{Cov}",): "covariance"}
ROUND, UPRIGHT = ["\\partial"], ["\\mathrm", "d"]


def read_calculus(parser: "Parser") -> "Node | None":
    """Read what begins here if it is a mean or a derivative."""
    for spelling, moment in MOMENTS.items():
        if all(parser.peek(k) == text for k, text in enumerate((*spelling, "["))):
            parser.at += len(spelling)
            return over_outcomes(parser, moment)
    if parser.peek() == "\\frac":
        start = parser.at
        parser.at += 1
        above, below = differential(parser.argument(), False), differential(parser.argument(), True)
        if above and below:
            if above[1] != below[1]:
                parser.fail("the orders above and below differ", start)
            return derivative(parser, start, above[0], below[0], above[1])
        parser.at = start
    if parser.peek() == "\\nabla":
        return gradient(parser)
    return limit(parser) if parser.peek() == "\\lim" else None


def limit(parser: "Parser") -> "Node":
    """Where the rest of the product tends as a letter grows, by Richardson's extrapolation; the order is checked."""
    start = parser.at
    parser.at += 2
    letter, *end = (spell(part) for part in split(parser.argument(), "\\to".__eq__)[0])
    if end != ["\\infty"]:
        parser.fail("a limit reads: \\lim_{t \\to \\infty}", start)
    rest = parser.inner(parser.parts[parser.at :], **{letter: FORMAL})
    body = rest.term()
    parser.at += rest.at

    def run(scope: Mapping[str, Value]) -> Value:
        row = seen = [tensor(body.run({**scope, letter: number(FIRST * 2**k)})) for k in range(DOUBLINGS + 1)]
        for order in range(1, 5):
            row = [b + (b - a) / (2**order - 1) for a, b in pairwise(row)]
        far = [(each - row[-1]).abs() for each in seen]
        if any((later > 2 * far[0] / 2**k + 1e-12).any() for k, later in enumerate(far)):
            raise NoMeaningError("no limit: the error does not fall like 1/t over three decades")
        return row[-1]

    return parser.node(run, (body,), start)


def gradient(parser: "Parser") -> "Node":
    """The derivative of a factor by the name in the subscript, or by what stands in its last bracket."""
    start, by = parser.at, None
    parser.at += 1
    if parser.peek() == "_":
        parser.at += 1
        by = parser.argument()
    begin = parser.at
    if by:
        parser.factor()
    else:  # a transposition behind it is of the gradient
        parser.atom()
    body = parser.parts[begin : parser.at]
    opening = next((k for k, token in enumerate(body) if token.text == "(" and close(body, k) == len(body) - 1), 0)
    if by is None and not opening:
        parser.fail("a gradient by nothing", start)
    return derivative(parser, start, body, by or body[opening + 1 : -1], 1)


def over_outcomes(parser: "Parser", moment: str) -> "Node":
    """The mean, variance or covariance of what the bracket holds."""
    start, bodies = parser.at, parser.listed(parser.bracket())
    if len(bodies) != (2 if moment == "covariance" else 1):
        parser.fail(f"the {moment} is of something else than {len(bodies)} values", start)
    inner = [name for name, value in parser.scope.items() if type(value) is object]  # letters and formal names

    def run(scope: Mapping[str, Value]) -> Value:
        def mean(function: Any) -> Value:
            found = [weight * function(world) for weight, world in worlds]
            return torch.stack(found).sum(0)

        outside = {name: scope[name] for name in inner if name in scope}
        worlds = [(weight, {**world, **outside}) for weight, world in scope[WORLDS]()]
        values = [lambda world, body=body: tensor(body.run(world)) for body in bodies]
        if moment == "mean":
            return mean(values[0])
        first, second = values[0], values[-1]
        a, b = mean(first), mean(second)
        return mean(lambda world: (first(world) - a) * (second(world) - b))

    return parser.node(run, tuple(bodies), start)


def tensor(value: Value) -> Tensor:
    if not isinstance(value, Tensor):
        raise NoMeaningError(f"the mean of a {kind(value)} has no agreed meaning")
    return value


def differential(parts: list[Token], below: bool) -> tuple[list[Token], int] | None:
    """What stands behind a differential sign, and the order, which below is a power; None if there is no such sign."""
    for sign in (ROUND, UPRIGHT):
        if [token.text for token in parts[: len(sign)]] == sign:
            rest, order = parts[len(sign) :], 1
            if not below and rest and rest[0].text == "^":
                power, end = script(rest, 1)
                rest, order = rest[end:], int(spell(power))
            elif below and len(rest) > 2 and rest[-2].text == "^" and rest[-1].text == "2":
                rest, order = rest[:-2], 2
            return rest, order
    return None


def derivative(parser: "Parser", start: int, of: list[Token], by: list[Token], order: int) -> "Node":
    """The derivative of one expression by a name or an element of it."""
    body, element = parser.inner(of).whole(), parser.inner(by).whole()
    if by[0].text == "(":
        by = by[1 : (end := close(by, 0))] + by[end + 1 :]
    keys = [spell(by[:end]) for end in range(len(by), 0, -1) if spell(by[:end]) in parser.scope]
    if not keys:
        parser.fail(f"a derivative by '{spell(by)}', which is not bound", start)
    key = keys[0]
    rest = by[next(end for end in range(len(by), 0, -1) if spell(by[:end]) == key) :]
    indices: list[Node] = []
    if rest:
        sub, end = script(rest, 1)
        if rest[0].text != "_" or end != len(rest):
            parser.fail(f"cannot read '{spell(rest)}' behind '{key}'", start)
        indices = [parser.inner(piece).whole() for piece in index_pieces(sub)]

    def run(scope: Mapping[str, Value]) -> Value:
        at, where = scope[key], [integer(index.run(scope)) - 1 for index in indices]
        if isinstance(at, list):  # the steps of a recurrence
            at, where = element.run(scope), []
        if not isinstance(at, Tensor):
            raise NoMeaningError(f"no derivative by a {kind(at)}")
        if not at.requires_grad:
            at = at.detach().requires_grad_()
            scope = {**scope, key: at}
        value = tensor(body.run(scope))
        for _ in range(order):
            value = jacobian(value, at)[(..., *where)]
        return value

    return parser.node(run, (body, element), start)


def jacobian(value: Tensor, at: Tensor) -> Tensor:
    """Derivatives of every entry of ``value``; their own derivatives can be taken again."""
    if not value.requires_grad:
        return torch.zeros(value.shape + at.shape, dtype=at.dtype)
    rows = [
        torch.autograd.grad(entry, at, create_graph=True, allow_unused=True, materialize_grads=True)[0]
        for entry in value.reshape(-1)
    ]
    return torch.stack(rows).reshape(value.shape + at.shape)
