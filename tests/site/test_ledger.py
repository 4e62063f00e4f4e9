"""Every claim quotes the note and names a passing test."""

import ast

import pytest

from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.words.text import DATA, ROOT

CLAIMS = [claim for number in question_numbers() for claim in load_question(question_path(number)).claims]
NOTE = (DATA / "source.ru.txt").read_text("utf-8")


def squeezed(text):
    """Without what extraction lost: spaces, line breaks, hyphens."""
    return "".join(text.replace("-", "").replace("‑", "").split())


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_quotes_the_note(claim):
    assert squeezed(claim.claim["ru"]) in squeezed(NOTE)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_has_its_own_test(claim):
    file, _, test = claim.test.partition("::")
    assert test == f"test_{claim.id.replace('-', '_')}"
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test]
    assert any(isinstance(node, ast.Assert) for node in ast.walk(found)), f"{test} asserts nothing"
