"""``{formula}``: an equation from its function's docstring, with symbols, convention, sources and checks."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.ext.viewcode import viewcode_anchor
from sphinx.util.docutils import SphinxDirective

import optnotes
from optnotes.site.formulas.play import points_file
from optnotes.site.formulas.witnesses import file_of_tests, witnesses
from optnotes.site.pages.derivation import DerivationBox
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.notation import linked
from optnotes.site.pages.play import player_node
from optnotes.site.pages.questionpages import page_section, question_pages
from optnotes.site.pages.store import store_of
from optnotes.site.pages.translation import depend_on_translations, spoken
from optnotes.site.records.derivations import boxed_with
from optnotes.site.records.marks import MARKS_FILE, load_marks
from optnotes.site.records.records import GENERIC
from optnotes.site.words.citations import roles
from optnotes.site.words.docstrings import CONVENTION, DocstringError, FormulaDoc, anchor, read, slug
from optnotes.site.words.text import SITE_CATALOGUE, Language, site_labels

INLINE = re.compile(r":math:`(?P<math>[^`]+)`|``(?P<code>[^`]+)``")


def inline_nodes(text: str) -> Iterator[nodes.Node]:
    """Turn a docstring paragraph into nodes: words, inline formulas and code."""
    position = 0
    for match in INLINE.finditer(text):
        yield nodes.Text(text[position : match.start()])
        if match["math"]:
            yield nodes.math(match["math"], match["math"])
        else:
            yield nodes.literal(match["code"], match["code"])
        position = match.end()
    yield nodes.Text(text[position:])


def depend_on(directive: SphinxDirective, function: Callable[..., object]) -> None:
    """Read the page again when the formula, its tests or a translation changes."""
    depend_on_translations(directive.env)
    sources = (
        Path(inspect.getfile(inspect.unwrap(function))),
        file_of_tests(function),
        points_file(function),
        SITE_CATALOGUE,
        MARKS_FILE,
        GENERIC,
    )
    for path in sources:
        if path.exists():
            directive.env.note_dependency(path)


class FormulaDirective(SphinxDirective):
    """Show one formula; its page becomes the formula's home. ``:brief:`` folds all but the equation."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"brief": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Build the equation and what belongs to it."""
        full = self.arguments[0]
        name = full.rpartition(".")[2]
        try:
            function = optnotes.formulas()[full]
        except KeyError:
            raise self.error(f"no public formula '{full}'") from None
        try:
            doc = read(function)
        except DocstringError as error:
            raise self.error(str(error)) from None
        depend_on(self, function)
        store_of(self.env).note("formulas", full, self.lineno)
        self._label(name, doc)
        box = nodes.container(classes=["formula"])
        box += self.parse_text_to_nodes(f"```{{math}}\n:label: {slug(name)}\n{doc.tex}\n```")
        inner: nodes.Element = box
        if "brief" in self.options:
            inner = details(classes=["more"])
            inner += summary("", site_labels(self._language)("formula.more"))
            box += inner
        inner += self._symbols(full, doc)
        for paragraph in doc.notes:
            inner += self._note(full, paragraph)
        derivations = [DerivationBox(self, derivation).node() for derivation in boxed_with(name)]
        inner += self._tools(full, function, doc, *derivations, *player_node(function))
        return [box]

    @property
    def _language(self) -> Language:
        return self.config.language

    def _label(self, name: str, doc: FormulaDoc) -> None:
        # Sphinx keeps equations out of its inventory; as a label, other projects can link to them.
        target = anchor(name)
        title = self._translated(name, doc.summary)
        self.env.domains.standard_domain.note_hyperlink_target(
            slug(name), self.env.current_document.docname, target, INLINE.sub("", title)
        )

    def _translated(self, full: str, paragraph: str) -> str:
        return spoken(self.env, full, paragraph, self.get_location())

    def _symbols(self, full: str, doc: FormulaDoc) -> nodes.definition_list:
        symbols = nodes.definition_list(classes=["symbols"])
        for entry in (*doc.returns, *doc.parameters):
            if entry.symbol is None:
                continue
            term = nodes.term("", "", linked(self.env, entry.symbol))
            # The symbol stands beside it; a name of one letter is the symbol once more.
            text = self._translated(full, entry.text).replace(f" :math:`{entry.symbol}`", "", 1)
            meaning = nodes.paragraph("", "", *inline_nodes(text))
            if entry in doc.parameters and entry.name != entry.symbol:
                meaning += [nodes.Text(" "), nodes.literal(entry.name, entry.name, classes=["argument"])]
            symbols += nodes.definition_list_item("", term, nodes.definition("", meaning))
        return symbols

    def _note(self, full: str, paragraph: str) -> nodes.paragraph:
        text = self._translated(full, paragraph)
        head, colon, rest = text.partition(":")
        if not paragraph.startswith(CONVENTION):
            return nodes.paragraph("", "", *inline_nodes(text), classes=["note-line"])
        strong = nodes.strong("", head + colon)
        return nodes.paragraph("", "", strong, *inline_nodes(rest), classes=["convention"])

    def _tools(
        self, full: str, function: Callable[..., object], doc: FormulaDoc, *first: nodes.Element
    ) -> nodes.container:
        """What a reader can do with the formula, in one row; buttons come once its home is known."""
        evidence = details(classes=["evidence"])
        evidence += summary("", site_labels(self._language)("formula.evidence"), classes=["screen-only"])
        evidence += self._footer(full, function, doc)
        uses = nodes.paragraph(classes=["formula-uses", "screen-only"], formula=slug(function.__name__))
        return nodes.container("", *first, evidence, uses, classes=["formula-tools"])

    def _footer(self, full: str, function: Callable[..., object], doc: FormulaDoc) -> nodes.paragraph:
        text, name = site_labels(self._language), function.__name__
        seen = witnesses(function)
        footer = nodes.paragraph(classes=["formula-footer"])
        api = self.parse_inline(f"{{py:func}}`{name} <{full}>`")[0]
        source = viewcode_anchor(
            "",
            reftarget=f"_modules/{function.__module__.replace('.', '/')}",
            refid=name,
            refdoc=self.env.current_document.docname,
        )
        parts: list[list[nodes.Node]] = [
            *self._mark(name),
            [*api, nodes.Text(" "), source],
            self.parse_inline(f"{text('formula.source')} {roles(doc.cited)}")[0],
            [nodes.Text(text("formula.checks", tests=seen.tests, laws=seen.laws, generic=seen.generic))],
        ]
        for index, part in enumerate(parts):
            footer += [nodes.Text(" · "), *part] if index else part
        return footer

    def _mark(self, name: str) -> list[list[nodes.Node]]:
        """What stands behind the formula; for a theorem, where its proof is."""
        mark = load_marks().get(name)
        if mark is None:  # another check names it
            return []
        word: list[nodes.Node] = [
            nodes.inline("", site_labels(self._language)(f"mark.{mark.kind}"), classes=["formula-mark"])
        ]
        if mark.place:
            word += self.parse_inline(f" {{footcite:p}}`{mark.source}`, {mark.place[self._language]}")[0]
        return [word]


class FormulaIndexDirective(FormulaDirective):
    """``{formula-index}``: every formula with its home page, checks and sources, question by question."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """List what no question shows, then the formulas of each question in their order."""
        store_of(self.env).note("indexes", "formulas", self.lineno)
        known = optnotes.formulas()
        found, left = [], dict(known)
        for page in question_pages(self.env):
            shown = [full for full in page.formulas if left.pop(full, None)]
            if shown:
                found.append(page_section(self, "formulas", page, [self._listed(full, known[full]) for full in shown]))
        return [*(self._listed(full, function) for full, function in left.items()), *found]

    def _listed(self, full: str, function: Callable[..., object]) -> nodes.container:
        name = full.rpartition(".")[2]
        depend_on(self, function)
        doc = read(function)
        number = self.parse_inline(f"{{eq}}`{slug(name)}`")[0]
        summary = inline_nodes(self._translated(full, doc.summary))
        box = nodes.container(classes=["formula", "listed"])
        box += nodes.paragraph("", "", *number, nodes.Text(" "), *summary)
        box += nodes.math_block(doc.tex, doc.tex, number=None)
        box += self._tools(full, function, doc)
        return box


def home_of(formulas: dict[str, list[tuple[str, int]]]) -> dict[str, list[tuple[str, int]]]:
    """For each formula the pages and lines that show it."""
    homes: dict[str, list[tuple[str, int]]] = {}
    for docname, shown in formulas.items():
        for full, line in shown:
            homes.setdefault(full, []).append((docname, line))
    return homes
