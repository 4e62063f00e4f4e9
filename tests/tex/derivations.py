r"""Checks a derivation line by line, at values drawn for its symbols.

A line is read by ``tests.tex.reader``; one that begins with a relation goes on from the last side of the line before.
What may stand in a line depends on its kind:

- definition: the first side is a new name, which is bound to the second;
- recurrence: ``h_k = f(h_{k-1}), \quad k = 1, \dots, n`` with ``h_0`` given;
- formula: the equation of a formula of the site, pulled from its home; the last one must meet a bound name;
- equality, bound: all sides are known already, and the relations between them hold;
- derivative: likewise, with a derivative in it, which autograd takes;
- attained: a bound \le between positive numbers, which a search over all values that the laws allow cannot break and
  comes up to; uniform laws give the edges of that search;
- limit: an equality with ``\lim_{t \to \infty} f(t)`` in it;
- mean: likewise, with a mean, variance or covariance in it, over all outcomes of the random symbols;
- minimum: ``\hat{w} = \arg\min_w J(w)``, or ``J`` if the lines that define it contain ``w``; Newton's
  method or bisection finds the minimum of a new name.

Laws of symbols: ``normal n d`` (one such symbol per size; none: a number), ``uniform 0.2 2 d``, ``integer 1 5``,
``orthonormal n d`` (columns), ``positive-definite d``, ``centred n``, ``standardised n d`` (columns), ``sparse d``
(with one zero), ``distribution c`` (positive, adding up to one), ``function tanh``, ``slope \phi`` (the derivative of
a function given before). Random, with all outcomes: ``two-point s n`` (mean zero, standard deviation ``s``, skewed),
``bernoulli q n`` (ones with probability ``q``), ``gauss s n`` and ``flat r n`` (normal, and uniform from ``-r`` to
``r``: nodes of a quadrature that is exact to degree nine), ``shared two-point s n`` (all entries equal); ``s``, ``q``
and ``r`` are expressions of what is given before, without blanks.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

import optnotes
from optnotes.site.derivations import Derivation, Given, Step
from optnotes.site.docstrings import read
from optnotes.site.tex.parser import COMPARE, FORMAL, LETTER, SPECIAL, Node, Parser
from optnotes.site.tex.tokens import Token, name_size, script, spell, split, tokens
from tests.points import Draw
from tests.tex import values as tv
from tests.tex.calculus import WORLDS, read_calculus
from tests.tex.reader import Reader, TexError, TexMismatch, normalise

RANDOM = ("two-point", "bernoulli", "gauss", "flat", "shared")


def loss(w: Tensor) -> Tensor:
    """A smooth function of a vector that treats no two coordinates alike."""
    k = torch.arange(1, len(w) + 1, dtype=torch.float64)
    return torch.exp(k * w / len(w)).sum() + torch.sin(w @ k)


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "tanh": torch.tanh, "square": torch.square, "sigmoid": torch.sigmoid, "softplus": torch.nn.functional.softplus,
    "loss": loss, "quadratic": lambda x: 0.3 + x + 0.7 * x**2,
    "number-of-vector": lambda x: x.exp().cumsum(0).sin().sum(),
}  # fmt: skip
OUTCOMES = 2048
MINIMA: dict[tuple[object, ...], Tensor] = {}
RATIOS: dict[tuple[object, ...], float] = {}
DERIVATIVES = {"\\partial", "\\nabla", "\\mathrm"}
MOMENTS = {"\\mathbb", "\\operatorname{Var}", "\\operatorname{Cov}"}


class DerivationError(AssertionError):
    """A line that does not follow; names file, line of the derivation, its TeX, and what was expected."""


@cache
def equations() -> dict[str, str]:
    """TeX of every formula by the name of its function."""
    return {function.__name__: read(function).tex for function in optnotes.formulas().values()}


def tex_of(step: Step) -> str:
    """The line as it is printed."""
    if step.formula and step.formula not in equations():
        raise TexError(f"no formula '{step.formula}'")
    return equations()[step.formula] if step.formula else step.tex


class Law:
    """Draws what a law says."""

    def __init__(self, draw: Draw, sizes: dict[str, int], values: dict[str, Any]) -> None:
        self.draw, self.sizes, self.values = draw, sizes, values

    def value(self, law: str) -> Any:
        """A sample of a law that is not random for the derivation."""
        name, *words = law.split()
        match name:
            case "normal":
                return self.draw.normal(*self.shape(words))
            case "uniform":
                return self.draw.uniform(float(words[0]), float(words[1]), *self.shape(words[2:]))
            case "integer":
                return self.draw.integer(int(words[0]), int(words[1]))
            case "orthonormal":
                return torch.linalg.qr(self.draw.normal(*self.shape(words)))[0]
            case "centred":
                found = self.draw.normal(*self.shape(words))
                return found - found.mean(0)
            case "standardised":
                found = self.draw.normal(*self.shape(words))
                return (found - found.mean(0)) / found.std(0, correction=0)
            case "distribution":
                return torch.softmax(self.draw.normal(*self.shape(words)), -1)
            case "sparse":
                found = self.draw.normal(*self.shape(words))
                found[self.draw.integer(0, len(found) - 1)] = 0.0
                return found
            case "positive-definite":
                (size,) = self.shape(words)
                root = self.draw.normal(size, size + 2)
                return root @ root.T / size
            case "function":
                return FUNCTIONS[words[0]]
            case "slope":
                return slope(self.values[normalise(words[0])])
        raise ValueError(f"unknown law '{law}'")

    def outcomes(self, law: str) -> list[tuple[float, Tensor]]:
        """All outcomes of a random law with their probabilities."""
        if law.startswith("shared "):
            kind, parameter, *words = law.split()[1:]
            return [(weight, one.expand(self.shape(words))) for weight, one in self.outcomes(f"{kind} {parameter}")]
        name, first, *words = law.split()
        known = {**self.values, **{size: tv.number(number) for size, number in self.sizes.items()}}
        scale = float(Parser(tokens(first), known, first, tv).whole().run(known).item())
        if name == "two-point":
            each = [(0.8, -scale / 2), (0.2, 2 * scale)]
        elif name == "bernoulli":
            each = [(1 - scale, 0.0), (scale, 1.0)]
        elif name == "gauss":
            nodes, weights = np.polynomial.hermite_e.hermegauss(5)
            each = [(w / math.sqrt(2 * math.pi), scale * x) for x, w in zip(nodes, weights, strict=True)]
        else:
            nodes, weights = np.polynomial.legendre.leggauss(5)
            each = [(w / 2, scale * x) for x, w in zip(nodes, weights, strict=True)]
        shape = self.shape(words)
        found = []
        for chosen in product(each, repeat=math.prod(shape)):
            values = torch.tensor([value for _, value in chosen], dtype=torch.float64)
            found.append((math.prod(weight for weight, _ in chosen), values.reshape(shape)))
        return found

    def shape(self, words: Sequence[str]) -> list[int]:
        return [self.sizes[word] if word in self.sizes else int(word) for word in words]


def slope(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The derivative of a function that acts on each entry."""

    def derivative(x: Tensor) -> Tensor:
        at = x if x.requires_grad else x.detach().requires_grad_()
        (found,) = torch.autograd.grad(function(at).sum(), at, create_graph=True)
        return found

    return derivative


class Checker:
    """One derivation at one draw of its symbols."""

    def __init__(self, derivation: Derivation, seed: int) -> None:
        self.derivation = derivation
        self.sizes = {name: sizes[seed % len(sizes)] for name, sizes in derivation.sizes.items()}
        self.random: dict[str, list[tuple[float, Tensor]]] = {}
        self.reader = Reader("", {**self.sizes, **self._drawn(seed)})
        self.reader.scope |= {SPECIAL: read_calculus, WORLDS: self._worlds}
        self.worlds: tuple[int, list[tuple[float, dict[str, Any]]]] = (-1, [])
        self.past: list[tuple[str, list[list[Token]]]] = []
        self.fixed: set[str] = set()  # names that are the same in every outcome
        self.end = ""
        self.key = (seed, *((given.symbol, given.law) for given in derivation.given), *derivation.sizes.items())
        self.tex: list[str] = []

    def _drawn(self, seed: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        law = Law(Draw(10 * seed + 3), self.sizes, values)
        for given in self.derivation.given:
            key = normalise(given.symbol)
            if given.law.split()[0] in RANDOM:
                self.random[key] = law.outcomes(given.law)
                values[key] = self.random[key][(7 * seed + 1) % len(self.random[key])][1]
                continue
            value = law.value(given.law)
            tracked = isinstance(value, Tensor | float)
            values[key] = torch.as_tensor(value, dtype=torch.float64).requires_grad_() if tracked else value
        return values

    def _worlds(self) -> list[tuple[float, dict[str, Any]]]:
        """Every outcome of the random symbols, with all names that were bound so far."""
        if self.worlds[0] != len(self.past) + len(self.fixed):
            self.worlds = len(self.past) + len(self.fixed), self._all_worlds()
        return self.worlds[1]

    def _all_worlds(self) -> list[tuple[float, dict[str, Any]]]:
        found = []
        for chosen in product(*self.random.values()):
            drawn = zip(self.random, (value for _, value in chosen), strict=True)
            scope = self._replayed(dict(drawn))
            found.append((math.prod(weight for weight, _ in chosen), scope))
        if len(found) > OUTCOMES:
            raise TexError(f"{len(found)} outcomes are too many")
        return found

    def _replayed(self, changed: dict[str, Any]) -> dict[str, Any]:
        """All names, had some given ones other values."""
        world = Reader("", {})
        fixed = {name: self.reader.scope[name] for name in (*self._given(), *self.sizes, *self.fixed)}
        world.scope = {**fixed, **changed, SPECIAL: read_calculus, WORLDS: self.reader.scope[WORLDS]}
        for tex, statements in self.past:
            world.tex = tex
            while statements:
                statements = world.run(statements)
        return world.scope

    def _given(self) -> list[str]:
        return [normalise(given.symbol) for given in self.derivation.given]

    def run(self) -> None:
        """Check all lines in their order."""
        if not self.derivation.sizes.keys().isdisjoint(self._given()):
            raise DerivationError(f"{self.derivation.name}: a symbol is a size as well")
        for number, step in enumerate(self.derivation.steps, 1):
            last = number == len(self.derivation.steps)
            try:
                self.line(step, last)
            except (TexError, tv.NoMeaningError, KeyError, RuntimeError) as error:
                raise DerivationError(
                    f"{self.derivation.name}, step {number} ({step.kind}): {step.formula or step.tex}: {error}"
                ) from error

    def line(self, step: Step, last: bool) -> None:
        """Check one line and bind what it defines."""
        tex = tex_of(step)
        if tokens(tex)[0].text in COMPARE:
            if not self.end:
                raise TexError("nothing stands before the relation")
            tex = f"{self.end} {tex}"
        self.reader.tex = tex
        self.tex.append(tex)
        statements = self.reader.statements()
        if step.kind == "recurrence":
            self.recurrence(statements)
            return
        if step.kind != "formula" and len(statements) != 1:
            raise TexError("a line holds one statement")
        self.end = spell(split(statements[0], COMPARE.__contains__)[0][-1])
        if step.kind == "minimum":
            self.minimum(statements[0])
            return
        if step.kind == "attained":
            self.attained(statements[0])
        new = [self.is_new(statement) for statement in statements]
        texts = {token.text for token in tokens(tex_of(step))}
        self.fits(step, texts, new, last)
        before = set(self.reader.scope)
        waiting = statements
        while waiting:
            waiting = self.reader.run(waiting)
        if texts & MOMENTS:
            self.fixed |= self.reader.scope.keys() - before
        elif any(new):
            self.past.append((tex, [statement for statement, is_new in zip(statements, new, strict=True) if is_new]))

    def is_new(self, statement: list[Token]) -> bool:
        """Whether a statement names something that was not known."""
        sides, relations = split(statement, COMPARE.__contains__)
        if not relations:
            raise TexError(f"no relation in {spell(statement)!r}")
        known = spell(sides[0]) in self.reader.results
        return not known and self.reader.side(sides[0], self.reader.index_letters(sides[0]), True) is None

    @staticmethod
    def fits(step: Step, texts: set[str], new: list[bool], last: bool) -> None:
        """The kind says what the line holds."""
        relations = {relation.text for relation in split(tokens(tex_of(step)), COMPARE.__contains__)[1]}
        derivative, moment = bool(texts & DERIVATIVES), bool(texts & MOMENTS)
        if step.kind == "definition" and not new[0]:
            raise TexError("a definition names something new")
        if step.kind not in ("definition", "formula") and new[0]:
            raise TexError("the first side is not known")
        if step.kind == "equality" and (relations != {"="} or derivative or moment):
            raise TexError("an equality has neither another relation nor a derivative nor a mean")
        if step.kind in ("bound", "attained") and not relations - {"="}:
            raise TexError("a bound needs its relation")
        if step.kind == "attained" and relations != {"\\le"}:
            raise TexError("a bound that is attained reads: a \\le b")
        if (step.kind == "limit") != ("\\lim" in texts):
            raise TexError("a limit belongs to a line of that kind, and to no other")
        if step.kind == "derivative" and not derivative:
            raise TexError("no derivative in it")
        if step.kind == "mean" and not moment:
            raise TexError("no mean in it")
        if last and new[0]:
            raise TexError("the formula would only name something new: what it says must be known by then")

    def recurrence(self, statements: list[list[Token]]) -> None:
        """Bind the list of all steps."""
        if len(statements) != 2:
            raise TexError("a recurrence reads: x_k = ..., \\quad k = 1, \\dots, n")
        (left, right), _ = split(statements[0], COMPARE.__contains__)
        size, scope = name_size(left), self.reader.scope
        letter, key = spell(script(left, size + 1)[0]), spell(left[:size])
        if self.random or key in scope or f"{key}_0" not in scope:
            raise TexError(f"a recurrence without random symbols defines a new '{key}' from '{key}_0'")
        if spell(statements[1][:6]) != f"{letter}=1,\\dots,":
            raise TexError(f"the steps of a recurrence read: {letter} = 1, \\dots, n")
        last = tv.integer(self.reader.parser(statements[1][6:], {}).whole().run(scope))
        steps: list[Tensor] = []
        body = self.reader.parser(right, {key: steps, letter: LETTER}).whole()
        for k in range(1, last + 1):
            steps.append(body.run({**scope, key: steps, letter: tv.number(k)}))
        scope[key] = steps

    def attained(self, statement: list[Token]) -> None:
        """Look over the values that the laws allow for where the left side comes nearest to the right one."""
        (left, right), _ = split(statement, COMPARE.__contains__)
        nodes = [self.reader.parser(side, {}).whole() for side in (left, right)]
        moved: dict[str, tuple[Tensor, tuple[float, float]]] = {}
        for given in self.derivation.given:
            name, *law = given.law.split()
            if name in ("normal", "uniform"):
                ends = (float(law[0]), float(law[1])) if name == "uniform" else (-math.inf, math.inf)
                key = normalise(given.symbol)
                moved[key] = self.reader.scope[key].detach(), ends
        known = (*self.key, *self.tex)
        if known not in RATIOS:  # mutants of later lines would look for it again
            RATIOS[known] = largest(moved, lambda changed: self._ratio(nodes, changed))
        if not 1 - 1e-3 <= RATIOS[known] <= 1 + 1e-7:
            raise TexMismatch(f"a search came to {RATIOS[known]:.5f} of the bound")

    def _ratio(self, nodes: list[Node], changed: dict[str, Tensor]) -> Tensor:
        """Left side over right side, had some given names other values."""
        scope = self._replayed(changed)
        below, above = (node.run(scope) for node in nodes)
        return below / above

    def minimum(self, statement: list[Token]) -> None:
        """Bind or compare a name with the place where an expression is least."""
        (left, right), _ = split(statement, COMPARE.__contains__)
        if [token.text for token in right[:3]] != ["\\arg", "\\min", "_"]:
            raise TexError("a minimum reads: name = \\arg\\min_{letter} expression")
        by, end = script(right, 3)
        key = spell(by)
        if key not in self.reader.scope:
            raise TexError(f"'{key}' is not given: its law says where the search begins")
        body = self.reader.parser(right[end:], {key: FORMAL}).whole()

        replayed = key not in {token.text for token in right[end:]}  # a name whose lines contain the letter

        def value(at: Tensor) -> Tensor:
            return body.run(self._replayed({key: at}) if replayed else {**self.reader.scope, key: at})

        known = (*self.key, *self.tex)
        if known not in MINIMA:  # mutants of later lines would look for it again
            MINIMA[known] = least(value, self.reader.scope[key].detach())
        found = MINIMA[known]
        if spell(left) in self.reader.scope:
            tv.check(Token("=", 0), self.reader.scope[spell(left)], found)
        else:
            self.reader.scope[spell(left)] = found
            self.fixed.add(spell(left))


def largest(
    moved: dict[str, tuple[Tensor, tuple[float, float]]], ratio: Callable[[dict[str, Tensor]], Tensor]
) -> float:
    """The largest ratio of the two sides of a bound over all values between the ends, from where they stand."""
    sizes = [value.numel() for value, _ in moved.values()]

    def lower(flat: Any) -> tuple[float, Any]:
        at = torch.tensor(flat, dtype=torch.float64, requires_grad=True)
        pieces = zip(moved.items(), at.split(sizes), strict=True)
        found = -ratio({key: piece.reshape(value.shape) for (key, (value, _)), piece in pieces})
        (slope,) = torch.autograd.grad(found, at)
        return found.item(), slope.numpy()

    start = torch.cat([value.reshape(-1) for value, _ in moved.values()]).numpy()
    ends = [each for (_, each), size in zip(moved.values(), sizes, strict=True) for _ in range(size)]
    return -float(minimize(lower, start, jac=True, bounds=ends, options={"maxiter": 60, "ftol": 1e-10}).fun)


def least(value: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    """Where a convex function is least: Newton's method, and bisection by coordinates if it has kinks."""
    at = newton(value, start.clone())
    if at is None:
        at = by_coordinates(value, start.clone())
    generator = torch.Generator().manual_seed(0)
    for scale in (1e-3, 0.1, 3.0):
        for _ in range(20):
            near = at + scale * torch.randn(at.shape, generator=generator, dtype=at.dtype)
            if value(near) < value(at) - 1e-12:
                raise TexMismatch(f"less at {near} than at {at}")
    return at


def newton(value: Callable[[Tensor], Tensor], at: Tensor) -> Tensor | None:
    """The zero of the gradient, or None where the steps do not settle."""
    for _ in range(50):
        slope = torch.autograd.functional.jacobian(value, at).reshape(-1)
        curvature = torch.autograd.functional.hessian(value, at).reshape(slope.numel(), slope.numel())
        try:
            step = torch.linalg.solve(curvature, slope).reshape(at.shape)
        except RuntimeError:
            return None
        size = 1.0
        while size > 1e-3 and not value(at - size * step) <= value(at) + 1e-13:
            size /= 2
        if size <= 1e-3:  # a kink: no step down the slope leads down
            return None
        at = at - size * step
        if step.abs().max() < 1e-12 * (1 + at.abs().max()):
            return at
    return None


def by_coordinates(value: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Bisection on the sign of the slope, coordinate by coordinate: for kinks in single coordinates."""
    flat = at.reshape(-1)
    for _ in range(60):
        before = flat.clone()
        for i in range(flat.numel()):
            low, high = flat[i] - 64.0, flat[i] + 64.0
            for _ in range(64):
                flat[i] = (low + high) / 2
                trial = flat.detach().clone().requires_grad_()
                slope = torch.autograd.grad(value(trial.reshape(at.shape)), trial)[0][i]
                low, high = (low, flat[i].clone()) if slope > 0 else (flat[i].clone(), high)
            zero = flat.clone()
            zero[i] = 0.0
            if value(zero.reshape(at.shape)) <= value(flat.reshape(at.shape)):
                flat = zero  # bisection comes near a kink at zero but does not hit it
        if (flat - before).abs().max() < 1e-13:
            break
    return flat.reshape(at.shape)


def check(derivation: Derivation, seed: int) -> None:
    """Raise DerivationError at the first line that does not follow."""
    Checker(derivation, seed).run()


def without(derivation: Derivation, position: int) -> Derivation:
    """The derivation without one line."""
    return replace(derivation, steps=derivation.steps[:position] + derivation.steps[position + 1 :])


def with_tex(derivation: Derivation, position: int, tex: str) -> Derivation:
    """The derivation with another line in one place."""
    steps = list(derivation.steps)
    steps[position] = replace(steps[position], tex=tex)
    return replace(derivation, steps=tuple(steps))


def conditions(derivation: Derivation) -> Iterator[Derivation]:
    """The derivation, each time without one of the conditions on its symbols."""
    for position, given in enumerate(derivation.given):
        if given.otherwise:
            loose: list[Given] = list(derivation.given)
            loose[position] = replace(given, law=given.otherwise)
            yield replace(derivation, given=tuple(loose))
