"""Each page as Markdown, for programs that read: what stands there for a screen only stays away."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def leave_out(translator: Any, node: nodes.raw) -> None:
    """Write nothing: it is HTML."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register for the builder of sphinx-llm-friendly."""
    app.add_node(nodes.raw, override=True, llm_markdown=(leave_out, None))
