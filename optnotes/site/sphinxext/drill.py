"""``{drill}``: questions with hidden answers; they open without a script."""

from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.questions import DrillItem, question_numbers
from optnotes.site.sphinxext.claims import QuestionDirective
from optnotes.site.sphinxext.details import details, summary
from optnotes.site.sphinxext.questionpages import page_section, question_pages
from optnotes.site.sphinxext.store import store_of
from optnotes.site.text import site_labels


class DrillDirective(QuestionDirective):
    """The drill of one question, or of ``all``."""

    def run(self) -> list[nodes.Node]:
        """Build one box per item, and for all questions one section each."""
        argument = self.arguments[0]
        if argument != "all":
            return [self._box(item) for item in self.load(argument).drill]
        store_of(self.env).note("indexes", "drill", self.lineno)
        pages = {page.number: page for page in question_pages(self.env)}
        sections: list[nodes.Node] = []
        for number in question_numbers():
            boxes = [self._box(item) for item in self.load(number).drill]
            if boxes and number not in pages:
                raise self.error(f"drill: expected a page questions/{number}-…, got none")
            if boxes:
                sections.append(page_section(self, "drill", pages[number], boxes))
        return sections

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
