"""What a reader does on a page: switches language and mode, unfolds answers, copies code, reads without scripts."""

import pytest

from optnotes.site.words.text import LANGUAGES, ROOT
from tests.site.test_template import TAUGHT

QUESTIONS = sorted(path.stem for path in (ROOT / "docs" / "en" / "questions").glob("*.md"))
OTHERS = ["index", "formulas", "claims", "conventions", "drill", "glossary", "downloads", "status", "cite", "search"]
PAGES = [*OTHERS, *(f"questions/{name}" for name in QUESTIONS), "api/penalties", "genindex", "py-modindex"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_the_page_without_sideways_scroll(visit, language, name):
    page = visit(viewport={"width": 390, "height": 800}).open(f"{language}/{name}.html")
    page.wait_for_load_state("networkidle")
    for box in ("html", ".bd-article-container"):
        assert page.evaluate(f"(box => box.scrollWidth - box.clientWidth)(document.querySelector('{box}'))") <= 0, box


@pytest.mark.parametrize("width", [1280, 390])
def test_the_language_switch_keeps_page_and_anchor(visit, width):
    page = visit(viewport={"width": width, "height": 800}).open("ru/questions/36-l2.html#q36-traps")
    page.locator("a.language-switch:visible").first.click()
    page.wait_for_url("**/en/questions/36-l2.html#q36-traps")
    assert page.evaluate("document.documentElement.lang") == "en"


FIRST = """async () => {
  await Promise.all([...document.querySelectorAll(".explorer")].map(async (box) => {
    while (box.querySelector("output")?.textContent === "") await new Promise(requestAnimationFrame);
  }));
  const answer = document.querySelector("[id$=-answer]");
  const seen = (shown) => shown.filter((each) => each.checkVisibility());
  const played = seen([...answer.querySelectorAll(".explorer > svg")]);
  const drawn = seen([...answer.querySelectorAll("figure img")]);
  const low = (each) => Math.ceil(each.getBoundingClientRect().bottom);
  return {
    formula: low(answer.querySelector(".math-block")),
    picture: low([...played, ...drawn][0]),
    drawn: drawn.length,
    code: seen([...answer.querySelectorAll(".cell_input")]).length,
  };
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in QUESTIONS if name[:2] in TAUGHT])
def test_answer_formula_and_picture_are_on_the_first_screen(opened, address, language, name):
    """What is played is a picture; a phone shows them on two screens."""
    for width, screens in ((1280, 1), (390, 2)):
        opened.resize(width, 800, 1)
        opened.open(f"{address}/{language}/questions/{name}.html")
        first = opened.call(FIRST)
        assert max(first["formula"], first["picture"]) <= 800 * screens, (width, first)
        assert (first["drawn"], first["code"]) == (1, 0), "one figure, and no code above it"


def test_the_mode_lasts_from_page_to_page(visit):
    page = visit(color_scheme="light").open("en/index.html")
    page.locator('[data-mode="dark"].theme-change-button:visible').click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(page.url.replace("index.html", "questions/37-l1-elastic-net.html"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    shown = page.locator("figure.bundle img:visible").first.get_attribute("src")
    assert "-dark" in shown


def test_answers_are_hidden_until_they_are_asked_for(visit):
    page = visit().open("en/drill.html")
    box = page.locator("details.drill").first
    answer = box.locator("summary ~ *").first
    assert not answer.is_visible()
    box.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.is_visible()


def test_code_can_be_copied(visit, address):
    opened = visit(permissions=["clipboard-read", "clipboard-write"])
    page = opened.open("en/questions/37-l1-elastic-net.html")
    button = page.locator("button.copybtn").first
    wanted = button.locator("xpath=..").locator("pre").inner_text().strip()
    button.dispatch_event("click")
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.clipboard.readText()").strip() == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_reads_without_scripts(visit, language):
    page = visit(java_script_enabled=False).open(f"{language}/questions/33-curing-vanishing-gradients.html")
    assert page.locator("math").first.is_visible()
    assert page.locator("figure.bundle img:visible").count() > 0
    assert page.locator("nav.course-nav a:visible").count() >= 10
    page.locator("details.drill summary").first.click()
    assert page.locator("details.drill[open] > :not(summary)").first.is_visible()
