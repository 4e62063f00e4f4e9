"""A panel of a figure as a small drawing: its curves and marks without words, in the colours of the page's mode."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from optnotes.site.figures.style import PALETTES

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
NAMES = {colour: name for name, colour in PALETTES["light"].items()}
NUMBER = re.compile(r"-?\d+\.?\d*")
WORDS = ("matplotlib.axis", "text", "legend")
SPINE = "stroke-linejoin: miter"
LARGEST_DOT = 12  # larger shapes that are drawn by reference are bands


def thumbnail(svg: str, panel: int) -> str:
    """Return the ``panel``-th axes of a light figure; colours are those of the house style.

    Raises
    ------
    ValueError
        If the figure has no such panel or a colour of its own.
    """
    tree = ElementTree.fromstring(svg)
    axes = tree.find(f".//{SVG}g[@id='axes_{panel}']")
    if axes is None:
        raise ValueError(f"panel: expected one of the figure, got {panel}")
    shapes = {path.get("id"): path.get("d", "") for path in tree.iter(f"{SVG}path") if path.get("id")}
    paper, *parts = [part for part in axes if not part.get("id", "").startswith(WORDS)]
    xs, ys = _places(paper[0].get("d", ""))
    box = f"{min(xs):.0f} {min(ys):.0f} {max(xs) - min(xs):.0f} {max(ys) - min(ys):.0f}"
    marks = "".join(mark for part in parts for mark in _marks(part, shapes))
    return f'<svg class="thumbnail" viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">{marks}</svg>'


def _places(path: str) -> tuple[list[float], list[float]]:
    numbers = [float(number) for number in NUMBER.findall(path)]
    return numbers[::2], numbers[1::2]


def _rounded(path: str) -> str:
    return " ".join(NUMBER.sub(lambda number: f"{float(number[0]):.0f}", path).split())


def _marks(part: ElementTree.Element, shapes: dict[str | None, str]) -> Iterator[str]:
    """Draw the paths, the bands and the dots of one artist."""
    within = {path for defs in part.iter(f"{SVG}defs") for path in defs}
    dots: dict[tuple[str, float], list[str]] = {}
    for node in part.iter():
        style, path, move = node.get("style", ""), node.get("d", ""), ""
        if node.tag == f"{SVG}use":
            path, x, y = shapes[node.get(LINK, "#")[1:]], float(node.get("x", 0)), float(node.get("y", 0))
            radius = max(map(abs, _places(path)[0]))
            if radius < LARGEST_DOT:
                dots.setdefault((_tone(style), radius), []).append(f"M{x:.0f} {y:.0f}h.1")
                continue
            move = f' transform="translate({x:.0f} {y:.0f})"'
        elif node.tag != f"{SVG}path" or node in within or SPINE in style:
            continue
        yield f'<path class="{_look(style)} {_tone(style)}"{_opacity(style)}{move} d="{_rounded(path)}"/>'
    for (tone, size), places in dots.items():
        yield f'<path class="dots {tone}" stroke-width="{2 * size:.1f}" d="{"".join(places)}"/>'


def _look(style: str) -> str:
    if "fill: none" not in style:
        return "area"
    dashes = re.search(r"stroke-dasharray: ([\d.]+)", style)
    return "line" if not dashes else "line dashed" if float(dashes[1]) > 3 else "line dotted"


def _opacity(style: str) -> str:
    found = re.search(r"opacity: ([\d.]+)", style)
    return f' opacity="{found[1]}"' if found else ""


def _tone(style: str) -> str:
    found = re.findall(r"#[0-9a-f]{6}", style)
    if not found or found[-1] not in NAMES:
        raise ValueError(f"colours: expected those of the house style, got '{style}'")
    return NAMES[found[-1]]
