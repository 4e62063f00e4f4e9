"""Every notebook fetches what it needs from the site, runs in an empty environment, and computes the site's numbers."""

import json
import pickle
import subprocess
import threading
import venv
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbclient import NotebookClient

from optnotes.site.figures.publish import listing
from optnotes.site.settings import PINS, place
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.downloads import HTML, site
from tests.published.promises import base_of

# Every page once, in alternating languages: the cells differ in their words only.
PAGES = sorted(path.stem for path in site("ru").glob("_downloads/notebooks/*.ipynb"))
RUNS = [(page, LANGUAGES[index % 2]) for index, page in enumerate(PAGES)]


@pytest.fixture(scope="module")
def served():
    """The built folder at the address that it was built for."""
    address = urlsplit(base_of(HTML))

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix(address.path.rstrip("/")))

        def log_message(self, *_):
            """Stay silent."""

    handler = partial(Handler, directory=str(HTML))
    with ThreadingHTTPServer(("127.0.0.1", address.port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture(scope="module")
def away(tmp_path_factory, served):
    """An environment that holds pip and what Jupyter needs to run a cell, and nothing of ours; its kernel is `away`."""
    folder = tmp_path_factory.mktemp("away")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run((python, "-m", "pip", "install", "--quiet", "ipykernel"), check=True)
    kernel = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "away"}
    (folder / "kernels" / "away").mkdir(parents=True)
    (folder / "kernels" / "away" / "kernel.json").write_text(json.dumps(kernel | {"language": "python"}), "utf-8")
    return folder


def numbers_of_the_site():
    """Numbers that the built site holds, by page and example."""
    with (ROOT / "build" / "doctrees" / place("ru") / "environment.pickle").open("rb") as stream:
        pages = pickle.load(stream).domaindata["optnotes"]["numbers"]
    found = {}
    for docname, numbers in pages.items():
        held = found.setdefault(docname.rpartition("/")[2], {})
        for key, value in numbers:
            example, _, name = key.partition(".")
            held.setdefault(example, {})[name] = value
    return found


def test_there_is_a_notebook_for_every_page_with_cells():
    assert set(PAGES) == set(numbers_of_the_site()) - {"checkup", "status"}  # whose plots read files of the repository
    assert len(PAGES) > 10


@pytest.mark.parametrize(("page", "language"), RUNS)
def test_a_notebook_runs_away_from_the_site(page, language, away, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", str(away))
    monkeypatch.setenv("NO_PROXY", "localhost")
    # The numbers are compared with the site's: the same versions, the same arithmetic.
    monkeypatch.setenv("PIP_CONSTRAINT", str(ROOT / "constraints.txt"))
    for name, value in PINS.items():
        monkeypatch.setenv(name, value)
    path = site(language) / "_downloads" / "notebooks" / f"{page}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].source.startswith("%pip install "), "the first cell brings what the others need"
    where = "import optnotes, os; print(os.path.dirname(optnotes.__file__))"
    notebook.cells.append(nbformat.v4.new_code_cell(where, id="where"))
    options = {"kernel_name": "away", "resources": {"metadata": {"path": str(tmp_path)}}}
    NotebookClient(notebook, timeout=1800, **options).execute()
    place = Path(notebook.cells.pop().outputs[0].text.strip())
    assert place.is_relative_to(away / "env")
    # The cache of the site sorts the numbers of an experiment by name.
    shown = [set(out.data["text/plain"].splitlines()) for cell in code for out in cell.outputs if "data" in out]
    assert shown == [set(listing(each).splitlines()) for each in numbers_of_the_site()[page].values()]
    drawn = sum("image/svg+xml" in out.data for cell in code for out in cell.outputs if "data" in out)
    assert drawn == sum("\ndef figure(" in cell.source for cell in code)
