"""Holds every build to the promises: each formula has one home, an API entry, an index line and its witnesses."""

from collections.abc import Iterator

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

import optnotes
from optnotes.site.formulas.notation import defined, faults, load_notation, uses
from optnotes.site.formulas.witnesses import file_of_tests, witnesses
from optnotes.site.pages.formula import home_of
from optnotes.site.pages.notation import PAGE
from optnotes.site.pages.questionpages import question_pages
from optnotes.site.pages.store import store_of
from optnotes.site.records.derivations import consequences, derivation_path, load_derivation
from optnotes.site.records.marks import load_marks
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.words.docstrings import DocstringError, read
from optnotes.site.words.text import ROOT

logger = getLogger(__name__)


def broken_promises(env: BuildEnvironment) -> Iterator[str]:
    """Describe, one by one, what does not hold in this build."""
    store = store_of(env)
    homes = home_of({doc: shown for doc, shown in store.on("formulas").items() if doc.startswith("questions/")})
    marks = load_marks()
    documented = env.domains.python_domain.objects
    indexes = {key for declared in store.on("indexes").values() for key, _ in declared}
    for full, function in optnotes.formulas().items():
        shown = homes.get(full, [])
        if len(shown) != 1:
            places = ", ".join(f"{env.doc2path(doc)}:{line}" for doc, line in shown) or "none"
            yield f"{full}: must stand on exactly one question page, stands on: {places}"
        if full.rpartition(".")[2] not in marks:
            yield f"{full}: docs/data/marks.yaml must say what it is, or docs/data/derivations how it follows"
        if full not in documented:
            yield f"{full}: has no entry in the API reference"
        try:
            doc = read(function)
        except DocstringError as error:
            yield str(error)
            continue
        if not doc.examples:
            yield f"{full}: has no doctest"
        seen = witnesses(function)
        if not seen.tests or not seen.laws:
            path = file_of_tests(function).relative_to(ROOT).as_posix()
            yield f"{full}: {path} must hold an ordinary test and a law (@given) that call it"
    for index in ("formulas", "claims"):
        if index not in indexes:
            yield f"no page holds the index of {index}"
    if PAGE in env.found_docs:
        pages = [(page.number, page.formulas, page.derivations) for page in question_pages(env)]
        known, notation = optnotes.formulas(), load_notation()
        yield from faults(uses(pages, known), defined(pages, known, notation), notation)
    told = [name for declared in store.on("derivations").values() for name, _ in declared]
    for name in consequences():
        if load_derivation(derivation_path(name)).page and told.count(name) != 1:
            yield f"{derivation_path(name)}: must be shown by its page once, is shown {told.count(name)} times"
    judged = {key for declared in store.on("claims").values() for key, _ in declared}
    for number in question_numbers():
        for claim in load_question(question_path(number)).claims:
            if claim.id not in judged:
                yield f"{question_path(number)}: claim {claim.id} is shown on no page"


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Turn every broken promise into a warning, which the build treats as an error."""
    if app.config.optnotes_guards:
        for promise in broken_promises(env):
            logger.warning("%s", promise, type="optnotes", subtype="guard")
