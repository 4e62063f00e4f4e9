"""Explorers in a real browser: keyboard, address, language switch, loading, no script, small screen."""

import json
import re

import pytest
from playwright.sync_api import expect

from optnotes.site.text import LANGUAGES
from tests.browser.conftest import HTML

EXPLORERS = {
    "depth_explorer": ("questions/31-vanishing-gradients.html", "scale"),
    "ball_explorer": ("questions/37-l1-elastic-net.html", "strength"),
    "dropout_explorer": ("questions/38-dropout.html", "p"),
    "activation_explorer": ("questions/39-activations.html", "mean"),
    "condition_explorer": ("questions/40-feature-normalization.html", "kappa"),
}
BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("slug", EXPLORERS)


def frames(language, slug):
    return json.loads((HTML / language / "_explorers" / f"{slug}.json").read_text("utf-8"))


def explorer(page, slug):
    """The explorer, scrolled to and loaded."""
    box = page.locator(f"#explore-{slug.replace('_', '-')}")
    box.scroll_into_view_if_needed()
    expect(box.locator("output")).not_to_be_empty()  # wait_for_function would need eval, which the policy forbids
    return box


def settings(box):
    """Position of every control, as the page shows it."""
    return box.locator("input, select").evaluate_all(
        "all => all.map(c => [c.name, Number(c.selectedIndex ?? c.value), c.options?.length ?? Number(c.max) + 1])"
    )


def place(box):
    """Number of the frame: the last control runs fastest."""
    number = 0
    for _, position, count in settings(box):
        number = number * count + position
    return number


def shown(box):
    """Sentence and paths on the page."""
    return box.locator("output").inner_text(), box.locator(".marks path").evaluate_all(
        "all => all.map(p => p.getAttribute('d'))"
    )


def expected(language, slug, number):
    data = frames(language, slug)
    return data["readouts"][number], [data["paths"][path] for path in data["frames"][number]]


@BOTH
@EACH
def test_keyboard_moves_the_slider_and_the_page_shows_that_frame(visit, language, slug):
    path, control = EXPLORERS[slug]
    page = visit().open(f"{language}/{path}")
    box = explorer(page, slug)
    first = place(box)
    assert shown(box) == expected(language, slug, first)
    slider = box.locator(f"input[name={control}]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    second = place(box)
    assert second != first
    assert shown(box) == expected(language, slug, second)
    page.keyboard.press("Home")
    assert slider.input_value() == "0"
    assert slider.get_attribute("aria-valuetext") == frames(language, slug)["labels"][control][0]
    assert shown(box) == expected(language, slug, place(box))


@BOTH
@EACH
def test_the_address_brings_the_setting_back_and_the_language_switch_keeps_it(visit, language, slug):
    path, control = EXPLORERS[slug]
    page = visit().open(f"{language}/{path}")
    box = explorer(page, slug)
    box.locator(f"input[name={control}]").focus()
    page.keyboard.press("End")
    if box.locator("select").count():
        box.locator("select").focus()
        page.keyboard.press("ArrowDown")
    chosen, sentence = settings(box), shown(box)[0]
    assert f"{control}=" in page.url
    page.reload()
    box = explorer(page, slug)
    assert settings(box) == chosen
    assert shown(box)[0] == sentence
    number = place(box)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    page.locator("a.language-switch").first.click()
    page.wait_for_url(re.compile(f"/{other}/{path}"))
    box = explorer(page, slug)
    assert settings(box) == chosen
    assert shown(box) == expected(other, slug, number)


def test_an_unknown_setting_in_the_address_is_ignored(visit):
    page = visit().open("en/questions/37-l1-elastic-net.html?penalty=l7&strength=1000&other=1#q37-answer")
    plain = visit().open("en/questions/37-l1-elastic-net.html")
    assert settings(explorer(page, "ball_explorer")) == settings(explorer(plain, "ball_explorer"))
    assert page.url.endswith("#q37-answer")


@pytest.mark.parametrize("width", [390, 1280])
@EACH
def test_frames_load_only_when_scrolled_to_and_nothing_moves(visit, slug, width):
    path, _ = EXPLORERS[slug]
    visitor = visit(viewport={"width": width, "height": 800})
    page = visitor.open(f"en/{path}")
    page.wait_for_timeout(300)
    box = page.locator(f"#explore-{slug.replace('_', '-')}")
    before, top = (box.bounding_box()[name] for name in ("height", "y"))
    # On the first screen a reader meets the explorer at once.
    assert top < 800 or not any("_explorers" in url for url in visitor.requests)
    explorer(page, slug)
    assert box.bounding_box()["height"] == before
    assert sum("_explorers" in url for url in visitor.requests) == 1


@BOTH
@EACH
def test_without_scripts_the_static_figure_stands_alone(visit, language, slug):
    path, _ = EXPLORERS[slug]
    page = visit(java_script_enabled=False).open(f"{language}/{path}")
    assert not page.locator(f"#explore-{slug.replace('_', '-')}").is_visible()
    assert page.locator(f"#fig-{slug.replace('_', '-')} img").first.is_visible()


@BOTH
@EACH
def test_a_small_screen_needs_no_sideways_scroll(visit, language, slug):
    path, _ = EXPLORERS[slug]
    page = visit(viewport={"width": 390, "height": 800}).open(f"{language}/{path}")
    box = explorer(page, slug)
    edges = box.bounding_box()
    assert edges["x"] >= 0
    assert edges["x"] + edges["width"] <= 390
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_link_from_another_page_arrives_with_its_setting(visit):
    page = visit().open("en/questions/36-l2.html")
    page.locator("a[href*='penalty=l2']").first.click()
    page.wait_for_url(re.compile("37-l1-elastic-net"))
    box = explorer(page, "ball_explorer")
    assert box.locator("select").input_value() == "l2"
    assert box.locator("output").is_visible()


def test_missing_frames_are_explained(visit):
    visitor = visit()
    visitor.page.route("**/_explorers/*", lambda route: route.fulfill(status=404))
    page = visitor.open("en/questions/37-l1-elastic-net.html")
    box = explorer(page, "ball_explorer")
    assert box.locator("output").inner_text() == box.get_attribute("data-failed")
    visitor.errors[:] = [error for error in visitor.errors if "404" not in error]


@BOTH
@EACH
def test_the_drawing_has_its_colours_in_both_modes(visit, language, slug):
    path, _ = EXPLORERS[slug]
    page = visit().open(f"{language}/{path}")
    box = explorer(page, slug)
    seen = set()
    for mode in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{mode}'")
        tones = box.locator(".marks path").evaluate_all(
            "all => all.map(p => getComputedStyle(p)).map(s => s.fill === 'none' ? s.stroke : s.fill)"
        )
        assert "none" not in tones
        seen.add(tuple(tones))
    assert len(seen) == 2
