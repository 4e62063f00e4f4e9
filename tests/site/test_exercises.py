"""Exercises for code: the solution passes its tests, and neither the cells of students nor a small error does."""

import ast
import copy
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import torch
from torch.testing import assert_close

from optnotes.site.formulas.exercises import EXERCISES, TASKS, code, load_exercises, without_solution
from optnotes.site.formulas.practice import formulas
from optnotes.site.records.questions import question_numbers
from optnotes.site.takeaway.book import Book, Chapter, timestamp
from optnotes.site.takeaway.cases import SEEDS, drawn, numbers, rounded
from optnotes.site.takeaway.exercises import RUNNER, notebook, write_exercises
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import LANGUAGES
from tests.points import Draw, all_points

ALL = load_exercises()
WRITTEN = [each for each in ALL if each.kind != "break"]
BROKEN = [each for each in ALL if each.kind == "break"]
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult}
COMPARED = {ast.Lt: ast.LtE, ast.NotEq: ast.Eq, ast.GtE: ast.Gt}
# What changes nothing: dividing by a sign, which is one or minus one where it is used.
EQUIVALENT = {("37-x2", "(c - l1 / torch.sign(w)).abs()")}

GOOD = """readme: {ru: а, en: a}
exercises:
- id: 31-x1
  kind: implement
  formula: relu
  title: {ru: а, en: a}
  task: {ru: а, en: a}
"""


def each(exercises):
    return pytest.mark.parametrize("exercise", exercises, ids=[each.id for each in exercises])


def cells(made):
    return {cell.id: cell.source for cell in made.cells if cell.cell_type == "code"}


def run(sources):
    """Run cells in a namespace of their own and return it."""
    names = {}
    for source in sources.values():
        exec(source, names)
    return names


def passes(sources):
    try:
        run(sources)
    except Exception:
        return False
    return True


def solved(exercise):
    return cells(notebook(exercise, "en", solved=True))


def call(arguments):
    """Write arguments as a student would, in the precision that the tests ask for."""
    return ", ".join(
        f'"{name}": ' + (f"torch.tensor({numbers(value.tolist())})" if torch.is_tensor(value) else repr(value))
        for name, value in arguments.items()
    )


def mutants(source):
    """Yield the function with one operator, comparison, number or sign changed, or one term left out."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for change in changes(node):
            other = copy.deepcopy(tree)
            change(list(ast.walk(other))[index])
            mutant = ast.unparse(other)
            if mutant != ast.unparse(tree):
                yield mutant


def changes(node):
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield lambda it: setattr(it, "op", OPERATORS[type(it.op)]())
        # A term or a factor left out.
        yield lambda it: setattr(it, "right", ast.Constant(0 if isinstance(it.op, ast.Add | ast.Sub) else 1))
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield lambda it: setattr(it, "ops", [COMPARED[type(it.ops[0])]()])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda it: setattr(it, "op", ast.UAdd())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda it: setattr(it, "value", it.value + 1)


def test_every_page_has_two_and_every_kind_comes_back():
    of = [exercise.id.partition("-x")[0] for exercise in ALL]
    assert all(of.count(number) >= 2 for number in question_numbers())
    assert set(of) == set(question_numbers())
    assert all(sum(exercise.kind == kind for exercise in ALL) >= 5 for kind in TASKS)
    assert len({exercise.id for exercise in ALL}) == len({exercise.formula for exercise in ALL}) == len(ALL)


def test_every_cell_of_code_belongs_to_an_exercise():
    files = sorted(EXERCISES.with_suffix("").glob("*.py"))
    assert {name for path in files for name in code(path)[1]} == {exercise.id for exercise in ALL}


@each(ALL)
def test_the_formula_stands_on_the_page_of_the_exercise(exercise):
    (page,) = (EXERCISES.parents[1] / "en" / "questions").glob(f"{exercise.id[:2]}-*.md")
    assert f".{exercise.formula}\n" in page.read_text("utf-8")


@each(ALL)
def test_the_solution_passes_and_the_student_begins_with_nothing(exercise):
    right, begun = solved(exercise), cells(notebook(exercise, "en", solved=False))
    run(right)
    with pytest.raises(NotImplementedError):
        run(begun)
    assert {name for name in right if right[name] != begun[name]} == {"answer"}


@each(ALL)
def test_nothing_of_the_solution_is_left_for_students(exercise):
    begun = notebook(exercise, "en", solved=False)
    inside = exercise.cells["answer"].split("### BEGIN SOLUTION\n")[1].split("### END SOLUTION")[0]
    given = {line.strip() for line in exercise.cells.get("given", "").splitlines()}
    for line in filter(None, map(str.strip, inside.splitlines())):
        shown = [cell for cell in begun.cells if line in cell.source]
        assert not shown or line in given, line
    assert "SOLUTION" not in nbformat.writes(begun)


@each(WRITTEN)
def test_a_small_error_is_noticed(exercise):
    right = solved(exercise)
    found = list(mutants(right["answer"]))
    assert found
    alive = [mutant for mutant in found if passes(right | {"answer": mutant})]
    known = [change for of, change in EQUIVALENT if of == exercise.id]
    assert [mutant for mutant in alive if not any(change in mutant for change in known)] == []
    assert len(alive) == len(known)


@each([exercise for exercise in ALL if exercise.kind == "find"])
def test_the_error_that_is_to_be_found_is_noticed(exercise):
    right = solved(exercise)
    run({name: right[name] for name in ("setup", "given")})
    assert not passes(right | {"answer": f"{exercise.asked} = {exercise.formula}"})


@each(WRITTEN)
def test_the_solution_agrees_with_the_library_elsewhere(exercise):
    function = formulas()[exercise.formula]
    (point,) = (point for full, point in all_points().items() if full.endswith(f".{exercise.formula}"))
    names = run({name: source for name, source in solved(exercise).items() if name != "test"})
    for seed in range(10, 20):
        arguments = point(Draw(seed))
        assert_close(names[exercise.asked](**arguments), function(**arguments), rtol=1e-9, atol=1e-12)


@each(BROKEN)
def test_what_is_to_be_broken_is_right_elsewhere(exercise):
    names, function = run(solved(exercise)), formulas()[exercise.formula]
    for seed in SEEDS:
        arguments = drawn(function, seed)
        assert_close(names[exercise.formula](**arguments), function(**arguments), rtol=1e-9, atol=1e-12)
        asked = f"def breaking():\n    return arguments\n\n\narguments = {{{call(arguments)}}}"
        assert not passes(solved(exercise) | {"answer": asked}), "an ordinary argument breaks nothing"


@each(BROKEN)
def test_the_reference_is_the_library_where_the_function_breaks(exercise):
    names, function = run(solved(exercise)), formulas()[exercise.formula]
    arguments = names["breaking"]()
    right = function(**arguments)
    assert_close(names["exact"](**arguments), right, rtol=1e-3, atol=1e-6)
    with pytest.raises(AssertionError):
        assert_close(names[exercise.formula](**arguments), right, rtol=1e-2, atol=1e-8)


@each(BROKEN)
@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_what_is_no_argument_breaks_nothing(exercise, bad):
    right = solved(exercise)
    arguments = run(right)["breaking"]()
    name = next(name for name, value in arguments.items() if torch.is_tensor(value))
    answer = right["answer"].replace("def breaking", "def broken")
    answer += f"\n\n\ndef breaking():\n    found = broken()\n    found['{name}'] = found['{name}'] + float('{bad}')\n"
    assert not passes(right | {"answer": answer + "    return found"})


@each(ALL)
def test_languages_differ_in_their_words_only(exercise):
    for with_solution in (True, False):
        made = [notebook(exercise, language, solved=with_solution) for language in LANGUAGES]
        first, *others = (
            [(cell.id, cell.metadata, cell.source) for cell in book.cells if cell.cell_type == "code"] for book in made
        )
        assert all(other == first for other in others)
        assert len({book.cells[0].source for book in made}) == len(LANGUAGES)


@each(ALL)
def test_the_statement_shows_the_formula_of_the_docstring(exercise):
    doc = read(formulas()[exercise.formula])
    for language in LANGUAGES:
        shown = notebook(exercise, language, solved=False, page="https://example.org/p.html").cells[0].source
        assert f"$$\n{doc.tex}\n$$" in shown
        assert all(f"- `{entry.name}` (" in shown for entry in doc.parameters)
        assert all(part not in shown for part in (":math:", "{eq}", "``"))
        assert f"(https://example.org/p.html#equation-eq-{exercise.formula.replace('_', '-')})" in shown
        assert f"`{exercise.asked}`" in shown


def test_no_formula_is_typed_again():
    assert "\\" not in EXERCISES.read_text("utf-8")


@each(ALL)
def test_cells_bear_the_marks_of_nbgrader(exercise):
    for with_solution in (True, False):
        made = notebook(exercise, "en", solved=with_solution)
        nbformat.validate(made)
        statement, *marked = made.cells
        assert statement.cell_type == "markdown"
        marks = [cell.metadata["nbgrader"] for cell in marked]
        assert {mark["schema_version"] for mark in marks} == {3}
        assert [mark["grade_id"] for mark in marks] == [cell.id for cell in marked]
        assert sum(mark["solution"] for mark in marks) == 1
        tests = [mark for mark in marks if mark["grade"]]
        assert tests == marks[-len(tests) :]
        assert all(mark["locked"] != mark["solution"] and ("points" in mark) == mark["grade"] for mark in marks)


def test_a_notebook_needs_torch_and_nothing_of_ours():
    for exercise in ALL:
        for source in solved(exercise).values():
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                    assert name.partition(".")[0] in ("torch", "functools", "itertools")


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    for language in LANGUAGES:
        write_exercises(Book(language, folder, "", ()), folder / f"{language}.zip")
    return folder


def test_the_archive_holds_both_versions_of_each(archives):
    for language in LANGUAGES:
        with zipfile.ZipFile(archives / f"{language}.zip") as archive:
            names = archive.namelist()
            assert {entry.date_time for entry in archive.infolist()} == {timestamp().timetuple()[:6]}
        wanted = [f"{folder}/q{each.id[:2]}/{each.id}.ipynb" for folder in ("release", "source") for each in ALL]
        assert names == ["README.md", "test_notebooks.py", *wanted]


def test_equal_sources_give_equal_bytes(archives, tmp_path):
    write_exercises(Book("en", tmp_path, "", ()), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (archives / "en.zip").read_bytes()


def test_a_site_with_an_address_is_linked(tmp_path):
    pages = tuple(Chapter(f"questions/{number}-a", "", None) for number in question_numbers())
    write_exercises(Book("en", tmp_path, "https://example.org/en/", pages), tmp_path / "linked.zip")
    with zipfile.ZipFile(tmp_path / "linked.zip") as archive:
        shown = json.loads(archive.read("release/q36/36-x2.ipynb"))["cells"][0]["source"]
    assert "(https://example.org/en/questions/36-a.html#equation-eq-ridge-solution)" in shown[-1]


def test_pytest_grades_the_folder(archives, tmp_path):
    with zipfile.ZipFile(archives / "ru.zip") as archive:
        archive.extractall(tmp_path)
    chosen = ("test_notebooks.py", "-k", "31-x1 or 40-x2")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    graded = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "2 failed, 2 passed" in graded.stdout
    assert "source" not in "".join(line for line in graded.stdout.splitlines() if line.startswith("FAILED"))
    assert "optnotes" not in RUNNER


def test_rounded_parts_still_make_a_whole():
    parts = rounded(torch.tensor([1 / 3, 1 / 3, 1 / 3], dtype=torch.float64), total=True)
    assert parts.tolist() == [0.334, 0.333, 0.333]
    assert numbers(-0.0) == "0.0"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: 31-x1", "id: first", "expected an id such as 31-x1, with its code in q31.py, got 'first'"),
        ("id: 31-x1", "id: 99-x1", "expected an id such as 31-x1, with its code in q31.py, got '99-x1'"),
        ("kind: implement", "kind: guess", "expected one of implement, find, break, got 'guess'"),
        ("kind: implement", "kind: find", "expected the cells given, answer in q31.py, got answer"),
        ("formula: relu", "formula: rely", "expected one of "),
        ("title: {ru: а, en: a}", "title: {ru: а}", "field 'exercises[0].title.en': expected to be there"),
    ],
)
def test_bad_exercises_are_named_by_line_and_field(tmp_path, old, new, expected):
    path = lay(tmp_path, GOOD)
    assert [each.id for each in load_exercises(path)] == ["31-x1"]
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(DataError) as error:
        load_exercises(path)
    assert str(error.value).startswith(f"{path}:")
    assert expected in str(error.value)


def lay(folder: Path, words, answer="### BEGIN SOLUTION\n1\n### END SOLUTION\n"):
    path = folder / "exercises.yaml"
    path.write_text(words, "utf-8")
    path.with_suffix("").mkdir(exist_ok=True)
    source = f'"""Words."""\n\nimport torch\n\n\n# %% 31-x1 answer\n{answer}'
    (path.with_suffix("") / "q31.py").write_text(source, "utf-8")
    return path


def test_code_without_marks_or_with_a_cell_twice_is_named(tmp_path):
    code.cache_clear()
    with pytest.raises(DataError, match=r"a solution between its two marks in q31\.py"):
        load_exercises(lay(tmp_path, GOOD, "pass\n"))
    code.cache_clear()
    with pytest.raises(DataError, match="one cell '31-x1 answer'"):
        load_exercises(lay(tmp_path, GOOD, "1\n\n\n# %% 31-x1 answer\n2\n"))
    code.cache_clear()


def test_the_stub_keeps_the_indentation():
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    assert without_solution(source) == "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
