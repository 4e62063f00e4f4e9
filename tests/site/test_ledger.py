"""Every claim quotes the note, names a passing test and known sources; malformed files are named field by field."""

import ast

import pytest
from pybtex.database import parse_file

import optnotes
from optnotes.site.docstrings import read
from optnotes.site.questions import QuestionError, load_question, question_numbers, question_path
from optnotes.site.text import DATA, ROOT
from tests.site.pages import ROLE, pages

CLAIMS = [claim for number in question_numbers() for claim in load_question(question_path(number)).claims]
NOTE = (DATA / "source.ru.txt").read_text("utf-8")
GOOD = """claims:
- id: 37-01
  claim: {ru: слова, en: words}
  verdict: wrong
  correction: {ru: верно, en: right}
  sources: [Key]
  proof: tests/claims/test_37.py::test_37_01
drill:
- id: 37-d1
  level: basic
  question: {ru: что, en: what}
  answer: {ru: это, en: this}
"""


def squeezed(text):
    """Without what extraction lost: spaces, line breaks, hyphens."""
    return "".join(text.replace("-", "").replace("‑", "").split())


def bibliography():
    return set(parse_file(str(ROOT / "docs" / "references.bib")).entries)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_quotes_the_note(claim):
    assert squeezed(claim.claim["ru"]) in squeezed(NOTE)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_has_its_own_test(claim):
    file, _, test = claim.proof.partition("::")
    assert test == f"test_{claim.id.replace('-', '_')}"
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    (proof,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test]
    assert any(isinstance(node, ast.Assert) for node in ast.walk(proof)), f"{test} asserts nothing"


def test_every_source_resolves():
    cited = {source for claim in CLAIMS for source in claim.sources}
    cited |= {key for function in optnotes.formulas().values() for key in read(function).references}
    for path in pages():
        for role, keys in ROLE.findall(path.read_text("utf-8")):
            if role == "footcite:p":
                cited |= set(keys.split(","))
    assert cited - bibliography() == set()


def test_a_good_file_passes(tmp_path):
    path = tmp_path / "37.yaml"
    path.write_text(GOOD, "utf-8")
    question = load_question(path)
    assert (question.claims[0].verdict, question.drill[0].level) == ("wrong", "basic")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: 37-01", "id: a: b", "not YAML: mapping values are not allowed here"),
        ("drill:", "drills:", "expected the two lists 'claims' and 'drill'"),
        ("id: 37-01", "id: 37-02", "claim 37-02: field 'id' must be '37-01', got '37-02'"),
        (
            "verdict: wrong",
            "verdict: bad",
            "field 'verdict' must be one of holds, condition, imprecise, wrong, got 'bad'",
        ),
        ("  correction: {ru: верно, en: right}\n", "", "verdict 'wrong' needs the field 'correction'"),
        ("{ru: верно, en: right}", "{ru: верно}", "field 'correction' must hold exactly the languages ru, en"),
        ("en: words", "en: ''", "field 'claim' has no text in 'en'"),
        ("[Key]", "[]", "field 'sources' must be a list of at least one key"),
        ("tests/claims/test_37.py::test_37_01", "later", "field 'proof' must be a test"),
        ("level: basic", "level: hard", "field 'level' must be one of basic, solid, deep, got 'hard'"),
        ("  level: basic\n", "", "drill item 37-d1: field 'level' is missing"),
        ("level: basic", "level: basic\n  hint: no", "field 'hint' is unknown; expected answer, id, level, question"),
    ],
)
def test_broken_files_are_named_by_file_entry_and_field(tmp_path, old, new, expected):
    path = tmp_path / "37.yaml"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(QuestionError) as error:
        load_question(path)
    assert str(error.value).startswith(str(path))
    assert expected in str(error.value)
