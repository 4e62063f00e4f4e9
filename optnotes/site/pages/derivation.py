"""The derivation of a formula in its box: numbered lines, each with its reason; a script shows them one by one."""

import inspect
from collections.abc import Callable
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import optnotes
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.notation import linked
from optnotes.site.pages.store import store_of
from optnotes.site.records.derivations import (
    Derivation,
    Step,
    consequences,
    derivation_label,
    derivation_path,
    derived,
    load_derivation,
)
from optnotes.site.records.proved import PROVED_FILE, load_proved
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import read, slug
from optnotes.site.words.text import SITE_CATALOGUE, Language, site_labels

WALK = ("walk", "next", "all")


def known(name: str) -> Callable[..., object] | None:
    """Return a formula by the name of its function."""
    return next((function for function in optnotes.formulas().values() if function.__name__ == name), None)


class DerivationDirective(SphinxDirective):
    """``{derivation}``: what follows from a formula, on a page of its own choice."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the box."""
        name, docname = self.arguments[0], self.env.current_document.docname
        if name not in consequences():
            raise self.error(f"docs/data/consequences holds no '{name}'")
        box = DerivationBox(self, name)
        if not docname.startswith(f"questions/{box.derivation.page}-") or not box.derivation.page:
            raise self.error(f"{derivation_path(name)}: expected the field 'page' to be that of {docname}")
        store_of(self.env).note("derivations", name, self.lineno)
        return [nodes.container("", box.node(), classes=["formula", "statement"])]


class DerivationBox:
    """Builds the box of one derivation on the page of a directive."""

    def __init__(self, directive: SphinxDirective, name: str) -> None:
        self.directive = directive
        self.language: Language = directive.config.language
        self.text = site_labels(self.language)
        self.derivation = self._load(name)

    def _load(self, name: str) -> Derivation:
        path = derivation_path(name)
        for file in (path, SITE_CATALOGUE, PROVED_FILE):
            self.directive.env.note_dependency(file)
        try:
            return load_derivation(path)
        except (DataError, OSError) as error:
            raise self.directive.error(str(error)) from None

    def node(self) -> details:
        """Title, symbols that no formula explains, and the lines."""
        label = derivation_label(self.derivation.name)
        box = details(ids=[label], classes=["derivation"])
        box += self._title()
        box += self._symbols()
        steps = nodes.enumerated_list(enumtype="arabic", classes=["steps"])
        proved = load_proved().get(self.derivation.name, frozenset())
        for number, step in enumerate(self.derivation.steps, 1):
            steps += self._step(step, number in proved)
        box += steps
        box += self._walk()
        return box

    def _title(self) -> summary:
        steps = len(self.derivation.steps)
        if self.derivation.statement is None:
            return summary("", self.text("derivation.title", steps=steps))
        said = self.directive.parse_inline(self.derivation.statement[self.language])[0]
        head, tail = self.text("derivation.consequence", steps=steps).split("…")
        return summary("", "", nodes.Text(head), *said, nodes.Text(tail))

    def _walk(self) -> nodes.raw:
        """Buttons for a script, hidden without it."""
        buttons = (f'<button type="button">{escape(self.text(f"derivation.{key}"))}</button>' for key in WALK)
        return nodes.raw("", f'<p class="walk" hidden>{"".join(buttons)}</p>', format="html")

    def _symbols(self) -> list[nodes.Node]:
        symbols = nodes.definition_list(classes=["symbols"])
        for given in self.derivation.given:
            if given.meaning:
                term = nodes.term("", "", linked(self.directive.env, given.symbol))
                meaning = nodes.paragraph("", "", *self.directive.parse_inline(given.meaning[self.language])[0])
                symbols += nodes.definition_list_item("", term, nodes.definition("", meaning))
        return [symbols] if symbols.children else []

    def _step(self, step: Step, proved: bool) -> nodes.list_item:
        item = nodes.list_item(classes=[f"step-{step.kind}"])
        tex = self._pulled(step.formula) if step.formula else step.tex
        item += nodes.math_block(tex, tex, number=None)
        reason = nodes.paragraph("", "", *self.directive.parse_inline(step.reason[self.language])[0])
        if step.formula and step.formula != self.derivation.name:
            reference = self.directive.parse_inline(f"{{eq}}`{slug(step.formula)}`")[0]
            reason += [nodes.Text(" "), *reference]
        kind = "result" if step.formula == self.derivation.name else step.kind
        said = [self.text(f"step.{kind}")] if kind == "result" or not proved else []
        said += [self.text("step.proved")] if proved else []
        reason += [nodes.Text(" "), nodes.inline("", ", ".join(said), classes=["step-kind"])]
        item += reason
        return item

    def _pulled(self, name: str) -> str:
        """Equation of a formula, wherever its home is; the page changes with it."""
        function = known(name)
        if function is None:
            raise self.directive.error(f"{derivation_path(self.derivation.name)}: no formula '{name}'")
        self.directive.env.note_dependency(inspect.getfile(inspect.unwrap(function)))
        return read(function).tex


def pages_to_read_again(_: Sphinx, env: BuildEnvironment, *__: set[str]) -> list[str]:
    """Return the pages that show or count formulas, if a derivation has come or gone."""
    loaded = {name: load_derivation(derivation_path(name)) for name in consequences()}
    consequent = {(name, each.of, each.page) for name, each in loaded.items()}
    now, store = consequent | {(name, name, "") for name in derived()}, store_of(env)
    changed = {of for _, of, _ in now ^ getattr(env, "optnotes_derived", now)}
    env.optnotes_derived = now  # type: ignore[attr-defined]
    shown = [
        page for page, found in store.on("formulas").items() if {key.rpartition(".")[2] for key, _ in found} & changed
    ]
    return [*shown, *store.pages_with("formulas"), *store.pages_with("counts")] if changed else []
