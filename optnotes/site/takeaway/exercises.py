"""Exercises for code as notebooks, with and without solutions, in the folders and with the marks of nbgrader."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from optnotes.site.formulas.exercises import Exercise, load_exercises, load_readme, without_solution
from optnotes.site.formulas.practice import formulas
from optnotes.site.takeaway.book import Book
from optnotes.site.takeaway.cases import cell_of_cases
from optnotes.site.takeaway.epub import zip_entry
from optnotes.site.words.docstrings import MATH_ROLE, Entry, anchor, read
from optnotes.site.words.text import Language, site_labels, translate, translate_kind

v4: Any = nbformat.v4  # it has no types
SCHEMA = 3  # of nbgrader's marks
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
RUNNER = '''"""Runs the notebooks of these folders without Jupyter, each cell in turn; the last ones are tests."""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NOTEBOOKS = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name):
    names = {}
    for cell in json.loads((HERE / name).read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
'''


def write_exercises(book: Book, path: Path) -> None:
    """Write the archive of one language; equal sources give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files(book):
            archive.writestr(zip_entry(name), content, zipfile.ZIP_DEFLATED)


def files(book: Book) -> Iterator[tuple[str, str]]:
    """Yield name and content of each file."""
    pages = {chapter.name.partition("-")[0]: chapter.docname for chapter in book.chapters}
    yield "README.md", f"{load_readme()[book.language]}\n"
    yield "test_notebooks.py", RUNNER
    for folder, solved in (("release", False), ("source", True)):
        for exercise in load_exercises():
            number = exercise.id.partition("-")[0]
            page = f"{book.base}{pages[number]}.html" if book.base else ""
            made = notebook(exercise, book.language, solved=solved, page=page)
            yield f"{folder}/q{number}/{exercise.id}.ipynb", f"{v4.writes(made)}\n"


def notebook(exercise: Exercise, language: Language, *, solved: bool, page: str = "") -> NotebookNode:
    """Make one notebook; the cells of code are the same in every language."""
    cells = [v4.new_markdown_cell(statement(exercise, language, page), id="statement")]
    for name, source, mark in code(exercise, solved=solved):
        graded = {"schema_version": SCHEMA, "grade_id": name, "task": False, **mark}
        # nbgrader protects what students get, and so does the file that comes without it.
        kept = {} if solved else {"deletable": False} | ({"editable": False} if mark["locked"] else {})
        cells.append(v4.new_code_cell(source, id=name, metadata={"nbgrader": graded, **kept}))
    made = v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(made)
    return made


def code(exercise: Exercise, *, solved: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield name, source and mark of each cell of code."""
    readonly = {"grade": False, "solution": False, "locked": True}
    test = {"grade": True, "solution": False, "locked": True, "points": 1}
    answer = exercise.cells["answer"]
    yield "setup", exercise.setup, readonly
    if "given" in exercise.cells:
        yield "given", exercise.cells["given"], readonly
    yield (
        "answer",
        answer if solved else without_solution(answer),
        {"grade": False, "solution": True, "locked": False},
    )
    if exercise.kind != "break":
        yield "witnesses", cell_of_cases(formulas()[exercise.formula], exercise.asked), test
    if "test" in exercise.cells:
        yield "test", exercise.cells["test"], test


def statement(exercise: Exercise, language: Language, page: str) -> str:
    """Say what is to be done; the formula and its symbols come from the docstring."""
    text, function = site_labels(language), formulas()[exercise.formula]
    doc = read(function)

    def listed(entries: tuple[Entry, ...]) -> str:
        return "\n".join(f"- {described(entry)}" for entry in entries)

    def described(entry: Entry) -> str:
        kind, meaning = translate_kind(entry.kind or entry.name, language), said(entry.text, language)
        return f"`{entry.name}` ({kind}): {meaning}" if entry.name and entry.kind else f"{kind}: {meaning}"

    parts = [
        f"# {exercise.id}. {exercise.title[language]}",
        f"**{text(f'exercise.{exercise.kind}')}.** {exercise.task[language]}",
        said(doc.summary, language),
        f"$$\n{doc.tex}\n$$",
        f"{text('exercise.arguments')}\n\n{listed(doc.parameters)}",
        f"{text('exercise.returns')}\n\n{listed(doc.returns)}",
        said(doc.convention, language),
    ]
    if page:
        parts.append(f"[{text('exercise.page')}]({page}#{anchor(exercise.formula)})")
    return "\n\n".join(parts)


def said(paragraph: str, language: Language) -> str:
    """Return a paragraph of a docstring as Markdown."""
    return MATH_ROLE.sub(r"$\1$", translate(paragraph, language) or paragraph).replace("``", "`")
