"""Two browsers draw a formula alike: parts of one size, equally far from what they stand beside, equally aligned."""

from collections.abc import Iterator
from itertools import pairwise

from tests.browser.camera import Box
from tests.browser.outline import Node, base, ink, name, rows, walk
from tests.browser.survey import Formula

# em: Firefox slants the place of an exponent, most beside V, and keeps a sixth between an upright and a slanted name.
ALIKE, ASIDE = 0.26, 1 / 6
ABOVE = {"mfrac", "munder", "mover", "munderover"}
# Times: a font offers sizes of brackets and radicals, the browsers choose neighbouring ones, and a hat under a root
# stands higher in Firefox.
STRETCHED = 1.6


def beside(node: Node) -> Iterator[tuple[Node, Node, bool]]:
    """Yield the pairs of nodes whose distance a reader sees, and whether one stands above the other."""
    for items, _ in rows(node):
        yield from ((one, other, False) for one, other in pairwise(items))
    for each in walk(node):
        if each["tag"] in ABOVE | {"msub", "msup", "msubsup"}:
            yield from ((each["children"][0], other, each["tag"] in ABOVE) for other in each["children"][1:])


def _upright(node: Node) -> bool:
    """Whether a name is not slanted."""
    letter = base(node)
    return letter["tag"] == "mi" and (letter.get("mathvariant") == "normal" or len(letter["text"]) > 1)


def _unlike(node: Node, here: Box, there: Box, em: float) -> bool:
    """Whether a reader sees that one part is larger than the other."""
    wide, high = (abs(here[n] - there[n]) for n in (2, 3))
    stretched = "text" not in node or node.get("stretchy") == "true" or max(here[3], there[3]) > 1.2 * em
    if node["tag"] == "mfrac":
        return wide > 2 * ALIKE * em
    if stretched:
        return max(here[3], there[3]) > STRETCHED * min(here[3], there[3])
    return max(wide, high) > ALIKE * em


def differences(one: Formula, other: Formula) -> Iterator[str]:
    """Yield in words what a reader would see who changes from one browser to the other."""
    outline, em = one.told["outline"], one.told["size"]
    for node in walk(outline):
        here, there = (each.ink.get(node["part"]) for each in (one, other))
        if here and there and _unlike(node, here, there, em):
            yield f"{name(node)} is {here[2]:.1f} × {here[3]:.1f} px here, {there[2]:.1f} × {there[3]:.1f} px there"
    for before, after, above in beside(outline):
        pairs = [(ink(each, before), ink(each, after)) for each in (one, other)]
        if all(left and right for left, right in pairs):
            if above:
                gaps = [right[0] + right[2] / 2 - left[0] - left[2] / 2 for left, right in pairs]
            else:
                gaps = [right[0] - left[0] - left[2] for left, right in pairs]
            drops = [right[1] - left[1] for left, right in pairs]
            if abs(gaps[0] - gaps[1]) > (ALIKE + ASIDE * (_upright(before) != _upright(after))) * em:
                yield f"{name(before)} {name(after)}: {gaps[0] / em:.2f} em aside here, {gaps[1] / em:.2f} em there"
            if abs(drops[0] - drops[1]) > 2 * ALIKE * em:
                yield f"{name(before)} {name(after)}: {drops[0] / em:.2f} em down here, {drops[1] / em:.2f} em there"
    if one.told["block"] and one.told["first"]:  # later parts of a line stand where the earlier ones leave room
        margins = [left(each) for each in (one, other)]
        if abs(margins[0] - margins[1]) > em:
            yield f"begins {margins[0]:.0f} px from the left here, {margins[1]:.0f} px there"


def left(formula: Formula) -> float:
    """Room between the edge of the column and the first ink."""
    box = ink(formula, formula.told["outline"])
    return (box[0] if box else 0) + formula.corner[0] - formula.column[0]


def disagreements(one: list[Formula], other: list[Formula]) -> list[str]:
    """Compare formulas that are drawn from equal sources at equal size."""

    def key(formula: Formula) -> tuple[str, bool, str, float, int]:
        told = formula.told
        return told["tex"], told["block"], formula.view, told["size"], len(formula.places)

    matched = {key(each): each for each in other}
    found: dict[tuple[str, str], str] = {}
    for each in one:
        if twin := matched.get(key(each)):
            for words in differences(each, twin):
                line = f"{each.page}, {each.view}: {' '.join(each.told['tex'].split())[:80]}: {words}"
                found.setdefault((each.told["tex"], words), line)
    return list(found.values())
