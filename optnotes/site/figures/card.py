"""Social cards: the picture that a messenger shows beside a link."""

import io
from textwrap import wrap
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from optnotes.site.figures.style import PALETTES

# Pixels that messengers expect, at 100 to the inch.
WIDTH, HEIGHT = 1200, 630


def card(title: str, motto: str) -> bytes:
    """Draw a card as PNG; the same words give the same bytes."""
    colours = PALETTES["dark"]
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=colours["paper"])
    lines = wrap(title, 24)
    bold: dict[str, Any] = {"family": "DejaVu Sans", "va": "top", "weight": "bold"}
    figure.text(0.07, 0.88, "optnotes", size=26, color=colours["blue"], **bold)
    figure.text(0.07, 0.70, "\n".join(lines), size=50 if len(lines) < 3 else 40, color=colours["ink"], **bold)
    figure.text(0.07, 0.20, "\n".join(wrap(motto, 62)), size=20, color=colours["muted"], **bold | {"weight": "normal"})
    figure.add_artist(Rectangle((0, 0), 0.02, 1, transform=figure.transFigure, color=colours["orange"]))
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
