"""``{drill}``: questions with hidden answers; they open without a script."""

import re
from collections.abc import Sequence
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.questions import DrillItem, question_numbers
from optnotes.site.sphinxext.claims import QuestionDirective
from optnotes.site.sphinxext.details import details, summary
from optnotes.site.text import site_labels

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


class DrillDirective(QuestionDirective):
    """The drill of one question, or of ``all``."""

    def run(self) -> list[nodes.Node]:
        """Build one box per item, and for all questions one section each."""
        argument = self.arguments[0]
        if argument != "all":
            return [self._box(item) for item in self.load(argument).drill]
        drills = {number: self.load(number).drill for number in question_numbers()}
        return [self._section(number, items) for number, items in drills.items() if items]

    def _section(self, number: str, items: Sequence[DrillItem]) -> nodes.section:
        title = nodes.title("", "", *self.parse_inline(f"{{ref}}`{self._title(number)} <q{number}>`")[0])
        return nodes.section("", title, *(self._box(item) for item in items), ids=[f"drill-{number}"])

    def _title(self, number: str) -> str:
        """Title of a question's page, from its source: Sphinx knows it only once all pages are read."""
        for docname in sorted(self.env.found_docs):
            if docname.startswith(f"questions/{number}-"):
                path = Path(self.env.doc2path(docname))
                self.env.note_dependency(path)
                if found := TITLE.search(path.read_text(encoding="utf-8")):
                    return found[1]
        raise self.error(f"drill: expected a page questions/{number}-… with a title, got none")

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
