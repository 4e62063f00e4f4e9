"""The outline of a formula as a browser holds it, and where its ink stands."""

from collections.abc import Iterator
from typing import Any

from tests.browser.camera import Box
from tests.browser.survey import Formula

Node = dict[str, Any]

ROW = {"mrow", "mstyle", "mpadded", "semantics", "math", "mtd"}
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"}
BARS = set("|‖")


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for child in node.get("children", ()):
        yield from walk(child)


def name(node: Node) -> str:
    """What a reader sees of a node."""
    return "".join(each["text"] for each in walk(node) if "text" in each) or node["tag"]


def ink(formula: Formula, node: Node) -> Box | None:
    """Smallest box around all ink of a node."""
    boxes = [formula.ink[each["part"]] for each in walk(node) if each["part"] in formula.ink]
    if not boxes:
        return None
    left, top = min(x for x, *_ in boxes), min(y for _, y, *_ in boxes)
    return left, top, max(x + w for x, _, w, _ in boxes) - left, max(y + h for _, y, _, h in boxes) - top


def flat(node: Node) -> list[Node]:
    """What stands side by side in a row, rows within rows taken apart."""
    return [item for child in node.get("children", ()) for item in flat(child)] if node["tag"] in ROW else [node]


def rows(node: Node, script: bool = False) -> Iterator[tuple[list[Node], bool]]:
    """Yield every row with whether it is a script."""
    items = flat(node)
    yield items, script
    for item in items:
        for n, child in enumerate(item.get("children", ())):
            yield from rows(child, script or (item["tag"] in SCRIPTED and n > 0))


def drawn_rows(formula: Formula) -> Iterator[tuple[list[tuple[Node, Box]], bool]]:
    """Yield every row as pairs of a node and its ink; what has none is left out."""
    for items, script in rows(formula.told["outline"]):
        yield [(item, box) for item in items if (box := ink(formula, item))], script


def size(node: Node) -> float:
    """Size of the letters of a node's first token."""
    return next((each["size"] for each in walk(node) if "size" in each), 1.0)


def base(node: Node) -> Node:
    """What scripts and accents stand on."""
    while node["tag"] in SCRIPTED | ROW and node.get("children"):
        node = node["children"][0]
    return node


def gap(one: Box, other: Box) -> float:
    """Distance from the right edge of one box to the left edge of the next."""
    return other[0] - one[0] - one[2]


def word(node: Node) -> bool:
    """Whether a node is the name of a function."""
    text = base(node).get("text", "").strip("\u2061 ")
    return len(text) > 1 and text.isalpha()


def opens(node: Node) -> bool:
    """Whether a node is an opening bracket."""
    return node["tag"] == "mo" and (node["text"] in "([{⟨⌊⌈" or (node["text"] in BARS and node.get("form") == "prefix"))


def closes(node: Node) -> bool:
    """Whether a node is a closing bracket."""
    return node["tag"] == "mo" and (
        node["text"] in ")]}⟩⌋⌉" or (node["text"] in BARS and node.get("form") == "postfix")
    )
