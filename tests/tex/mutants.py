"""Small errors planted in an equation: what a misprint in the TeX of a formula would look like."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from optnotes.site.tex.parser import COMPARE
from optnotes.site.tex.tokens import CLOSING, Token, close, name_size, script, spell, split, texts, tokens
from tests.tex.values import FUNCTIONS, Value, kind

BREAKS = {"\\\\", "\\quad", "\\qquad", "&"}
OPENERS = {*CLOSING, *COMPARE, *BREAKS, ",", "_", "^"}
SWAPS = {
    "\\max": "\\min", "\\min": "\\max", "\\sum": "\\prod", "\\prod": "\\sum", "\\log": "\\exp", "\\exp": "\\log",
    "\\tanh": "\\sin", "\\sin": "\\cos", "\\cos": "\\sin", "\\cosh": "\\sinh", "\\Phi": "\\varphi", "\\varphi": "\\Phi",
    "\\psi": "\\log", "\\operatorname{sign}": "", "\\operatorname{erf}": "\\tanh", "\\operatorname{diag}": "",
    "\\operatorname{tr}": "", "\\operatorname{softmax}": "", "\\operatorname{rank}": "\\operatorname{tr}",
}  # fmt: skip
STRICT = {"<": ("\\le", ">"), ">": ("\\ge", "<"), "\\le": ("<", "\\ge"), "\\ge": (">", "\\le")}
STRICT |= {"=": ("\\ne",), "\\ne": ("=",)}
NORMS = {"1": "2", "2": "1", "\\infty": "2", "F": "2"}


@dataclass(frozen=True)
class Mutant:
    """A changed equation; ``label`` shows the change with a little of what stands around it."""

    label: str
    tex: str


@dataclass(frozen=True)
class Name:
    """A name with its index on a right side: tokens from ``start`` to ``end``, without a superscript."""

    start: int
    end: int
    key: str
    sub: int  # position of the index in it, 0 if none


class Equation:
    """The tokens of an equation, with the places that may be changed: on its right sides, or else on its left."""

    def __init__(self, tex: str, values: Mapping[str, Value], left: bool = False) -> None:
        self.parts, self.values, self.left = tokens(tex), values, left
        self.inside: set[int] = set()  # tokens within a name
        self.arguments: set[int] = set()  # tokens that are a whole argument: a replacement needs braces
        self.right: set[int] = set()  # tokens on right sides, or on the left one with its relation
        self.indices: set[int] = set()  # tokens within subscripts
        self.letters: set[str] = set()  # index letters
        self.known_from: dict[str, int] = {}  # left side -> end of its statement
        self._arguments()
        self._right()
        self.names = list(self._names())

    def _arguments(self) -> None:
        for position, token in enumerate(self.parts):
            after = position + 1
            if token.text == "_":
                self.indices |= set(range(after, script(self.parts, after)[1]))
            for _ in range({"\\frac": 2, "\\sqrt": 1, "_": 1, "^": 1}.get(token.text, 0)):
                piece, end = script(self.parts, after)
                if len(piece) == 1 and end == after + 1:
                    self.arguments.add(after)
                after = end

    def _right(self) -> None:
        place = {id(token): position for position, token in enumerate(self.parts)}
        for piece in filter(None, split(self.parts, (BREAKS - {"&"}).__contains__)[0]):
            sides, relations = split(piece, COMPARE.__contains__)
            begin = len(sides[0]) + 1 if relations else 0
            self.right |= {place[id(token)] for token in (piece[:begin] if self.left else piece[begin:])}
            left = [token for token in piece[: max(begin - 1, 0)] if token.text != "&"]
            for name in (spell(left), spell(left[: name_size(left)]) if left else ""):
                self.known_from.setdefault(name, place[id(piece[-1])])

    def _names(self) -> Iterator[Name]:
        keys = sorted((texts(key) for key in self.values), key=len, reverse=True)
        position = 0
        while position < len(self.parts):
            ahead = tuple(token.text for token in self.parts[position:])
            base = name_size(self.parts, position)
            whole = next((len(key) for key in keys if key == ahead[: len(key)] and len(key) >= base), 0)
            size = max(base, whole)
            if not size:
                position += 1
                continue
            end, sub = position + size, 0
            if whole <= base and ahead[size : size + 1] == ("_",):
                _, end = script(self.parts, end + 1)
                sub = position + size + 1
                self.letters |= {t.text for t in self.parts[sub:end] if len(t.text) == 1 and t.text.isalpha()}
            self.inside |= set(range(position + 1, sub - 1 if sub else end))
            constant = spell(self.parts[position:end]) in ("e", "I") or self.parts[position - 1].text == "\\mathbb"
            if position in self.right and position not in self.indices and not constant:
                yield Name(position, end, spell(self.parts[position : position + size]), sub)
            position = sub or end

    def replaced(self, start: int, end: int, new: str) -> Mutant:
        """The equation with ``new`` for the tokens from ``start`` to ``end``."""
        if end == start + 1 and start in self.arguments:
            new = f"{{{new}}}"
        around = spell(self.parts[max(0, start - 2) : start]), spell(self.parts[end : end + 2])
        old = spell(self.parts[start:end])
        label = f"{around[0]} [{old} -> {new}] {around[1]}"
        return Mutant(label, f"{spell(self.parts[:start])} {new} {spell(self.parts[end:])}")

    def places(self) -> Iterator[tuple[int, Token]]:
        """Tokens on right sides outside names."""
        return ((i, token) for i, token in enumerate(self.parts) if i in self.right and i not in self.inside)


def signs(equation: Equation) -> Iterator[Mutant]:
    """Plus for minus, minus for plus, a leading minus dropped; one term dropped."""
    parts = equation.parts
    for i, token in equation.places():
        if token.text not in ("+", "-"):
            continue
        leading = parts[i - 1].text in OPENERS
        yield equation.replaced(i, i + 1, "" if leading else "-" if token.text == "+" else "+")
        if leading:
            continue
        end = i + 1
        while end < len(parts) and parts[end].text not in {"+", "-", *COMPARE, *BREAKS, ",", *CLOSING.values()}:
            end = close(parts, end) + 1 if parts[end].text in CLOSING else end + 1
        yield equation.replaced(i, end, "")
        start, depth = i, 0
        while depth or parts[start - 1].text not in (OPENERS - {"_", "^"}) | {"+", "-"}:
            start -= 1
            depth += (parts[start].text in CLOSING.values()) - (parts[start].text in CLOSING)
        if parts[start - 1].text not in ("+", "-"):  # the first term of a sum
            yield equation.replaced(start, i + (token.text == "+"), "")


def numbers(equation: Equation) -> Iterator[Mutant]:
    """Every number changed in its last digit, or in the sixth if it has more."""
    texts_ = [token.text for token in equation.parts]
    for i, token in equation.places():
        special = texts_[i - 1] in ("\\mathbb", "\\mathbf") or texts_[i - 2] == "\\rVert"
        if not token.text.isdigit() or special or texts_[i - 1].isdigit() or texts_[i - 1] == ".":
            continue
        end = i + 1
        while end < len(texts_) and i not in equation.arguments and (texts_[end].isdigit() or texts_[end] == "."):
            end += 1
        old = "".join(texts_[i:end])
        at = min(len(old), 7) - 1
        yield equation.replaced(i, end, f"{old[:at]}{(int(old[at]) + 1) % 10 or 8}{old[at + 1 :]}")


def fractions(equation: Equation) -> Iterator[Mutant]:
    """The denominator dropped; above and below exchanged."""
    for i, token in equation.places():
        if token.text == "\\frac":
            above, middle = script(equation.parts, i + 1)
            below, end = script(equation.parts, middle)
            yield equation.replaced(i, end, f"( {spell(above)} )")
            yield equation.replaced(i, end, f"\\frac{{ {spell(below)} }}{{ {spell(above)} }}")
        elif token.text == "\\sqrt":
            under, end = script(equation.parts, i + 1)
            yield equation.replaced(i, end, f"( {spell(under)} )")


def superscripts(equation: Equation) -> Iterator[Mutant]:
    """A power or a transposition dropped."""
    for i, token in equation.places():
        if token.text == "^" and equation.parts[i - 1].text != "e" and not _of_big_operator(equation.parts, i):
            yield equation.replaced(i, script(equation.parts, i + 1)[1], "")


def _of_big_operator(parts: list[Token], at: int) -> bool:
    """Whether the superscript at this place is the upper bound of a sum or product."""
    start = at - 1
    if parts[start].text == "}":
        depth = 1
        while depth:
            start -= 1
            depth += {"}": 1, "{": -1}.get(parts[start].text, 0)
    return start >= 2 and parts[start - 1].text == "_" and parts[start - 2].text in ("\\sum", "\\prod")


def brackets(equation: Equation) -> Iterator[Mutant]:
    """A factor in round brackets dropped."""
    parts = equation.parts
    functions = {name.end for name in equation.names if kind(equation.values.get(name.key)) == "function"}
    for i, token in equation.places():
        before = parts[i - 1].text
        factor = before in {"}", ")", "\\rvert", "\\cdot"} or before[-1].isalnum()
        if token.text == "(" and factor and before not in FUNCTIONS and i not in functions:
            yield _without(equation, i, close(parts, i) + 1)


def _without(equation: Equation, start: int, end: int) -> Mutant:
    """The equation without a factor, its superscript and the product sign beside it."""
    parts = equation.parts
    if end < len(parts) and parts[end].text == "^":
        _, end = script(parts, end + 1)
    if parts[start - 1].text in ("\\cdot", "\\odot"):
        start -= 1
    elif end < len(parts) and parts[end].text in ("\\cdot", "\\odot"):
        end += 1
    return equation.replaced(start, end, "")


def words(equation: Equation) -> Iterator[Mutant]:
    """One function or operator for another, one norm for another, bars dropped, an upper bound one less."""
    parts = equation.parts
    for i, token in equation.places():
        if token.text in SWAPS:
            yield equation.replaced(i, i + 1, SWAPS[token.text])
        elif token.text == "\\lvert":
            end = close(parts, i)
            yield equation.replaced(i, end + 1, f"( {spell(parts[i + 1 : end])} )")
        elif token.text == "\\rVert" and i + 2 < len(parts) and parts[i + 1].text == "_" and parts[i + 2].text in NORMS:
            yield equation.replaced(i + 2, i + 3, NORMS[parts[i + 2].text])
        elif token.text == "^" and _of_big_operator(parts, i):
            above, end = script(parts, i + 1)
            less = f"{spell(above)} - 1"
            yield equation.replaced(i + 1, end, less if i + 1 in equation.arguments else f"{{ {less} }}")


def relations(equation: Equation) -> Iterator[Mutant]:
    """A condition or bound with another relation."""
    depth: list[int] = []
    for i, token in enumerate(equation.parts):
        if token.text == "\\begin{cases}" or (token.text == "[" and equation.parts[i - 2].text == "\\mathbb"):
            depth.append(close(equation.parts, i))
        condition = bool(depth) and i < depth[-1]
        if i not in equation.right or token.text not in STRICT:
            continue
        if condition:
            yield from (equation.replaced(i, i + 1, other) for other in STRICT[token.text])
        elif token.text != "=":
            yield equation.replaced(i, i + 1, STRICT[token.text][1])


def symbols(equation: Equation, complements: Iterable[str]) -> Iterator[Mutant]:
    """A name halved, complemented, dropped, exchanged for another of its kind, or with another index."""
    parts, values = equation.parts, equation.values
    tensors = [key for key in values if kind(values[key]) in ("scalar", "vector", "matrix", "array")]
    used = {name.key for name in equation.names}
    for name in equation.names:
        old = spell(parts[name.start : name.end])
        value = values.get(name.key)
        if kind(value) == "function" and value is not None:
            others = [k for k in used if k != name.key and k in values and kind(values[k]) == "function"]
            yield from (equation.replaced(name.start, name.end, other) for other in ("", *others[:1]))
            continue
        if value is None and name.key in FUNCTIONS:
            continue
        if (meets := _only_sign_counts(parts, name)) is None:
            yield equation.replaced(name.start, name.end, f"\\frac{{ {old} }}{{2}}")
        elif meets:
            yield equation.replaced(name.start, name.end, f"(-{old})")
        if name.key in complements:
            yield equation.replaced(name.start, name.end, f"(1 - {old})")
        neighbours = [parts[k].text if 0 <= k < len(parts) else "," for k in (name.start - 1, name.end)]
        ends = {*CLOSING.values(), *COMPARE, *BREAKS, "+", "-", ","}
        alone = neighbours[0] in OPENERS | {"+", "-", "/"} and neighbours[1] in ends | {"^", "/"}
        if not alone and name.start not in equation.arguments:
            yield _without(equation, name.start, name.end)
        if name.key in tensors:
            shape = values[name.key].shape
            bound = [key for key in tensors if key in used and equation.known_from.get(key, 0) <= name.start]
            alike = [key for key in bound if key != name.key and values[key].shape == shape]
            later = [k for k in alike if tensors.index(k) > tensors.index(name.key)] or alike
            size = name.sub - 1 if name.sub else name.end
            yield from (equation.replaced(name.start, size, other) for other in later[:1])
        if name.sub:
            yield from _indices(equation, name)
    for i, token in equation.places():
        if token.text == "1" and spell(parts[i + 1 : i + 2]) == "-" and spell(parts[i + 2 : i + 3]) in complements:
            yield equation.replaced(i, i + 3, parts[i + 2].text)


def _only_sign_counts(parts: list[Token], name: Name) -> bool | None:
    """None in general; where halving changes nothing: whether a change of sign does."""
    texts_ = ["", *(token.text for token in parts), "", ""]
    before, after, next_ = texts_[name.start], texts_[name.end + 1], texts_[name.end + 2]
    if (before, after) == ("(", ")") and texts_[name.start - 1] == "\\operatorname{sign}":
        return True
    if before in ("[", "&") and after in COMPARE and next_ == "0":
        return after not in ("=", "\\ne")
    return None


def _indices(equation: Equation, name: Name) -> Iterator[Mutant]:
    sub, end = script(equation.parts, name.sub)
    letters = [token.text for token in sub]
    if len(letters) == 2 and letters[0] != letters[1] and all(len(x) == 1 and x.isalpha() for x in letters):
        yield equation.replaced(name.sub, end, f"{{{letters[1]}{letters[0]}}}")
    elif len(letters) == 1 and letters[0].isalpha():
        others = sorted(equation.letters - set(letters) - set(equation.values))
        yield from (equation.replaced(name.sub, end, other) for other in others[:1])
    elif len(letters) > 1 and not all(len(x) == 1 and x.isalpha() for x in letters):
        yield equation.replaced(name.sub, end, letters[0])


def line_mutants(tex: str, values: Mapping[str, Value], complements: Iterable[str], names: bool) -> list[Mutant]:
    """All small errors in a line; its left side and first relation have some, too, unless it ``names`` something."""
    right = mutants(tex, values, complements)
    # The comma, which no reader minds, is what an operator finds before the first token.
    return right if names else right + mutants(f"{tex} ,", values, complements, left=True)


def mutants(tex: str, values: Mapping[str, Value], complements: Iterable[str], left: bool = False) -> list[Mutant]:
    """All small errors; ``values`` are the names in the equation, ``complements`` those that are probabilities."""
    equation = Equation(tex, values, left)
    operators: tuple[Callable[[Equation], Iterator[Mutant]], ...] = (
        signs, numbers, fractions, superscripts, brackets, words, relations,
    )  # fmt: skip
    found = [mutant for operator in operators for mutant in operator(equation)]
    found += symbols(equation, set(complements))
    labelled: dict[str, Mutant] = {}
    for mutant in found:
        count = sum(label.split(" #")[0] == mutant.label for label in labelled)
        label = f"{mutant.label} #{count + 1}" if count else mutant.label
        labelled[label] = Mutant(label, mutant.tex)
    return list(labelled.values())
