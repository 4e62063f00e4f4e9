"""Explorers: one frame for every setting of a few controls, precomputed, so that a page's script only picks one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import LANGUAGES, SUPERSCRIPTS, Label, Language, format_number

Value = float | str
Setting = tuple[Value, ...]

# The plotting area in units of the drawing, three to two; coordinates are written in tenths of a unit.
WIDTH, HEIGHT = 378, 252
TENTHS, FAR = 10, 20_000
LINES = {"solid": "-", "dashed": "--", "dotted": ":", "thin": "-"}
DOTS = {"round": ("o", 6.0), "square": ("s", 6.0), "fine": ("o", 2.5)}


@dataclass(frozen=True)
class Axis:
    """One axis: the catalogue key of its name, its range, its ticks."""

    key: str
    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False

    def place(self, values: Any) -> Any:
        """Position within the range, from 0 to 1."""
        scale: Callable[[Any], Any] = np.log10 if self.log else np.asarray
        low, high = scale(self.low), scale(self.high)
        with np.errstate(divide="ignore"):  # zero lies infinitely far down a logarithmic axis
            return (scale(values) - low) / (high - low)

    def labels(self, language: Language) -> list[str]:
        """Ticks as ``language`` writes them; powers of ten on a logarithmic axis."""
        if self.log:
            exponents = [round(np.log10(tick).item()) for tick in self.ticks]
            return [f"10{str(e).translate(SUPERSCRIPTS)}" if e else "1" for e in exponents]
        return [format_number(tick, "g", language) for tick in self.ticks]


@dataclass(frozen=True)
class Placed:
    """Points around zero, to be scaled and then moved: frames that differ in nothing else share one path."""

    points: Any
    at: Sequence[float]
    scale: Any = 1.0  # a number, or a matrix of two rows

    @property
    def plain(self) -> bool:
        """Whether one number scales both directions."""
        return np.ndim(self.scale) == 0

    def where(self) -> Any:
        """Give the points as they are drawn."""
        matrix = np.eye(2) * self.scale if self.plain else np.asarray(self.scale)
        return np.asarray(self.at) + np.asarray(self.points, dtype=float).reshape(-1, 2) @ matrix.T


@dataclass(frozen=True)
class Frame:
    """What one setting shows: points of shape (k, 2), or placed ones, by the name of their look, and its numbers."""

    marks: Mapping[str, Any]
    numbers: Mapping[str, Any]
    readout: str = "readout"


@dataclass(frozen=True)
class Explorer:
    """
    Controls with their values, the setting at the start, axes, looks such as ``line blue dashed``, all frames.

    With ``drag`` the values of the last two controls are a place on the axes, and readers may drag it there.
    ``play`` names a control of whole numbers that buttons run through: the looks in ``grows`` show as many steps of
    their path after its first point. No frame depends on it, so the keys of the frames leave it out.
    """

    controls: Mapping[str, Sequence[Value]]
    start: Setting
    x: Axis
    y: Axis
    looks: Mapping[str, str]
    frames: Mapping[Any, Frame]  # the key type of a mapping is invariant; __post_init__ checks the keys
    drag: bool = False
    play: str = ""
    grows: Sequence[str] = ()

    def __post_init__(self) -> None:
        if bool(self.play) != bool(self.grows) or (self.play and self.play not in self.controls):
            raise ValueError(f"what is played needs a control and looks that grow, got {self.play!r}, {self.grows!r}")
        begin = tuple(value for name, value in zip(self.controls, self.start, strict=True) if name != self.play)
        if set(self.frames) != set(self.settings()) or begin not in self.frames:
            raise ValueError("an explorer needs exactly one frame for every setting, the start included")
        for frame in self.frames.values():
            if unknown := set(frame.marks) - set(self.looks):
                raise ValueError(f"marks without a look: {', '.join(sorted(unknown))}")
            if any(isinstance(mark, Placed) for mark in frame.marks.values()) and (self.x.log or self.y.log):
                raise ValueError("marks can be scaled and moved on linear axes only")
        if self.drag and (len(self.start) < 2 or any(isinstance(value, str) for value in self.start[-2:])):
            raise ValueError("what is dragged needs two controls of numbers at the end, its coordinates")

    def settings(self) -> Iterator[Setting]:
        """All settings; the last control runs fastest."""
        return product(*(values for name, values in self.controls.items() if name != self.play))

    def places(self) -> dict[str, list[int]]:
        """Where the values of the controls lie that readers may drag, in tenths of a unit."""
        pair = list(self.controls.items())[-2:] if self.drag else []
        found = {}
        for (name, values), axis in zip(pair, (self.x, self.y), strict=False):
            along = axis.place(np.asarray(values))
            long = along * WIDTH if axis is self.x else (1 - along) * HEIGHT
            found[name] = (long * TENTHS).round().astype(int).tolist()
        return found


def raw(value: Value) -> str:
    """Write a value as the address of the page does."""
    return value if isinstance(value, str) else format(value, "g")


def svg_path(explorer: Explorer, look: str, points: Any, origin: Sequence[float] = (0, 0), grows: bool = False) -> str:
    """
    Points as an SVG path in whole tenths of a unit from an origin; what is not finite breaks a line.

    A path that grows has one letter for each point, so that a script can cut it.
    """
    horizontal, vertical = np.asarray(points, dtype=float).reshape(-1, 2).T
    places = np.stack([explorer.x.place(horizontal) * WIDTH, (1 - explorer.y.place(vertical)) * HEIGHT], axis=1)
    known = np.isfinite(np.stack([horizontal, vertical], axis=1)).all(1)
    # Far outside the drawing the exact place no longer matters, only the digits it costs.
    tenths = np.nan_to_num(places * TENTHS - origin, posinf=FAR, neginf=-FAR)
    tenths = np.clip(tenths, -FAR, FAR).round().astype(int)
    if look.startswith("dots"):
        return "".join(f"M{x} {y}h1" for x, y in tenths[known].tolist())
    if grows:
        return "".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(tenths.tolist()))
    path, before = "", None
    for (x, y), fine in zip(tenths.tolist(), known, strict=True):
        if not fine:
            before = None
        elif before is None:
            path, before = f"{path}M{x} {y}l", (x, y)
        elif (x, y) != before:
            path, before = f"{path}{x - before[0]} {y - before[1]} ".replace(" -", "-"), (x, y)
    path = re.sub(" ?(?=M)|l? ?$|l(?=M)", "", path)  # an l without points, where all coincide, is no path
    return path + "z" if path and look.startswith("area") else path


def _tenths(explorer: Explorer, at: Sequence[float]) -> tuple[float, float]:
    return (
        explorer.x.place(at[0]).item() * WIDTH * TENTHS,
        (1 - explorer.y.place(at[1]).item()) * HEIGHT * TENTHS,
    )


def _columns(explorer: Explorer, matrix: Any) -> list[float]:
    """Columns of a matrix on the axes, for coordinates on the screen."""
    units = np.array([WIDTH / (explorer.x.high - explorer.x.low), -HEIGHT / (explorer.y.high - explorer.y.low)])
    found: list[float] = (np.asarray(matrix) * units[:, None] / units).T.round(4).ravel().tolist()
    return found


def drawing(explorer: Explorer) -> dict[str, Any]:
    """
    All frames without words: every different path once, and for each setting the number of each look's path.

    A placed mark has, besides the number of its path, the place in tenths and the scale or the columns of the matrix.
    """
    paths: dict[str, int] = {"": 0}
    known: dict[
        tuple[str, bool, int], int
    ] = {}  # what frames share is written once; by identity, since frames keep it alive

    def number(name: str, points: Any, origin: Sequence[float]) -> int:
        look, grows = explorer.looks[name], name in explorer.grows
        key = look, grows, id(points)
        if key not in known:
            known[key] = paths.setdefault(svg_path(explorer, look, points, origin, grows), len(paths))
        return known[key]

    def entry(name: str, mark: Any) -> Any:
        if not isinstance(mark, Placed):
            return number(name, mark, (0, 0))
        place = [round(each) for each in _tenths(explorer, mark.at)]
        scale = [round(mark.scale, 3)] if mark.plain else _columns(explorer, mark.scale)
        return [number(name, mark.points, _tenths(explorer, (0, 0))), *place, *scale]

    frames = [
        [entry(name, explorer.frames[setting].marks.get(name, ())) for name in explorer.looks]
        for setting in explorer.settings()
    ]
    grown = {"grows": [list(explorer.looks).index(name) for name in explorer.grows]} if explorer.play else {}
    return {"paths": list(paths), "frames": frames} | grown


def words(explorer: Explorer, text: Label, language: Language) -> dict[str, Any]:
    """Everything a reader reads: names and values of the controls, legend, axes, and a sentence for every setting."""
    places = explorer.places()
    controls = [
        {
            "name": name,
            "label": text(name),
            "values": [raw(value) for value in values],
            "labels": [text(v) if isinstance(v, str) else format_number(v, "g", language) for v in values],
            "kind": "select" if isinstance(values[0], str) else "range",
            "start": list(values).index(start),
        }
        | ({"places": places[name]} if name in places else {})
        | ({"plays": True} if name == explorer.play else {})
        for (name, values), start in zip(explorer.controls.items(), explorer.start, strict=True)
    ]
    axes = {
        name: {
            "label": text(axis.key),
            "ticks": list(zip(axis.place(axis.ticks).round(4).tolist(), axis.labels(language), strict=True)),
        }
        for name, axis in (("x", explorer.x), ("y", explorer.y))
    }
    frames = [explorer.frames[setting] for setting in explorer.settings()]
    return {
        "title": text("explore"),
        "controls": controls,
        "axes": axes,
        "legend": [(look, text(name)) for name, look in explorer.looks.items()],
        "readouts": [text(frame.readout, **frame.numbers) for frame in frames],
    }


def explorer_bundle(explorer: Explorer, labels: Callable[[Language], Label]) -> dict[str, Any]:
    """The drawing, and its words in each language."""
    said = {language: words(explorer, labels(language), language) for language in LANGUAGES}
    return {"drawing": drawing(explorer), "words": said}


def panels(explorer: Explorer, chosen: Iterable[Setting], text: Label, theme: Theme) -> Figure:
    """Draw some settings one below the other: what a page shows where no script runs, and on paper."""
    settings = list(chosen)
    drawn, rows = new_figure(nrows=len(settings), squeeze=False, sharex=True, figsize=(5.0, 3.5 * len(settings)))
    for axes, setting in zip(rows[:, 0], settings, strict=True):
        for name, look in explorer.looks.items():
            points = explorer.frames[setting].marks.get(name)
            points = points.where() if isinstance(points, Placed) else points
            if points is not None and len(points):
                _draw(axes, look, np.asarray(points), text(name), theme)
        axes.set(xlim=(explorer.x.low, explorer.x.high), ylim=(explorer.y.low, explorer.y.high))
        axes.set(xscale="log" if explorer.x.log else "linear", yscale="log" if explorer.y.log else "linear")
        axes.set_yticks(explorer.y.ticks)
        axes.set_box_aspect(HEIGHT / WIDTH)
        named = zip((name for name in explorer.controls if name != explorer.play), setting, strict=True)
        axes.set(title=text("panel", **{name: text(v) if isinstance(v, str) else v for name, v in named}))
        axes.set_ylabel(fill(text(explorer.y.key), 26))
    rows[-1, 0].set_xlabel(text(explorer.x.key))
    handles, marked = rows[0, 0].get_legend_handles_labels()
    drawn.legend(handles, [fill(each, 28) for each in marked], fontsize=9, loc="outside lower center", ncols=2)
    return drawn


def _draw(axes: Any, look: str, points: Any, label: str, theme: Theme) -> None:
    kind, colour, style = look.split()
    if kind == "area":
        axes.fill(*points.T, color=getattr(theme, colour), alpha=0.25, linewidth=0, label=label)
    elif kind == "dots":
        marker, size = DOTS[style]
        looks = {"marker": marker, "markersize": size, "linestyle": "none"}
        axes.plot(*points.T, color=getattr(theme, colour), label=label, **looks)
    else:
        width = 0.9 if style == "thin" else 1.8
        axes.plot(*points.T, color=getattr(theme, colour), linestyle=LINES[style], linewidth=width, label=label)
