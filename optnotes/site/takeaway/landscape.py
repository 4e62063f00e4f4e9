"""A figure for a slide: panels that stand one below the other on a page stand side by side.

It is the picture of the page, moved: drawing once more would take most of the time of a build.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import cast

from lxml import etree

SVG = "{http://www.w3.org/2000/svg}"
POINT = re.compile(r"[ML] [-\d.]+ ([-\d.]+)")
PLACED = re.compile(r"translate\([-\d.]+ ([-\d.]+)\) scale")
ABOVE, BELOW = 14, 8  # what a line of words takes over and under its base line, with a margin

Span = tuple[float, float]  # top and bottom


def landscape(svg: bytes) -> bytes:
    """Put the panels of a figure that is taller than wide side by side; leave any other as it is."""
    root = etree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    if height <= width:
        return svg
    drawing = cast(etree._Element, root.find(f"{SVG}g"))
    paper, *groups = drawing
    panels = [group for group in groups if group.get("id", "").startswith("axes_")]
    floor = max(frame(panel)[1] for panel in panels)
    shifts = [floor - frame(panel)[1] for panel in panels]
    spans = [reach(panel) for panel in panels]
    words_again(panels)  # they reach as far down as those of the last panel
    moved = [(top + shift, bottom + shift) for (top, bottom), shift in zip(spans, shifts, strict=True)]
    for number, (panel, shift) in enumerate(zip(panels, shifts, strict=True)):
        move(panel, number * width, shift)
    for other in (group for group in groups if group not in panels):  # a legend or a title of all panels
        top, bottom = reach(other)
        over = bottom < min(frame(panel)[0] for panel in panels)
        shift = min(top for top, _ in moved) - min(top for top, _ in spans) if over else 0
        move(other, (len(panels) - 1) * width / 2, shift)
        moved.append((top + shift, bottom + shift))
    top, bottom = hull(moved)
    if bottom - top > len(panels) * width:
        raise ValueError(
            f"landscape: expected panels to set side by side, got {len(panels)} in a figure taller than wide."
        )
    drawing.remove(paper)
    root.set("viewBox", f"0 {top:.2f} {len(panels) * width:g} {bottom - top:.2f}")
    root.set("width", f"{len(panels) * width:g}pt")
    root.set("height", f"{bottom - top:.2f}pt")
    return etree.tostring(root)


def hull(spans: Iterable[Span]) -> Span:
    """Smallest span around all."""
    tops, bottoms = zip(*spans, strict=True)
    return min(tops), max(bottoms)


def heights(path: etree._Element) -> list[float]:
    """Heights of the points of a path of straight lines."""
    return [float(y) for y in POINT.findall(path.get("d", ""))]


def frame(panel: etree._Element) -> Span:
    """Top and bottom of the frame, which matplotlib draws first."""
    found = heights(cast(etree._Element, panel.find(f"{SVG}g/{SVG}path")))
    return min(found), max(found)


def reach(group: etree._Element) -> Span:
    """Top and bottom with all words."""
    lines = [float(found[1]) for each in group.iter(f"{SVG}g") if (found := PLACED.match(each.get("transform", "")))]
    return hull([frame(group), *((line - ABOVE, line + BELOW) for line in lines)])


def words_again(panels: list[etree._Element]) -> None:
    """Write the words below the last panel below those, too, that have none because they share its axis."""
    axis, bottom = horizontal(panels[-1]), frame(panels[-1])[1]
    for panel in panels[:-1]:
        if not words(horizontal(panel)):
            again = etree.SubElement(panel, f"{SVG}g")
            again.extend(deepcopy(each) for each in words(axis))
            for each in list(again.iter(etree.Element)):
                if each.tag == f"{SVG}defs":  # glyphs have names, and are there already
                    cast(etree._Element, each.getparent()).remove(each)
                each.attrib.pop("id", None)
            move(again, 0, frame(panel)[1] - bottom)


def horizontal(panel: etree._Element) -> etree._Element:
    """The first axis of a panel."""
    return next(group for group in panel.iter(f"{SVG}g") if group.get("id", "").startswith("matplotlib.axis_"))


def words(axis: etree._Element) -> list[etree._Element]:
    """What is written at an axis."""
    return [group for group in axis.iter(f"{SVG}g") if group.get("id", "").startswith("text_")]


def move(group: etree._Element, right: float, down: float) -> None:
    """Move a group."""
    group.set("transform", f"translate({right:g} {down:.2f})")
