"""
How often a check-up names the planted cause, and how often it alarms where nothing is wrong.

Prediction: where a threshold follows from a formula, it holds for data and networks that nobody looked at when it was
set. Measured: the place of the planted cause among the findings, and alarms in healthy runs. The counts are those of
the last full measurement.
"""

from dataclasses import dataclass

from matplotlib.figure import Figure

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.records.records import load_trials
from optnotes.site.words.text import Label

KINDS = [*map(str, range(31, 41)), "data", "rate", "precision", "mode", "initialisation", "loss"]


@dataclass(frozen=True)
class Result:
    """Counts by fault and by healthy run."""

    faults: list[dict[str, str | int]]
    healthy: list[dict[str, str | int]]


def compute() -> Result:
    """Read the last measurement."""
    faults, healthy = load_trials()
    return Result(faults, healthy)


def total(rows: list[dict[str, str | int]], name: str) -> int:
    """Sum of one count."""
    return sum(int(row[name]) for row in rows)


def numbers(result: Result) -> dict[str, float | int]:
    """Shares in all, and counts of each kind of fault."""
    runs = total(result.faults, "runs")
    found: dict[str, float | int] = {
        "faults": len(result.faults),
        "seeds": int(result.faults[0]["runs"]),
        "first": total(result.faults, "first") / runs,
        "third": total(result.faults, "third") / runs,
        "healthy": len(result.healthy),
        "healthy_runs": total(result.healthy, "runs"),
        "alarms": total(result.healthy, "alarms") / total(result.healthy, "runs"),
    }
    weak = [row for row in result.faults if 2 * int(row["first"]) < int(row["runs"])]
    found["weak"] = len(weak)
    found |= {f"{place}_{row['id']}".replace("-", "_"): int(row[place]) for row in weak for place in ("first", "third")}
    unseen = [row for row in result.faults if row["unseen"]]
    found |= {"unseen": len(unseen), "unseen_runs": total(unseen, "runs")}
    found |= {f"unseen_{place}": total(unseen, place) for place in ("first", "third")}
    for kind in KINDS:
        rows = [row for row in result.faults if row["about"] == kind]
        found |= {f"faults_{kind}": len(rows), f"runs_{kind}": total(rows, "runs")}
        found |= {f"{place}_{kind}": total(rows, place) for place in ("first", "third")}
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One bar a kind of fault: the share of runs in which the cause came first, and among the first three."""
    drawn, axes = new_figure(figsize=(5.6, 4.6))
    counted = numbers(result)
    places = range(len(KINDS))
    for place, colour, height in (("third", theme.orange, 0.75), ("first", theme.blue, 0.45)):
        shares = [counted[f"{place}_{kind}"] / counted[f"runs_{kind}"] for kind in KINDS]
        axes.barh(places, shares, height=height, color=colour, label=text(place))
    axes.set_yticks(places, [text("question", number=kind) if kind.isdigit() else text(kind) for kind in KINDS])
    axes.invert_yaxis()
    axes.set(xlabel=text("share"), title=text("title"), xlim=(0, 1))
    drawn.legend(fontsize=9, loc="outside lower center", ncols=2)
    return drawn
