"""``{claims}``: what the source note says, the verdict, the correction, the sources and what the verdict rests on."""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

import optnotes
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.store import store_of
from optnotes.site.records.marks import MARKS_FILE, count_marks
from optnotes.site.records.proved import PROVED_FILE, count_lines
from optnotes.site.records.questions import (
    VERDICTS,
    Claim,
    Question,
    load_question,
    question_numbers,
    question_path,
)
from optnotes.site.records.statements import SETTLED, STATEMENTS, TESTED, Basis, load_statements
from optnotes.site.words.citations import roles
from optnotes.site.words.data import DataError
from optnotes.site.words.text import SITE_CATALOGUE, Language, site_labels


class QuestionDirective(SphinxDirective):
    """Base of the directives that show the content of question files."""

    required_arguments = 1

    @property
    def language(self) -> Language:
        """Language of this build."""
        return self.config.language

    def load(self, number: str) -> Question:
        """Read one question file and depend on it."""
        if number not in question_numbers():
            raise self.error(f"expected one of {', '.join(question_numbers())}, got '{number}'")
        path = question_path(number)
        self.env.note_dependency(path)
        self.env.note_dependency(SITE_CATALOGUE)
        self.env.note_dependency(STATEMENTS)
        try:
            return load_question(path)
        except (DataError, OSError) as error:
            raise self.error(str(error)) from None

    def paragraphs(self, text: str) -> list[nodes.Node]:
        """Parse the words of a file as MyST, roles included."""
        return self.parse_text_to_nodes(text)


class ClaimsDirective(QuestionDirective):
    """All claims of one question as cards; ``:folded:`` puts them into one box that opens on request."""

    option_spec: ClassVar[dict[str, Any]] = {"folded": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Build the list."""
        number = self.arguments[0]
        cards: list[nodes.Node] = []
        for claim in self.load(number).claims:
            store_of(self.env).note("claims", claim.id, claim.verdict)
            cards.append(self._card(claim))
        if "folded" not in self.options:
            return cards
        title = site_labels(self.language)("claim.folded", count=len(cards))
        return [details("", summary("", title), *cards, classes=["judged"])]

    def _card(self, claim: Claim) -> nodes.container:
        text = site_labels(self.language)
        node_id = f"claim-{claim.id}"
        card = nodes.container(ids=[node_id], classes=["claim", f"verdict-{claim.verdict}"])
        card += nodes.paragraph(
            "",
            "",
            nodes.reference("", claim.id, refuri=f"#{node_id}", internal=True, classes=["claim-id"]),
            nodes.Text(" "),
            nodes.inline("", text(f"verdict.{claim.verdict}"), classes=["verdict"]),
            classes=["claim-head"],
        )
        card += nodes.block_quote("", *self.paragraphs(claim.claim[self.language]))
        if claim.correction is not None:
            card += self.paragraphs(claim.correction[self.language])
        foot = nodes.paragraph(classes=["claim-foot"])
        parts = [f"{text(f'claim.{basis}')} `{'`, `'.join(tests)}`" for basis, tests in evidence(claim).items()]
        parts.append(f"{text('formula.source')} {roles(claim.cited)}")
        foot += self.parse_inline(" · ".join(parts))[0]
        card += foot
        return card


class ClaimsIndexDirective(QuestionDirective):
    """``{claims-index}``: counts by verdict, and every claim in one line."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """Build both tables."""
        text = site_labels(self.language)
        store_of(self.env).note("indexes", "claims", self.lineno)
        questions = {number: self.load(number) for number in question_numbers()}
        head = ["index.question", *(f"verdict.{verdict}" for verdict in VERDICTS)]
        counts = []
        for number, question in questions.items():
            if not question.claims:
                continue
            tally = [sum(claim.verdict == verdict for claim in question.claims) for verdict in VERDICTS]
            counts.append([f"{{ref}}`{number} <q{number}>`", *map(str, tally)])
        claims = [(number, claim) for number, question in questions.items() for claim in question.claims]
        lines = [
            [
                f"{{ref}}`{claim.id} <q{number}-claims>`",
                text(f"verdict.{claim.verdict}"),
                ", ".join(text(f"basis.{basis}") for basis in evidence(claim)),
                claim.claim[self.language],
            ]
            for number, claim in claims
        ]
        titles = ["index.number", "index.verdict", "index.evidence", "index.claim"]
        (listed,) = self.paragraphs(table([text(key) for key in titles], lines))
        for (_, claim), row in zip(claims, list(listed.findall(nodes.row))[1:], strict=True):
            list(row.findall(nodes.entry))[1]["classes"].append(f"verdict-{claim.verdict}")
        return [*self.paragraphs(table([text(key) for key in head], counts)), listed]


class CountRole(SphinxRole):
    """``{count}`formulas```: how many formulas, of each mark, claims, corrected ones or drill items the site holds."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Count in the files, so that no number is typed."""
        files = [question_path(number) for number in question_numbers()]
        for path in (*files, MARKS_FILE, PROVED_FILE):
            self.env.note_dependency(path)
        store_of(self.env).note("indexes", "counts", self.lineno)
        try:
            questions = [load_question(path) for path in files]
        except DataError as error:
            return [], [self.inliner.reporter.error(str(error), line=self.lineno)]
        counts = {
            "formulas": len(optnotes.formulas()),
            "claims": sum(len(question.claims) for question in questions),
            "corrected": sum(claim.verdict != "holds" for question in questions for claim in question.claims),
            "drill": sum(len(question.drill) for question in questions),
            **count_marks(),
            **count_lines(),
        }
        if self.text not in counts:
            message = self.inliner.reporter.error(
                f"count: expected one of {', '.join(sorted(counts))}, got '{self.text}'", line=self.lineno
            )
            return [], [message]
        return [nodes.inline("", str(counts[self.text]), classes=["number"])], []


def evidence(claim: Claim) -> dict[Basis, list[str]]:
    """Tests of a claim by what they are; its own one tries instances unless the list of statements says more of it."""
    found: dict[Basis, list[str]] = {basis: [] for basis in TESTED}
    for statement in load_statements():
        if statement.place == claim.id and statement.basis in TESTED:
            found[statement.basis].append(statement.evidence)
    if not any(claim.test in found[basis] for basis in SETTLED):
        found["instance"].insert(0, claim.test)
    return {basis: list(dict.fromkeys(tests)) for basis, tests in found.items() if tests}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a MyST table."""
    lines = [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines)
