"""The built pages of both languages, read back and held against docstrings, catalogues and files of data."""

import re
from collections import Counter

import pytest

import optnotes
from optnotes.site.words.text import LANGUAGES
from tests.browser.conftest import HTML
from tests.readback import words
from tests.readback.written import BLOCK, Page, of_site, owner


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_what_its_sources_say(language):
    found = of_site(HTML, language)
    assert len(found) > 20
    assert {page: complaints for page, complaints in found.items() if complaints} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_formula_is_drawn_on_its_page_in_the_index_and_in_the_api(language):
    shown = Counter()
    for path in (HTML / language).rglob("*.html"):
        text = path.read_text("utf-8")
        if 'display="block"' in text:
            place = path.relative_to(HTML / language).parts[0]
            shown.update((place, owner(block)) for block in Page(text, language).all(BLOCK))
    places = ("questions", "formulas.html", "api")
    assert shown == {(place, full): 1 for place in places for full in optnotes.formulas()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_and_drill_item_is_shown(language):
    pages = [path.read_text("utf-8") for path in (HTML / language).rglob("*.html")]
    cards = Counter(name for page in pages for name in re.findall(r'<div class="claim [^>]*id="claim-([\d-]+)"', page))
    boxes = Counter(name for page in pages for name in re.findall(r'<details class="drill" id="drill-([\w-]+)"', page))
    questions = words.questions().values()
    assert cards == {claim["id"]: 1 for question in questions for claim in question["claims"]}
    assert boxes == {item["id"]: 2 for question in questions for item in question["drill"]}
    index = Page((HTML / language / "claims.html").read_text("utf-8"), language)
    assert len(index.all("//td[contains(@class, 'verdict-')]")) == len(cards)
