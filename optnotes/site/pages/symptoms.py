"""``{symptoms}``: a section for each symptom, with the measurement and what to do for each of its causes."""

from docutils import nodes

from optnotes.site.pages.claims import QuestionDirective
from optnotes.site.records.symptoms import SYMPTOMS, Symptom, load_symptoms
from optnotes.site.words.text import site_labels


class SymptomsDirective(QuestionDirective):
    """All symptoms; each section can be linked to as ``symptom-…``."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """Build a section each."""
        self.env.note_dependency(str(SYMPTOMS))
        return [self._section(symptom) for symptom in load_symptoms()]

    def _section(self, symptom: Symptom) -> nodes.section:
        text, own, anchor = site_labels(self.language), self.language, f"symptom-{symptom.id}"
        quotes = text("site.quotes")
        typed = ", ".join(f"{quotes[0]}{words}{quotes[1]}" for words in symptom.typed[own])
        causes = "\n".join(f"- **{cause.seen[own]}.** {cause.advice[own]}" for cause in symptom.causes)
        title = nodes.title("", "", *self.parse_inline(symptom.seen[own])[0])
        section = nodes.section("", title, ids=[anchor], names=[anchor])
        section += nodes.paragraph("", f"{text('symptom.typed')} {typed}.", classes=["typed"])
        section += self.paragraphs(f"{symptom.measure[own]}\n\n{causes}\n")
        place = self.env.current_document.docname, anchor, title.astext()
        self.env.domains.standard_domain.note_hyperlink_target(anchor, *place)
        return section
