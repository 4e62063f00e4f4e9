"""``{symptoms}``: a section for each symptom, with the measurement and what to do for each of its causes."""

from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.sphinxext.claims import QuestionDirective
from optnotes.site.symptoms import SYMPTOMS, Symptom, load_symptoms
from optnotes.site.text import site_labels


class SymptomsDirective(QuestionDirective):
    """All symptoms; each section can be linked to as ``symptom-…``."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """Write the sections as a page would, and read them."""
        self.env.note_dependency(str(SYMPTOMS))
        text = "\n".join(self._section(symptom) for symptom in load_symptoms())
        return self.parse_text_to_nodes(text, allow_section_headings=True)

    def _section(self, symptom: Symptom) -> str:
        text, own = site_labels(self.language), self.language
        quotes = text("search.quotes")
        typed = ", ".join(f"{quotes[0]}{words}{quotes[1]}" for words in symptom.typed[own])
        causes = "\n".join(f"- **{cause.seen[own]}.** {cause.advice[own]}" for cause in symptom.causes)
        head = f"(symptom-{symptom.id})=\n## {symptom.seen[own]}\n"
        return f"{head}\n{{.typed}}\n{text('symptom.typed')} {typed}.\n\n{symptom.measure[own]}\n\n{causes}\n"


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("symptoms", SymptomsDirective)
