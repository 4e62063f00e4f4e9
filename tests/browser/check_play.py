"""Formulas to play with, in Chromium and Firefox: values, keyboard, address, messages; nothing without a script."""

import math
import re
import time

import pytest

import optnotes
from optnotes.site.formulas.play import UnplayableError, play
from optnotes.site.words.text import LANGUAGES
from tests.browser.conftest import HTML
from tests.site.test_play import CANCELLED

BOTH = pytest.mark.parametrize("language", LANGUAGES)
LEAST = 60
READ = """(name) => {
  const box = document.querySelector(`details.play[data-play="${name}"]`);
  return {
    numbers: [...box.querySelectorAll("input[type=range]")].map((each) => Number(each.value)),
    fields: [...box.querySelectorAll("input[type=number]")].map((each) => Number(each.value)),
    values: [...box.querySelectorAll("output > div > data")].map((each) => each.value),
    said: box.querySelector(".said")?.textContent,
    curve: box.querySelector("path.line")?.getAttribute("d") ?? "",
    lit: box.closest(".formula").querySelectorAll(".lit").length,
  };
}"""
OPEN = """(name) => {
  const box = document.querySelector(`details.play[data-play="${name}"]`);
  for (let each = box; each; each = each.parentElement.closest("details")) each.open = true;
}"""
# A browser takes no name from a formula.
CALLED = """(name) => [...document.querySelectorAll(`details.play[data-play="${name}"] input[type=range]`)].map(
  (range) => range.ariaLabel ?? range.labels[0].querySelector("small")?.textContent ?? "")"""
FOCUS = """(name) => document.querySelector(`details.play[data-play="${name}"] input[type=range]`).focus()"""
TYPE = """(name, number, text) => {
  const field = document.querySelectorAll(`details.play[data-play="${name}"] input[type=number]`)[number];
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def pages(language):
    """Path of each question page to the formulas that can be played with there."""
    found = {}
    for path in sorted((HTML / language / "questions").glob("*.html")):
        names = re.findall(r'data-play="(\w+)"', path.read_text("utf-8"))
        if names:
            found[f"{language}/questions/{path.name}"] = names
    return found


def made(name):
    return play(next(function for function in optnotes.formulas().values() if function.__name__ == name))


def read(opened, name):
    """What the box shows once it has loaded."""
    deadline = time.monotonic() + 20
    while not (found := opened.call(READ, name))["values"]:
        assert time.monotonic() < deadline, f"{name} did not load"
        time.sleep(0.05)
    return found


def remembered(opened):
    """The address once it holds the numbers."""
    deadline = time.monotonic() + 5
    while "play=" not in (here := opened.call("() => location.href")) and time.monotonic() < deadline:
        time.sleep(0.05)
    return here


def agrees(found, name):
    """Whether the values are those of the Python function."""
    formula = made(name)
    expected = formula.call(found["fields"])
    shown = [float(text.replace("Infinity", "inf")) for text in found["values"][: len(expected)]]
    return found["numbers"] == found["fields"] and all(
        a == b or abs(a - b) <= CANCELLED * max(1.0, abs(b)) for a, b in zip(shown, expected, strict=True)
    )


@BOTH
def test_every_formula_gives_the_values_of_python_and_follows_the_keyboard(opened, address, language):
    seen = 0
    for path, names in pages(language).items():
        opened.open(f"{address}/{path}")
        for name in names:
            opened.call(OPEN, name)
            before = read(opened, name)
            assert agrees(before, name), name
            assert before["curve"].startswith("M"), name
            called = opened.call(CALLED, name)
            assert all(called), name
            assert len(set(called)) == len(called), name
            opened.call(FOCUS, name)
            opened.press("ArrowRight")
            after = read(opened, name)
            assert after["numbers"] != before["numbers"], name
            assert agrees(after, name), name
            seen += 1
    assert seen >= LEAST


@BOTH
def test_the_numbers_survive_a_reload_and_a_symbol_lights_up(opened, address, language):
    name = "elu"
    path = next(path for path, names in pages(language).items() if name in names)
    opened.open(f"{address}/{path}")
    opened.call(OPEN, name)
    first = read(opened, name)
    opened.call(FOCUS, name)
    opened.press("ArrowRight")
    moved = read(opened, name)
    assert moved["lit"] >= 3 > first["lit"] == 0
    here = remembered(opened)
    assert "play=elu" in here
    opened.open("about:blank")
    opened.open(here)
    again = read(opened, name)
    assert again["numbers"] == moved["numbers"] != first["numbers"]
    assert again["values"] == moved["values"]


@BOTH
def test_a_number_that_the_function_refuses_gets_its_message(opened, address, language):
    name = "elu"
    path = next(path for path, names in pages(language).items() if name in names)
    opened.open(f"{address}/{path}")
    opened.call(OPEN, name)
    before = read(opened, name)
    opened.call(TYPE, name, 1, "-1.5")
    after = read(opened, name)
    with pytest.raises(ValueError, match="alpha") as refused:
        made(name).call([0.5, -1.5])
    assert after["said"] == str(refused.value)
    assert after["values"] == before["values"]
    opened.call(TYPE, name, 1, "1.5")
    accepted = read(opened, name)
    assert accepted["said"] == ""
    assert agrees(accepted, name)


@pytest.mark.parametrize(("name", "smooth"), [("tanh_derivative", True), ("leaky_relu", False)])
def test_a_smooth_peak_has_a_slope_and_a_kink_has_none(opened, address, name, smooth):
    path = next(path for path, names in pages("en").items() if name in names)
    opened.open(f"{address}/{path}")
    opened.call(OPEN, name)
    read(opened, name)
    opened.call(TYPE, name, 0, "0")
    slope = float(read(opened, name)["values"][-1])
    assert abs(slope) < 1e-6 if smooth else math.isnan(slope)


def test_a_page_that_writes_into_its_address_is_left_all_the_same(opened, address):
    first, second = list(pages("en"))[:2]
    opened.open(f"{address}/{first}")
    opened.call("() => { setInterval(() => history.replaceState(null, '', '?now=' + performance.now() + '#x'), 1); }")
    opened.open(f"{address}/{second}")
    assert opened.call("() => location.pathname") == f"/{second}"


def test_an_address_with_foreign_numbers_is_ignored(opened, address):
    path = next(path for path, names in pages("en").items() if "elu" in names)
    opened.open(f"{address}/{path}?play=elu&at=word -3 7&on=9 9")
    found = read(opened, "elu")
    assert found["numbers"] == [slider.start for slider in made("elu").sliders]


@BOTH
def test_nothing_loads_before_a_box_is_opened(visit, language):
    path, names = next(iter(pages(language).items()))
    visitor = visit()
    page = visitor.open(path)
    page.wait_for_timeout(300)
    assert not any("_play" in url or "play.js" in url for url in visitor.requests)
    page.locator(f"details.play[data-play={names[0]}]").first.evaluate("box => { box.open = true; }")
    page.locator(f"details.play[data-play={names[0]}] output").wait_for(state="attached")
    assert sum("_play/" in url for url in visitor.requests) == 1


@BOTH
def test_without_scripts_and_on_paper_there_is_no_box(visit, language):
    path = next(iter(pages(language)))
    assert not visit(java_script_enabled=False).open(path).locator("details.play:visible").count()
    page = visit().open(path)
    assert page.locator("details.play:visible").count()
    page.emulate_media(media="print")
    assert not page.locator("details.play:visible").count()


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_small_screen_needs_no_sideways_scroll(visit, language, theme):
    visitor = visit(viewport={"width": 390, "height": 800})
    for path, names in pages(language).items():
        page = visitor.open(path)
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        for name in names:
            box = page.locator(f"details.play[data-play={name}]")
            box.evaluate(
                "box => { for (let each = box; each; each = each.parentElement.closest('details')) each.open = true; }"
            )
            box.locator("output data").first.wait_for()
            assert box.evaluate("box => box.scrollWidth <= box.clientWidth"), name


def test_a_finger_moves_a_slider(visit):
    path = next(path for path, names in pages("en").items() if "elu" in names)
    page = visit(has_touch=True, viewport={"width": 390, "height": 800}).open(path)
    page.evaluate(f"({OPEN})('elu')")
    slider = page.locator("details.play[data-play=elu] input[type=range]").first
    slider.wait_for()
    slider.scroll_into_view_if_needed()
    place, before = slider.bounding_box(), slider.input_value()
    page.touchscreen.tap(place["x"] + 0.9 * place["width"], place["y"] + place["height"] / 2)
    assert float(slider.input_value()) > float(before)
    assert agrees(page.evaluate(f"({READ})('elu')"), "elu")


def test_a_formula_that_cannot_be_played_with_has_no_box():
    shown = {name for names in pages("en").values() for name in names}
    for function in optnotes.formulas().values():
        try:
            play(function)
        except UnplayableError:
            assert function.__name__ not in shown
        else:
            assert function.__name__ in shown


def test_a_missing_file_is_explained(visit):
    path, names = next(iter(pages("en").items()))
    visitor = visit()
    visitor.page.route("**/_play/*", lambda route: route.fulfill(status=404))
    page = visitor.open(path)
    box = page.locator(f"details.play[data-play={names[0]}]").first
    box.evaluate(
        "box => { for (let each = box; each; each = each.parentElement.closest('details')) each.open = true; }"
    )
    page.wait_for_timeout(500)
    assert box.get_attribute("data-failed") in box.inner_text()
    visitor.errors[:] = [error for error in visitor.errors if "404" not in error]
