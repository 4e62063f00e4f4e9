"""Fingers and narrow windows: menus close, buttons can be met, targets keep their colour, what goes on says so."""

import time

import numpy as np
import pytest

from optnotes.site.figures.style import UNITS
from optnotes.site.words.text import LANGUAGES, ROOT, site_labels
from tests.browser.tabs import BROWSERS, tab

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-l2.html"
DRAWERS = {"primary": ".pst-navbar-icon.sidebar-toggle", "secondary": ".secondary-toggle"}
FINGER = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module", params=BROWSERS)
def opened(request):
    with tab(request.param) as found:
        yield found


def until(opened, condition, *arguments):
    deadline = time.monotonic() + 15
    while not opened.call(condition, *arguments):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


@BOTH
@pytest.mark.parametrize("drawer", DRAWERS)
def test_a_button_closes_the_menu(opened, address, language, drawer):
    opened.resize(390, 800, 1)
    opened.open(f"{address}/{language}/{PAGE}")
    there = "(name) => document.getElementById(`pst-${name}-sidebar-modal`).open"
    toggle = "(found) => [...document.querySelectorAll(found)].find((each) => each.checkVisibility()).click()"
    opened.call(toggle, DRAWERS[drawer])
    until(opened, there, drawer)
    said = opened.call(
        """(name) => {
      const button = document.querySelector(`#pst-${name}-sidebar-modal .drawer-close`);
      const { width, height } = button.getBoundingClientRect();
      const found = [button.textContent, Math.min(width, height) >= 34, button.checkVisibility()];
      button.click();
      return found;
    }""",
        drawer,
    )
    assert said == [site_labels(language)("site.close"), True, True]
    until(opened, f"(name) => !({there})(name)", drawer)
    until(opened, "() => [...document.querySelectorAll('.drawer-close')].every((each) => !each.checkVisibility())")


def test_a_link_within_the_page_closes_the_menu_and_leads_there(opened, address):
    opened.resize(390, 800, 1)
    opened.open(f"{address}/en/{PAGE}")
    opened.call("(found) => document.querySelector(found).click()", DRAWERS["secondary"])
    until(opened, "() => document.getElementById('pst-secondary-sidebar-modal').open")
    opened.call("() => document.querySelector('#pst-secondary-sidebar-modal a[href=\"#q36-drill\"]').click()")
    until(opened, "() => !document.getElementById('pst-secondary-sidebar-modal').open")
    until(opened, "() => Math.abs(document.getElementById('q36-drill').getBoundingClientRect().top) < 200")
    assert opened.call("() => location.hash") == "#q36-drill"


def test_buttons_that_copy_code_are_seen_and_can_be_touched(visit):
    page = visit(**FINGER).open(f"en/{PAGE}")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.locator("button.copybtn:visible").first.wait_for()
    seen = page.evaluate("""() => [...document.querySelectorAll("button.copybtn")]
      .filter((button) => button.checkVisibility()).map((button) => {
      const { width, height, bottom } = button.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("pre"));
      const code = [...range.getClientRects()].filter((each) => each.width).map((each) => each.top);
      return [getComputedStyle(button).opacity, Math.min(width, height) >= 34, bottom <= Math.min(...code) + 1];
    })""")
    assert len(seen) > 5
    assert all(each == ["1", True, True] for each in seen)


@BOTH
def test_buttons_under_formulas_and_figures_can_be_touched(visit, language):
    page = visit(**FINGER).open(f"{language}/{PAGE}")
    rows = ":is(.formula-tools, .figure-tools) :is(summary, button, .formula-uses > a, .figure-files > a)"
    heights = page.evaluate(f"""() => [...document.querySelectorAll("{rows}")]
      .filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect().height)""")
    assert len(heights) > 50
    assert min(heights) >= 34


# Sizes of the smallest words of figures, which are paths: nine points, larger by the face's scale; then of drawings.
LETTERS = """(smallest) => [
  [...document.querySelectorAll("figure.bundle img")].filter((each) => each.clientWidth)
    .map((each) => smallest * each.clientWidth / (each.getAttribute("width") ?? each.naturalWidth) / 0.75),
  [...document.querySelectorAll(".explorer svg text")].filter((each) => each.checkVisibility()).map((each) => {
    const { a, b } = each.getScreenCTM();
    return parseFloat(getComputedStyle(each).fontSize) * Math.hypot(a, b);
  }),
]"""


@BOTH
@pytest.mark.parametrize("page", sorted(path.stem for path in (ROOT / "docs" / "en" / "questions").glob("*.md")))
def test_letters_of_figures_can_be_read(visit, language, page):
    page = visit(**FINGER).open(f"{language}/questions/{page}.html")
    page.evaluate("""async () => {
      document.querySelectorAll("details").forEach((each) => { each.open = true; });
      const images = [...document.querySelectorAll("figure.bundle img")].filter((each) => each.checkVisibility());
      await Promise.all(images.map((each) => { each.loading = "eager"; return each.decode(); }));
    }""")
    page.wait_for_timeout(500)
    figures, drawings = page.evaluate(LETTERS, 9 * 1000 / UNITS)
    assert len(figures) > 2
    assert min(figures) > 9.8
    assert min(drawings, default=10) >= 10
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize(
    "place",
    [
        f"{PAGE}#q36-why",
        f"{PAGE}#footcite-krogh1991",
        "glossary.html#term-batch",
        "api/penalties.html#optnotes.penalties.l2_loss",
    ],
)
def test_what_a_link_leads_to_is_not_painted(opened, address, place):
    opened.resize(390, 800, 1)
    opened.open(f"{address}/en/{place}")
    painted = opened.call("""() => {
      const target = document.querySelector(":target");
      return [target, ...target.children].map((each) => getComputedStyle(each).backgroundColor)
        .filter((colour) => !/^(transparent|rgba\\(.*, 0\\))$/.test(colour));
    }""")
    assert painted == []


# Finds the widest of the boxes that scroll, and brings it into view.
WIDEST = """(found) => {
  const wide = [...document.querySelectorAll(found)].filter((each) => each.checkVisibility());
  const [box] = wide.sort((one, other) => other.scrollWidth - other.clientWidth - one.scrollWidth + one.clientWidth);
  window.box = box;
  box.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = box.getBoundingClientRect();
  box.scrollLeft = 0;
  return [box.scrollWidth - box.clientWidth, [x + scrollX, y + scrollY, width, height].map(Math.round)];
}"""


def shaded(opened, box, side):
    """Whether an edge of a box is darker, at half its height, than the paper beside the box."""
    left, top, width, height = box
    middle = top + height // 2 - 4
    edge, paper = (opened.picture((x, middle, 4, 8)) for x in (left + (1 if side == "left" else width - 5), left - 6))
    return bool(np.median(edge) < np.median(paper) - 8)


@pytest.mark.parametrize("found", [".math-scroll", ".pst-scrollable-table-container"])
def test_what_goes_on_beyond_the_edge_says_so(opened, address, found):
    opened.resize(390, 800, 1)
    opened.open(f"{address}/en/questions/39-activations.html" if found == ".math-scroll" else f"{address}/en/{PAGE}")
    opened.call("() => { document.documentElement.dataset.theme = 'light'; }")
    opened.call("() => { document.querySelector('.bd-header').style.display = 'none'; }")  # it would lie above
    hidden, box = opened.call(WIDEST, found)
    assert hidden > 10
    assert [shaded(opened, box, side) for side in ("left", "right")] == [False, True]
    opened.call("() => { window.box.scrollLeft = 1e6; }")
    assert [shaded(opened, box, side) for side in ("left", "right")] == [True, False]
    opened.resize(1280, 800, 1)
    if found == ".math-scroll":
        hidden, box = opened.call(WIDEST, found)
        assert hidden == 0
        assert [shaded(opened, box, side) for side in ("left", "right")] == [False, False]


@BOTH
@pytest.mark.parametrize("page", ["33-curing-vanishing-gradients", "34-overfitting"])
def test_a_title_of_two_lines_stays_within_its_border(visit, language, page):
    page = visit(**FINGER).open(f"{language}/questions/{page}.html")
    page.locator(".explorer legend").first.wait_for()
    above, lines, below = page.evaluate("""() => {
      const box = document.querySelector(".explorer"), title = box.querySelector("legend");
      const [outer, inner, next] = [box, title, title.nextElementSibling].map((each) => each.getBoundingClientRect());
      const line = parseFloat(getComputedStyle(title).lineHeight);
      return [inner.top - outer.top, inner.height / line, next.top - inner.bottom];
    }""")
    assert above > 1  # a browser draws the border through a title that stands on it
    assert lines > 1.9
    assert below >= 0
