"""``{drill}``: questions with hidden answers; they open without a script."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator

from optnotes.site.questions import DrillItem, question_numbers
from optnotes.site.sphinxext.claims import QuestionDirective
from optnotes.site.text import site_labels


class details(nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A box that opens on request."""


class summary(nodes.TextElement):  # noqa: N801 - docutils names nodes in lower case
    """The visible line of the box."""


class DrillDirective(QuestionDirective):
    """The drill of one question, or of ``all``."""

    def run(self) -> list[nodes.Node]:
        """Build one box per item."""
        argument = self.arguments[0]
        if argument != "all":
            return [self._box(item) for item in self.load(argument).drill]
        found: list[nodes.Node] = []
        for number in question_numbers():
            items = self.load(number).drill
            if items:
                found += self.paragraphs(f"{{ref}}`q{number}`")
                found += [self._box(item) for item in items]
        return found

    def _box(self, item: DrillItem) -> details:
        text = site_labels(self.language)
        question = self.parse_inline(item.question[self.language])[0]
        level = nodes.inline("", text(f"level.{item.level}"), classes=["level", f"level-{item.level}"])
        box = details(ids=[f"drill-{item.id}"], classes=["drill"])
        box += summary("", "", level, nodes.Text(" "), *question)
        box += self.paragraphs(item.answer[self.language])
        return box


def visit_details(self: SphinxTranslator, node: details) -> None:
    """Open the box."""
    self.body.append(self.starttag(node, "details"))


def depart_details(self: SphinxTranslator, node: details) -> None:
    """Close the box."""
    self.body.append("</details>\n")


def visit_summary(self: SphinxTranslator, node: summary) -> None:
    """Open the visible line."""
    self.body.append(self.starttag(node, "summary", ""))


def depart_summary(self: SphinxTranslator, node: summary) -> None:
    """Close the visible line."""
    self.body.append("</summary>\n")


def pass_through(self: SphinxTranslator, node: nodes.Element) -> None:
    """Builders without boxes show question and answer one after the other."""


def setup(app: Sphinx) -> None:
    """Register the directive and its nodes."""
    plain = (pass_through, pass_through)
    app.add_node(details, html=(visit_details, depart_details), latex=plain, text=plain)
    app.add_node(summary, html=(visit_summary, depart_summary), latex=plain, text=plain)
    app.add_directive("drill", DrillDirective)
