"""Every page in a browser: weight, accessibility, Content-Security-Policy, no request to others, no sideways scroll."""

import pytest

from tests.audit.site import BUDGET, HTML, MODULES, PAGES

KIB = 1024
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
SCROLL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 800) {
    window.scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 30));
  }
  const shown = [...document.images].filter((image) => image.offsetParent);
  await Promise.all(shown.map((image) => image.decode()));
}"""
# Images and the frames of explorers come when they are scrolled to.
FIGURES = ("/_images/", "/_explorers/")
# A wide window in light mode and a phone in dark mode.
VIEWS = {"light": 1280, "dark": 390}


@pytest.fixture(params=VIEWS)
def view(request, browser):
    """An empty tab in one colour mode."""
    context = browser.new_context(viewport={"width": VIEWS[request.param], "height": 900}, color_scheme=request.param)
    context.set_default_timeout(120_000)
    context.add_init_script(WATCH)
    tab = context.new_page()
    tab.said = []
    tab.on("console", lambda message: message.type in {"error", "warning"} and tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    yield tab
    context.close()


@pytest.mark.parametrize("page", PAGES)
def test_page(page, view, address, note):
    session = view.context.new_cdp_session(view)
    session.send("Network.enable")
    seen, sizes = {}, {}
    session.on("Network.requestWillBeSent", lambda event: seen.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    view.goto(f"{address}/{page}", wait_until="networkidle")
    view.evaluate(SCROLL)
    addresses = {key: url for key, url in seen.items() if not url.startswith("data:")}
    drawn = {key for key, url in addresses.items() if any(folder in url for folder in FIGURES)}
    figures = sum(sizes.get(key, 0) for key in drawn) / KIB
    others = sum(sizes.get(key, 0) for key in addresses.keys() - drawn) / KIB
    weight = {"KiB before figures": round(others), "KiB with figures": round(others + figures)}
    note(page, requests=len(addresses), **weight)

    view.evaluate((MODULES / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = view.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []
    assert view.evaluate("window.violations") == []
    assert view.said == []
    assert [url for url in addresses.values() if not url.startswith(address)] == []
    assert view.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert len(addresses.keys() - drawn) <= BUDGET["requests_before_figures"]
    assert others <= BUDGET["kib_before_figures"]
    assert others + figures <= BUDGET["kib_with_figures"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_policy_holds_while_a_reader_searches_and_switches_modes(language, view, address):
    view.goto(f"{address}/{language}/index.html")
    if view.viewport_size["width"] < 960:
        view.locator("button.primary-toggle").click()
    for mode in ("dark", "light"):
        view.locator(f'[data-mode="{mode}"].theme-change-button:visible').click()
        assert view.evaluate("document.documentElement.dataset.theme") == mode
    view.keyboard.press("Escape")
    view.locator("a.search-link:visible").click()
    view.locator("#search-words").fill("dropout")
    view.wait_for_url("**/search.html?q=dropout*")
    view.locator("#search-results li a").first.wait_for()
    assert view.evaluate("window.violations") == []
    assert view.said == []


@pytest.mark.parametrize(("mode", "width"), VIEWS.items())
@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_scripts(language, mode, width, browser, address):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=mode, java_script_enabled=False
    )
    tab = context.new_page()
    tab.goto(f"{address}/{language}/questions/37-l1-elastic-net.html")
    tab.locator("figure figcaption").first.scroll_into_view_if_needed()
    shown = {other for other in VIEWS if tab.locator(f"figure img.only-{other}").first.is_visible()}
    assert shown == {mode}
    assert tab.locator("math").first.is_visible()
    answer = tab.locator("details.drill").first
    answer.locator("summary").click()
    assert answer.locator("p").last.is_visible()
    assert tab.locator("nav.course-nav:visible a").count() >= 10
    assert tab.locator(".pst-js-only:visible").count() == 0
    context.close()


def test_every_page_has_a_title_of_its_own():
    titles: dict[tuple[str, str], str] = {}
    for page in PAGES:
        title = (HTML / page).read_text("utf-8").partition("<title>")[2].partition("</title>")[0]
        assert titles.setdefault((page[:2], title), page) == page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_link_into_a_section_that_is_not_laid_out_yet_arrives(language, view, address):
    view.goto(f"{address}/{language}/questions/37-l1-elastic-net.html#claim-37-07")
    view.wait_for_timeout(1000)
    place = view.evaluate("document.getElementById('claim-37-07').getBoundingClientRect().top")
    assert 0 <= place < view.viewport_size["height"] / 2
