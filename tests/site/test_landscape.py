"""Figures of slides are wider than tall: panels move, words and curves stay whole."""

import re

import pytest
from lxml import etree

from optnotes.site.figures.style import house_style, new_figure, to_svg
from optnotes.site.takeaway.landscape import SVG, frame, landscape, reach, words


def drawing(figsize=(5.6, 6.4), legend="outside lower center", **options):
    with house_style("light"):
        drawn, _ = new_figure(figsize=figsize, **options)
        for number, axes in enumerate(drawn.axes):
            axes.plot([0, 3], [1, 2 + number], label=f"curve {number}")
            axes.set_title(f"panel {number}")
        drawn.axes[-1].set_xlabel("step")
        if legend:
            drawn.legend(loc=legend)
        return to_svg(drawn, "en").encode()


def size(svg):
    return tuple(float(each) for each in etree.fromstring(svg).get("viewBox").split()[2:])


def groups(svg):
    return {group.get("id"): group for group in etree.fromstring(svg).findall(f"{SVG}g/{SVG}g")}


def moved(group):
    found = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", group.get("transform"))
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("options", [{}, {"nrows": 2, "figsize": (5.6, 4.0)}, {"ncols": 2, "figsize": (5.6, 5.0)}])
def test_a_figure_that_is_wide_stays_as_it_is(options):
    svg = drawing(**{"figsize": (5.6, 3.8), **options})
    assert landscape(svg) == svg


@pytest.mark.parametrize("ratios", [(1, 1), (2, 3), (3, 2)])
@pytest.mark.parametrize("legend", ["", "outside lower center", "outside upper center"])
def test_panels_stand_side_by_side_on_one_floor_with_all_their_words_in_the_picture(ratios, legend):
    svg = drawing(nrows=2, height_ratios=ratios, legend=legend)
    wide = landscape(svg)
    width, height = size(wide)
    assert (width, height < width / 2) == (2 * size(svg)[0], True)
    left, top, *_ = map(float, etree.fromstring(wide).get("viewBox").split())
    found = groups(wide)
    panels = [found["axes_1"], found["axes_2"]]
    assert [moved(panel)[0] for panel in panels] == [left, left + size(svg)[0]]
    floors = [frame(panel)[1] + moved(panel)[1] for panel in panels]
    assert floors[0] == pytest.approx(floors[1], abs=0.02)
    for name, group in found.items():
        across, shift = moved(group)
        if name == "legend_1":
            assert across == size(svg)[0] / 2
            over = reach(group)[1] + shift <= min(frame(panel)[0] + moved(panel)[1] for panel in panels)
            under = reach(group)[0] + shift >= floors[0]
            assert (over, under) == ("upper" in legend, "lower" in legend)
        # A part that is not in the picture is cut off; more room than words need makes them small.
        assert top - 0.02 <= reach(group)[0] + shift < reach(group)[1] + shift <= top + height + 0.02
    assert ("legend_1" in found) == bool(legend)


def test_a_panel_that_shares_its_axis_gets_its_words_again():
    said = [
        each.text.strip() for each in etree.fromstring(landscape(drawing(nrows=2, sharex=True))).iter(etree.Comment)
    ]
    assert said.count("step") == 2
    assert said.count("panel 0") == said.count("panel 1") == 1
    apart = [each.text.strip() for each in etree.fromstring(landscape(drawing(nrows=2))).iter(etree.Comment)]
    assert apart.count("step") == 1


def test_words_given_again_stand_below_their_own_panel():
    svg = drawing(nrows=2, sharex=True)
    first = groups(landscape(svg))["axes_1"]
    again = first[-1]
    tall = groups(svg)
    assert moved(again) == (0, pytest.approx(frame(tall["axes_1"])[1] - frame(tall["axes_2"])[1], abs=0.02))
    assert len(again) == len(words(tall["axes_2"][1]))
    names = etree.fromstring(landscape(svg)).xpath("//@id")
    assert len(names) == len(set(names))


def test_a_tall_figure_of_one_panel_stops_the_build():
    with pytest.raises(ValueError, match="got 1 in a figure taller than wide"):
        landscape(drawing(figsize=(4.8, 5.8), legend=""))
