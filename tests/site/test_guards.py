"""The build refuses a formula without a home, a documentation entry, an index line or its witnesses."""

from types import SimpleNamespace

import pytest

import optnotes
from optnotes.penalties import grouping_bound, lambda_max, ridge_solution
from optnotes.site.formulas import witnesses as counts
from optnotes.site.formulas.witnesses import Witnesses, witnesses
from optnotes.site.pages import api, translation
from optnotes.site.promises import guards
from optnotes.site.records.questions import Question, load_question, question_numbers, question_path
from optnotes.site.words.docstrings import read
from tests.site.minisite import MiniSite

FULL = "optnotes.penalties.lambda_max"
IN_FILE = "optnotes.penalties.lasso.lambda_max"
FORMULA = f"```{{formula}} {FULL}\n```\n"
REFERENCES = "\n```{footbibliography}\n```\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    for number in question_numbers():
        load_question(question_path(number))  # while the formulas of its drill are known
    monkeypatch.setattr(optnotes, "formulas", lambda: {FULL: lambda_max})
    monkeypatch.setattr(optnotes, "families", lambda: ["penalties"])
    for module in (guards, __import__("optnotes.site.pages.claims", fromlist=["claims"])):
        monkeypatch.setattr(module, "question_numbers", list)
    monkeypatch.setattr(guards, "consequences", list)
    site = MiniSite(tmp_path)
    site.page(
        "index", "# Home\n\n```{toctree}\nquestions/37-page\nquestions/38-page\nformulas\nclaims\napi/penalties\n```\n"
    )
    site.page("questions/37-page", f"# 37. Page\n\n{FORMULA}{REFERENCES}")
    site.page("questions/38-page", "# 38. Page\n")
    site.page("formulas", f"# Formulas\n\n```{{formula-index}}\n```\n{REFERENCES}")
    site.page("claims", "# Claims\n\n```{claims-index}\n```\n")
    return site


def guarded(site):
    """What the guards say, without what Sphinx says of the tiny site itself."""
    built = site.build("en", guards=True)
    return [line for line in built.warnings.splitlines() if "[optnotes.guard]" in line]


def test_the_good_twin_passes(site):
    assert guarded(site) == []


def test_a_formula_on_no_page_is_named(site):
    site.page("questions/37-page", "# 37. Page\n")
    (message,) = guarded(site)
    assert f"{FULL}: must stand on exactly one question page, stands on: none" in message


def test_a_formula_on_two_pages_is_named_with_both_lines(site):
    site.page("questions/38-page", f"# 38. Page\n\nWords.\n\n{FORMULA}{REFERENCES}")
    (message,) = guarded(site)
    assert "docs/en/questions/37-page.md:3" in message
    assert "docs/en/questions/38-page.md:5" in message


def test_a_formula_without_documentation_is_named(site, monkeypatch):
    monkeypatch.setattr(optnotes, "families", list)
    assert any(f"{FULL}: has no entry in the API reference" in message for message in guarded(site))


def test_every_paragraph_of_an_api_entry_must_have_its_translation(site, monkeypatch):
    """Summary, parameters, returned value, error and notes: each lack is a warning, which fails the build."""
    site.page("questions/37-page", "# 37. Page\n")
    site.page("formulas", "# Formulas\n")  # only the API is left to name a lack
    assert "translation of" not in site.build("ru", guards=True).warnings
    monkeypatch.setattr(translation, "translate", lambda text, language: None)
    site.write("docs/ru/api/penalties.rst", "")  # written anew, so read again
    warnings = site.build("ru", guards=True).warnings
    for unit in read(lambda_max).units():
        assert f"{FULL}: no 'ru' translation of: {unit}" in warnings


def test_only_marked_pages_of_families_that_are_gone_are_removed(tmp_path, monkeypatch):
    app = SimpleNamespace(config=SimpleNamespace(optnotes_guards=True), srcdir=tmp_path)
    monkeypatch.setattr(api, "page", lambda app, family: f"{api.MARK}\n\n{family}\n")
    folder = tmp_path / "api"
    folder.mkdir()
    by_hand = {"notes.rst": "Words of our own.\n", "picture.svg": api.MARK, "late.rst": f"Words\n{api.MARK}\n"}
    for name, text in {**by_hand, "former.rst": f"{api.MARK}\n\nformer\n"}.items():
        (folder / name).write_text(text, "utf-8")
    api.write_pages(app)
    pages = {f"{family}.rst": f"{api.MARK}\n\n{family}\n" for family in (*optnotes.families(), "checkup")}
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == pages | by_hand


def test_a_consequence_that_its_page_does_not_show_is_named(site, monkeypatch):
    monkeypatch.setattr(guards, "consequences", lambda: ["corner_probability", "clipping_keeps_direction"])
    (message,) = guarded(site)
    assert "corner_probability.yaml: must be shown by its page once, is shown 0 times" in message
    shown = "```{derivation} corner_probability\n```\n"
    site.page("questions/37-page", f"# 37. Page\n\n{FORMULA}\n{shown}{REFERENCES}")
    assert guarded(site) == []


@pytest.mark.parametrize("index", ["formulas", "claims"])
def test_a_missing_index_is_named(site, index):
    site.page(index, "# Nothing\n")
    (message,) = guarded(site)
    assert f"no page holds the index of {index}" in message


@pytest.mark.parametrize("seen", [Witnesses(tests=0, laws=1), Witnesses(tests=3, laws=0)])
def test_a_formula_without_test_or_law_is_named(site, monkeypatch, seen):
    monkeypatch.setattr(guards, "witnesses", lambda function: seen)
    (message,) = guarded(site)
    assert "tests/penalties/test_lasso.py must hold an ordinary test and a law (@given)" in message


def test_a_formula_without_doctest_or_convention_is_named(site, monkeypatch):
    text = lambda_max.__doc__
    monkeypatch.setattr(lambda_max, "__doc__", text.partition("Examples")[0])
    assert any(f"{FULL}: has no doctest" in message for message in guarded(site))
    monkeypatch.setattr(lambda_max, "__doc__", text.replace("Convention:", "Note:"))
    site.page("questions/37-page", "# 37. Page\n")
    monkeypatch.setattr("optnotes.site.pages.formula.FormulaIndexDirective.run", lambda self: [])
    expected = f"{IN_FILE}: the Notes must open with a paragraph 'Convention: …'"
    assert any(expected in message for message in guarded(site))


def test_a_claim_on_no_page_is_named(site, monkeypatch):
    class Claim:
        id = "37-01"

    monkeypatch.setattr(guards, "question_numbers", lambda: ["37"])
    monkeypatch.setattr(guards, "load_question", lambda path: Question(claims=(Claim(),), drill=()))
    (message,) = guarded(site)
    assert "37.yaml: claim 37-01 is shown on no page" in message


def test_witnesses_counts_tests_and_laws_that_call_a_formula_and_what_is_made_for_all(tmp_path, monkeypatch):
    monkeypatch.setattr(counts, "load_generic", lambda: {FULL: 7})
    (tmp_path / "penalties").mkdir()
    (tmp_path / "penalties" / "test_lasso.py").write_text(
        "def test_one():\n    lambda_max(1)\n\n@given(st.floats())\ndef test_two(x):\n    lambda_max(x)\n\n"
        "def helper():\n    lambda_max(2)\n\ndef test_three():\n    kkt_violation(1)\n",
        "utf-8",
    )
    assert witnesses(lambda_max, tmp_path) == Witnesses(tests=1, laws=1, generic=7)
    assert witnesses(grouping_bound, tmp_path) == Witnesses(tests=0, laws=0)
    assert witnesses(ridge_solution, tmp_path) == Witnesses(tests=0, laws=0)
