"""What a term means, in Chromium and Firefox: said where the pointer rests and where the keyboard stops."""

import pytest

from optnotes.site.words.text import LANGUAGES
from tests.browser.check_derivation import awake

BOTH = pytest.mark.parametrize("language", LANGUAGES)
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
PAGE = "questions/36-l2.html"
# The text of the note, whether it belongs to its link, the box of the note, and the top and bottom of the link.
NOTE = """() => {
  const note = document.querySelector(".term-note"), link = document.querySelector("a.term[aria-describedby]");
  if (note.hidden) return null;
  const { left, top, right, bottom } = note.getBoundingClientRect(), [line] = link.getClientRects();
  return {
    text: note.textContent,
    describes: link.getAttribute("aria-describedby") === note.id && note.getAttribute("role") === "tooltip",
    box: [left, top, right, bottom],
    line: [line.top, line.bottom],
    window: [document.documentElement.clientWidth, innerHeight],
  };
}"""
PLACE = """(index) => {
  const link = document.querySelectorAll("a.term")[index];
  link.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = link.getClientRects()[0];
  return [Math.round(left + width / 2), Math.round(top + height / 2)];
}"""
# Puts the keyboard in front of the first term.
BEFORE = """() => {
  const link = document.querySelector("a.term"), start = document.createElement("button");
  link.scrollIntoView({ block: "center", behavior: "instant" });
  link.before(start);
  start.focus();
}"""


def rest(opened, x, y):
    """Put the pointer there."""
    if opened.browser == "chromium":
        opened.page.mouse.move(x, y)
        return
    actions = [{"type": "pointerMove", "x": x, "y": y}]
    pointer = {"type": "pointer", "id": "pointer", "parameters": {"pointerType": "mouse"}, "actions": actions}
    opened.session.send("input.performActions", context=opened.page, actions=[pointer])


def waited(opened, milliseconds):
    opened.call("(ms) => new Promise((done) => setTimeout(() => done(0), ms))", milliseconds)


@BOTH
@WIDTHS
def test_a_term_is_explained_where_the_pointer_rests(opened, address, language, width):
    opened.resize(width, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    count = opened.call("() => document.querySelectorAll('a.term').length")
    assert count >= 12
    for index in range(count):
        rest(opened, 1, 1)
        waited(opened, 350)
        assert opened.call(NOTE) is None
        rest(opened, *opened.call(PLACE, index))
        note = opened.call(NOTE)
        assert note, f"no note at link {index}"
        assert note["describes"]
        assert len(note["text"].split()) > 3
        (left, top, right, bottom), (width_of, height) = note["box"], note["window"]
        assert left >= 0
        assert right <= width_of
        assert top >= 0
        assert bottom <= height
        assert top >= note["line"][1] or bottom <= note["line"][0], "the note lies on its link"


@BOTH
def test_the_keyboard_reaches_it_and_escape_puts_it_away(opened, address, language):
    opened.resize(1280, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    rest(opened, 1, 1)
    awake(opened)
    opened.call(BEFORE)
    opened.press("Tab")
    note = opened.call(NOTE)
    assert note
    assert note["describes"]
    assert opened.call("() => document.activeElement.getAttribute('aria-describedby')") == "term-note"
    opened.press("Escape")
    assert opened.call(NOTE) is None
    assert opened.call("() => document.activeElement.matches('a.term')"), "the keyboard stays where it was"
    opened.press("Tab")
    assert opened.call("() => !document.querySelector('a.term[title]')"), "the browser would show the title as well"


@BOTH
def test_the_pointer_may_move_onto_the_note(opened, address, language):
    opened.resize(1280, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    rest(opened, *opened.call(PLACE, 0))
    left, top, right, bottom = opened.call(NOTE)["box"]
    rest(opened, round((left + right) / 2), round((top + bottom) / 2))
    waited(opened, 400)
    assert opened.call(NOTE)
    rest(opened, 1, 1)
    waited(opened, 400)
    assert opened.call(NOTE) is None


@BOTH
def test_without_a_script_the_link_has_a_title(visit, language):
    page = visit(java_script_enabled=False).open(f"{language}/{PAGE}")
    links = page.locator("a.term")
    assert links.count() >= 12
    assert all(len(links.nth(index).get_attribute("title").split()) > 3 for index in range(links.count()))
