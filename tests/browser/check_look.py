"""What the site looks like, in Chromium and Firefox: faces, menu, ten cards on the first screen, second colours."""

import re

import pytest

from optnotes.site.words.text import LANGUAGES, site_labels

BOTH = pytest.mark.parametrize("language", LANGUAGES)
FAMILIES = [("31", "32", "33"), ("34", "35"), ("36", "37", "38"), ("39", "40")]
CODE = re.compile("Mono|Math")  # code, and signs of formulas that are not drawn, have checks of their own
FACES = ["p", "h2", "strong", "figcaption .caption-text", ".formula summary"]


@BOTH
def test_words_are_drawn_by_shipped_faces(opened, address, language):
    for _ in range(2):  # what comes too late for the first page is there for the next
        opened.open(f"{address}/{language}/questions/36-l2.html")
    for element in FACES:
        used = {font for fonts in opened.fonts(f".bd-article {element}") for font in fonts}
        assert any(font.startswith("STIX Two Text") for font in used), (element, used)
        assert [font for font in used if font.startswith("!") and not CODE.search(font)] == [], element


@BOTH
def test_the_menu_is_grouped_and_holds_no_page_of_builders(opened, address, language):
    opened.open(f"{address}/{language}/index.html")
    text = site_labels(language)
    captions = opened.call("() => [...document.querySelectorAll('.course-nav p.caption')].map(each => each.innerText)")
    wanted = [text(f"menu.{group}") for group in ("questions", "practice", "reference")]
    assert [each.lower() for each in captions] == [each.lower() for each in wanted]
    pages = opened.call("() => [...document.querySelectorAll('.course-nav ul')].map(each => each.children.length)")
    assert pages == [10, 4, 7]
    assert opened.call("() => document.querySelectorAll('.course-nav [href*=status]').length") == 0
    assert opened.call("() => document.querySelectorAll('.copyright [href$=\"status.html\"]').length") == 1


@BOTH
def test_ways_in_and_ten_cards_are_on_the_first_screen(opened, address, language):
    opened.open(f"{address}/{language}/index.html")
    ends = opened.call(
        "() => ['.ways > li', '.cards > li'].map(found => [...document.querySelectorAll(`#home ${found}`)]"
        ".map(each => each.getBoundingClientRect().bottom))"
    )
    assert [len(each) for each in ends] == [4, 10]
    assert max(map(max, ends)) <= 800
    drawn = "each => each.getBoundingClientRect().height > 50 && each.querySelectorAll('path').length > 1"
    assert opened.call(f"() => [...document.querySelectorAll('.cards .thumbnail')].filter({drawn}).length") == 10


@BOTH
@pytest.mark.parametrize("page", ["33-curing-vanishing-gradients", "40-feature-normalization"])
def test_sliders_of_the_answer_are_on_the_first_screen(opened, address, language, page):
    opened.open(f"{address}/{language}/questions/{page}.html")
    ends = opened.call("""() => [...document.querySelectorAll("[id$=-answer] .explorer > :is(svg, .controls)")]
      .map((each) => each.getBoundingClientRect().bottom)""")
    assert len(ends) == 2
    assert max(ends) <= 800


@BOTH
def test_a_card_leads_to_its_question(opened, address, language):
    opened.open(f"{address}/{language}/index.html")
    for number in range(31, 41):
        there = opened.call(
            "place => { const box = document.querySelectorAll('.cards > li')[place].getBoundingClientRect();"
            " return document.elementFromPoint(box.left + 20, box.top + 30).closest('a')?.href; }",
            number - 31,
        )
        assert f"/questions/{number}-" in there


@BOTH
def test_cards_and_pages_of_a_family_share_a_colour(opened, address, language):
    opened.open(f"{address}/{language}/index.html")
    edges = opened.call(
        "() => Object.fromEntries([...document.querySelectorAll('.cards > li')].map(each =>"
        " [each.querySelector('a').href.match(/questions.(\\d+)/)[1], getComputedStyle(each).borderTopColor]))"
    )
    colours = [{edges[number] for number in family} for family in FAMILIES]
    assert [len(each) for each in colours] == [1] * len(FAMILIES)
    assert len(set.union(*colours)) == len(FAMILIES)
    opened.open(opened.call("() => document.querySelectorAll('.cards a')[5].href"))
    assert opened.call("() => getComputedStyle(document.querySelector('h1'), '::after').backgroundColor") == edges["36"]
