"""A page of the EPUB in a browser that draws MathML, and in one that does not know what MathML needs."""

import zipfile

import pytest
from playwright.sync_api import sync_playwright

from optnotes.site.takeaway.pdf import chromium
from optnotes.site.words.text import LANGUAGES
from tests.downloads import site

PAGE = "OPS/37-l1-elastic-net.xhtml"
SHOWN = "elements => elements.map(each => each.checkVisibility() && each.getClientRects().length > 0)"


@pytest.fixture(params=LANGUAGES)
def unpacked(request, tmp_path):
    with zipfile.ZipFile(site(request.param) / "_downloads" / f"optnotes-{request.param}.epub") as archive:
        archive.extractall(tmp_path)
    return tmp_path / PAGE


@pytest.mark.parametrize("drawn", [True, False])
def test_a_reader_sees_each_formula_once(unpacked, drawn):
    if not drawn:  # no browser of today can forget MathML, but it may be asked for what it does not know
        sheet = unpacked.with_name("words.css")
        css = sheet.read_text("utf-8")
        assert css.count("(math-style: compact)") == 1
        sheet.write_text(css.replace("math-style", "style-of-tomorrow"), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page()
        page.goto(unpacked.as_uri())
        formulas = page.eval_on_selector_all("math > *", SHOWN)
        words = page.eval_on_selector_all(".worded", SHOWN)
        said = page.inner_text("body")
        browser.close()
    assert len(words) == len(formulas) > 50
    assert set(words) == {not drawn}
    assert set(formulas) == {drawn}
    assert "\\" not in said, "TeX"


def test_the_curves_of_the_drill_are_drawn(unpacked):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page()
        page.goto(unpacked.as_uri())
        sizes = page.eval_on_selector_all(
            "svg", "all => all.map(each => [each.namespaceURI, each.viewBox?.baseVal?.width, each.getBBox?.().width])"
        )
        browser.close()
    assert len(sizes) >= 3
    assert all("svg" in space and width and drawn for space, width, drawn in sizes), sizes
