"""``{drill}``: questions with hidden answers; they open without a script."""

from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.questions import DrillItem, question_numbers
from optnotes.site.sphinxext.claims import QuestionDirective
from optnotes.site.sphinxext.details import details, summary
from optnotes.site.text import site_labels


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


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("drill", DrillDirective)
