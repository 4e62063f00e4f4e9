"""Derivations in Chromium and Firefox: line by line with the keyboard, whole without a script and on paper."""

import pytest

from optnotes.site.text import LANGUAGES

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-l2.html"
BOX = "#derivation-ridge-solution"
ENTER = "\ue007"
# The lines that are seen, those that stand there, what has the keyboard, and whether new lines are read aloud.
SEEN = f"""() => {{
  const box = document.querySelector("{BOX}"), lines = [...box.querySelectorAll("ol.steps > li")];
  const buttons = [...box.querySelectorAll(".walk button")];
  return {{
    seen: lines.filter((line) => line.checkVisibility()).length,
    all: lines.length,
    focus: buttons.indexOf(document.activeElement),
    offered: buttons.map((button) => button.checkVisibility()),
    live: box.querySelector("ol.steps").getAttribute("aria-live"),
  }};
}}"""


def press(opened):
    """Press Enter."""
    if opened.browser == "chromium":
        opened.page.keyboard.press("Enter")
        return
    actions = [{"type": "keyDown", "value": ENTER}, {"type": "keyUp", "value": ENTER}]
    keys = {"type": "key", "id": "keyboard", "actions": actions}
    opened.session.send("input.performActions", context=opened.page, actions=[keys])


@BOTH
@pytest.mark.parametrize("width", [1280, 390])
def test_the_keyboard_opens_it_and_shows_line_after_line(opened, address, language, width):
    opened.resize(width, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    opened.call(f"() => document.querySelector('{BOX} > summary').focus()")
    press(opened)
    found = opened.call(SEEN)
    assert found["seen"] == found["all"] > 3
    assert found["offered"] == [True, False, False]
    opened.call(f"() => document.querySelector('{BOX} .walk button').focus()")
    press(opened)
    for line in range(1, found["all"]):
        now = opened.call(SEEN)
        assert now["seen"] == line
        assert now["focus"] == 1, "the keyboard stands on the button for the next line"
        assert now["live"] == "polite"
        press(opened)
    end = opened.call(SEEN)
    assert end["seen"] == end["all"]
    assert end["focus"] == 0
    assert end["offered"] == [True, False, False]


@BOTH
def test_paper_holds_all_lines_of_an_open_derivation(visit, language):
    page = visit().open(f"{language}/{PAGE}")
    page.locator(f"{BOX} > summary").click()
    page.locator(f"{BOX} .walk button").first.click()
    assert page.evaluate(SEEN)["seen"] == 1
    page.emulate_media(media="print")
    found = page.evaluate(SEEN)
    assert found["seen"] == found["all"]
    assert found["offered"] == [False, False, False]


@BOTH
def test_without_a_script_all_lines_stand_there(visit, language):
    page = visit(java_script_enabled=False).open(f"{language}/{PAGE}")
    page.locator(f"{BOX} > summary").click()
    lines = page.locator(f"{BOX} ol.steps > li")
    assert lines.count() > 3
    assert all(lines.nth(index).is_visible() for index in range(lines.count()))
    assert not page.locator(f"{BOX} .walk").is_visible()
