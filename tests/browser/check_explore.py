"""Explorers in a real browser: keyboard, address, language switch, loading, no script, small screen."""

import json
import re

import pytest
from playwright.sync_api import expect

from optnotes.site.words.text import LANGUAGES
from tests.browser.conftest import HTML

EXPLORERS = {
    "depth_explorer": ("questions/31-vanishing-gradients.html", "scale"),
    "loss_explorer": ("questions/32-exploding-gradients.html", "rate"),
    "ball_explorer": ("questions/37-l1-elastic-net.html", "strength"),
    "dropout_explorer": ("questions/38-dropout.html", "p"),
    "activation_explorer": ("questions/39-activations.html", "mean"),
    "condition_explorer": ("questions/40-feature-normalization.html", "rate"),
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
    """Number of the frame: the last control runs fastest, and no frame depends on the one that is played."""
    clock = box.locator("input[data-plays]").evaluate_all("all => all.map(c => c.name)")
    number = 0
    for name, position, count in settings(box):
        if name not in clock:
            number = number * count + position
    return number


def shown(box):
    """Sentence and paths on the page, where a path was scaled and moved with that."""
    return box.locator("output").inner_text(), box.locator(".marks path").evaluate_all(
        "all => all.map(p => [p.getAttribute('d'), p.getAttribute('transform')])"
    )


def expected(language, slug, number, steps=10):
    """What the page should show; a path that grows has so many steps, at first as many as here."""
    data = frames(language, slug)
    entries = [each if isinstance(each, list) else [each, 0, 0, 1] for each in data["frames"][number]]
    paths, matrices = [], []
    for look, (path, x, y, *scale) in enumerate(entries):
        points = re.findall("[ML][^ML]*", data["paths"][path])[: steps + 1] if look in data.get("grows", ()) else None
        paths.append("".join(points) if points else data["paths"][path])
        columns = scale if len(scale) == 4 else [scale[0], 0, 0, scale[0]]
        matrices.append(f"matrix({' '.join(f'{each:.10g}' for each in (*columns, x, y))})")
    return data["readouts"][number], [list(pair) for pair in zip(paths, matrices, strict=True)]


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
    expect(page).to_have_url(re.compile(re.escape(f"{control}=")))
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


@BOTH
def test_the_descent_is_played_stepped_and_started_elsewhere(visit, language):
    page = visit().open(f"{language}/questions/40-feature-normalization.html")
    box = explorer(page, "condition_explorer")
    clock = box.locator("input[data-plays]")
    play, step = box.locator(".clock button").all()
    step.click()
    assert clock.input_value() == "11"
    assert shown(box) == expected(language, "condition_explorer", place(box), 11)
    expect(page).to_have_url(re.compile(re.escape("shown=11")))
    clock.focus()
    page.keyboard.press("End")
    play.click()  # from the end it begins anew
    expect(play).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(900)
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false")
    held = int(clock.input_value())
    assert 0 < held < 40
    page.wait_for_timeout(600)
    assert int(clock.input_value()) == held
    expect(page).to_have_url(re.compile(re.escape(f"shown={held}")))
    clock.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false")  # it ends by itself
    assert clock.input_value() == clock.get_attribute("max")
    box.locator("> svg").scroll_into_view_if_needed()
    edges, first = box.locator("> svg").bounding_box(), shown(box)
    page.mouse.click(
        edges["x"] + (56 + 1.9 / 3 * 378) / 448 * edges["width"],
        edges["y"] + (28 + 0.75 / 2 * 252) / 320 * edges["height"],
    )
    expect(page).to_have_url(re.compile(re.escape("along=0.4&across=0.25")))
    assert shown(box) == expected(language, "condition_explorer", place(box), 40) != first


@BOTH
def test_the_centre_is_dragged_tapped_and_moved_by_keys_and_the_address_keeps_it(visit, language):
    visitor = visit(has_touch=True)
    page = visitor.open(f"{language}/questions/37-l1-elastic-net.html")
    box = explorer(page, "ball_explorer")

    def centre():
        return [box.locator(f"input[name={name}]").get_attribute("data-values").split()[at] for name, at in held()]

    def held():
        return [(name, int(position)) for name, position, _ in settings(box) if name in ("along", "across")]

    def spot(along, across):
        """Where a place on the axes of the drawing lies on the screen."""
        edges, (width, height) = box.locator("> svg").bounding_box(), (448, 320)
        x, y = 56 + (along + 25) / 75 * 378, 28 + (32 - across) / 50 * 252
        return edges["x"] + x / width * edges["width"], edges["y"] + y / height * edges["height"]

    box.locator("> svg").scroll_into_view_if_needed()
    assert centre() == ["37.6", "19.1"]
    first = shown(box)
    page.mouse.move(*spot(37.6, 19.1))
    page.mouse.down()
    page.mouse.move(*spot(20, 0), steps=4)
    page.mouse.move(*spot(4.5, -4), steps=4)
    assert centre() == ["3", "-3"]  # the nearest places, while the button is still down
    assert shown(box) == expected(language, "ball_explorer", place(box)) != first
    page.mouse.up()
    expect(page).to_have_url(re.compile(re.escape("along=3&across=-3")))
    page.touchscreen.tap(*spot(27, 28))
    assert centre() == ["27", "28"]
    expect(page).to_have_url(re.compile(re.escape("along=27&across=28")))
    box.locator("input[name=along]").focus()
    page.keyboard.press("ArrowLeft")
    box.locator("input[name=across]").focus()
    page.keyboard.press("Home")
    assert centre() == ["15", "-12"]
    sentence = shown(box)
    page.reload()
    box = explorer(page, "ball_explorer")
    assert centre() == ["15", "-12"]
    assert shown(box) == sentence == expected(language, "ball_explorer", place(box))


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
    if box.bounding_box()["y"] > 1600:  # nearer than that it is, or may count as, on the first screen
        assert not any("_explorers" in url for url in visitor.requests)
    before = box.bounding_box()["height"]
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
