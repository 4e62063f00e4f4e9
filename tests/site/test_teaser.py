"""A figure shown by reference, descriptions and cards of pages."""

import re

import pytest

from optnotes.site.figures.card import card
from tests.site.minisite import NOTEBOOK, MiniSite

EXAMPLE = """
from optnotes.site.figures.style import new_figure


def numbers(result):
    return dict.fromkeys(["shallowest", "deepest", "edge", "factor", "faded_best_high", "steps"], 1)


def figure(result, text, theme):
    figure, axes = new_figure()
    axes.plot([0, 1])
    return figure
"""
# The words of a figure stand in the catalogue of the repository, so this example has the name of a real one.
CELL = """```{code-cell}
from examples import trainability_map
from optnotes.site.figures.publish import show

show(trainability_map, None)
```
"""
PAGE = f"""{NOTEBOOK}(q37)=
# 37. Page

Not this.

(q37-answer)=
## Short answer

Weights shrink by $\\lambda$ <again>.
Not this either.

## More

{CELL}"""
HOME = "# Home\n\n```{figure-of} trainability_map\n```\n\n```{toctree}\nquestions/37-page\n```\n"


@pytest.fixture
def site(tmp_path):
    """A tiny site whose home page shows the figure of a question page."""
    site = MiniSite(tmp_path)
    site.write("examples/trainability_map.py", EXAMPLE)
    site.page("index", HOME)
    site.page("questions/37-page", PAGE)
    return site


def test_a_figure_is_shown_again_from_the_same_file(site):
    built = site.build()
    assert built.warnings == ""
    assert "1 of" not in built.executed
    images = {name: re.findall(r'<img[^>]* src="([^"]*)"', built.page(name)) for name in ("index", "questions/37-page")}
    assert images["index"] == [name.removeprefix("../") for name in images["questions/37-page"]]
    assert len(images["index"]) == 2
    assert 'href="questions/37-page.html#fig-trainability-map"' in built.page("index")
    assert len(re.findall(r"<img[^>]* alt=\"Map of [^>]* loading=\"lazy\"", built.page("index"))) == 2


def test_a_panel_is_drawn_within_the_page(site):
    site.page("index", HOME.replace("trainability_map\n", "trainability_map\n:panel: 1\n"))
    built = site.build()
    assert built.warnings == ""
    assert '<svg class="thumbnail"' in built.page("index")
    assert "<figure" not in built.page("index")


def test_an_unknown_panel_is_named(site):
    site.page("index", HOME.replace("trainability_map\n", "trainability_map\n:panel: 2\n"))
    said = "index.md:3: WARNING: trainability_map: panel: expected one of the figure, got 2"
    assert said in site.build().warnings


def test_an_unknown_figure_is_named(site):
    site.page("index", HOME.replace("{figure-of} trainability_map", "{figure-of} nothing"))
    assert "index.md:3: WARNING: no page shows the figure of 'nothing'" in site.build().warnings


def test_a_page_is_described_by_the_first_sentence_of_its_answer(site):
    built = site.build("ru")
    page = built.page("questions/37-page")
    assert '<meta name="description" content="Weights shrink by λ &lt;again&gt;.">' in page
    assert '<meta property="og:description" content="Weights shrink by λ &lt;again&gt;.">' in page
    card = "https://example.org/ru/_static/cards/37-page.png"
    assert f'<meta property="og:image" content="{card}">' in page
    assert (built.out / "_static" / "cards" / "37-page.png").read_bytes()[:4] == b"\x89PNG"
    assert re.search(r'name="description" content="[^"]*Почему обучение', built.page("search"))


def test_without_an_address_nothing_points_outside(site):
    site.settings = 'html_baseurl = optnotes_baseurl = ""\n'
    built = site.build()
    assert 'name="description"' in built.page("index")
    assert "og:" not in built.page("index")
    assert "hreflang" not in built.page("index")
    assert not (built.out / "_static" / "cards").exists()


def test_a_card_has_the_size_that_messengers_expect_and_fixed_bytes():
    data = card("37. L1 и Elastic Net", "Почему обучение ломается.")
    assert data[:4] == b"\x89PNG"
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (1200, 630)
    assert data == card("37. L1 и Elastic Net", "Почему обучение ломается.")
    assert data != card("37. L1 и Elastic Net", "Другое.")
