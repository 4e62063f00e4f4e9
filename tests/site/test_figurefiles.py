"""Files of a figure to take along: words as text, one page as PDF."""

import io
import re

import pikepdf
import pytest
from lxml import etree

from optnotes.site.figures.figurefiles import SVG, to_pdf, with_text
from optnotes.site.figures.style import MODES, house_style, new_figure, to_svg

WORDS = "Efficient shuffling, « ёж » & 10⁻³ < 1"


@pytest.fixture(params=MODES)
def drawn(request):
    with house_style(request.param):
        figure, axes = new_figure()
        axes.plot([0, 1], [0, 2.5])
        axes.set(title=WORDS, xlabel=r"root $\sqrt{2\eta}$ of $x_{\max}$", ylabel="turned")
        return to_svg(figure, "ru")


def texts(svg):
    return ["".join(text.itertext()) for text in etree.fromstring(svg.encode()).iter(f"{SVG}text")]


def test_words_are_text_that_can_be_found(drawn):
    found = texts(with_text(drawn))
    assert texts(drawn) == []
    assert WORDS in found
    assert "turned" in found
    assert "2,5" in found
    assert re.fullmatch(r"root √?2η of xmax", next(text for text in found if "root" in text))


def test_only_letters_change(drawn):
    changed = with_text(drawn)
    lines = [[each.split() for each in re.findall(r'<path d="([^"]*)" clip-path', svg)] for svg in (changed, drawn)]
    assert lines[0] == lines[1] != []
    assert len(re.findall(r'href="#STIXTwoText', drawn)) > 50
    assert not re.findall(r'href="#STIXTwoText', changed)


def test_text_stands_where_the_outlines_stood(drawn):
    (outline,) = re.findall(r"<!-- turned -->\s*<g [^>]*transform=\"(.*?) scale\(0\.1 -0\.1\)\"", drawn)
    (text,) = [
        each
        for each in etree.fromstring(with_text(drawn).encode()).iter(f"{SVG}text")
        if "turned" in "".join(each.itertext())
    ]
    assert text.get("transform") == outline
    assert "rotate(-90)" in outline
    assert "font-size: 11.36px" in text[0].get("style"), "10 points of an em that has 880 units"
    assert "'STIX Two Text'" in text[0].get("style")


def test_glyphs_that_do_not_spell_their_comment_stay_outlines(drawn):
    assert "turned" not in texts(with_text(drawn.replace("<!-- turned -->", "<!-- burned -->")))


def test_the_page_of_the_pdf_is_as_large_as_the_figure(drawn):
    pdf = to_pdf(drawn)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn).groups())
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (page,) = opened.pages
        left, bottom, right, top = map(float, page.mediabox)
    assert (right - left) / (top - bottom) == pytest.approx(width / height, rel=0.01)
    assert b"/Subtype/Image" not in pdf
    assert to_pdf(drawn) == pdf
