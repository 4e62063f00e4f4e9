"""
What a page costs on a site of ten, a hundred and a thousand pages.

Prediction: a build that does nothing twice needs the same time for each page whatever their number, so the
lines stay flat, or fall where a fixed start is shared by more pages. The numbers are those of the last measurement.
"""

import math
from dataclasses import dataclass

from matplotlib.figure import Figure

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.records.records import load_bench
from optnotes.site.words.text import Label

MARKERS = {"cold": "o", "unchanged": "^", "word": "s"}


@dataclass(frozen=True)
class Result:
    """Seconds of each kind of build and peak memory, by number of pages."""

    rows: list[dict[str, float]]


def slope(rows: list[dict[str, float]], name: str) -> float:
    """Exponent of a cost between the two largest sites: 1 is a cost that grows in a line."""
    small, large = rows[-2:]
    return math.log(large[name] / small[name]) / math.log(large["pages"] / small["pages"])


def compute() -> Result:
    """Read the last measurement."""
    return Result(load_bench().scale)


def numbers(result: Result) -> dict[str, float | int]:
    """Exponent of each cost, and milliseconds a page in the smallest and the largest site."""
    first, last = result.rows[0], result.rows[-1]
    found: dict[str, float | int] = {"fewest": int(first["pages"]), "most": int(last["pages"])}
    for name in (*MARKERS, "mebibytes"):
        found[f"slope_{name}"] = slope(result.rows, name)
    for name in MARKERS:
        found[f"few_{name}"] = 1000 * first[name] / first["pages"]
        found[f"many_{name}"] = 1000 * last[name] / last["pages"]
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Milliseconds a page against the number of pages, one line a kind of build."""
    drawn, axes = new_figure(figsize=(5.6, 3.8))
    pages = [row["pages"] for row in result.rows]
    for (name, marker), colour in zip(MARKERS.items(), (theme.blue, theme.orange, theme.green), strict=True):
        costs = [1000 * row[name] / row["pages"] for row in result.rows]
        axes.plot(pages, costs, color=colour, marker=marker, label=text(name))
    axes.set(xscale="log", yscale="log", xlabel=text("pages"), title=text("title"))
    axes.legend()
    return drawn
