"""The pages of the questions, read from their sources: Sphinx knows titles and formulas once all pages are read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

PAGE = re.compile(r"questions/(\d+)-")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
FORMULA = re.compile(r"^```\{formula\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class QuestionPage:
    """One page: its number and title, and the formulas in the order in which it shows them."""

    docname: str
    number: str
    title: str
    formulas: tuple[str, ...]


def question_pages(env: BuildEnvironment) -> Iterator[QuestionPage]:
    """Yield the pages in their order; the page being read depends on them."""
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        found = PAGE.match(docname)
        if found and path.suffix == ".md":
            env.note_dependency(path)
            source = path.read_text(encoding="utf-8")
            title = TITLE.search(source)
            yield QuestionPage(docname, found[1], title[1] if title else docname, tuple(FORMULA.findall(source)))


def page_section(
    directive: SphinxDirective, prefix: str, page: QuestionPage, content: Sequence[nodes.Node]
) -> nodes.section:
    """Put what belongs to a question under its title, which leads to its page."""
    title = directive.parse_inline(f"{{doc}}`{page.title} </{page.docname}>`")[0]
    return nodes.section("", nodes.title("", "", *title), *content, ids=[f"{prefix}-{page.number}"])
