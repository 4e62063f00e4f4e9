"""The import layers hold, and the check notices when they do not."""

import subprocess
import sys

import pytest

from optnotes.site.words.text import ROOT
from tests.site.layers import ROOMS, cell_violations, sources, violations
from tests.site.pages import code_cells, pages


@pytest.mark.parametrize("path", sources(ROOT), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_keeps_to_its_layer(path):
    assert violations(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) == []


def test_the_site_has_at_most_sixteen_rooms_and_each_asks_only_those_before_it():
    there = {
        path.name for path in (ROOT / "optnotes" / "site").iterdir() if path.suffix == ".py" or any(path.glob("*.py"))
    }
    assert there == {room.strip("/") for room in ROOMS}
    assert len(ROOMS) <= 16
    before = set()
    for room, below in ROOMS.items():
        assert set(below) <= before
        before.add(room.strip("/").removesuffix(".py"))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_cell_keeps_to_its_layer(path):
    for line, cell in code_cells(path.read_text(encoding="utf-8")):
        assert cell_violations(path.relative_to(ROOT).as_posix(), line, cell) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("optnotes/good.py", "import math\nfrom torch import Tensor\nfrom optnotes import _check"),
        ("optnotes/site/records/good.py", "import yaml\nfrom optnotes.site.words.text import DATA"),
        ("optnotes/site/pages/good.py", "import sphinx\nimport optnotes"),
        ("examples/good.py", "import torch\nfrom optnotes.outputs import softmax\nfrom optnotes.site import figures"),
        ("examples/good.py", 'import torch\nw = torch.linalg.lstsq(X, y, driver="gelsd")'),
    ],
)
def test_good_twins_pass(path, source):
    assert violations(path, source) == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("optnotes/bad.py", "import math\nimport numpy", "optnotes/bad.py:2: optnotes/ may import only"),
        (
            "examples/bad.py",
            "import torch\nw = torch.linalg.lstsq(X, y)",
            "examples/bad.py:2: lstsq must name its driver",
        ),
        (
            "optnotes/outputs/bad.py",
            "def f():\n    from optnotes.site import text",
            "optnotes/outputs/bad.py:2: optnotes/ must not import",
        ),
        ("optnotes/bad.py", "import torch\ntorch.manual_seed(0)", "optnotes/bad.py:2: a formula takes its randomness"),
        ("optnotes/site/words/bad.py", "import sphinx", "optnotes/site/words/bad.py:1: optnotes/site/words/ must not"),
        (
            "optnotes/site/formulas/bad.py",
            "from optnotes.penalties import x",
            "optnotes/site/formulas/bad.py:1: optnotes/site/formulas/ must not import",
        ),
        (
            "optnotes/site/records/bad.py",
            "def f():\n    from optnotes.site.formulas import play",
            "optnotes/site/records/bad.py:2: optnotes/site/records/ must not import optnotes.site.formulas.play",
        ),
        ("optnotes/site/pages/bad.py", "import matplotlib", "optnotes/site/pages/bad.py:1: "),
        (
            "examples/bad.py",
            "from examples import other",
            "examples/bad.py:1: examples/ must not import examples.other",
        ),
        (
            "optnotes/checkup/bad.py",
            "def f():\n    import yaml",
            "optnotes/checkup/bad.py:2: optnotes/checkup/ may import only",
        ),
        ("optnotes/checkup/bad.py", "from optnotes.site import text", "optnotes/checkup/bad.py:1: "),
        ("examples/bad.py", "import matplotlib.pyplot as plt", "examples/bad.py:1: examples/ must not import"),
    ],
)
def test_broken_twins_are_named_with_file_and_line(path, source, expected):
    (message,) = violations(path, source)
    assert message.startswith(expected)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x = 1\ndef f(): pass", "page.md:11: a cell must not define anything"),
        ("import torch", "page.md:10: a cell imports optnotes and examples only"),
        ("show('two words')", "page.md:10: a cell must not hold words for humans"),
        ("x = 'слово'", "page.md:10: a cell holds ASCII only"),
        ("plt.plot(x)", "page.md:10: a cell must not plot"),
    ],
)
def test_broken_cells_are_named_with_file_and_line(cell, expected):
    (message,) = cell_violations("page.md", 10, cell)
    assert message.startswith(expected)


def test_importing_optnotes_loads_no_plotting_no_sphinx_no_ipython():
    code = (
        "import sys, optnotes; optnotes.formulas(); optnotes.checkup; "
        "print(sorted({'matplotlib', 'sphinx', 'docutils', 'IPython', 'yaml', 'sklearn'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"
