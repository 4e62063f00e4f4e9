"""What a check-up says: findings in order, numbers by layer, in words of either language."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The pages whose labels begin with q31 and so on, as the site names them.
PAGES = {
    "che": "checkup",
    "q31": "questions/31-vanishing-gradients",
    "q32": "questions/32-exploding-gradients",
    "q33": "questions/33-curing-vanishing-gradients",
    "q34": "questions/34-overfitting",
    "q35": "questions/35-regularization",
    "q36": "questions/36-l2",
    "q37": "questions/37-l1-elastic-net",
    "q38": "questions/38-dropout",
    "q39": "questions/39-activations",
    "q40": "questions/40-feature-normalization",
}
Slot = float | str


@cache
def catalogue(name: str) -> Mapping[str, Any]:
    """Return a data file of the package."""
    return tomllib.loads(resources.files("optnotes.checkup").joinpath(f"{name}.toml").read_text("utf-8"))


def written(value: Slot, language: str) -> str:
    """Write a number with three digits, with a decimal comma in Russian."""
    if isinstance(value, str):
        return value
    plain = "∞" if value == math.inf else f"{value:.3g}" if abs(value) < 1e6 else f"{value:.1e}"
    return plain.replace(".", catalogue("words")["decimal"][language])


def language_of(language: str) -> str:
    """Refuse a language without words."""
    if language not in (languages := catalogue("words")["nothing"]):
        raise ValueError(f"language must be one of {', '.join(languages)}, got {language!r}")
    return language


@dataclass(frozen=True)
class Finding:
    """
    One thing that is wrong, how far beyond its threshold, and where the site says more.

    Parameters
    ----------
    cause : str
        Its name in ``findings.toml``.
    score : float
        The reading over its threshold: one at the threshold, infinite where there is nothing to measure.
    slots : dict
        Numbers and names for its sentence.
    """

    cause: str
    score: float
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Mapping[str, Any]:
        """What ``findings.toml`` says of the cause."""
        return catalogue("findings")[self.cause]

    @property
    def page(self) -> str:
        """Address of the passage with the tried advice, below the address of the site in one language."""
        label = self.entry["page"]
        return f"{PAGES[label[:3]]}.html#{label}"

    @property
    def symptom(self) -> str:
        """Address of the symptom, below the address of the site in one language."""
        return f"symptoms.html#symptom-{self.entry['symptom']}"

    def seen(self, language: str = "en") -> str:
        """Say what was measured."""
        slots = {name: written(value, language) for name, value in self.slots.items()}
        return self.entry["seen"][language_of(language)].format(**slots)

    def advice(self, language: str = "en") -> str:
        """Say what helped where it was tried."""
        return self.entry["advice"][language_of(language)]


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Order findings: certain faults, causes, consequences; within each, the furthest beyond its threshold first."""
    named = {finding.cause for finding in findings}
    explained = {each for cause in named for each in catalogue("findings")[cause].get("explains", ()) if each != cause}

    def key(finding: Finding) -> tuple[int, float]:
        return finding.entry["rank"] + (3 if finding.cause in explained else 0), -finding.score

    return tuple(sorted(findings, key=key))


@dataclass(frozen=True)
class Reading:
    """
    One measurement: its numbers, what it found, and what it could not read.

    Parameters
    ----------
    name : str
        The measurement.
    numbers : dict
        What was measured, by name.
    findings : tuple of Finding
        What lies beyond a threshold.
    skipped : tuple of str
        Keys of ``words.toml`` that say what was not measured, and why.
    """

    name: str
    numbers: Mapping[str, float]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """
    All measurements of one check-up.

    Parameters
    ----------
    readings : tuple of Reading
        One for each measurement.
    layers : tuple of dict
        One for each layer in the order of the forward pass.
    """

    readings: tuple[Reading, ...]
    layers: tuple[Mapping[str, float | str], ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, the likeliest cause first."""
        return ranked([finding for reading in self.readings for finding in reading.findings])

    def text(self, language: str = "en") -> str:
        """
        Report in words.

        Parameters
        ----------
        language : str
            ``"en"`` or ``"ru"``.

        Returns
        -------
        str
            Findings in order, each with its advice and two addresses on the site, and what was not measured.
        """
        say = catalogue("words")
        language = language_of(language)
        lines = [] if self.findings else [say["nothing"][language]]
        for number, finding in enumerate(self.findings, 1):
            lines.append(f"{number}. {finding.seen(language)}")
            lines.append(f"   {finding.advice(language)}")
            lines.append(f"   {finding.page}, {finding.symptom}")
        skipped = [key for reading in self.readings for key in reading.skipped]
        if skipped:
            lines.append(say["skipped"][language])
            lines += [f"- {say[key][language]}" for key in skipped]
        return "\n".join(lines)

    def table(self, language: str = "en") -> str:
        """
        Numbers by layer.

        Parameters
        ----------
        language : str
            ``"en"`` or ``"ru"``.

        Returns
        -------
        str
            One line for each layer, with a dash where there is nothing to measure.
        """
        say, language = catalogue("words"), language_of(language)
        columns = ("layer", "signal", "gain", "predicted", "gradient", "update", "dead", "saturated")
        rows = [[say[f"column-{column}"][language] for column in columns]]
        for layer in self.layers:
            cells = [layer.get(column, math.nan) for column in columns]
            rows.append(["–" if isinstance(c, float) and math.isnan(c) else written(c, language) for c in cells])
        widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
        padded = [
            [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            for row in rows
        ]
        return "\n".join("  ".join(row) for row in padded)

    def figure(self, language: str = "en") -> "Figure":
        """
        Gradient norms by layer, measured and predicted; needs matplotlib.

        Parameters
        ----------
        language : str
            ``"en"`` or ``"ru"``.

        Returns
        -------
        matplotlib.figure.Figure
            A figure of its own, unknown to ``pyplot``.
        """
        from matplotlib.figure import Figure  # here, since the package needs torch only

        say, language = catalogue("words"), language_of(language)
        drawn = Figure(figsize=(6, 3.6), layout="constrained")
        axes = drawn.subplots()
        names = [str(layer["layer"]) for layer in self.layers]
        for column, style in (("gradient", "o-"), ("predicted", "s--"), ("signal", "^:")):
            heights = [float(layer.get(column, math.nan)) for layer in self.layers]
            axes.plot(range(len(names)), heights, style, label=say[f"column-{column}"][language])
        axes.set_xticks(range(len(names)), names, rotation=90 if len(names) > 6 else 0)
        axes.set(xlabel=say["column-layer"][language])
        if any(float(layer.get("gradient", 0)) > 0 for layer in self.layers):
            axes.set_yscale("log")
        axes.legend()
        return drawn

    def asdict(self) -> dict[str, float]:
        """
        Plain numbers for a log.

        Returns
        -------
        dict
            Every reading as ``measurement/number``, every finding as ``finding/cause`` with its score.
        """
        found = {f"{each.name}/{key}": value for each in self.readings for key, value in each.numbers.items()}
        return found | {f"finding/{finding.cause}": finding.score for finding in self.findings}

    def __str__(self) -> str:
        return self.text()
