"""The pages of the questions, read from their sources: Sphinx knows titles and formulas once all pages are read.

A page that lists them is read again when one of these changes, not at every word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from optnotes.site.pages.store import store_of

PAGE = re.compile(r"questions/(\d+)-")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
DERIVATION = re.compile(r"^```\{derivation\} (\S+)$", re.MULTILINE)
FORMULA = re.compile(r"^```\{formula\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class QuestionPage:
    """One page: its number and title, and in their order the formulas, and what it shows to follow from any."""

    docname: str
    number: str
    title: str
    formulas: tuple[str, ...]
    derivations: tuple[str, ...] = ()


def question_pages(env: BuildEnvironment) -> Iterator[QuestionPage]:
    """Yield the pages in their order."""
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        found = PAGE.match(docname)
        if found and path.suffix == ".md":
            source = path.read_text(encoding="utf-8")
            title = TITLE.search(source)
            shown = (tuple(each.findall(source)) for each in (FORMULA, DERIVATION))
            yield QuestionPage(docname, found[1], title[1] if title else docname, *shown)


def page_section(
    directive: SphinxDirective, prefix: str, page: QuestionPage, content: Sequence[nodes.Node]
) -> nodes.section:
    """Put what belongs to a question under its title, which leads to its page."""
    title = directive.parse_inline(f"{{doc}}`{page.title} </{page.docname}>`")[0]
    return nodes.section("", nodes.title("", "", *title), *content, ids=[f"{prefix}-{page.number}"])


def lists_to_read_again(_: Sphinx, env: BuildEnvironment, *__: set[str]) -> list[str]:
    """Return the pages that list the questions, if a title or the formulas of a question have changed."""
    now = list(question_pages(env))
    before = getattr(env, "optnotes_questions", now)
    env.optnotes_questions = now  # type: ignore[attr-defined]
    listing = ("formulas", "drill", "notation")
    return [] if now == before else [page for index in listing for page in store_of(env).pages_with(index)]
