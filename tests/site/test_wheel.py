"""The wheel holds formulas, check-up and what notebooks call; it is enough where torch is all there is."""

import ast
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from optnotes.site.words.text import DATA, ROOT

SITE = "optnotes/site/"
TRY = """
import sys
import pytest
import optnotes, optnotes.checkup
assert optnotes.__file__.startswith({wheel!r}), optnotes.__file__
for name in ("numpy", "matplotlib", "yaml", "sphinx"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(name + " is here: this is no empty environment")
options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "--doctest-modules", "-o"]
flags = "doctest_optionflags=NUMBER NORMALIZE_WHITESPACE"
print(len(optnotes.formulas()), "formulas")
raise SystemExit(pytest.main([*options, flags, "--rootdir", {wheel!r}, "--pyargs", "optnotes.gradients.clipping"]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked as pip does it."""
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def imported(path):
    """Modules of the site that a file imports when it is imported itself."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("optnotes.site"):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.startswith("optnotes.site"))


def called_by_notebooks():
    """Files of optnotes.site that cells and experiments of notebooks reach."""
    experiments = [path for path in ROOT.glob("examples/*.py") if not (DATA / f"{path.stem}.yaml").is_file()]
    waiting = {"optnotes.site", "optnotes.site.figures.publish", "optnotes.site.renderer"}
    waiting.update(name for path in experiments for name in imported(path))
    found = set()
    while waiting:
        name = waiting.pop()
        base = ROOT / name.replace(".", "/")
        path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if path not in found:
            found.add(path)
            waiting.update(imported(path))
            waiting.update({name.rpartition(".")[0]} - {"optnotes"})  # the room
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_the_wheel_holds_of_the_site_what_notebooks_call(wheel):
    held = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    assert {name for name in held if name.startswith(SITE)} == called_by_notebooks() | {f"{SITE}words/languages.yaml"}


def test_formulas_and_checkup_are_all_there(wheel):
    kept = {path for path in ROOT.glob("optnotes/**/*") if path.is_file() and "__pycache__" not in path.parts}
    kept = {path.relative_to(ROOT).as_posix() for path in kept}
    kept = {name for name in kept if not name.startswith(SITE)}
    assert {name for name in kept if not (wheel / name).is_file()} == set()
    assert len(kept) > 50


def needed(name, found):
    """Distributions that one needs, itself among them."""
    if name not in found:
        found[name] = distribution(name)
        for line in found[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed(requirement.name, found)
    return found


def test_it_works_where_torch_is_all_there_is(wheel, tmp_path):
    """An environment of links to torch, pytest and their needs: without NumPy, Matplotlib, YAML or Sphinx."""
    folder = tmp_path / "torch-only"
    folder.mkdir()
    for each in (needed("torch", {}) | needed("pytest", {})).values():
        for top in {file.parts[0] for file in each.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (folder / top).exists():
                (folder / top).symlink_to(each.locate_file(top))
    code = f"import sys; sys.path[:0] = {[str(wheel), str(folder)]!r}\n" + TRY.format(wheel=str(wheel))
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) formulas", done.stdout)[1]) > 100
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 1


def test_other_projects_keep_their_pictures():
    code = (
        "from optnotes.site.renderer import Renderer; from types import SimpleNamespace as Box\n"
        "print(Renderer.handle_mime(None, Box(mime_type='image/svg+xml'), False))\n"
        "import optnotes.site.pages.outputs\n"
        "print(Renderer.handle_mime(None, Box(mime_type='image/svg+xml'), False))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["None", "[]"], "ours leaves the fallback out, theirs is theirs"
