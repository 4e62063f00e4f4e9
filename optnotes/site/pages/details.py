"""A box that opens on request, without a script."""

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator


class details(nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A box that opens on request."""


class summary(nodes.TextElement):  # noqa: N801 - docutils names nodes in lower case
    """The visible line of the box."""


def visit_details(self: HTML5Translator, node: details) -> None:
    """Open the box."""
    self.body.append(self.starttag(node, "details"))


def depart_details(self: HTML5Translator, node: details) -> None:
    """Close the box."""
    self.body.append("</details>\n")


def visit_summary(self: HTML5Translator, node: summary) -> None:
    """Open the visible line."""
    self.body.append(self.starttag(node, "summary", ""))


def depart_summary(self: HTML5Translator, node: summary) -> None:
    """Close the visible line."""
    self.body.append("</summary>\n")
