"""
Where the ball of a penalty touches the contours of the loss, for three penalties, many strengths and many centres.

Two standardised features of the diabetes data, body mass index and blood pressure; readers move the centre of the
contours, which is least squares, as if other targets had been measured. Prediction: under L1 the first weight leaves
zero at the critical strength, and until the second one does, the contours touch the ball in a corner; under L2 there
are no corners, and a weight can only pass through zero. Measured: the minimisers by proximal steps, with the violation
of the optimality conditions as their certificate.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.penalties import kkt_violation, lambda_max, proximal_gradient_step
from optnotes.site.figures.explore import Axis, Explorer, Frame, Placed, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

FEATURES, TOLERANCE, TURNS = ("bmi", "bp"), 1e-9, 72
PENALTIES = {"l1": (1.0, 0.0), "elastic": (0.5, 0.5), "l2": (0.0, 1.0)}
STRENGTHS = (0, 0.5, 1, 2, 5, 10, 14, 18, 22, 26, 30, 35, 40, 45.2, 60, 75, 100)
ALONG, ACROSS = (-20, -9, 3, 15, 27, 37.6, 46), (-12, -3, 8, 19.1, 28)
DATA = (37.6, 19.1)  # least squares on the data, as the controls and the address write it
Key = tuple[str, float]


@dataclass(frozen=True)
class Result:
    """Minimisers for all centres by penalty and strength, the largest violation, critical strengths, loss matrix."""

    weights: dict[Key, Tensor]
    violation: float
    critical: Tensor
    hessian: Tensor
    centres: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Two standardised features and the centred targets."""
    bunch = load_diabetes(scaled=False)
    X = torch.tensor(bunch.data[:, [list(bunch.feature_names).index(name) for name in FEATURES]])
    y = torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean()


def places() -> list[tuple[float, float]]:
    """All places of the centre, in the order of the controls."""
    return list(product(ALONG, ACROSS))


def parts(key: Key) -> tuple[float, float]:
    """Strengths of the L1 and of the L2 part."""
    return PENALTIES[key[0]][0] * key[1], PENALTIES[key[0]][1] * key[1]


def compute() -> Result:
    """Proximal steps for all centres together, with warm starts, from the weakest penalty to the strongest."""
    X, y = data()
    hessian = least_squares_hessian(X)
    lr = 1 / torch.linalg.eigvalsh(hessian)[-1].item()
    centres = torch.tensor(places(), dtype=X.dtype)
    centres[places().index(DATA)] = torch.linalg.lstsq(X, y[:, None], driver="gelsd").solution[:, 0]
    targets = centres @ X.mT
    weights, violation = {}, 0.0
    for penalty in PENALTIES:
        w = torch.zeros_like(centres)
        for key in ((penalty, strength) for strength in STRENGTHS):
            l1, l2 = parts(key)
            gap = torch.func.vmap(lambda y, w, l1=l1, l2=l2: kkt_violation(X, y, w, l1, l2))
            step = torch.func.vmap(lambda y, w, l1=l1, l2=l2: proximal_gradient_step(X, y, w, lr, l1, l2))
            while (off := gap(targets, w).max().item()) > TOLERANCE:
                for _ in range(10):
                    w = step(targets, w)
            weights[key], violation = w, max(violation, off)
    critical = torch.func.vmap(partial(lambda_max, X))(targets)
    return Result(weights, violation, critical, hessian, centres)


def around() -> Tensor:
    """Unit vectors all round, the axes among them, the first one repeated at the end."""
    turn = torch.linspace(0, math.tau, TURNS + 1, dtype=torch.float64)
    return torch.stack([turn.cos(), turn.sin()], 1)


@cache
def form(penalty: str, reach: float) -> Tensor:
    """The ball that reaches so far along the axes: along each unit vector the root of a quadratic equation."""
    l1, l2 = PENALTIES[penalty]
    bend, size = l1 * around().abs().sum(1), l1 * reach + l2 / 2 * reach**2
    far = (torch.sqrt(bend**2 + 2 * l2 * size) - bend) / l2 if l2 else size / bend
    return far[:, None] * around()


def ball(penalty: str, w: Tensor) -> Placed:
    """All points with the penalty of w; a ball of Elastic Net is one of almost the same size, scaled."""
    l1, l2 = PENALTIES[penalty]
    size = (l1 * w.abs().sum() + l2 / 2 * w.square().sum()).item()
    if not size:
        return Placed((), (0, 0))
    reach = (math.sqrt(l1**2 + 2 * l2 * size) - l1) / l2 if l2 else size / l1
    near = 1.2 ** round(math.log(reach, 1.2)) if l1 and l2 else 20.0
    return Placed(form(penalty, near), (0, 0), reach / near)


def frames(result: Result) -> Iterator[tuple[tuple[object, ...], Frame]]:
    """Every setting with its frame: ball, contour through the touching point, path of the minimisers."""
    root = torch.linalg.cholesky(result.hessian)
    circle = 20 * torch.linalg.solve(root.mT, around().mT).mT
    rings = torch.cat([torch.cat([r * circle, torch.full((1, 2), math.nan)]) for r in (0.4, 1, 1.6)])
    for penalty, (at, place) in product(PENALTIES, enumerate(places())):
        centre, share = result.centres[at], PENALTIES[penalty][0]
        path = torch.stack([result.weights[penalty, strength][at] for strength in STRENGTHS])
        fixed = {"contours": Placed(rings, centre.tolist()), "path": path, "least": centre[None]}
        for strength, w in zip(STRENGTHS, path, strict=True):
            level = Placed(circle, centre.tolist(), ((w - centre) @ root).norm().item() / 20)
            values = dict(zip(FEATURES, (w + 0.0).tolist(), strict=True))  # no minus before a zero
            values |= {"critical": result.critical[at].item() / share} if share else {}
            readout = ("both", "corner", "nothing")[int((w == 0).sum())] if share else "smooth"
            marks = fixed | {"level": level, "ball": ball(penalty, w), "touch": w[None]}
            yield (penalty, strength, *place), Frame(marks, values, readout)


def explore(result: Result) -> Explorer:
    """All frames; the centre can be dragged."""
    looks = {"contours": "line muted thin", "level": "line ink solid", "ball": "area blue plain"}
    looks |= {"path": "line orange dashed", "least": "dots ink fine", "touch": "dots orange square"}
    controls = {"penalty": tuple(PENALTIES), "strength": STRENGTHS, "along": ALONG, "across": ACROSS}
    x, y = Axis("w1", -25, 50, (-20, 0, 20, 40)), Axis("w2", -18, 32, (-10, 0, 10, 20, 30))
    return Explorer(controls, ("l1", 22, *DATA), x, y, looks, dict(frames(result)), drag=True)


def numbers(result: Result) -> dict[str, float | int]:
    """Critical strength, certificate, and the strongest penalty of the grid that keeps both weights, on the data."""
    at = places().index(DATA)
    both = {name: [s for s in STRENGTHS if (result.weights[name, s][at] != 0).all()] for name in PENALTIES}
    return {"critical": result.critical[at].item(), "violation": result.violation} | {
        f"both_{name}": max(kept) for name, kept in both.items()
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """The same strength under L1 and a comparable one under L2."""
    drawn = panels(explore(result), [("l1", 30, *DATA), ("l2", 2, *DATA)], text, theme)
    drawn.set_size_inches(5.6, 8.6)
    drawn.axes[-1].set_xticks((-20, 0, 20, 40))  # a label at the end of the axis would be cut
    return drawn
