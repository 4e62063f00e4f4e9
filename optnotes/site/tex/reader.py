r"""Reads an equation's TeX and computes its values with an algebra. Whatever has no single reading is refused.

Statements are separated by ``\\``, ``\quad`` or ``\qquad`` (``aligned`` and ``&`` are layout; a comma or full stop
at the end is dropped; a line that opens with a relation or a plus goes on with the statement before it). Names may be
defined behind the statement that uses them. A statement is a chain of sides with ``=``, ``\le``, ``\ge``, ``<`` or
``>``; all neighbours are compared.

Left sides. If the first side can be read as a value, it takes part in the comparison. Otherwise it is a new name,
spelled as it stands (``\hat{w}``, ``\mathcal{L}_\lambda(w)``, ``\mathbb{E}[\tilde{h}_i]``), and equals the next side;
after ``\le`` or ``\ge`` the new name is bound to the bound. Index letters of the left side that index something on the
right mean "for every element": ``y_i = x_i^2`` makes the vector ``y``. ``f(x) = ...`` and ``S_\tau(v) = ...`` also
define functions of the letters shown; with ``\tau`` bound and ``v`` new, ``S_\tau`` is the name.

Names. The longest bound spelling wins: with ``w_t`` bound, ``w_t`` is that name; with only ``w`` bound, ``w_t``
is its element number t. Hence ``\nabla \mathcal{L}(w)`` may be one name. A name is a Latin or Greek letter, with an
accent (``\hat \tilde \bar \mathcal \mathbf`` ...) and primes. Elements are counted from 1; ``x_{ij}`` and ``x_{i,j}``
have two indices, ``x_{i+1}`` one, ``W_l`` of a matrix is a row; ``(X w)_i`` is an element of a bracket. Bound names
come before constants and known functions.

Constants: numbers, ``\pi``, ``e``, the identity ``I`` and the vector of ones ``\mathbf{1}`` (of the size they meet).

Operations, from loose to tight: ``+ -``; products (side by side, ``\cdot``, ``\times``, ``\odot``, ``/``), from left
to right; powers. Side by side is the product of linear algebra; of two vectors it is entry by entry. After ``a / b`` no
factor may follow side by side. ``^\top`` transposes; a power acts on the entries of a vector and on a square matrix as
a whole (``^{-1}``: inverse, ``^{-1/2}``: symmetric root). A scalar may be added to a vector, not to a matrix.
``\frac \tfrac \dfrac \sqrt``, ``\lvert x \rvert``, ``\lVert x \rVert_1 _2 _\infty`` (vectors, 2 if left out) and
``_2 _F`` (matrices).

Functions: ``\exp \log \ln \sin \cos \tanh \cosh \sinh``, ``\Phi``, ``\varphi`` (standard normal distribution
function and density), ``\psi`` (digamma), ``\max(a, b)``, ``\min(a, b)`` (of one vector: over its entries),
``\operatorname{...}`` for sign, erf, diag (of a matrix: its diagonal part), tr, rank, softmax, clip, cov, Var, corr
(divided by n). Without brackets the argument is one factor, and a further one may not follow.
``\tanh^2 x`` and ``\tanh(x)^2`` are the square of the value. Functions act on scalars and on the entries of vectors.

Big operators take the rest of the product: ``\sum_{i=1}^{n}``, ``\prod_{k=1}^{L}`` (from left to right), ``\sum_i``,
``\max_i``, ``\min_i`` (over all values of the index), ``\sum_{j \ne i}``. ``\mathbb{E}_u[...]`` is the mean over a
standard normal u. ``\mathbb{1}[x > 0]`` is one where the condition holds, else zero; in ``cases`` exactly one
condition must hold. ``[a, b]`` is an interval, ``\{a\}`` the interval from a to a.
"""

from collections.abc import Mapping
from itertools import pairwise

from optnotes.site.tex.algebra import Algebra, Value
from optnotes.site.tex.parser import COMPARE, LETTER, Function, Node, Parser, Scope, UnboundName, index_range
from optnotes.site.tex.tokens import TexError, Token, close, name_size, normalise, script, spell, split, tokens


class Reader:
    """Runs the statements of one equation over the names bound so far."""

    def __init__(self, tex: str, bindings: Mapping[str, object], algebra: Algebra) -> None:
        self.tex, self.algebra = tex, algebra
        self.scope: dict[str, Value] = {normalise(name): algebra.bound(name, value) for name, value in bindings.items()}
        self.results: dict[str, Value] = {}
        waiting = self.statements()
        while waiting:
            waiting = self.run(waiting)

    def run(self, statements: list[list[Token]]) -> list[list[Token]]:
        """Run statements in their order; return those that use a name which another one must define first."""
        waiting, reason = [], None
        for parts in statements:
            scope = dict(self.scope)
            try:
                self.statement(parts)
            except UnboundName as error:
                self.scope = scope
                waiting.append(parts)
                reason = reason or error
        if reason and len(waiting) == len(statements):
            raise reason
        return waiting

    def statements(self) -> list[list[Token]]:
        """The statements without layout and final punctuation."""
        found: list[list[Token]] = []
        for piece in split(tokens(self.tex), {"\\\\", "\\quad", "\\qquad"}.__contains__)[0]:
            row = [token for part in split(piece, "&".__eq__)[0] for token in part]
            if row and row[0].text in {*COMPARE, "+"} and found:
                found[-1] += row
            elif row:
                found.append(row)
        return [row[:-1] if row[-1].text in (",", ".", ";") else row for row in found]

    def statement(self, parts: list[Token]) -> None:
        """Run one statement: compare its sides, or bind what it defines."""
        sides, relations = split(parts, COMPARE.__contains__)
        if not relations or not all(sides):
            raise TexError(f"a statement needs a relation between two sides at {parts[0].at}: {spell(parts)!r}")
        left = sides[0]
        if self.function(left, sides[1:], relations):
            return
        candidates = self.index_letters(left)
        nodes = [self.side(side, candidates, side is left) for side in sides]
        known = [node for node in nodes if node is not None]
        free = [letter for letter in candidates if any(letter in node.extents for node in known)]
        ranges = {letter: index_range(letter, known, self.scope) for letter in free}
        values = [self.spread(node, ranges, self.scope) for node in known]
        new = nodes[0] is None
        for relation, (a, b) in zip(relations[1 if new else 0 :], pairwise(values), strict=True):
            self.algebra.check(relation, a, b)
        if new:
            values[0] = self.algebra.named(values[0])
        if new and spell(left) in self.results:
            self.algebra.check(relations[0], self.results[spell(left)], values[0])
        self.results[spell(left)] = values[0]
        if new:
            self.bind(left, values[0], free)

    def side(self, side: list[Token], letters: list[str], first: bool) -> Node | None:
        """How to compute a side; None for a new name."""
        size = name_size(side)
        bound = {spell(side[:size]), spell(side)} & self.scope.keys()
        if first and size and not bound and self.scripts_only(side, size):
            return None
        try:
            return self.parser(side, dict.fromkeys(letters, LETTER)).whole()
        except TexError:
            if first:
                return None
            raise

    def parser(self, parts: list[Token], more: Scope) -> Parser:
        """A parser of an expression that also knows more names."""
        return Parser(parts, {**self.scope, **more}, self.tex, self.algebra)

    @staticmethod
    def scripts_only(side: list[Token], position: int) -> bool:
        """Whether nothing but scripts follows."""
        while position < len(side) and side[position].text in ("_", "^"):
            _, position = script(side, position + 1)
        return position == len(side)

    def index_letters(self, left: list[Token]) -> list[str]:
        """Unbound letters in the subscripts of a left side, in their order."""
        found: dict[str, None] = {}
        for position, token in enumerate(left):
            if token.text == "_":
                sub, _ = script(left, position + 1)
                if all(t.text == "," or (len(t.text) == 1 and t.text.isalpha()) for t in sub):
                    found |= {t.text: None for t in sub if t.text != ","}
        return [letter for letter in found if letter not in self.scope]

    def spread(self, node: Node, ranges: Mapping[str, range], scope: Scope) -> Value:
        """The value for every choice of the free letters."""
        if not ranges:
            return node.run(scope)
        (letter, values), *rest = ranges.items()
        return self.algebra.stack(
            [self.spread(node, dict(rest), {**scope, letter: self.algebra.number(value)}) for value in values]
        )

    def bind(self, left: list[Token], value: Value, free: list[str]) -> None:
        """Make a new name known: as it stands, or without its free index letters."""
        size, key = name_size(left), spell(left)
        if not free:
            self.scope[key] = value
        elif size and left[size].text == "_" and self.scripts_only(left, size):
            sub, after = script(left, size + 1)
            if [token.text for token in sub if token.text != ","] == free:
                base = spell(left[:size] + left[after:])
                if base in self.scope:
                    raise TexError(f"'{base}' is already bound, so '{key}' cannot be its elements")
                self.scope[base] = self.results[base] = value

    def function(self, left: list[Token], sides: list[list[Token]], relations: list[Token]) -> bool:
        """Define a function if the left side reads f(x) or S_a(x); True if that is all the statement does."""
        size = name_size(left)
        if size and left[0].text in self.algebra.FUNCTIONS and left[0].text not in self.scope:
            return False  # known already: its value is compared
        sub: list[Token] = []
        after = size
        if size and after < len(left) and left[after].text == "_":
            sub, after = script(left, size + 1)
        if not size or after >= len(left) or left[after].text != "(" or close(left, after) != len(left) - 1:
            return False
        names = [*([sub] if sub else []), *split(left[after + 1 : -1], ",".__eq__)[0]]
        if relations[0].text != "=" or any(not name or name_size(name) != len(name) for name in names):
            return False
        letters, key = tuple(spell(name) for name in names), spell(left[:size])
        new = [letter for letter in letters if letter not in self.scope]
        if new and sub and spell(sub) not in new:  # a known subscript is a part of the name
            letters, key, sub = letters[1:], spell(left[:after]), []
        if key not in self.scope:
            self.scope[key] = Function(letters, bool(sub), sides[0], dict(self.scope))
        if new and len(sides) > 1:
            raise TexError(f"the definition of '{key}' has more than one right side at {relations[1].at}")
        return bool(new)
