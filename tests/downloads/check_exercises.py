"""The exercises in nbgrader itself: it makes the same notebooks for students, and marks what they hand in."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from optnotes.site.words.text import LANGUAGES
from tests.downloads import site

NUMBERS = range(31, 41)


@pytest.fixture(scope="module", params=LANGUAGES)
def course(request, tmp_path_factory):
    """The archive of one language, unpacked as the folder of a course; its own `release` is moved aside."""
    folder = tmp_path_factory.mktemp("course")
    path = site(request.param) / "_downloads" / f"optnotes-{request.param}-exercises.zip"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (folder / "release").rename(folder / "ours")
    return folder


def nbgrader(course, command, number):
    """Run nbgrader, which calls a program that lies beside Python."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    words = (sys.executable, "-m", "nbgrader", command, f"q{number}", "--course", str(course))
    subprocess.run(words, check=True, cwd=course, env=os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"})


@pytest.mark.parametrize("number", NUMBERS)
def test_nbgrader_makes_the_same_notebooks_for_students(course, number):
    nbgrader(course, "generate_assignment", number)
    made = sorted((course / "release" / f"q{number}").glob("*.ipynb"))
    assert [path.name for path in made] == sorted(path.name for path in (course / "ours" / f"q{number}").iterdir())
    for path in made:
        theirs, ours = (nbformat.read(each, 4) for each in (path, course / "ours" / f"q{number}" / path.name))
        for mine, other in zip(ours.cells, theirs.cells, strict=True):
            assert (mine.id, mine.cell_type, mine.source) == (other.id, other.cell_type, other.source)
            mark = other.metadata.get("nbgrader", {})
            for added in ("checksum", "cell_type"):
                mark.pop(added, None)
            assert mine.metadata == other.metadata


@pytest.mark.parametrize("number", [31, 32])  # all three kinds
def test_nbgrader_marks_what_is_handed_in(course, number):
    if not (course / "release" / f"q{number}").is_dir():
        nbgrader(course, "generate_assignment", number)
    for student, folder in (("solved", "source"), ("untouched", "ours")):
        shutil.copytree(course / folder / f"q{number}", course / "submitted" / student / f"q{number}")
    nbgrader(course, "autograde", number)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        marks = {student: book.find_submission(f"q{number}", student) for student in ("solved", "untouched")}
        assert marks["solved"].score == marks["solved"].max_score > 0
        assert marks["untouched"].score == 0
