"""The list of statements is complete, true to the pages, and names what exists; each fault of it is noticed."""

import ast
import importlib
import re
from dataclasses import replace
from functools import cache

import pytest

from optnotes.site.pages.claims import evidence
from optnotes.site.records.derivations import consequences, derived
from optnotes.site.records.questions import load_question, question_path
from optnotes.site.records.statements import load_statements
from optnotes.site.words.data import DataError
from optnotes.site.words.text import ROOT
from tests.attack.search import Statement as Search
from tests.site.test_references import SOURCES
from tests.statements.finder import Text, stale, texts, unlisted

LISTED = load_statements()
FOUND = list(texts())
DERIVATIONS = {*derived(), *consequences()}


@cache
def functions_of(file: str) -> dict[str, ast.FunctionDef]:
    path = ROOT / file
    tree = ast.parse(path.read_text("utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def searched(file: str, name: str) -> bool:
    """Whether a test looks for a counter-example: it stands in tests/attack, or hypothesis draws for it."""
    drawn = [ast.unparse(decorator) for decorator in functions_of(file)[name].decorator_list]
    return file.startswith("tests/attack/") or any(each.startswith("given(") for each in drawn)


def runs(file: str, name: str) -> bool:
    """Whether a statement of tests/attack is among those its module checks."""
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    test = getattr(module, "test_the_search_finds_no_counter_example", None)
    checked = [each for mark in getattr(test, "pytestmark", ()) for each in mark.args[1]]
    found = getattr(module, name, None)
    return isinstance(found, Search) and any(each is found for each in checked)


# What one case settles: that something may be, does not follow, is no rule or no cure.
NEGATED = re.compile(
    r"""(?ix)\b(?: may | nothing\ (?:follows|forces) | (?:prov|say|mean)(?:e?s?)\ nothing | not\ (?:at\ every|always|by)
        | does\ not\ cause | no\ (?:\w+\ ){0,2}(?:substitute|threshold|rule|effect|error) | none\ by\ itself
        | means?\ something\ only | not\ rescue\ every | only\ shows | others\ remove | instead\ of\ solving
        | не\ только )\b"""
)
# An instance is one by its words: the run, figure or code it speaks of, a hedge, or advice that is followed there.
NAMED_INSTANCE = re.compile(
    r"\bof the (?:\w+ )?(?:run|experiment|example|figure|question|cell|map|test|table|pages)\b"
    r"|\b(?:the printed code|the run named|said as (?:most likely|often)|a rule of work)\b"
)


def goes_through_cases(file: str, name: str) -> bool:
    """Whether a test is given cases, or loops over them itself."""
    test = functions_of(file)[name]
    given = any("parametrize" in ast.unparse(decorator) for decorator in test.decorator_list)
    return given or any(isinstance(node, ast.For | ast.comprehension) for node in ast.walk(test))


def negates(entry) -> bool:
    """Whether a sentence of the entry, in either language, is one that a single case settles."""
    quoted = (part for text in FOUND if text.place == entry.place for part in text.strong() if entry.words in part)
    return any(NEGATED.search(part) for part in quoted)


def broken(entry) -> str:
    """What is wrong with the evidence of an entry, if anything."""
    if entry.basis == "definition":
        return ""
    if entry.basis == "source":
        return "" if entry.evidence in SOURCES else "no such source"
    file, _, name = entry.evidence.partition("::")
    if name.isupper():
        return "" if entry.basis == "search" and runs(file, name) else "no search that runs"
    name, _, case = name.removesuffix("]").partition("[")
    if name not in functions_of(file):
        return "no such test"
    if entry.basis == "search" and not searched(file, name):
        return "no search"
    if entry.basis == "cases" and not goes_through_cases(file, name):
        return "no cases"
    if entry.basis == "counterexample" and not negates(entry):
        return "not settled by one case"
    if entry.basis == "instance" and not NAMED_INSTANCE.search(entry.domain):
        return "an instance that is not named"
    if entry.basis == "proof" and (name != "test_every_line_follows" or case not in DERIVATIONS):
        return "no derivation"
    return ""


def test_every_sentence_that_generalises_is_listed():
    assert unlisted(FOUND, LISTED) == []


def test_every_entry_still_quotes_its_sentence():
    assert stale(FOUND, LISTED) == []


def test_every_entry_names_what_exists_and_is_of_its_kind():
    assert [f"line {each.line}: {each.evidence}: {why}" for each in LISTED if (why := broken(each))] == []


def test_no_sentence_is_listed_twice_for_the_same_reason():
    assert len({(each.place, each.words, each.evidence) for each in LISTED}) == len(LISTED)


def entry(basis, evidence):
    return replace(LISTED[0], basis=basis, evidence=evidence)


@pytest.mark.parametrize(
    ("basis", "evidence", "why"),
    [
        ("instance", "tests/attack/test_37.py::test_old_nothing", "no such test"),
        ("instance", "tests/attack/test_99.py::test_old", "no such test"),
        ("search", "tests/claims/test_37.py::test_37_09", "no search"),
        ("search", "tests/attack/test_37.py::LAM", "no search that runs"),
        ("proof", "tests/attack/test_37.py::SUM_IS_TOO_SMALL", "no search that runs"),
        ("proof", "tests/claims/test_37.py::test_37_09", "no derivation"),
        ("proof", "tests/tex/test_derivations.py::test_every_line_follows[no_such]", "no derivation"),
        ("source", "Nobody1900", "no such source"),
        ("cases", "tests/claims/test_31.py::test_31_d23", "no cases"),
        ("instance", "tests/claims/test_37.py::test_37_09", "an instance that is not named"),
    ],
)
def test_evidence_that_is_not_there_is_noticed(basis, evidence, why):
    assert broken(entry(basis, evidence)) == why


def test_a_sentence_that_one_case_does_not_settle_is_noticed():
    test = "tests/gradients/test_chain_bounds.py::test_entries_below_one_prove_nothing"
    (every,) = (each for each in LISTED if (each.place, each.words) == ("31-d5", "keeps the length of every vector"))
    assert broken(replace(every, basis="counterexample", evidence=test)) == "not settled by one case"


@pytest.mark.parametrize(
    ("words", "one_case"),
    [
        ("Entries below one prove nothing:", True),
        ("Vanishing may be the cause.", True),
        ("It is no substitute for a better scale.", True),
        ("A strength means something only with its loss.", True),
        ("Разброс задают $p$ и сеть, а не только данные.", True),
        ("Warm-up does not rescue every rate:", True),
        ("Zeros come only with proximal steps.", False),
        ("Nothing is lost in any layer.", False),
        ("Every weight is zero.", False),
        ("Никакой масштаб не спасает.", False),
    ],
)
def test_a_counter_example_settles_negations_and_possibilities_only(words, one_case):
    assert bool(NEGATED.search(words)) == one_case


def test_a_claim_shows_each_test_as_what_it_is():
    (claim,) = (each for each in load_question(question_path("37")).claims if each.id == "37-09")
    assert evidence(claim) == {
        "search": [f"tests/attack/test_37.py::{name}" for name in ("SUM_IS_TOO_SMALL", "ORTHONORMAL_LOSE_LAMBDA")],
        "instance": ["tests/claims/test_37.py::test_37_09"],
    }


def test_a_new_sentence_and_a_changed_one_are_noticed():
    text = Text("37-d1", "en", "Every weight is zero. A weight may be zero.")
    assert unlisted([text], ()) == ["37-d1 (en): Every weight is zero."]
    quoted = replace(LISTED[0], place="37-d1", words="Every weight")
    assert unlisted([text], (quoted,)) == []
    assert stale([text], (quoted,)) == []
    assert stale([replace(text, words="Some weights are zero.")], (quoted,)) != []
    assert unlisted([Text("37-d1", "ru", "Каждый вес — ноль.")], ()) == ["37-d1 (ru): Каждый вес — ноль."]


def test_names_in_code_conventions_and_measured_comparisons_are_no_statements():
    calm = ("`None` of it", "Convention: no half; every entry.", "2 instead of {num}`a.b`", "It is no larger than one.")
    assert [Text("", "en", words).strong() for words in calm] == [[]] * len(calm)
    assert Text("", "en", "| Nothing is learned | Only wait | 3 |").strong() == ["| Only wait | 3 |"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "basis: search",
            "basis: feeling",
            "one of proof, cases, search, counterexample, instance, source, definition",
        ),
        (", domain: all", "", "a domain beside it"),
        ("test: tests/attack/test_37.py::NAME", "source: Key", "beside it test"),
        ("tests/attack/test_37.py::NAME", "later", "a test, or a statement of tests/attack"),
    ],
)
def test_a_broken_list_is_named_by_its_field(tmp_path, old, new, expected):
    good = "37-01:\n- {words: every, basis: search, test: tests/attack/test_37.py::NAME, domain: all}\n"
    path = tmp_path / "statements.yaml"
    path.write_text(good, "utf-8")
    assert load_statements(path)[0].words == "every"
    path.write_text(good.replace(old, new), "utf-8")
    with pytest.raises(DataError, match=expected):
        load_statements(path)
