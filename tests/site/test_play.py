"""The script of every playable formula gives the numbers of its Python function."""

import math
import re
import zlib
from functools import cache

import pytest
import torch
from lxml import html

import optnotes
from optnotes.site.formulas import play as playing
from optnotes.site.formulas.play import ERF, UnplayableError, nice, play
from optnotes.site.formulas.typelines import inside, kinds
from optnotes.site.lean.slim import LOADED_JS
from optnotes.site.tex.script import Script, argument, write
from optnotes.site.tex.tokens import TexError
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import ROOT, site_labels
from tests.site.minisite import MiniSite

FORMULAS = optnotes.formulas()
ULPS = 4
CANCELLED = 2.0**-44  # of the value, or of one: where terms of the equation cancel, which the function avoids
SIGNS = {"+": "-", "-": "+", "*": "+", "/": "*", "**": "*"}


@cache
def playable():
    found = {}
    for name, function in FORMULAS.items():
        try:
            found[name] = play(function)
        except UnplayableError:
            continue
    return found


def ulps(actual, expected):
    """Distance in units of the last place of what is expected."""
    if actual == expected or (math.isnan(actual) and math.isnan(expected)):
        return 0.0
    return abs(actual - expected) / math.ulp(expected) if math.isfinite(actual) else math.inf


def worst(made, text=""):
    """The largest distance over all positions, and the largest that no cancellation explains."""
    largest, unexplained = 0.0, 0.0
    for position in made.positions():
        try:
            expected = made.call(position)
        except ValueError:
            continue
        actual = made.script(position, text)
        assert len(actual) == len(expected) == len(made.written.results)
        for a, b in zip(actual, expected, strict=True):
            distance = ulps(a, b)
            largest = max(largest, distance)
            if not abs(a - b) <= CANCELLED * max(1.0, abs(b)):
                unexplained = max(unexplained, distance)
    return largest, unexplained


def test_script_gives_the_values_of_the_functions():
    distances = {name: worst(made) for name, made in playable().items()}
    close = [name for name, (largest, _) in distances.items() if largest <= ULPS]
    wrong = {name: unexplained for name, (_, unexplained) in distances.items() if unexplained > ULPS}
    print(f"{len(distances)} formulas can be played, {len(close)} of them within {ULPS} ulp at every position")
    assert wrong == {}
    assert len(distances) >= 85
    assert len(close) >= 60


def operators(text):
    """The script with one operator changed, for each of them."""
    body = text.index("=>") + 2
    for match in re.finditer(r"(?<=[\w)])(\*\*|[-+*/])(?=[\w(])", text[body:]):
        if not re.search(r"\de$", text[: body + match.start()]):
            yield text[: body + match.start()] + SIGNS[match[0]] + text[body + match.end() :]


@pytest.mark.parametrize("name", sorted(playable()))
def test_a_wrong_operator_is_noticed(name):
    made = playable()[name]
    assert [text for text in operators(made.written.text) if worst(made, text)[1] <= ULPS] == []


def test_a_generator_that_takes_minus_for_plus_is_noticed(monkeypatch):
    made = playable()["optnotes.activations.sigmoid"]
    monkeypatch.setattr(Script, "add", staticmethod(lambda a, b: Script.hadamard(a, b)))
    play.cache_clear()
    try:
        broken = play(made.function)
    finally:
        play.cache_clear()
    assert worst(broken)[1] > ULPS


@pytest.mark.parametrize("name", sorted(playable()))
def test_sliders_keep_to_the_type_lines(name):
    made = playable()[name]
    assert len(made.sliders) <= playing.MOST
    for slider in made.sliders:
        interval = kinds(made.function)[slider.name].interval
        for value in (slider.low, slider.start, slider.high):
            assert interval is None or inside(value, interval)
            assert not slider.whole or value == int(value)
        assert slider.low <= slider.start <= slider.high
        assert 20 <= (slider.high - slider.low) / slider.step <= 400 or slider.whole


@pytest.mark.parametrize("name", sorted(playable()))
def test_a_number_outside_an_interval_has_the_message_of_the_function(name):
    made = playable()[name]
    for slider, said in zip(made.sliders, made.refusals(), strict=True):
        low, high = (
            float(end) for end in (kinds(made.function)[slider.name].interval or "(-inf, inf)")[1:-1].split(",")
        )
        assert ("below" in said) == math.isfinite(low)
        assert ("above" in said) == math.isfinite(high)
        assert ("between" in said) == slider.whole
        for message in said.values():
            assert message.startswith(slider.name)
            assert message.count("{}") == 1


def test_what_has_no_script_is_refused():
    vector = (argument(0), argument(1))
    for tex in (
        r"y = \psi(x)",
        r"y = x^\top",
        r"y = I x",
        r"y = \mathbb{E}_u[u]",
        r"y = x v",
        r"y = \lVert x \rVert_F",
    ):
        with pytest.raises(TexError):
            write(tex, {"x": vector, "v": (argument(2),) * 3}, ["y"], 5)


def test_sums_products_and_choices_are_written_out():
    x = {"x": tuple(argument(k) for k in range(3)), "n": 3}
    assert write(r"y = \sum_{i=1}^{n} x_i^2", x, ["y"], 3).text.endswith("return[t0]}")
    assert "a2" in write(r"y = \prod_{i=2}^{3} x_i", x, ["y"], 3).text
    assert write(r"y_j = x_j \sum_{i \ne j} x_i", x, ["y_j"], 3).results == ("y_1", "y_2", "y_3")


def test_the_error_function_is_that_of_torch():
    points = [k / 64 for k in range(-28 * 64, 28 * 64)]
    engine = playing._engine()
    for name, function in (("erf", torch.special.erf), ("erfc", torch.special.erfc)):
        expected = function(torch.tensor(points, dtype=torch.float64)).tolist()
        actual = [engine.eval(f"{name}({x!r})") for x in points]
        assert max(map(ulps, actual, expected)) <= ULPS, name


def test_the_script_of_the_error_function_says_where_it_is_from():
    assert "stdlib" in ERF.read_text(encoding="utf-8")
    assert "Sun Microsystems" in ERF.with_name("erf.LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "above", "below"), [(1.0, 1.0, 1.0), (1.1, 2.0, 1.0), (0.06, 0.1, 0.05), (300, 500, 200)]
)
def test_nice_numbers(value, above, below):
    assert (nice(value, up=True), nice(value, up=False)) == (above, below)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    site = MiniSite(tmp_path_factory.mktemp("site"))
    shown = ("optnotes.activations.gelu", "optnotes.activations.elu", "optnotes.penalties.ridge_solution")
    keys = sorted({key for name in shown for key in read(FORMULAS[name]).references})
    entry = "@misc{{{}, title={{T}}, author={{A, B}}, year={{2014}}}}\n"
    site.write("references.bib", "".join(map(entry.format, keys)))
    formulas = "".join(f"```{{formula}} {name}\n```\n\n" for name in shown)
    site.page("questions/39-page", f"# Page\n\n{formulas}```{{footbibliography}}\n```\n")
    site.page("index", "# Home\n\n```{toctree}\nquestions/39-page\n```\n")
    return {language: site.build(language) for language in ("ru", "en")}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_box_names_the_file_of_its_formula(built, language):
    assert built[language].warnings == ""
    boxes = html.fromstring(built[language].page("questions/39-page")).xpath("//details[@class='play']")
    assert [box.get("data-play") for box in boxes] == ["gelu", "elu"]
    for box in boxes:
        assert box.get("hidden") is not None
        assert [child.tag for child in box] == ["summary"]
        file, version = box.get("data-source").split("?v=")
        module = (built[language].out / "questions" / file).read_text("utf-8")
        assert version == f"{zlib.crc32(module.encode()):08x}"
        assert play(FORMULAS[f"optnotes.activations.{box.get('data-play')}"]).written.text in module
        assert ("erf.js" in module) == (box.get("data-play") == "gelu")
        assert site_labels(language)("play.slope") in module


def test_script_and_unopened_boxes_are_small():
    static = ROOT / "docs" / "_static"
    assert sum(len(path.read_bytes()) for path in (static / "play.js", static / "playopen.js", ERF)) <= 20 * 1024
    assert len((static / "playopen.js").read_bytes()) <= 700


def test_the_sheet_of_the_site_keeps_what_only_the_loaded_script_draws():
    assert "_static/play.js" in LOADED_JS
