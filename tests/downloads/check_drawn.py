"""Formulas of PDF and EPUB are drawn as those of the site are."""

import zipfile

import pytest

from optnotes.site.takeaway.book import read_book
from optnotes.site.takeaway.pdf import document
from optnotes.site.words.text import LANGUAGES
from tests.audit.server import serving
from tests.browser import drawing, rules
from tests.browser.agreement import disagreements
from tests.browser.tabs import BROWSERS, tab
from tests.downloads import HTML
from tests.downloads.printed import (
    PIECE,
    drawn_characters,
    needed_characters,
    shipped_fonts,
    shipped_math_fonts,
)

COLUMN = 658  # pixels of CSS: A4 without its margins
READERS = (1280, 390)  # a tablet held across, and a telephone


@pytest.fixture(scope="module", params=LANGUAGES)
def book(request):
    return read_book(HTML, request.param)


@pytest.fixture(scope="module")
def printed(book, tmp_path_factory):
    """The document that becomes the PDF, as the browser that prints it draws it."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "book.html").write_text(document(book, {}), encoding="utf-8")
    with tab("chromium") as page:
        page.session.send("Emulation.setEmulatedMedia", {"media": "print"})
        return drawing.draw(page, folder.as_uri(), ["book.html"], modes=("light",), widths=(COLUMN,))


@pytest.fixture(scope="module")
def glyphs(book):
    return drawn_characters(book.site / "_downloads" / f"optnotes-{book.language}.pdf")


@pytest.fixture(scope="module")
def epub(book, tmp_path_factory):
    """The pages of the EPUB in both browsers."""
    folder = tmp_path_factory.mktemp("epub")
    with zipfile.ZipFile(book.site / "_downloads" / f"optnotes-{book.language}.epub") as archive:
        archive.extractall(folder)
    names = drawing.pages(folder / "OPS")
    found = {}
    for browser in BROWSERS:
        with serving(folder / "OPS") as address, tab(browser) as page:
            found[browser] = drawing.draw(page, address, names, modes=("light",), widths=READERS)
    return found


def report(faults):
    """Fail with one line for each fault."""
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_printed_formula_keeps(printed, rule):
    assert printed.count.formulas > 100
    report(printed.faults(rule))


def test_every_printed_formula_stands_in_its_column(printed):
    report(printed.misplaced())


def test_the_pdf_uses_only_fonts_that_come_with_it(glyphs):
    strange = {font: sorted(drawn) for font, drawn in glyphs.items() if font not in shipped_fonts()}
    assert strange == {}


def test_every_glyph_of_every_formula_is_in_the_pdf(book, glyphs):
    """Heads of tables are printed on each page, so more may be there; large brackets may be made of pieces."""
    needed = needed_characters(document(book, {}))
    drawn = sum((drawn for font, drawn in glyphs.items() if font in shipped_math_fonts()), start=type(needed)())
    missing = needed - drawn
    brackets = {each: missing.pop(each) for each in "()[]{}|‖√" if each in missing}
    assert missing == {}
    assert 3 * sum(brackets.values()) <= drawn[PIECE]


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_formula_of_the_epub_keeps(epub, browser, rule):
    assert epub[browser].count.formulas > 100
    report(epub[browser].faults(rule))


@pytest.mark.parametrize("browser", BROWSERS)
def test_every_formula_of_the_epub_stands_in_its_column(epub, browser):
    report(epub[browser].misplaced())


def test_browsers_agree_on_the_epub(epub):
    report(disagreements(*(epub[browser].formulas for browser in BROWSERS)))
