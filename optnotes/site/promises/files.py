"""Refuses to build from malformed files: all of them are named before any page is read."""

from collections.abc import Callable, Iterator
from functools import partial

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from optnotes.site.records.derivations import consequences, derivation_path, derived, load_derivation
from optnotes.site.records.marks import load_marks
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.records.records import load_bench, load_errata
from optnotes.site.records.statements import load_statements
from optnotes.site.words.data import DataError
from optnotes.site.words.text import DATA, Language, docstring_catalogue, load_catalogue


def problems(language: Language) -> Iterator[str]:
    """Yield what is wrong with the files of claims, drills, derivations, words and translations."""
    reads: list[Callable[[], object]] = [partial(docstring_catalogue, language)]
    reads += [partial(load_question, question_path(number)) for number in question_numbers()]
    reads += [partial(load_catalogue, path) for path in sorted((DATA / "text").glob("*.yaml"))]
    reads += [partial(load_derivation, derivation_path(name)) for name in [*derived(), *consequences()]]
    reads += [load_marks, load_errata, load_bench, load_statements]
    for read in reads:
        try:
            read()
        except DataError as error:
            yield str(error)


def check(app: Sphinx) -> None:
    """Stop the build."""
    if found := list(problems(app.config.language)):
        raise ExtensionError("\n".join(found))
