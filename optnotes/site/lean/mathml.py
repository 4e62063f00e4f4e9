"""Formulas as MathML, made while the page is written: no script, no request, readable aloud.

Temml runs in QuickJS, a JavaScript engine that pip installs, so the build needs no Node.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import quickjs
from docutils import nodes
from lxml import etree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.lean.mathspacing import set_spaces

# encodeURIComponent flattens the string: the binding cannot return one that is still in pieces.
RENDER = (
    "(tex, display) => encodeURIComponent(temml.renderToString("
    "tex, {displayMode: display, throwOnError: true, strict: true, annotate: true}))"
)

# A short word, or the signs, that touch a formula without a space.
BEFORE = re.compile(r"(?<!\S)\S{1,6}$|[(«„“\[]+$")
AFTER = re.compile(r"^(?: [=≈<>≤≥] )?\S{1,12}(?!\S)|^[.,;:!?)»”…%\]]+")
RELATION = re.compile(r"^ [=≈<>≤≥] $")
TOKEN = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|\\?.", re.DOTALL)
WIDE = {"\\quad", "\\qquad"}
DEPTH = {"{": 1, "}": -1, "\\begin": 1, "\\end": -1}


@cache
def _temml() -> Any:
    engine = quickjs.Context()
    engine.eval((files("optnotes.site") / "vendor" / "temml.min.js").read_text(encoding="utf-8"))
    return engine.eval(RENDER)


@cache
def to_mathml(tex: str, display: bool) -> str:
    """Convert TeX to ``<math>``; raise ValueError when it cannot be read.

    A displayed list of equations becomes an element for each, so that a narrow screen may put them on lines of their
    own.
    """
    return "".join(_to_math(part, display) for part in (statements(tex) if display else [tex]))


def statements(tex: str) -> list[str]:
    """Cut displayed TeX at the wide spaces that stand in no group and no environment."""
    parts, depth = [""], 0
    for token in TOKEN.findall(tex):
        depth += DEPTH.get(token if token in DEPTH else token.partition("{")[0], 0)
        if depth == 0 and token in WIDE:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]


def _to_math(tex: str, display: bool) -> str:
    try:
        written = unquote(_temml()(tex, display))
    except quickjs.JSException as error:
        first, *_ = str(error).splitlines()
        raise ValueError(f"{first} in: {tex}") from None
    math = etree.fromstring(written)
    set_spaces(math)
    return etree.tostring(math, encoding="unicode")


def _convert(node: nodes.Element, tex: str, display: bool) -> str:
    try:
        return to_mathml(tex, display)
    except ValueError as error:
        raise ExtensionError(f"{node.source}:{node.line}: {error}") from None


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(_convert(node, node.astext(), display=False))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula with its number and a link to itself."""
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    self.body.append(f'<div class="math-block"{ids}>')
    self.body.append(f'<div class="math-scroll" tabindex="0">{_convert(node, node.astext(), display=True)}</div>')
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


class Glue(SphinxPostTransform):
    """Keep an inline formula, what touches it and the value it is said to have on one line.

    Browsers break even before a comma that follows, and at a no-break space beside a formula, too.
    """

    default_priority = 900
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Wrap every inline formula that touches text."""
        for formula in list(self.document.findall(nodes.math)):
            parent, at = formula.parent, formula.parent.index(formula)
            before = _take(parent, at - 1, BEFORE)
            after = _take(parent, at + 1, AFTER)
            value = [] if after else _value(parent, at + 1)
            if before or after or value:
                touching = nodes.Text(before), formula, nodes.Text(after), *value
                parent[at] = nodes.inline("", "", *touching, classes=["glued"])


def _take(parent: nodes.Element, at: int, pattern: re.Pattern[str]) -> str:
    """Cut from a neighbour the text that touches."""
    if not 0 <= at < len(parent) or not isinstance(parent[at], nodes.Text):
        return ""
    text = str(parent[at])
    found = pattern.search(text)
    if found is None:
        return ""
    parent[at] = nodes.Text(text[: found.start()] + text[found.end() :])
    return found[0]


def _value(parent: nodes.Element, at: int) -> list[nodes.Node]:
    """Cut from the neighbours a sign of relation and the number behind it."""
    sign, number = [*parent[at : at + 2], None, None][:2]
    if not isinstance(sign, nodes.Text) or not RELATION.match(sign) or not isinstance(number, nodes.inline):
        return []
    if "number" not in number["classes"]:
        return []
    del parent[at : at + 2]
    return [sign, number]


def start_engine(_: Sphinx, __: BuildEnvironment) -> None:
    """Start the engine before the writers fork, once for all of them."""
    _temml()
