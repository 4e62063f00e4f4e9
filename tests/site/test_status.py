"""The status page counts, dates and measures nothing by hand; each corrected error names a test that exists."""

import ast
import re

import pytest

from optnotes.site.pages import claims, status
from optnotes.site.records import records
from optnotes.site.records.records import load_bench, load_errata
from optnotes.site.words.data import DataError
from optnotes.site.words.text import ROOT
from tests.site.minisite import NOTEBOOK, MiniSite

PAGE = """(q37)=
# 37. Page

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show
show(sample, None)
```

```{formula} optnotes.penalties.lambda_max
```

```{claims} 37
```

```{footbibliography}
```
"""
STATUS = (
    "# Status\n\n```{status} pages\n```\n\n```{status} costs\n```\n\n```{status} versions\n```\n\n```{errata}\n```\n"
)
CLAIM = (
    "{{id: 37-0{n}, claim: {{ru: а, en: a}}, verdict: {verdict}, correction: {{ru: б, en: b}}, "
    "sources: [Boyd2004], test: 'x::test_x'}}"
)
BENCH = """machine: {system: Linux, cores: 2}
pages: {questions/37-page: 12.34}
builds:
- {id: cold, seconds: 100, ratio: 1.2, goal: 1.3}
- {id: unchanged, seconds: 3.5, pages: 0, cells: 0}
scale:
- {pages: 10, cold: 2, unchanged: 1.5, word: 1.6, mebibytes: 180.4}
imports: {torch: 1.5}
formulas:
- {formula: optnotes.activations.gelu, against: torch.nn.functional.gelu, ratio: 1.25}
"""
ERRATUM = (
    "date: 2026-01-02, version: 0.1.0, was: {ru: а, en: It was bad.}, now: {ru: б, en: It is good.}, "
    "test: 'x.py::test_x'"
)


@pytest.fixture
def site(tmp_path, monkeypatch):
    site = MiniSite(tmp_path)
    site.write("examples/sample.py", 'def numbers(result):\n    return {"seeds": 24}\n')
    site.write(
        "37.yaml",
        "claims:\n"
        + "".join(f"- {CLAIM.format(n=n, verdict=v)}\n" for n, v in [(1, "holds"), (2, "wrong"), (3, "wrong")])
        + "drill: []\n",
    )
    site.write("costs.yaml", BENCH)
    site.write("errata.yaml", f"- {{{ERRATUM}}}\n")
    monkeypatch.setattr(claims, "question_path", lambda number: tmp_path / "37.yaml")
    monkeypatch.setattr(status, "load_bench", lambda: load_bench(tmp_path / "costs.yaml"))
    monkeypatch.setattr(status, "load_errata", lambda: load_errata(tmp_path / "errata.yaml"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\nstatus\n```\n")
    site.page("questions/37-page", NOTEBOOK + PAGE)
    site.page("status", STATUS)
    return site


def rows(page):
    """Cells of every table row, as plain text."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found)
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_the_page_counts_what_the_site_holds(site):
    built = site.build("en")
    assert built.warnings == ""
    page = built.page("status")
    table = rows(page)
    assert ["37. Page", "12.3", "24", "1", "1", "0", "0", "2"] in table
    assert ["Total", "12.3", "", "1", "1", "0", "0", "2"] in table
    assert ["From nothing", "100.0", "1.20", "1.30", "—", "—"] in table
    assert ["10", "2.0", "1.5", "1.6", "180"] in table
    assert ["import torch", "1.50"] in table
    assert any(row[0] == "Python" and row[1].startswith("3.") for row in table)
    assert any(row[0] == "torch" for row in table)
    assert "2026-01-02, 0.1.0." in page
    assert "It was bad. It is good." in page
    assert "x.py::test_x" in page
    assert "Date of the sources" not in page


def test_the_page_follows_its_sources_and_the_epoch(site, monkeypatch):
    before = site.build("ru")
    assert "12,3" in before.page("status")
    needed = before.dependencies["status"]
    for file in ("questions/37-page.md", "37.yaml", "costs.yaml", "errata.yaml", "pyproject.toml"):
        assert any(path.endswith(file) for path in needed), file
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767312000")
    site.page("status", STATUS + "\n")
    assert "Дата исходного текста: 2026-01-02." in site.build("ru").page("status")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "id: cold",
            "id: warm",
            "4: field 'builds[0].id': expected one of cold, unchanged, word, caption, formula, tests, got 'warm'",
        ),
        ("cold: 2,", "cold: -2,", "7: field 'scale[0].cold': expected a number, zero or more, got -2"),
        ("cold: 2,", "cold: .nan,", "7: field 'scale[0].cold': expected a number, zero or more, got nan"),
        ("torch: 1.5", "torch: fast", "8: field 'imports.torch': expected a number, zero or more, got 'fast'"),
        ("machine:", "computer:", "1: field 'machine': expected to be there"),
    ],
)
def test_malformed_measurements_are_named(tmp_path, old, new, expected):
    path = tmp_path / "costs.yaml"
    path.write_text(BENCH.replace(old, new), "utf-8")
    with pytest.raises(DataError) as error:
        load_bench(path)
    assert f"{path}:{expected}" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-01-02", "January", "1: field '[0].date': expected a date such as 2026-11-23, got 'January'"),
        ("x.py::test_x", "later", "1: field '[0].test': expected a test, such as"),
        ("version: 0.1.0, ", "", "1: field '[0].version': expected to be there"),
    ],
)
def test_malformed_errata_are_named(tmp_path, old, new, expected):
    path = tmp_path / "errata.yaml"
    path.write_text(f"- {{{ERRATUM.replace(old, new)}}}\n", "utf-8")
    with pytest.raises(DataError) as error:
        load_errata(path)
    assert f"{path}:{expected}" in str(error.value)


def test_measurements_and_errata_of_the_site_are_well_formed():
    load_bench()
    assert load_errata()


@pytest.mark.parametrize("erratum", load_errata(records.ERRATA), ids=lambda erratum: erratum.test)
def test_every_erratum_names_a_test_that_asserts(erratum):
    file, _, name = erratum.test.partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    (test,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    asserting = any(isinstance(node, ast.Assert) or "raises" in ast.unparse(node) for node in ast.walk(test))
    assert asserting, f"{name} asserts nothing"
