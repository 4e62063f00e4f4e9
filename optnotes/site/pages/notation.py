"""``{notation}``: what each letter means and where, or the sizes, indices and signs; boxes of formulas link to it."""

import inspect
import re
from collections.abc import Iterator, Sequence

import lxml.html
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

import optnotes
from optnotes.site.formulas.notation import NOTATION_FILE, Meaning, anchor, load_notation, meanings, place_of, uses
from optnotes.site.formulas.typelines import kind
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.pages.questionpages import question_pages
from optnotes.site.pages.store import store_of
from optnotes.site.pages.translation import depend_on_translations, spoken
from optnotes.site.records.derivations import consequences, derivation_path, derived
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import Entry, slug
from optnotes.site.words.linear import linear
from optnotes.site.words.text import SITE_CATALOGUE, Language, Words, site_labels

PAGE = "notation"
GROUPED = re.compile(r"([_^])(\\[a-z]+)")  # a command as an index needs its braces
LINE = "(-inf, inf)"
PARTS = ("letters", "sizes", "indices", "signs", "clashes")


def linked(env: BuildEnvironment, tex: str) -> nodes.Node:
    """Return a symbol that leads to its place in the table, on a site that has one."""
    symbol = nodes.math(tex, tex)
    place = place_of(tex, load_notation().signs) if PAGE in env.found_docs else None
    if place is None:
        return symbol
    env.note_dependency(NOTATION_FILE)
    reference = {"refdomain": "", "reftype": PAGE, "refwarn": True, "reftarget": place}
    return addnodes.pending_xref("", symbol, refdoc=env.current_document.docname, **reference)


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, child: nodes.TextElement
) -> nodes.reference | None:
    """Lead a symbol to its place; a role would write its TeX instead of the formula."""
    place = node["reftarget"]
    if node["reftype"] != PAGE or place not in env.domains.standard_domain.anonlabels:
        return None
    symbol = linear(lxml.html.fragment_fromstring(to_mathml(child.astext(), False)))
    title = site_labels(app.config.language)("notation.lead", symbol=symbol)
    return make_refnode(app.builder, node["refdoc"], PAGE, place, child, title)  # else the link would have no words


class NotationDirective(SphinxDirective):
    """One part of the notation as a list: symbol, what it means, and for letters their shape and pages."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the list."""
        part = self.arguments[0]
        if part not in PARTS:
            raise self.error(f"notation: expected one of {', '.join(PARTS)}, got '{part}'")
        for path in (NOTATION_FILE, SITE_CATALOGUE):
            self.env.note_dependency(path)
        try:
            self.notation = load_notation()
        except (DataError, OSError) as error:
            raise self.error(str(error)) from None
        symbols = nodes.definition_list(classes=["notation"])
        symbols += list(getattr(self, f"_{part}")())
        return [symbols]

    @property
    def _language(self) -> Language:
        return self.config.language

    def _item(self, symbol: str, *lines: Sequence[nodes.Node], place: str = "") -> nodes.definition_list_item:
        symbol = GROUPED.sub(r"\1{\2}", symbol)
        term = nodes.term("", "", nodes.math(symbol, symbol), ids=[place] if place else [])
        if place:
            name = self.env.current_document.docname, place, symbol
            self.env.domains.standard_domain.note_hyperlink_target(place, *name)
        return nodes.definition_list_item(
            "", term, nodes.definition("", *(nodes.paragraph("", "", *line) for line in lines))
        )

    def _words(self, said: Words) -> list[nodes.Node]:
        return self.parse_inline(said[self._language])[0]

    def _sizes(self) -> Iterator[nodes.Node]:
        return (self._item(symbol, self._words(said)) for symbol, said in self.notation.sizes.items())

    def _indices(self) -> Iterator[nodes.Node]:
        return (self._item(symbol, self._words(said)) for symbol, said in self.notation.indices.items())

    def _signs(self) -> Iterator[nodes.Node]:
        for sign in self.notation.signs:
            yield self._item(sign.symbol, self._words(sign.meaning), place=f"notation-{sign.id}")

    def _clashes(self) -> Iterator[nodes.Node]:
        pages = {page.number: page.docname for page in question_pages(self.env)}
        for clash in self.notation.clashes:
            page = self.parse_inline(f"{{doc}}`{clash.page} </{pages[clash.page]}>`")[0]
            yield self._item(clash.symbol, [*page, nodes.Text(": "), *self._words(clash.because), nodes.Text(".")])

    def _letters(self) -> Iterator[nodes.Node]:
        """List all letters; the page changes with the docstrings and derivations."""
        store_of(self.env).note("indexes", "notation", self.lineno)
        depend_on_translations(self.env)
        known = optnotes.formulas()
        files = {inspect.getfile(function) for function in known.values()}
        for path in files | set(map(derivation_path, [*derived(), *consequences()])):
            self.env.note_dependency(str(path))
        pages = list(question_pages(self.env))
        self._pages = {page.number: page.docname for page in pages}
        found = uses([(page.number, page.formulas, page.derivations) for page in pages], known)
        for key, groups in meanings(found, self.notation).items():
            yield self._item(key, *map(self._meaning, groups), place=anchor(key))

    def _meaning(self, meaning: Meaning) -> list[nodes.Node]:
        """What the letter means, of what shape it is, the pages, and the first formula with it."""
        from optnotes.site.pages.formula import inline_nodes  # which links here

        use = meaning.said
        if meaning.name:
            said = self._words(meaning.name)
        elif use.entries:
            said = list(inline_nodes(spoken(self.env, use.function, use.entries[0].text, self.get_location())))
        else:
            said = self._words(
                {language: f"{text[0].upper()}{text[1:]}." for language, text in (use.given or {}).items()}
            )
        links = ", ".join(f"{{doc}}`{page} </{self._pages[page]}>`" for page in meaning.pages)
        where = nodes.inline("", "", *self.parse_inline(links)[0], classes=["where"])
        shape = nodes.inline("", self._shapes(meaning), classes=["shape"])
        first = self.parse_inline(f"{{eq}}`{slug(meaning.uses[0].function)}`")[0]
        return [where, nodes.Text(" "), *said, nodes.Text(" "), shape, nodes.Text(" "), *first]

    def _shapes(self, meaning: Meaning) -> str:
        entries = [entry for use in meaning.uses for entry in use.entries]
        return ", ".join(dict.fromkeys(map(self._shape, entries)))

    def _shape(self, entry: Entry) -> str:
        text, of = site_labels(self._language), kind(entry)
        if of.base in ("float", "int"):
            return text(f"notation.{of.base}") + (f" {of.interval}" if of.interval and of.interval != LINE else "")
        if of.base == "callable":
            return text("notation.function")
        if of.shape is None:
            return text("notation.any")
        return f"({', '.join(of.shape)}{',' * (len(of.shape) == 1)})" if of.shape else text("notation.float")
