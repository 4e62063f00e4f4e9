"""One figure, four renderings: two languages, two colour modes, the same bytes each time."""

import re

import pytest

from examples import penalty_conventions
from optnotes.site.figures.publish import MIME, show
from optnotes.site.figures.style import (
    CYCLE,
    MODES,
    PALETTES,
    STYLES,
    bundle,
    drawn,
    house_style,
    new_figure,
    recoloured,
    to_svg,
)
from optnotes.site.words.text import LANGUAGES, format_number

WORDS = {
    "ru": {"alt": "Линия до {end:.1f}", "caption": "Подпись"},
    "en": {"alt": "A line to {end:.1f}", "caption": "C"},
}


def labels(language):
    def text(key, **numbers):
        words = WORDS[language][key]
        return re.sub(r"\{end:\.1f\}", lambda _: format_number(numbers["end"], ".1f", language), words)

    return text


def draw(text, theme):
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 2.5], color=theme.blue)
    axes.set_xlabel(text("caption"))
    return figure


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_bundle_holds_both_languages_and_both_modes():
    figure = bundle(draw, labels, {"end": 2.5})
    assert set(figure) == set(LANGUAGES)
    assert figure["ru"]["alt"] == "Линия до 2,5"
    assert figure["en"]["alt"] == "A line to 2.5"
    for language in LANGUAGES:
        assert set(figure[language]["svg"]) == set(MODES)
    renderings = {figure[language]["svg"][mode] for language in LANGUAGES for mode in MODES}
    assert len(renderings) == 4


def test_a_bundle_has_the_same_bytes_each_time_and_no_date():
    first, second = (bundle(draw, labels, {"end": 2.5}) for _ in range(2))
    assert first == second
    assert "dc:date" not in first["ru"]["svg"]["light"]
    assert first["ru"]["svg"]["light"].startswith("<svg")


def test_words_are_in_the_face_of_the_pages():
    for language in LANGUAGES:
        ids = re.findall(r'id="(\w+Text\w*|DejaVu\w*)-', bundle(draw, labels, {"end": 2.5})[language]["svg"]["light"])
        assert set(ids) == {"STIXTwoText"}


def test_bold_words_are_drawn_without_complaint(caplog):
    def bold(text, theme):
        figure, axes = new_figure()
        axes.set_title("x", fontweight="bold")
        return figure

    with caplog.at_level("WARNING", logger="matplotlib"):
        assert 'id="STIXTwoText-SemiBold-' in drawn(bold, str, "en", "light")
    assert caplog.messages == []


def test_each_mode_has_its_own_paper_and_line_colours():
    svg = bundle(draw, labels, {"end": 2.5})["en"]["svg"]
    for mode in MODES:
        assert PALETTES[mode]["blue"] in svg[mode]
        assert PALETTES[mode]["paper"] in svg[mode]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colour", ["ink", "muted", *CYCLE])
def test_every_colour_stands_out_from_the_paper(mode, colour):
    """Text needs 4.5 to 1; lines would need 3."""
    assert contrast(PALETTES[mode][colour], PALETTES[mode]["paper"]) >= 4.5


def test_lines_differ_in_style_as_well_as_in_colour():
    assert len(set(map(str, STYLES))) == len(CYCLE)


def test_show_publishes_numbers_and_a_plain_fallback():
    published = show(penalty_conventions, penalty_conventions.compute())._repr_mimebundle_()
    assert published[MIME]["slug"] == "penalty_conventions"
    assert published[MIME]["numbers"]["n"] == 120
    assert "n = 120" in published["text/plain"]
    assert "image/svg+xml" not in published


@pytest.mark.parametrize(
    ("value", "spec", "russian", "english"),
    [
        (0.125, ".2f", "0,12", "0.12"),
        (-3, "d", "−3", "−3"),
        (1234567.0, ",.0f", "1 234 567", "1,234,567"),
        (1.3e-5, ".1e", "1,3·10⁻⁵", "1.3 × 10⁻⁵"),
        (1e-12, ".0e", "10⁻¹²", "10⁻¹²"),
        (0.48, ".0%", "48 %", "48%"),
        ("bmi", "", "bmi", "bmi"),
    ],
)
def test_numbers_follow_the_language(value, spec, russian, english):
    assert format_number(value, spec, "ru").replace("\N{NARROW NO-BREAK SPACE}", " ") == russian
    assert format_number(value, spec, "en").replace("\N{NARROW NO-BREAK SPACE}", " ") == english


def test_places_are_written_to_a_hundredth_of_a_point():
    def dots(text, theme):
        figure, axes = new_figure()
        axes.plot([0, 1 / 7, 1], [0, 1 / 3, 1], marker="o", markevery=[1])
        return figure

    svg = drawn(dots, labels("en"), "en", "light")
    paths = re.findall(r' (?:d|x|y)="([^"]+)"', svg)
    assert any("." in path for path in paths)
    assert not any(re.search(r"\.\d{3}", path) for path in paths)
    assert "scale(0.015625)" in svg  # a transform is no place


@pytest.mark.parametrize(
    ("scale", "limits", "russian", "english"),
    [
        ("linear", (-1.0, 0.5), "−1,0 −0,4 0,0 0,4", "−1.0 −0.4 0.0 0.4"),
        ("log", (0.001, 10.0), "10⁻³ 10⁻² 10¹", "10⁻³ 10⁻² 10¹"),
        ("log", (2000.0, 4000.0), "2·10³", "2×10³"),
    ],
)
def test_ticks_follow_the_language(scale, limits, russian, english):
    for language, expected in (("ru", russian), ("en", english)):
        with house_style("light"):
            figure, axes = new_figure()
            axes.set(yscale=scale, ylim=limits)
            to_svg(figure, language)
            written = [label.get_text() for label in axes.get_yticklabels() + axes.get_yticklabels(minor=True)]
        assert set(expected.split()) <= set(written)
        assert not any("$" in label for label in written)


def test_only_a_long_logarithmic_axis_loses_its_small_ticks():
    for end, kept in ((50.0, True), (5000.0, False)):
        with house_style("light"):
            figure, axes = new_figure()
            axes.set(yscale="log", ylim=(1.0, end))
            to_svg(figure, "en")
            assert bool(len(axes.yaxis.get_minorticklocs())) == kept


def without_ids(svg):
    """Markers and clips are named by a hash that includes the colour."""
    return re.sub(r"[mp][0-9a-f]{8,}", "", svg)


def test_the_dark_figure_is_the_light_one_in_other_colours():
    light, dark = (drawn(draw, labels("en"), "en", mode) for mode in MODES)
    assert light != dark
    assert without_ids(recoloured(light)) == without_ids(dark)


def test_a_figure_with_other_colours_is_drawn_again():
    def map_of_colours(text, theme):
        figure, axes = new_figure()
        axes.pcolormesh([[0.0, 1.0], [2.0, 3.0]], cmap="viridis")
        return figure

    assert recoloured(drawn(map_of_colours, labels("en"), "en", "light")) is None
    svg = bundle(map_of_colours, labels, {"end": 2.5})["en"]["svg"]
    assert PALETTES["dark"]["paper"] in svg["dark"]
