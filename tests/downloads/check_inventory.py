"""Another Sphinx project links to functions, formulas and pages through the inventory of either language."""

import pytest

from optnotes.site.words.text import LANGUAGES
from tests.downloads import site
from tests.site.guest import build_guest

PAGE = """
Guest
=====

:external+optnotes:py:func:`optnotes.penalties.l1_loss`, :external+optnotes:ref:`eq-l1-loss`,
:external+optnotes:ref:`q37`, :external+optnotes:ref:`q37-answer`, :external+optnotes:doc:`questions/37-l1-elastic-net`,
:external+optnotes:term:`{term}` and :py:func:`optnotes.penalties.lambda_max`.
"""
TERMS = {"ru": ("мёртвый ReLU", "term-dead-ReLU"), "en": ("dropout", "term-dropout")}
EXPECTED = (
    "api/penalties.html#optnotes.penalties.l1_loss",
    "questions/37-l1-elastic-net.html#equation-eq-l1-loss",
    "questions/37-l1-elastic-net.html#q37",
    "questions/37-l1-elastic-net.html#q37-answer",
    "questions/37-l1-elastic-net.html",
    "api/penalties.html#optnotes.penalties.lambda_max",
)


def build(folder, language, page):
    inventory = site(language) / "objects.inv"
    warnings, built = build_guest(folder, page, {"optnotes": (f"https://example.org/{language}/", str(inventory))})
    return warnings, built.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guest_links_to_functions_formulas_pages_and_terms(language, tmp_path):
    term, place = TERMS[language]
    warnings, html = build(tmp_path, language, PAGE.format(term=term))
    assert warnings == ""
    for address in (*EXPECTED, f"glossary.html#{place}"):
        assert f'href="https://example.org/{language}/{address}"' in html
        file, _, anchor = address.partition("#")
        page = (site(language) / file).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in page


def test_a_link_to_nothing_is_noticed(tmp_path):
    warnings, _ = build(tmp_path, "en", "Guest\n=====\n\n:external+optnotes:ref:`eq-no-such-formula`\n")
    assert "eq-no-such-formula" in warnings
