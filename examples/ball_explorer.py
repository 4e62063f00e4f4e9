"""
Where the ball of a penalty touches the contours of the loss, for three penalties and many strengths.

Two standardised features of the diabetes data, body mass index and blood pressure. Each minimiser is also the point
of its own ball with the smallest loss. Prediction: under L1 the first weight leaves zero at the critical strength, and
until the second one does, the contours touch the ball in a corner; under L2 no weight is ever zero. Measured: the
minimisers by proximal steps, with the violation of the optimality conditions as their certificate.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.penalties import elastic_net_loss, kkt_violation, lambda_max, proximal_gradient_step
from optnotes.site.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures import Theme
from optnotes.site.text import Label

FEATURES, TOLERANCE, TURNS, SIDE = ("bmi", "bp"), 1e-9, 72, 200.0
PENALTIES = {"l1": (1.0, 0.0), "elastic": (0.5, 0.5), "l2": (0.0, 1.0)}
STRENGTHS = (0, 0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 14, 18, 22, 26, 27, 30, 35, 40, 45, 45.2, 60, 75, 100)
Key = tuple[str, float]


@dataclass(frozen=True)
class Result:
    """Minimisers by penalty and strength, the largest violation, the critical strength, loss matrix and centre."""

    weights: dict[Key, Tensor]
    violation: float
    critical: float
    hessian: Tensor
    centre: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Two standardised features and the centred targets."""
    bunch = load_diabetes(scaled=False)
    X = torch.tensor(bunch.data[:, [list(bunch.feature_names).index(name) for name in FEATURES]])
    y = torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean()


def parts(key: Key) -> tuple[float, float]:
    """Strengths of the L1 and of the L2 part."""
    return PENALTIES[key[0]][0] * key[1], PENALTIES[key[0]][1] * key[1]


def compute() -> Result:
    """Proximal steps with warm starts, from the weakest penalty to the strongest."""
    X, y = data()
    hessian = least_squares_hessian(X)
    lr = 1 / torch.linalg.eigvalsh(hessian)[-1].item()
    weights, violation = {}, 0.0
    for penalty in PENALTIES:
        w = torch.zeros(2, dtype=X.dtype)
        for key in ((penalty, strength) for strength in STRENGTHS):
            while (gap := kkt_violation(X, y, w, *parts(key)).max().item()) > TOLERANCE:
                w = proximal_gradient_step(X, y, w, lr, *parts(key))
            weights[key], violation = w, max(violation, gap)
    return Result(weights, violation, lambda_max(X, y).item(), hessian, weights["l1", 0])


def around() -> Tensor:
    """Unit vectors all round, the axes among them, the first one repeated at the end."""
    turn = torch.linspace(0, math.tau, TURNS + 1, dtype=torch.float64)
    return torch.stack([turn.cos(), turn.sin()], 1)


def ball(penalty: str, w: Tensor) -> Tensor:
    """All points with the penalty of w, found along each direction by bisection."""
    cost = torch.func.vmap(lambda v: elastic_net_loss(torch.zeros_like(v[0]), v, *PENALTIES[penalty]))
    low, high, rays, size = torch.zeros(TURNS + 1).to(w), torch.full((TURNS + 1,), SIDE).to(w), around(), cost(w[None])
    for _ in range(25):
        middle = (low + high) / 2
        inside = cost(middle[:, None] * rays) <= size
        low, high = torch.where(inside, middle, low), torch.where(inside, high, middle)
    return low[:, None] * rays


def explore(result: Result) -> Explorer:
    """Ball, contour through the touching point, and the path of the minimisers so far."""
    root = torch.linalg.cholesky(result.hessian)
    circle = torch.linalg.solve(root.mT, around().mT).mT
    levels = [torch.cat([result.centre + r * circle, torch.full((1, 2), math.nan).double()]) for r in (8, 20, 32)]
    frames = {}
    for key, w in result.weights.items():
        rank = STRENGTHS.index(key[1])
        marks = {"contours": torch.cat(levels), "ball": ball(key[0], w)}
        marks |= {"level": result.centre + ((w - result.centre) @ root).norm() * circle}
        marks |= {"path": torch.stack([result.weights[key[0], each] for each in STRENGTHS[: rank + 1]])}
        values = dict(zip(FEATURES, w.tolist(), strict=True)) | {"zeros": int((w == 0).sum())}
        readout = ("both", "corner", "nothing")[values["zeros"]]
        frames[key] = Frame(marks | {"touch": w[None], "least": result.centre[None]}, values, readout)
    looks = {"contours": "line muted thin", "level": "line ink solid", "ball": "area blue plain"}
    looks |= {"path": "line orange dashed", "least": "dots ink fine", "touch": "dots orange square"}
    controls = {"penalty": tuple(PENALTIES), "strength": STRENGTHS}
    x, y = Axis("w1", -25, 50, (-20, 0, 20, 40)), Axis("w2", -18, 32, (-10, 0, 10, 20, 30))
    return Explorer(controls, ("l1", 22), x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Critical strength, certificate, and the strongest penalty of the grid that keeps both weights."""
    both = {name: [s for s in STRENGTHS if (result.weights[name, s] != 0).all()] for name in PENALTIES}
    return {"critical": result.critical, "violation": result.violation} | {
        f"both_{name}": max(kept) for name, kept in both.items()
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """The same strength under L1 and a comparable one under L2."""
    drawn = panels(explore(result), [("l1", 30), ("l2", 2)], text, theme)
    drawn.set_size_inches(5.6, 8.6)
    drawn.axes[-1].set_xticks((-20, 0, 20, 40))  # a label at the end of the axis would be cut
    return drawn
