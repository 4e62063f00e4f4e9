"""Explorers: one frame for every setting, the same for both languages, small, deterministic, and linked by setting."""

import gzip
import importlib
import json
import random
import re
from functools import cache

import pytest
import torch

from optnotes.site.figures.explore import (
    HEIGHT,
    TENTHS,
    WIDTH,
    Axis,
    Explorer,
    Frame,
    Placed,
    drawing,
    explorer_bundle,
    svg_path,
)
from optnotes.site.figures.style import MODES, PALETTES
from optnotes.site.words.text import LANGUAGES, ROOT, catalogue_path
from optnotes.site.words.text import labels as text_labels
from tests.site.minisite import NOTEBOOK, MiniSite

EXPLORERS = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if "def explore(" in path.read_text("utf-8"))
BUDGET = {"script": 5_000, "frames": 40_000}
X, Y = Axis("x", 0, 10, (0, 5, 10)), Axis("y", 0.01, 100, (0.01, 1, 100), log=True)


def small(frames=None, **changes):
    frames = frames or {(kind, k): Frame({"curve": [[0, 1], [k, 10]]}, {"k": k}) for kind in "ab" for k in (1, 2.5, 4)}
    fields = {"controls": {"kind": ("a", "b"), "k": (1, 2.5, 4)}, "start": ("b", 2.5), "x": X, "y": Y}
    return Explorer(**(fields | {"looks": {"curve": "line blue solid"}, "frames": frames} | changes))


def labels(language):
    return lambda key, **numbers: f"{language} {key} {numbers.get('k', '')}".strip()


def points(path):
    """Read a path back into data coordinates of the small explorer; the inverse of what is tested."""
    numbers = [int(each) for each in re.findall(r"-?\d+", path)]
    steps = torch.tensor(numbers).reshape(-1, 2).cumsum(0).double()
    vertical = 10 ** (4 * (1 - steps[:, 1] / (HEIGHT * TENTHS)) - 2)
    return torch.stack([10 * steps[:, 0] / (WIDTH * TENTHS), vertical], 1)


def test_a_path_leads_back_to_the_points_of_both_axes():
    curve = torch.stack([torch.linspace(0, 10, 9), torch.logspace(-2, 2, 9)], 1).double()
    torch.testing.assert_close(points(svg_path(small(), "line blue solid", curve)), curve, atol=2e-3, rtol=4e-3)


@pytest.mark.parametrize(
    ("look", "rows", "expected"),
    [
        ("line blue solid", [[0, 1], [10, 1], [10, 1]], "M0 1260l3780 0"),
        ("area blue plain", [[0, 100], [10, 100], [10, 0.01]], "M0 0l3780 0 0 2520z"),
        ("dots blue round", [[5, 1], [10, 100]], "M1890 1260h1M3780 0h1"),
        ("line blue solid", [[0, 1], [5, 1], [float("nan"), 1], [5, 1], [10, 1]], "M0 1260l1890 0M1890 1260l1890 0"),
        ("line blue solid", [[0, 1], [1e9, 0]], "M0 1260l20000 18740"),
        ("line blue solid", [], ""),
        ("area blue plain", [[5, 1], [5, 1]], "M1890 1260z"),
        ("line blue solid", [[5, 1], [5, 1], [float("nan"), 1], [0, 1], [10, 1]], "M1890 1260M0 1260l3780 0"),
    ],
)
def test_paths_are_short_whole_numbers(look, rows, expected):
    assert svg_path(small(), look, rows) == expected


@pytest.mark.parametrize("slug", EXPLORERS)
def test_every_path_is_valid(slug):
    number = r"-?\d+"
    part = rf"M{number}[ -]\d+(h1|(L{number}[ -]\d+)+|(l{number}[ -]\d+([ -]\d+[ -]\d+)*)?)"
    part = part.replace("[ -]", "(?: |-| -)")
    for path in drawing(published(slug))["paths"]:
        assert re.fullmatch(rf"(({part})+z?)?", path), path


def test_frames_follow_the_order_of_the_controls_the_last_one_fastest():
    drawn = drawing(small())
    assert len(drawn["frames"]) == 6
    assert drawn["frames"][:3] == drawn["frames"][3:]  # the kind changes nothing, so its paths are stored once
    ends = [points(drawn["paths"][number])[-1, 0].item() for (number,) in drawn["frames"]]
    assert ends == pytest.approx([1, 2.5, 4] * 2, abs=1e-3)


def test_words_are_those_of_each_language_and_the_drawing_has_none():
    found = explorer_bundle(small(), labels)
    assert set(found["words"]) == set(LANGUAGES)
    russian, english = (found["words"][language] for language in LANGUAGES)
    assert [control["kind"] for control in russian["controls"]] == ["select", "range"]
    assert russian["controls"][1] | {"label": ""} == {
        "name": "k",
        "label": "",
        "values": ["1", "2.5", "4"],
        "labels": ["1", "2,5", "4"],
        "kind": "range",
        "start": 1,
    }
    assert english["controls"][1]["labels"] == ["1", "2.5", "4"]
    assert russian["readouts"][4] == "ru readout 2.5"
    assert [label for _, label in english["axes"]["y"]["ticks"]] == ["10⁻²", "1", "10²"]
    assert not re.search("[a-zа-я]{2}", json.dumps(found["drawing"]).replace("paths", "").replace("frames", ""))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": {("a", 1): Frame({}, {})}}, "one frame for every setting"),
        ({"start": ("a", 3)}, "the start included"),
        ({"looks": {"other": "line blue solid"}}, "marks without a look: curve"),
        ({"drag": True}, "two controls of numbers at the end"),
        (
            {"frames": {(k, n): Frame({"curve": Placed([], (0, 1))}, {}) for k in "ab" for n in (1, 2.5, 4)}},
            "linear axes",
        ),
    ],
)
def test_broken_explorers_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small(**changes)


def flat(**changes):
    """An explorer on linear axes: the same triangle, moved and scaled by the two controls."""
    triangle = [[0, 0], [1, 0], [0, 1]]
    frames = {(a, b): Frame({"ball": Placed(triangle, (a, b), 1 + b)}, {}) for a in (0, 5, 10) for b in (0, 2)}
    controls = {"a": (0, 5, 10), "b": (0, 2)}
    fields = {"x": X, "y": Axis("y", 0, 4, (0, 4)), "looks": {"ball": "area blue plain"}, "frames": frames}
    return Explorer(controls=controls, start=(5, 2), **(fields | changes))


def test_placed_marks_share_one_path_that_is_scaled_and_moved():
    drawn = drawing(flat())
    assert drawn["paths"] == ["", "M0 0l378 0-378-630z"]  # from the place itself; the second coordinate goes downwards
    assert drawn["frames"] == [[[1, x, y, scale]] for x in (0, 1890, 3780) for y, scale in ((2520, 1.0), (1260, 3.0))]
    assert Placed([[0, 1]], (5, 2), 3).where().tolist() == [[5, 5]]


def played(**changes):
    """A path of three steps for each number, and a clock that runs through them."""
    path = Placed([[0, 0], [5, 0], [5, 4], [5, 4]], (0, 0), [[1, 0.5], [0, 2]])
    frames = {(k,): Frame({"curve": path, "here": [[0, k]]}, {}) for k in (1, 2)}
    fields = {"controls": {"clock": (0, 1, 2, 3), "k": (1, 2)}, "start": (3, 2), "play": "clock", "grows": ("curve",)}
    looks = {"curve": "line blue solid", "here": "dots blue round"}
    fields |= {"x": X, "y": Axis("y", 0, 4, (0, 4)), "looks": looks, "frames": frames}
    return Explorer(**(fields | changes))


def test_a_path_that_grows_can_be_cut_at_every_point_and_no_frame_depends_on_the_clock():
    drawn = drawing(played())
    assert drawn["grows"] == [0]
    assert len(drawn["frames"]) == 2
    assert "M0 0L1890 0L1890 -2520L1890 -2520" in drawn["paths"]  # both coordinates from zero, the second downwards
    clock, k = explorer_bundle(played(), labels)["words"]["en"]["controls"]
    assert (clock["plays"], "plays" in k) == (True, False)


def test_a_matrix_on_the_axes_becomes_one_on_the_screen():
    """One along x is 37.8 units, one along y is 63 and upwards: half of the second into the first is -0.3 of it."""
    (first, _), _ = drawing(played())["frames"]
    assert first == [first[0], 0, 2520, 1.0, 0.0, -0.3, 2.0]
    assert Placed([[0, 2]], (1, 1), [[1, 0.5], [0, 2]]).where().tolist() == [[2, 5]]


@pytest.mark.parametrize("changes", [{"play": "other"}, {"grows": ()}, {"play": ""}])
def test_a_clock_needs_a_control_and_something_that_grows(changes):
    with pytest.raises(ValueError, match="what is played"):
        played(**changes)


def test_only_the_last_two_controls_are_dragged_along_their_axes():
    explorer = flat(drag=True)
    assert explorer.places() == {"a": [0, 1890, 3780], "b": [2520, 1260]}
    said = explorer_bundle(explorer, labels)["words"]["en"]["controls"]
    assert [control["places"] for control in said] == list(explorer.places().values())
    assert flat().places() == {}
    assert not any("places" in control for control in explorer_bundle(flat(), labels)["words"]["en"]["controls"])


@cache
def published(slug):
    example = importlib.import_module(f"examples.{slug}")
    return example.explore(example.compute())


@pytest.mark.parametrize("slug", EXPLORERS)
def test_frames_stay_small(slug):
    said = explorer_bundle(published(slug), lambda language: text_labels(catalogue_path(slug), language))
    for words in said["words"].values():
        whole = json.dumps([said["drawing"], words["readouts"]], ensure_ascii=False, separators=(",", ":"))
        assert len(gzip.compress(whole.encode(), 9)) < BUDGET["frames"]


@pytest.mark.parametrize("slug", EXPLORERS)
def test_looks_differ_without_colour(slug):
    """Kind and style alone tell the marks apart."""
    forms = [(look.split()[0], look.split()[2]) for look in published(slug).looks.values()]
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize("slug", EXPLORERS)
def test_settings_can_stand_in_an_address(slug):
    explorer = published(slug)
    for name, values in explorer.controls.items():
        written = [value if isinstance(value, str) else f"{value:g}" for value in values]
        assert len(set(written)) == len(written)
        assert all(re.fullmatch(r"[a-z0-9._-]+", each) for each in (name, *written))  # what an address leaves as it is


def test_script_stays_small():
    script = (ROOT / "docs" / "_static" / "explore.js").read_bytes()
    assert len(gzip.compress(script, 9)) < BUDGET["script"]


def test_the_style_sheet_has_the_colours_of_the_figures():
    sheet = (ROOT / "docs" / "_static" / "optnotes.css").read_text("utf-8")
    for mode in MODES:
        (rule,) = re.findall(rf'html\[data-theme="{mode}"\] \.explorer \{{ ([^}}]+)\}}', sheet)
        found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", rule))
        assert found == {name: PALETTES[mode][name] for name in found}
        used = {look.split()[1] for slug in EXPLORERS for look in published(slug).looks.values()}
        assert used <= set(found)


SAMPLE = """
from optnotes.site.figures.explore import Axis, Explorer, Frame

def compute():
    return None

def numbers(result):
    return {"two": 2}

def explore(result):
    frames = {(k,): Frame({"curve": [[0, 0], [1, k]]}, {"k": k}) for k in (0.5, 1.5)}
    return Explorer({"k": (0.5, 1.5)}, (0.5,), Axis("x", 0, 1, (0, 1)), Axis("x", 0, 2, (0, 1)),
                    {"curve": "line blue solid"}, frames)
"""
CATALOGUE = "".join(f"{key}: {{ru: 'р {key}', en: 'e {key}'}}\n" for key in ("explore", "k", "x", "curve"))
PAGE = (
    NOTEBOOK
    + """# 37. Page

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show

show(sample, sample.compute())
```
"""
)
LINK = "# 38. Other\n\nSee {setting}`there <sample?k=1.5>`.\n"


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\nquestions/38-other\n```\n")
    site.page("questions/37-page", PAGE)
    site.page("questions/38-other", LINK)
    # The kernel looks for catalogues beside the installed package, so the words travel with the example.
    site.write("sample.yaml", CATALOGUE + "readout: {ru: 'k = {k:.1f}', en: 'k = {k:.1f}'}\n")
    site.write(
        "examples/sample.py",
        "from pathlib import Path\nfrom optnotes.site.figures import publish\n"
        f"publish.catalogue_path = lambda slug: Path(r'{tmp_path}') / 'sample.yaml'\n{SAMPLE}",
    )
    return site


def frames_of(built):
    return json.loads((built.out / "_explorers" / "sample.json").read_text("utf-8"))


def test_a_page_has_controls_and_its_frames_lie_beside_it(site):
    english, russian = site.build("en"), site.build("ru")
    assert english.warnings == ""
    assert "executing 0 pages" in russian.executed
    page = english.page("questions/37-page")
    assert '<fieldset class="explorer screen-only" id="explore-sample"' in page
    assert re.search(r'data-source="\.\./_explorers/sample\.json\?v=[0-9a-f]{8}"', page)
    assert 'data-values="0.5 1.5"' in page
    assert 'aria-valuetext="0.5"' in page
    assert 'aria-valuetext="0,5"' in russian.page("questions/37-page")
    assert "<legend>р explore</legend>" in russian.page("questions/37-page")
    ours, theirs = frames_of(english), frames_of(russian)
    assert ours["readouts"] == ["k = 0.5", "k = 1.5"]
    assert theirs["readouts"] == ["k = 0,5", "k = 1,5"]
    assert (ours["paths"], ours["frames"]) == (theirs["paths"], theirs["frames"])
    assert "style=" not in page[page.index("<fieldset") : page.index("</fieldset>")]


def test_a_link_sets_the_controls(site):
    built = site.build("en")
    assert 'href="37-page.html?k=1.5#explore-sample"' in built.page("questions/38-other")


@pytest.mark.parametrize("broken", ["sample?k=2", "sample?l=1.5", "other?k=1.5", "sample"])
def test_a_link_to_a_setting_that_does_not_exist_is_named(site, broken):
    site.page("questions/38-other", LINK.replace("sample?k=1.5", broken))
    assert f"38-other.md:3: WARNING: no explorer has the setting '{broken}'" in site.build("en").warnings


@pytest.mark.parametrize("slug", EXPLORERS)
def test_the_same_bytes_each_time(slug):
    example = importlib.import_module(f"examples.{slug}")
    assert drawing(example.explore(example.compute())) == drawing(published(slug))


@pytest.mark.parametrize("slug", EXPLORERS)
def test_numbers_in_every_sentence_are_those_of_the_frame(slug):
    """A few settings by chance: the sentence a reader sees holds the rounded numbers of that very setting."""
    explorer = published(slug)
    asked = []
    words = explorer_bundle(explorer, lambda _: lambda key, **numbers: asked.append(numbers) or str(len(asked) - 1))
    readouts = words["words"]["en"]["readouts"]
    settings = list(explorer.settings())
    for setting in random.Random(6).sample(settings, 5):
        assert asked[int(readouts[settings.index(setting)])] == dict(explorer.frames[setting].numbers)
