"""A page's notebook: plain Markdown and code that needs nothing of the checkout, the same bytes every time."""

import re

import nbformat
import pytest

from optnotes.site.takeaway.notebook import WHEEL
from optnotes.site.words.text import site_labels
from tests.site.minisite import NOTEBOOK, MiniSite

EXAMPLE = '''"""A line."""

from optnotes.site.figures.style import new_figure


def compute():
    return 2.5


def numbers(result):
    return {"half": result}


def figure(result, text, theme):
    drawn, axes = new_figure()
    axes.set(title=text("title.map"))
    return drawn
'''
PAGE = (
    NOTEBOOK
    + """
(top)=
# A title

Words with `code_1`, $a_1 | b$, *stress*, a * star, {ref}`below <below>`, {eq}`eq-l1-loss`
and {num}`recurrent_cliff.half:.2f`.

```{formula} optnotes.penalties.l1_loss
```

(below)=
## Below

- one
- two

| a | b |
|---|---|
| $x \\| y$ | 2 |

```{code-cell}
from examples import recurrent_cliff
from optnotes.site.figures.publish import show

show(recurrent_cliff, recurrent_cliff.compute())
```

```{drill} 37
```

```{footbibliography}
```
"""
)


def build(root, language, settings=""):
    """The page in one language, and its notebook."""
    site = MiniSite(root)
    site.settings = settings
    site.write("examples/recurrent_cliff.py", EXAMPLE)  # a catalogue without numbers in its words
    site.page("index", "# Home\n\n```{toctree}\npage\n```\n")
    site.page("page", PAGE)
    made = site.build(language)
    return made, made.out / "_downloads" / "notebooks" / "page.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return {language: build(tmp_path_factory.mktemp("notebook"), language) for language in ("ru", "en")}


@pytest.fixture(scope="module", params=["ru", "en"])
def notebook(request, built):
    return nbformat.read(built[request.param][1], as_version=4)


def text_of(notebook, kind):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


def test_it_is_valid_and_clean(notebook):
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{n:03}" for n in range(1, len(notebook.cells) + 1)]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_the_text_is_plain_markdown(notebook):
    text = text_of(notebook, "markdown")
    assert text.startswith("# A title\n\n")
    assert r"\lambda \lVert w \rVert_1" in text
    assert "$$\n" in text
    assert "$a_1 | b$, *stress*, a \\* star" in text
    assert "- one\n- two" in text
    assert r"| $x \vert  y$ | 2 |" in text
    assert not re.search(r"\{\w[\w:-]*\}`|```\{|:math:|\)=$", text), "MyST is left"


def test_numbers_are_filled_in_the_language(built):
    assert "2,50" in text_of(nbformat.read(built["ru"][1], 4), "markdown")
    assert "2.50" in text_of(nbformat.read(built["en"][1], 4), "markdown")


def test_answers_are_folded_and_questions_are_not(notebook):
    text = text_of(notebook, "markdown")
    assert text.count("<details><summary>") == text.count("</details>") >= 5


def test_the_code_needs_no_checkout(notebook, tmp_path, monkeypatch):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert not any("examples" in source for source in code)
    assert EXAMPLE.strip() in code
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for source in code[:-1]:
        exec(source, names)
    *before, last = code[-1].splitlines()
    exec("\n".join(before), names)
    shown = eval(last, names)._repr_mimebundle_()
    assert shown["text/plain"] == "half = 2.5"
    assert "<svg" in shown["image/svg+xml"]


def test_the_page_links_its_notebook_with_its_size(built):
    page = built["en"][0].page("page")
    kilobytes = built["en"][1].stat().st_size / 1024
    assert re.search(rf'href="_downloads/notebooks/page.ipynb">Jupyter notebook</a>, {kilobytes:.0f} KB', page)


def test_equal_pages_give_equal_bytes(built, tmp_path):
    assert build(tmp_path, "en")[1].read_bytes() == built["en"][1].read_bytes()


def test_a_page_whose_experiment_reads_a_file_of_the_repository_has_none(tmp_path):
    site = MiniSite(tmp_path)
    site.write(
        "examples/build_costs.py", 'def compute():\n    return 1\n\n\ndef numbers(result):\n    return {"a": 1}\n'
    )
    cell = "from examples import build_costs\nfrom optnotes.site.figures.publish import show\n\nshow(build_costs, 1)\n"
    site.page("index", f"{NOTEBOOK}\n# Home\n\n```{{code-cell}}\n{cell}```\n")
    made = site.build("en")
    assert made.warnings == ""
    assert "source" in made.page("index")
    assert not (made.out / "_downloads").exists()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_with_an_address_the_first_cell_installs_the_wheel_beside_the_notebook(tmp_path, language):
    notebook = nbformat.read(build(tmp_path, language, "optnotes_books = True\n")[1], as_version=4)
    first, second = [cell.source for cell in notebook.cells if cell.cell_type == "code"][:2]
    address = f"https://example.org/{language}/_downloads/{WHEEL}"
    assert first == f'%pip install --quiet "optnotes[notebooks] @ {address}"'
    assert second.startswith("from functools import partial")
    assert site_labels(language)("notebook.fetches") in text_of(notebook, "markdown")
    assert site_labels(language)("notebook.needs") not in text_of(notebook, "markdown")
    assert [cell.id for cell in notebook.cells] == [f"cell-{n:03}" for n in range(1, len(notebook.cells) + 1)]


@pytest.mark.parametrize("settings", ["", 'optnotes_baseurl = ""\noptnotes_books = True\n'])
def test_without_a_wheel_on_the_network_the_notebook_says_what_it_needs(tmp_path, settings):
    notebook = nbformat.read(build(tmp_path, "en", settings)[1], as_version=4)
    assert "%pip" not in text_of(notebook, "code")
    assert site_labels("en")("notebook.needs") in text_of(notebook, "markdown")


def test_pages_offer_books_only_where_there_will_be_some(tmp_path):
    site = MiniSite(tmp_path)
    site.write("examples/recurrent_cliff.py", EXAMPLE)
    site.page("index", "# Home\n\n```{toctree}\npage\nfiles\n```\n")
    site.page("page", PAGE)
    site.page("files", "# Files\n\n```{downloads} books\n```\n")
    offered = f'href="files.html">{site_labels("en")("download.all")}</a>'
    assert offered not in site.build().page("page")
    site.settings = "optnotes_books = True\n"
    assert offered in site.build().page("page")


def test_books_of_older_pages_are_removed_whatever_their_version(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nfiles\n```\n")
    site.page("files", "# Files\n\n```{downloads} books\n```\n")
    folder = site.build().out / "_downloads"
    folder.mkdir(exist_ok=True)
    for name in ("optnotes-en.pdf", "optnotes-0.0.1-py3-none-any.whl"):
        (folder / name).write_text("old", "utf-8")
    site.page("index", "# Home\n\nOther words.\n\n```{toctree}\nfiles\n```\n")
    site.build()
    assert list(folder.glob("optnotes-*")) == []
