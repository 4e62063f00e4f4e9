"""What must hold of a drawn formula: each rule takes one and yields the faults it sees, in words."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from tests.browser.outline import (
    SCRIPTED,
    base,
    closes,
    drawn_rows,
    gap,
    ink,
    name,
    opens,
    size,
    walk,
    word,
)
from tests.browser.survey import FEW, Formula

Rule = Callable[[Formula], Iterator[str]]

INFIX = set("=≤≥<>≪≫≈≠∼∈+−±×·⊙→←↦∝∣")


def invisible(formula: Formula) -> Iterator[str]:
    """Hiding a part changes the picture."""
    for node in walk(formula.told["outline"]):
        if node["part"] in formula.dots and not formula.dots[node["part"]]:
            yield f"{node['tag']} {node.get('text', '')} leaves no ink"


def empty(formula: Formula) -> Iterator[str]:
    """Something stands in every place of a fraction, a root, an accent, a script."""
    for node in walk(formula.told["outline"]):
        if node["tag"] in SCRIPTED | {"mfrac", "msqrt", "mroot"}:
            row = [{"tag": "mrow", "part": -1, "children": node["children"]}]
            places = row if node["tag"] == "msqrt" else node["children"]
            for number, child in enumerate(places):
                if all(each["part"] < 0 for each in walk(child)):
                    yield f"{node['tag']} {name(node)} has nothing in its place {number + 1}"


def unreachable(formula: Formula) -> Iterator[str]:
    """Every part comes into view, if need be by scrolling."""
    for node in walk(formula.told["outline"]):
        if node["part"] >= 0 and node["part"] not in formula.dots:
            yield f"{name(node)} never comes into view"


def clipped(formula: Formula) -> Iterator[str]:
    """No ink is cut where a formula does not scroll."""
    if formula.clipped > FEW:
        yield f"{formula.clipped} dots are cut"


def overlapping(formula: Formula) -> Iterator[str]:
    """No part lies on another."""
    names = {node["part"]: name(node) if "text" in node else node["tag"] for node in walk(formula.told["outline"])}
    for (one, other), dots in formula.overlaps.items():
        if dots > FEW:
            yield f"{names[one]} and {names[other]} lie on each other in {dots} dots"


def stray(formula: Formula) -> Iterator[str]:
    """Ink belongs to a part and stands near it."""
    if formula.stray > FEW:
        yield f"{formula.stray} dots belong to no part"


def scripts_apart(formula: Formula) -> Iterator[str]:
    """The exponent stands above the index, and begins where it does."""
    for node in walk(formula.told["outline"]):
        if node["tag"] == "msubsup":
            low, high = (ink(formula, child) for child in node["children"][1:])
            em = size(node["children"][-1])
            if low and high and high[1] + high[3] > low[1] + 0.05 * em:
                below = (high[1] + high[3] - low[1]) / em
                yield f"{name(node)}: the exponent ends {below:.2f} em below the top of the index"
            if low and high and high[0] < low[0] - 0.1 * em:
                yield f"{name(node)}: the exponent begins {(low[0] - high[0]) / em:.2f} em left of the index"


def operators_in_scripts(formula: Formula) -> Iterator[str]:
    """Operators of scripts stand closer than those of the line."""
    for items, script in drawn_rows(formula):
        for (before, one), (node, box), (_, other) in zip(items, items[1:], items[2:], strict=False):
            if script and node["tag"] == "mo" and node["text"] in INFIX and before["tag"] != "mo":
                space = max(gap(one, box), gap(box, other)) / node["size"]
                if space > 0.24:
                    yield f"{''.join(name(each) for each, _ in items)}: {space:.2f} em beside {node['text']}"


def names_glued(formula: Formula) -> Iterator[str]:
    """Names of functions keep a distance from what stands around them; ink ends half a dot late on average."""
    for items, _ in drawn_rows(formula):
        for (before, one), (node, box) in pairwise(items):
            space = (gap(one, box) + formula.dot / 2) / size(node)
            after_operand = base(before)["tag"] != "mo" or closes(base(before))
            before_operand = base(node)["tag"] != "mo"
            glued = (word(node) and after_operand) or (word(before) and before_operand)
            if glued and space < 0.08:
                yield f"{name(before)} {name(node)}: {space:.2f} em apart"


def fractions_touch(formula: Formula) -> Iterator[str]:
    """Fractions keep away from what stands beside them, and their bars cover what they part.

    Browsers begin a bar at a whole dot: a tenth of an em may look like a twelfth. A letter that leans reaches out of
    its box by up to a tenth of an em, and so may the first or the last one over a bar.
    """
    for items, _ in drawn_rows(formula):
        for (before, one), (node, box) in pairwise(items):
            if "mfrac" in (base(before)["tag"], base(node)["tag"]) and gap(one, box) < 0.08 * size(node):
                yield f"{name(before)} | {name(node)}: {gap(one, box) / size(node):.2f} em apart"
    for node in walk(formula.told["outline"]):
        if node["tag"] == "mfrac" and (bar := formula.ink.get(node["part"])):
            for child in node["children"]:
                held, over = ink(formula, child), 0.1 * size(node) + formula.dot
                if held and (held[0] < bar[0] - over or held[0] + held[2] > bar[0] + bar[2] + over):
                    yield f"the bar is {bar[2]:.1f} px long, {name(child)} {held[2]:.1f} px"


def radicals_cover(formula: Formula) -> Iterator[str]:
    """A radical reaches around what it holds."""
    for node in walk(formula.told["outline"]):
        if node["tag"] in ("msqrt", "mroot") and (sign := formula.ink.get(node["part"])):
            content = {"tag": "mrow", "part": -1, "children": node["children"][: 1 if node["tag"] == "mroot" else None]}
            held = ink(formula, content)
            if held and (
                held[0] + held[2] > sign[0] + sign[2] + 1.5
                or held[1] < sign[1]
                or held[1] + held[3] > sign[1] + sign[3] + 3
            ):
                yield f"the radical does not cover {name(content)}"


def accents_off(formula: Formula) -> Iterator[str]:
    """An accent stands close above the middle of its letter; their smoothed edges may share a row of dots."""
    for node in walk(formula.told["outline"]):
        if node["tag"] == "mover" and len(node["children"][1].get("text", "")) == 1:
            held, mark = (ink(formula, child) for child in node["children"])
            if not held or not mark:
                continue
            em = size(node)
            aside = abs(held[0] + held[2] / 2 - mark[0] - mark[2] / 2) / em
            above = (held[1] - mark[1] - mark[3]) / em
            if aside > 0.25 or not -1.1 * formula.dot / em < above < 0.3:
                yield f"{name(node)}: the accent is {aside:.2f} em aside, {above:.2f} em above"


def fences(formula: Formula) -> Iterator[str]:
    """Brackets stand close to what they hold, and stretched ones reach around it."""
    for items, _ in drawn_rows(formula):
        for (before, one), (node, box) in pairwise(items):
            if opens(before) or closes(base(node)):
                em = size(base(node) if closes(base(node)) else before)
                space = gap(one, box) / em
                # Around a fraction TeX adds an eighth of an em to what a bracket keeps on its own, and ink fills dots.
                if space > (0.3 if "mfrac" in (base(before)["tag"], base(node)["tag"]) else 0.24) + formula.dot / em:
                    yield f"{name(before)} {name(node)}: {space:.2f} em between bracket and content"
        stack: list[int] = []
        for n, (node, box) in enumerate(items):
            if node["tag"] != "mo" or node.get("stretchy") == "false":
                continue
            if opens(node):
                stack.append(n)
            elif closes(node) and stack:
                start = stack.pop()
                held = max((each[3] for _, each in items[start + 1 : n]), default=0)
                for fence, (*_, high) in (items[start], (node, box)):
                    if high < 0.85 * held:
                        yield f"{name(fence)} is {high:.0f} px high, its content {held:.0f} px"


def uneven_subscripts(formula: Formula) -> Iterator[str]:
    """Subscripts of single letters on one line stand at one height."""
    drops: dict[tuple[str, float], list[tuple[float, str]]] = defaultdict(list)
    for node in walk(formula.told["outline"]):
        if node["tag"] in ("msub", "msubsup"):
            letter, index = base(node), base(node["children"][1])
            if len(letter.get("text", "")) == 1 and "line" in index and letter["tag"] == "mi":
                drop = (index["line"][1] - 0.2 * index["size"] - letter["line"][1] + 0.2 * letter["size"]) / letter[
                    "size"
                ]
                drops[node["tag"], letter["size"]].append((drop, name(node)))
    for found in drops.values():
        (low, one), (high, other) = min(found), max(found)
        if high - low > 0.1:
            yield f"{one} {low:.2f} em down, {other} {high:.2f} em down"


def fallback(formula: Formula) -> Iterator[str]:
    """No glyph comes from a font of the reader's system."""
    for node in walk(formula.told["outline"]):
        if strange := [font[1:] for font in formula.fonts.get(node["part"], ()) if font.startswith("!")]:
            yield f"{node['tag']} {node['text']} is drawn from {', '.join(strange)}"


RULES: tuple[Rule, ...] = (
    *(invisible, empty, unreachable, clipped, overlapping, stray, fallback, scripts_apart, operators_in_scripts),
    *(names_glued, fractions_touch, radicals_cover, accents_off, fences, uneven_subscripts),
)


def placed(place: dict[str, Any], wide: bool) -> Iterator[str]:
    """A formula stands in its column, where the window is narrow in one that scrolls, and in one piece."""
    if place["over"] > max(1, 0.1 * place["size"]) and (wide or not place["scrolls"]):
        yield f"{place['over']:.0f} px wider than its column of {place['width']:.0f} px"
    if place["low"] > 0.25 * place["size"]:  # boxes of formulas are a little higher than their ink
        yield f"{place['low']:.0f} px are cut below"
    if place["orphan"]:
        yield f"{place['orphan']} begins the next line"
    if place["breaks"] and not place["block"]:
        yield "is broken over lines"
    if not place["shown"]:
        yield "is not shown"
