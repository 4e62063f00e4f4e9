"""Derivations in Chromium and Firefox: line by line with the keyboard, whole without a script and on paper."""

import pytest

from optnotes.site.words.text import LANGUAGES

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-l2.html"
BOX = "#derivation-ridge-solution"
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


def awake(opened):
    """Give the page the keyboard, which Firefox keeps for its own buttons."""
    if opened.browser == "firefox":
        opened.session.call(opened.window, "() => { window.focus(); gBrowser.selectedBrowser.focus(); return 0; }")


@BOTH
@pytest.mark.parametrize("width", [1280, 390])
def test_the_keyboard_opens_it_and_shows_line_after_line(opened, address, language, width):
    opened.resize(width, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    awake(opened)
    opened.call(f"() => document.querySelector('{BOX} > summary').focus()")
    opened.press("Enter")
    found = opened.call(SEEN)
    assert found["seen"] == found["all"] > 3
    assert found["offered"] == [True, False, False]
    opened.call(f"() => document.querySelector('{BOX} .walk button').focus()")
    opened.press("Enter")
    for line in range(1, found["all"]):
        now = opened.call(SEEN)
        assert now["seen"] == line
        assert now["focus"] == 1, "the keyboard stands on the button for the next line"
        assert now["live"] == "polite"
        opened.press("Enter")
    end = opened.call(SEEN)
    assert end["seen"] == end["all"]
    assert end["focus"] == 0
    assert end["offered"] == [True, False, False]


@BOTH
@pytest.mark.parametrize("walked", [False, True])
def test_paper_holds_all_lines(visit, language, walked):
    """Of a derivation that was left closed, and of one that was left at its first line."""
    page = visit().open(f"{language}/{PAGE}")
    if walked:
        page.locator(f"{BOX} > summary").click()
        page.locator(f"{BOX} .walk button").first.click()
    assert page.evaluate(SEEN)["seen"] == walked
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


# Kinds of lines that stand on another line than the dot in front of them.
PARTED = """() => {
  for (const box of document.querySelectorAll("details.derivation")) {
    for (let each = box; each; each = each.parentElement.closest("details")) each.open = true;
  }
  const kinds = [...document.querySelectorAll(".step-kind")];
  return [kinds.length, kinds.filter((kind) => {
    const range = document.createRange();
    range.selectNodeContents(kind);
    return Math.abs(kind.getClientRects()[0].top - range.getClientRects()[0].top) > 3;
  }).length];
}"""


@BOTH
def test_no_line_ends_with_the_dot_of_a_kind(opened, address, language):
    for width in (330, 390, 545, 700, 1024, 1280):
        opened.resize(width, 800, 1)
        opened.open(f"{address}/{language}/{PAGE}")
        count, parted = opened.call(PARTED)
        assert count > 50
        assert parted == 0, f"{parted} at {width} px"


def test_the_scroll_bar_of_a_long_line_has_the_colours_of_the_mode(opened, address):
    opened.resize(390, 800, 1)
    opened.open(f"{address}/en/{PAGE}")
    opened.call("() => { document.documentElement.dataset.theme = 'dark'; }")
    drawn = opened.call("() => getComputedStyle(document.querySelector('.math-scroll')).scrollbarColor")
    assert "rgb(156, 164, 175)" in drawn, "the theme's muted text"
