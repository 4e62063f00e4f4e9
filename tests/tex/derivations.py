r"""Checks a derivation line by line, at values drawn for its symbols.

A line is read by ``tests.tex.reader``; one that begins with a relation goes on from the last side of the line before.
What may stand in a line depends on its kind:

- definition: the first side is a new name, which is bound to the second;
- recurrence: ``h_k = f(h_{k-1}), \quad k = 1, \dots, n`` with ``h_0`` given;
- formula: the equation of a formula of the site, pulled from its home; the last one must meet a bound name;
- equality: all sides are known already and agree;
- derivative: likewise, with a derivative in it, which autograd takes;
- bound: likewise, with an inequality, which a search over all values that the laws allow cannot break either; uniform
  laws give the edges of that search;
- attained: a bound that this search comes up to;
- limit: an equality with ``\lim_{t \to \infty} f(t)`` in it;
- mean: likewise, with a mean, variance or covariance in it, over all outcomes of the random symbols;
- minimum: ``\hat{w} = \arg\min_w J(w)``, or ``J`` if the lines that define it contain ``w``; Newton's
  method or bisection finds the minimum of a new name.

Laws of symbols: ``normal n d`` (one such symbol per size; none: a number), ``uniform 0.2 2 d``, ``integer 1 5``,
``orthonormal n d`` (columns), ``positive-definite d``, ``centred n``, ``standardised n d`` (columns), ``sparse d``
(with one zero), ``unit c`` (one, then zeros), ``distribution c`` (positive, adding up to one), ``function tanh``,
``slope \phi`` (the derivative of a function given before). Random, with all outcomes: ``two-point s n`` (mean zero,
standard deviation ``s``, skewed), ``bernoulli q n`` (ones with probability ``q``), ``gauss s n`` and ``flat r n``
(normal, and uniform from ``-r`` to ``r``: nodes of a quadrature that is exact to degree nine), ``shared two-point s
n`` (all entries equal); ``s``, ``q`` and ``r`` are expressions of what is given before, without blanks.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import torch
from scipy.optimize import OptimizeResult, minimize
from torch import Tensor

import optnotes
from optnotes.site.records.derivations import Derivation, Given, Step, derivation_path
from optnotes.site.tex import reader
from optnotes.site.tex.parser import COMPARE, FORMAL, LETTER, SPECIAL, Parser
from optnotes.site.tex.tokens import Token, name_size, script, spell, split, tokens
from optnotes.site.words.docstrings import read
from tests.points import Draw
from tests.tex import values as tv
from tests.tex.calculus import WORLDS, read_calculus
from tests.tex.reader import Reader, TexError, TexMismatch, normalise

BROKEN = 1e-7  # by how much, as a share of what is compared, a bound must fail
NEAR = 5e-4  # how near, as such a share, a search comes up to a bound that is attained
FAR = 3.0  # what a search that goes on keeps within: with ever larger values any constant becomes nothing to spare
# Steps from where a search has ended, perhaps at a kink or in a hollow, to where it goes on: at least the first ones.
SCALES, AGAIN = 8 * (1.0, 0.1, 0.01, 1e-3, 1e-4), 2
SEARCHED = 4  # draws from which a bound is searched; with a minimum, which is costly to move, one
UNEQUAL = COMPARE - {"=", "\\ne"}
RANDOM = ("two-point", "bernoulli", "gauss", "flat", "shared")


def loss(w: Tensor) -> Tensor:
    """A smooth function of a vector that treats no two coordinates alike."""
    k = torch.arange(1, len(w) + 1, dtype=torch.float64)
    return torch.exp(k * w / len(w)).sum() + torch.sin(w @ k)


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "tanh": torch.tanh, "square": torch.square, "sigmoid": torch.sigmoid, "softplus": torch.nn.functional.softplus,
    "loss": loss, "quadratic": lambda x: 0.3 + x + 0.7 * x**2,
    "direction": lambda w: loss(w / w.norm()),
    "number-of-vector": lambda x: x.exp().cumsum(0).sin().sum(),
}  # fmt: skip
OUTCOMES = 2048
MINIMA: dict[tuple[object, ...], Tensor] = {}
ROOM: dict[tuple[object, ...], float] = {}
DERIVATIVES = {"\\partial", "\\nabla", "\\mathrm"}
MOMENTS = {"\\mathbb", "\\operatorname{Var}", "\\operatorname{Cov}"}


class DerivationError(AssertionError):
    """A line that does not follow; names file and line, number of the step, its TeX, and what was expected."""


@cache
def equations() -> dict[str, str]:
    """TeX of every formula by the name of its function."""
    return {function.__name__: read(function).tex for function in optnotes.formulas().values()}


def tex_of(step: Step) -> str:
    """The line as it is printed."""
    if step.formula and step.formula not in equations():
        raise TexError(f"no formula '{step.formula}'")
    return equations()[step.formula] if step.formula else step.tex


@dataclass(frozen=True)
class Sample:
    """A value drawn, as a function of what was drawn for it and may be moved between the ends."""

    base: Any
    made: Callable[[Any], Any] = lambda base: base
    ends: tuple[float, float] = (-math.inf, math.inf)


class Margins:
    """The values of the reader, which keep how far an inequality is from breaking instead of refusing it."""

    def __init__(self) -> None:
        self.found: list[Tensor] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(tv, name)

    def check(self, relation: Token, a: Any, b: Any) -> None:
        """Note how much room is left, as a share of what is compared; negative where the relation is broken."""
        if relation.text in ("\\le", "<", "\\ge", ">"):
            room = b - a if relation.text in ("\\le", "<") else a - b
            self.found.append((room / (a.abs() + b.abs() + 1e-300)).reshape(-1))


class Law:
    """Draws what a law says."""

    def __init__(self, draw: Draw, sizes: dict[str, int], values: dict[str, Any]) -> None:
        self.draw, self.sizes, self.values = draw, sizes, values

    def sample(self, law: str) -> Sample:
        """A sample of a law that is not random for the derivation."""
        name, *words = law.split()
        match name:
            case "normal":
                return Sample(self.draw.normal(*self.shape(words)))
            case "uniform":
                low, high = float(words[0]), float(words[1])
                return Sample(self.draw.uniform(low, high, *self.shape(words[2:])), ends=(low, high))
            case "integer":
                return Sample(self.draw.integer(int(words[0]), int(words[1])))
            case "orthonormal":
                return Sample(self.draw.normal(*self.shape(words)), lambda x: torch.linalg.qr(x)[0])
            case "centred":
                return Sample(self.draw.normal(*self.shape(words)), lambda x: x - x.mean(0))
            case "standardised":
                base = self.draw.normal(*self.shape(words))
                return Sample(base, lambda x: (x - x.mean(0)) / x.std(0, correction=0))
            case "distribution":
                return Sample(self.draw.normal(*self.shape(words)), lambda x: torch.softmax(x, -1))
            case "unit":
                first = torch.eye(*self.shape(words), dtype=torch.float64)[0]
                return Sample(first, lambda _: first)
            case "sparse":
                base = self.draw.normal(*self.shape(words))
                mask = torch.ones_like(base)
                mask[self.draw.integer(0, len(base) - 1)] = 0.0
                return Sample(base, lambda x: x * mask)
            case "positive-definite":
                (size,) = self.shape(words)
                return Sample(self.draw.normal(size, size + 2), lambda x: x @ x.T / size)
            case "function":
                return Sample(FUNCTIONS[words[0]])
            case "slope":
                return Sample(slope(self.values[normalise(words[0])]))
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
    """One derivation at one draw of its symbols; ``draw`` leaves the seed's sizes as they are."""

    def __init__(self, derivation: Derivation, seed: int, draw: int = 0) -> None:
        self.derivation, self.seed, self.draw = derivation, seed, draw
        self.sizes = {name: sizes[seed % len(sizes)] for name, sizes in derivation.sizes.items()}
        self.random: dict[str, list[tuple[float, Tensor]]] = {}
        self.samples: dict[str, Sample] = {}
        self.reader = Reader("", {**self.sizes, **self._drawn(seed)})
        self.reader.scope |= {SPECIAL: read_calculus, WORLDS: self._worlds}
        self.worlds: tuple[int, list[tuple[float, dict[str, Any]]]] = (-1, [])
        self.past: list[tuple[str, Callable[[Reader], None]]] = []  # how to bind names anew; minima by their name
        self.fixed: set[str] = set()  # names that are the same in every outcome
        self.end = ""
        self.key = (seed, draw, *((given.symbol, given.law) for given in derivation.given), *derivation.sizes.items())
        self.tex: list[str] = []

    def _drawn(self, seed: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        law = Law(Draw(1000 * self.draw + 10 * seed + 3), self.sizes, values)
        for given in self.derivation.given:
            key = normalise(given.symbol)
            try:
                if given.law.split()[0] in RANDOM:
                    self.random[key] = law.outcomes(given.law)
                    values[key] = self.random[key][(7 * seed + 1) % len(self.random[key])][1]
                    continue
                sample = law.sample(given.law)
            except (TexError, ValueError, IndexError, KeyError) as error:
                place = f"{derivation_path(self.derivation.name)}:{given.at}: symbol {given.symbol}"
                raise DerivationError(f"{place}: expected a law, got '{given.law}': {error}") from error
            value = sample.made(sample.base)
            if isinstance(value, Tensor | float):
                values[key] = torch.as_tensor(value, dtype=torch.float64).detach().requires_grad_()
                self.samples[key] = replace(sample, base=torch.as_tensor(sample.base, dtype=torch.float64))
            else:
                values[key] = value
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
        """All names, had some given ones other values; minima stay."""
        world = Reader("", {})
        fixed = {name: self.reader.scope[name] for name in (*self._given(), *self.sizes, *self.fixed)}
        world.scope = {**fixed, **changed, SPECIAL: read_calculus, WORLDS: self.reader.scope[WORLDS]}
        for minimum, bind in self.past:
            if not minimum:
                bind(world)
        return world.scope

    def _room(self, lines: tuple[str, list[list[Token]]], changed: dict[str, Any]) -> Tensor:
        """How far the inequalities of a line are from breaking, had some given names other values."""
        margins = Margins()
        world = reader.Reader("", {}, margins)
        fixed = {name: self.reader.scope[name] for name in (*self._given(), *self.sizes)}
        world.scope = {**fixed, **changed, SPECIAL: read_calculus}
        for _, bind in self.past:
            bind(world)
        margins.found.clear()
        named(*lines)(world)
        return torch.cat(margins.found).min()

    def _given(self) -> list[str]:
        return [normalise(given.symbol) for given in self.derivation.given]

    def run(self) -> None:
        """Check all lines in their order."""
        if not self.derivation.sizes.keys().isdisjoint(self._given()):
            raise DerivationError(f"{derivation_path(self.derivation.name)}: expected no symbol to be a size as well")
        for number, step in enumerate(self.derivation.steps, 1):
            last = number == len(self.derivation.steps)
            try:
                self.line(step, last)
            except (TexError, tv.NoMeaningError, KeyError, RuntimeError) as error:
                place = f"{derivation_path(self.derivation.name)}:{step.at}: step {number} ({step.kind})"
                raise DerivationError(f"{place}: {step.formula or step.tex}: {error}") from error

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
            self.recurrence(self.reader, statements)
            self.past.append(("", lambda world: self.recurrence(world, statements)))
            return
        if step.kind != "formula" and len(statements) != 1:
            raise TexError("a line holds one statement")
        self.end = spell(split(statements[0], COMPARE.__contains__)[0][-1])
        if step.kind == "minimum":
            self.minimum(statements[0])
            return
        new = [self.is_new(statement) for statement in statements]
        texts = {token.text for token in tokens(tex_of(step))}
        self.fits(step, texts, new, last)
        before = set(self.reader.scope)
        named(tex, statements)(self.reader)
        unequal = any(r.text in UNEQUAL for each in statements for r in split(each, COMPARE.__contains__)[1])
        if unequal and not any(new):
            self.search(tex, statements, step.kind == "attained")
        if texts & MOMENTS:
            self.fixed |= self.reader.scope.keys() - before
        elif any(new):
            own = [statement for statement, is_new in zip(statements, new, strict=True) if is_new]
            self.past.append(("", named(tex, own)))

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
        if (step.kind == "limit") != ("\\lim" in texts):
            raise TexError("a limit belongs to a line of that kind, and to no other")
        if step.kind == "derivative" and not derivative:
            raise TexError("no derivative in it")
        if step.kind == "mean" and not moment:
            raise TexError("no mean in it")
        if last and new[0]:
            raise TexError("the formula would only name something new: what it says must be known by then")

    def recurrence(self, reader: Reader, statements: list[list[Token]]) -> None:
        """Bind the list of all steps."""
        if len(statements) != 2:
            raise TexError("a recurrence reads: x_k = ..., \\quad k = 1, \\dots, n")
        (left, right), _ = split(statements[0], COMPARE.__contains__)
        size, scope = name_size(left), reader.scope
        letter, key = spell(script(left, size + 1)[0]), spell(left[:size])
        if self.random or key in scope or f"{key}_0" not in scope:
            raise TexError(f"a recurrence without random symbols defines a new '{key}' from '{key}_0'")
        if spell(statements[1][:6]) != f"{letter}=1,\\dots,":
            raise TexError(f"the steps of a recurrence read: {letter} = 1, \\dots, n")
        last = tv.integer(reader.parser(statements[1][6:], {}).whole().run(scope))
        steps: list[Tensor] = []
        body = reader.parser(right, {key: steps, letter: LETTER}).whole()
        for k in range(1, last + 1):
            steps.append(body.run({**scope, key: steps, letter: tv.number(k)}))
        scope[key] = steps

    def search(self, tex: str, statements: list[list[Token]], attained: bool) -> None:
        """Look over all values that the laws allow for a place where a bound breaks, and whether it is reached."""
        if stale := self.fixed - {minimum for minimum, _ in self.past}:
            raise TexError(f"a bound is searched before means are taken, not after: {sorted(stale)}")
        moving = any(minimum for minimum, _ in self.past)
        if self.seed >= (1 if moving else SEARCHED):
            return
        known = (*self.key, *self.tex, attained)
        if known not in ROOM:  # mutants of later lines would look for it again
            room = lambda changed: self._room((tex, statements), changed)  # noqa: E731
            ROOM[known] = least_room(
                self.samples, room, 20 if moving else 60, 0 if moving else AGAIN, NEAR if attained else math.inf
            )
        if ROOM[known] < -BROKEN:
            raise TexMismatch(f"a search found a place where it fails, by {-ROOM[known]:.1e} of what is compared")
        if attained and ROOM[known] > NEAR:
            raise TexMismatch(f"not attained: a search came no nearer than {ROOM[known]:.1e} of what is compared")

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
            self.past.append((spell(left), self.moving(spell(left), right[end:], key, found, replayed)))

    def moving(
        self, name: str, right: list[Token], key: str, found: Tensor, replayed: bool
    ) -> Callable[[Reader], None]:
        """How a minimum moves with what it depends on: one step of Newton's method, whose slope is the implicit one."""
        last = [found]

        def bind(world: Reader) -> None:
            if replayed:
                raise TexError("a bound after a minimum of a name is not searched")
            body = world.parser(right, {key: FORMAL}).whole()

            def value(at: Tensor) -> Tensor:
                return body.run({**world.scope, key: at})

            at = newton(value, last[-1].clone())
            if at is None:
                raise TexError("no minimum")
            last.append(at.detach())
            at = last[-1].clone().requires_grad_()
            (gradient,) = torch.autograd.grad(value(at), at, create_graph=True)
            curvature = torch.autograd.functional.hessian(value, at).reshape(at.numel(), at.numel())
            world.scope[name] = at.detach() - torch.linalg.solve(curvature, gradient.reshape(-1)).reshape(at.shape)

        return bind


def named(tex: str, statements: list[list[Token]]) -> Callable[[reader.Reader], None]:
    """Run statements, each once those that it needs have run."""

    def run(world: reader.Reader) -> None:
        world.tex = tex
        waiting = statements
        while waiting:
            waiting = world.run(waiting)

    return run


def least_room(
    samples: dict[str, Sample], room: Callable[[dict[str, Tensor]], Tensor], most: int, again: int, enough: float
) -> float:
    """The least room that an inequality has over all values between the ends, from where they stand.

    A search that ends with more than enough, at a kink or in a hollow, goes on from places around the best one.
    """
    sizes = [sample.base.numel() for sample in samples.values()]

    def moved(at: Tensor) -> Tensor:
        pieces = zip(samples.items(), at.split(sizes), strict=True)
        return room({key: sample.made(piece.reshape(sample.base.shape)) for (key, sample), piece in pieces})

    def lower(flat: Any) -> tuple[float, Any]:
        at = torch.tensor(flat, dtype=torch.float64, requires_grad=True)
        try:
            found = moved(at)
            (slope,) = torch.autograd.grad(found, at, materialize_grads=True, allow_unused=True)
        except (TexError, tv.NoMeaningError):  # nothing is said there
            return 1.0, np.zeros(len(flat))
        known = bool(found.isfinite() and slope.isfinite().all())
        return (found.item(), slope.numpy()) if known else (1.0, np.zeros(len(flat)))

    def searched(start: Any, bounds: Any) -> OptimizeResult:
        options = {"maxfun": most, "ftol": 1e-10}
        return minimize(lower, start, jac=True, bounds=bounds, callback=decided, options=options)

    start = torch.cat([sample.base.reshape(-1) for sample in samples.values()]).numpy()
    moved(torch.from_numpy(start))  # where the search begins something must be said
    ends = [sample.ends for sample, size in zip(samples.values(), sizes, strict=True) for _ in range(size)]
    best, draw = searched(start, ends), np.random.default_rng(0)
    low, high = np.clip(ends, -FAR, FAR).T
    width = np.minimum(high - low, 1.0)
    for restart, scale in enumerate(SCALES):
        if best.fun < -BROKEN or (restart >= again and best.fun <= enough):
            break
        near = np.clip(best.x + scale * width * draw.standard_normal(len(start)), low, high)
        best = min(best, searched(near, np.stack([low, high]).T), key=lambda found: found.fun)
    return float(best.fun)


def decided(intermediate_result: OptimizeResult) -> None:
    """End a search where an inequality is broken, or holds with nothing to spare."""
    if intermediate_result.fun < 1e-9:
        raise StopIteration


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


def check(derivation: Derivation, seed: int, draw: int = 0) -> None:
    """Raise DerivationError at the first line that does not follow."""
    Checker(derivation, seed, draw).run()


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
