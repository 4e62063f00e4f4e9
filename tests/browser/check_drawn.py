"""What Chromium and Firefox draw is what was checked: every formula of both sites, light and dark, wide and narrow."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from optnotes.site.words.text import LANGUAGES
from tests.browser import drawing, rules
from tests.browser.agreement import disagreements
from tests.browser.conftest import HTML, SUMMARY
from tests.browser.tabs import BROWSERS, tab

EVERYWHERE = [(browser, language) for browser in BROWSERS for language in LANGUAGES]


@pytest.fixture(scope="module")
def drawn(address, pytestconfig):
    """What each browser draws of each site; the browsers work side by side."""
    pattern = pytestconfig.getoption("--drawn")

    def visit(browser):
        found, known = {}, {}
        with tab(browser) as page:
            for language in LANGUAGES:
                names = drawing.pages(HTML / language, pattern)
                found[browser, language] = drawing.draw(page, f"{address}/{language}", names, known=known)
        return found

    with ThreadPoolExecutor() as pool:
        found = {key: each for both in pool.map(visit, BROWSERS) for key, each in both.items()}
    for (browser, language), each in found.items():
        pytestconfig.stash[SUMMARY].append(f"drawn by {browser}, {language}: {each.count}, {each.seconds:.0f} s")
    return found


def report(faults):
    """Fail with one line for each fault."""
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize(("browser", "language"), EVERYWHERE)
def test_formulas_are_found_and_drawn(drawn, browser, language):
    each = drawn[browser, language]
    assert each.count.formulas > 0
    assert {formula.view for formula in each.formulas} == {
        f"{width} {mode}" for width in (drawing.WIDE, drawing.NARROW) for mode in ("light", "dark")
    }


@pytest.mark.parametrize(("browser", "language"), EVERYWHERE)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_formula_keeps(drawn, browser, language, rule):
    report(drawn[browser, language].faults(rule))


@pytest.mark.parametrize(("browser", "language"), EVERYWHERE)
def test_every_formula_stands_in_its_column(drawn, browser, language):
    report(drawn[browser, language].misplaced())


@pytest.mark.parametrize("language", LANGUAGES)
def test_browsers_agree(drawn, language):
    report(disagreements(*(drawn[browser, language].formulas for browser in BROWSERS)))
