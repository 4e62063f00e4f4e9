"""Small drawings: one panel of a figure, its curves and marks without words and axes."""

import re

import pytest

from optnotes.site.figures.style import drawn, new_figure
from optnotes.site.figures.thumbnail import thumbnail


def draw(text, theme, colour=None):
    figure, (left, right) = new_figure(ncols=2)
    left.plot([0, 1], [0, 1], color=theme.blue, linestyle="-", label="a line")
    left.plot([0, 1], [1, 0], color=theme.red, linestyle=":")
    left.fill_between([0, 1], [0, 0], [0.5, 1], color=colour or theme.green, alpha=0.3)
    left.plot([0.2, 0.5, 0.8], [0.5, 0.5, 0.5], "o", color=theme.ink)
    left.legend()
    left.set_title("words")
    right.plot([0, 1], [0, 1], color=theme.violet, linestyle="--")
    return figure


@pytest.fixture(scope="module")
def svg():
    return drawn(draw, str, "en", "light")


def test_a_panel_keeps_its_curves_bands_and_marks_alone(svg):
    small = thumbnail(svg, 1)
    assert sorted(re.findall(r'class="([^"]*)"', small)) == [
        "area green",
        "dots ink",
        "line blue",
        "line dotted red",
        "thumbnail",
    ]
    assert 'opacity="0.3"' in small
    assert re.findall(r"[^\d]M[^M]*h\.1", small) != []
    assert "#" not in small
    assert len(small) < len(svg) / 10
    assert 'aria-hidden="true"' in small


def test_each_panel_is_itself(svg):
    assert 'class="line dashed violet"' in thumbnail(svg, 2)
    assert "blue" not in thumbnail(svg, 2)


def test_the_box_is_that_of_the_axes(svg):
    left, top, width, height = map(int, re.search(r'viewBox="(\d+) (\d+) (\d+) (\d+)"', thumbnail(svg, 1)).groups())
    (x,) = re.findall(r'class="line blue" d="M (\d+) (\d+) L (\d+) (\d+)', thumbnail(svg, 1))
    # matplotlib leaves a twentieth of the data on each side
    assert (int(x[2]) - int(x[0])) / width == pytest.approx(1 / 1.1, abs=0.01)
    assert (int(x[1]) - int(x[3])) / height == pytest.approx(1 / 1.1, abs=0.01)
    assert left < int(x[0]) < int(x[2]) < left + width
    assert top < int(x[3]) < int(x[1]) < top + height


def test_a_panel_that_is_not_there_is_refused(svg):
    with pytest.raises(ValueError, match="panel: expected one of the figure, got 3"):
        thumbnail(svg, 3)


def test_a_colour_of_its_own_is_refused():
    svg = drawn(lambda text, theme: draw(text, theme, "#123456"), str, "en", "light")
    with pytest.raises(ValueError, match="colours: expected those of the house style, got 'fill: #123456"):
        thumbnail(svg, 1)
