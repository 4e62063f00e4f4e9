"""Every notebook runs where only the wheel is installed, and computes the numbers that the site prints."""

import os
import pickle
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from optnotes.site.publish import listing
from optnotes.site.text import LANGUAGES, ROOT

BUILD = ROOT / "build"
# Every page once, in alternating languages: the cells differ in their words only.
PAGES = sorted(path.stem for path in (BUILD / "html" / "ru").glob("_downloads/notebooks/*.ipynb"))
RUNS = [(page, LANGUAGES[index % 2]) for index, page in enumerate(PAGES)]


@pytest.fixture(scope="module")
def away(tmp_path_factory):
    """A folder with the installed wheel, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = (BUILD / "html" / "ru" / "_downloads").glob("*.whl")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel))
    subprocess.run(pip, check=True)
    return folder


def numbers_of_the_site():
    """Numbers that the built site holds, by page and example."""
    with (BUILD / "doctrees" / "ru" / "environment.pickle").open("rb") as stream:
        pages = pickle.load(stream).domaindata["optnotes"]["numbers"]
    found = {}
    for docname, numbers in pages.items():
        held = found.setdefault(docname.rpartition("/")[2], {})
        for key, value in numbers:
            example, _, name = key.partition(".")
            held.setdefault(example, {})[name] = value
    return found


def test_there_is_a_notebook_for_every_page_with_cells():
    assert set(PAGES) == set(numbers_of_the_site()) - {"status"}  # whose plot reads a file of the repository
    assert len(PAGES) > 10


@pytest.mark.parametrize(("page", "language"), RUNS)
def test_a_notebook_runs_away_from_the_site(page, language, away, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(away))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    path = BUILD / "html" / language / "_downloads" / "notebooks" / f"{page}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    where = "import optnotes, os; print(os.path.dirname(optnotes.__file__))"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(where, id="where"))
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(tmp_path)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].outputs[0].text.strip() == os.path.join(away, "optnotes")
    # The cache of the site sorts the numbers of an experiment by name.
    shown = [set(out.data["text/plain"].splitlines()) for cell in code[1:] for out in cell.outputs if "data" in out]
    assert shown == [set(listing(each).splitlines()) for each in numbers_of_the_site()[page].values()]
    drawn = sum("image/svg+xml" in out.data for cell in code[1:] for out in cell.outputs if "data" in out)
    assert drawn == sum("\ndef figure(" in cell.source for cell in code)
