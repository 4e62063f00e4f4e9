"""Names for those who hear a page, in Chromium and Firefox: no two buttons alike, a name where the keyboard stops."""

import pytest

from optnotes.site.words.text import LANGUAGES
from tests.browser.check_phone import until

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-l2.html"
OPEN = "() => { for (const each of document.querySelectorAll('details')) each.open = true; }"
# Sections that are far away are laid out when they are scrolled to.
SHOW = (
    "() => { document.querySelectorAll('section').forEach((each) => { each.style.contentVisibility = 'visible'; }); }"
)
BUTTONS = """() => [...document.querySelectorAll(".walk button, [data-copies], [data-picture]")]
  .filter((each) => each.checkVisibility()).map((each) => [each.textContent, each.getAttribute("aria-label")])"""
# Boxes that scroll or stop the keyboard, and whether each does both under a name.
STOPS = """() => [...document.querySelectorAll(".bd-article :is(.math-scroll, pre)")]
  .filter((each) => each.clientWidth).map((each) => [
    each.scrollWidth > each.clientWidth, each.tabIndex === 0,
    each.getAttribute("role"), each.getAttribute("aria-label"),
  ])"""


@BOTH
def test_no_two_buttons_have_one_name(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    opened.call(OPEN)
    named = opened.call(BUTTONS)
    assert len(named) > 50
    assert [words for words, name in named if not (name or "").startswith(words)] == []
    names = [name for _, name in named]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@BOTH
def test_the_keyboard_stops_only_at_what_scrolls_and_finds_a_name(opened, address, language):
    counts = {}
    opened.resize(1280, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    opened.call(OPEN)
    opened.call(SHOW)
    for width in (1280, 390, 1280):
        opened.resize(width, 800, 1)
        until(opened, f"() => ({STOPS})().every(([scrolls, stops]) => scrolls === stops)")
        found = opened.call(STOPS)
        named = [(role, name) for scrolls, _, role, name in found if scrolls]
        assert all(role == "group" and name for role, name in named)
        assert {(role, name) for scrolls, _, role, name in found if not scrolls} == {(None, None)}
        assert width not in counts or counts[width] == len(named)
        counts[width] = len(named)
    assert counts[1280] < counts[390] < len(found)
    opened.resize(390, 800, 1)
    until(opened, f"() => ({STOPS})().some(([scrolls, , , name]) => scrolls && /\\(36\\.\\d+\\)/.test(name))")
