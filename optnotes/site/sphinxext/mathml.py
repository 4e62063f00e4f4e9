"""Formulas as MathML, made while the page is written: no script, no request, readable aloud.

Temml runs in QuickJS, a JavaScript engine that pip installs, so the build needs no Node.
"""

from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

# encodeURIComponent flattens the string: the binding cannot return one that is still in pieces.
RENDER = (
    "(tex, display) => encodeURIComponent(temml.renderToString("
    "tex, {displayMode: display, throwOnError: true, strict: true, annotate: true}))"
)


@cache
def _temml() -> Any:
    engine = quickjs.Context()
    engine.eval((files("optnotes.site") / "vendor" / "temml.min.js").read_text(encoding="utf-8"))
    return engine.eval(RENDER)


@cache
def to_mathml(tex: str, display: bool) -> str:
    """Convert TeX to a ``<math>`` element; raise ValueError when it cannot be read."""
    try:
        return unquote(_temml()(tex, display))
    except quickjs.JSException as error:
        first, *_ = str(error).splitlines()
        raise ValueError(f"{first} in: {tex}") from None


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


def start_engine(_: Sphinx, __: BuildEnvironment) -> None:
    """Start the engine before the writers fork, once for all of them."""
    _temml()


def setup(app: Sphinx) -> None:
    """Register the renderer ``mathml``."""
    app.connect("env-updated", start_engine)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
