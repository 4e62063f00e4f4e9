"""The band of a figure, as its words name it and as its code draws it."""

import ast
import re
from collections.abc import Iterator

NAMED = re.compile(r"\b(\d+)–(\d+)\s?%")


def named(words: str) -> set[tuple[int, int]]:
    """Bands that words name: ``10–90%``."""
    return {(int(low), int(high)) for low, high in NAMED.findall(words)}


def drawn(source: str) -> set[tuple[int, int]]:
    """Levels of the quantiles that code takes, from the lowest to the highest, in per cent; extremes are no band."""
    tree = ast.parse(source)
    lists = {
        target.id: found
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for targets, value in pairs(node)
        for target, found in zip(targets, levels(value), strict=False)
        if isinstance(target, ast.Name)
    }
    bands = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "quantile":
            for argument in node.args:
                found = list(levels(argument)) or ([lists[argument.id]] if getattr(argument, "id", "") in lists else [])
                bands |= {(round(100 * each[0]), round(100 * each[-1])) for each in found}
    return bands - {(0, 100)}


def pairs(node: ast.Assign) -> Iterator[tuple[list[ast.expr], ast.expr]]:
    """Targets of an assignment with their values, one by one where both sides are tuples."""
    for target in node.targets:
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        if both and len(target.elts) == len(node.value.elts):
            yield from (([one], value) for one, value in zip(target.elts, node.value.elts, strict=True))
        else:
            yield [target], node.value


def levels(node: ast.expr) -> Iterator[list[float]]:
    """Lists of two or more numbers from zero to one."""
    for part in ast.walk(node):
        if isinstance(part, ast.List) and len(part.elts) > 1:
            numbers = [each.value for each in part.elts if isinstance(each, ast.Constant)]
            if len(numbers) == len(part.elts) and all(isinstance(x, float) and 0 <= x <= 1 for x in numbers):
                yield numbers
