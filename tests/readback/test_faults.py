"""Faults planted in the converter and in what writes pages, each seen to be noticed; the list is faults.yaml."""

import ast
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest
import yaml

from optnotes.site.lean.mathml import to_mathml
from optnotes.site.pages import claims
from optnotes.site.tex.tokens import TexError
from tests.readback import words
from tests.readback.faults import faults, name, rows
from tests.readback.mathml import MathError, read
from tests.readback.plants import converter, plant
from tests.readback.sources import DOCS, blocks, inline
from tests.readback.tex import normal
from tests.readback.written import Page, complaints
from tests.site.minisite import MiniSite

ROOT = Path(__file__).parents[2]
OF_CONVERTER = "tests/readback/test_faults.py::test_a_fault_of_the_converter_is_noticed"
OF_PAGE = "tests/readback/test_faults.py::test_a_fault_of_a_page_is_noticed"
SHOWN = [
    "descent.adam_step",
    "penalties.grouping_bound",
    "penalties.l2_loss",
    "activations.leaky_relu",
    "gradients.he_std",
    "gradients.variance_step",
    "penalties.ridge_solution",
]


def test_every_fault_names_a_test_that_plants_it_and_a_check_that_notices_it():
    for row in faults():
        assert {"fault", "planted_by", "noticed_by"} <= set(row) or set(row) == {"fault", "nobody"}, row
        for test in filter(None, (row.get("planted_by"), row.get("noticed_by"))):
            path, _, function = test.partition("::")
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, test


def says(convert, tex: str, display: bool) -> str:
    """What is drawn, or why it cannot be read."""
    try:
        return normal(read(convert(tex, display)))
    except (MathError, TexError) as error:
        return str(error)


@pytest.mark.parametrize("row", rows(OF_CONVERTER), ids=name)
def test_a_fault_of_the_converter_is_noticed(row):
    """In every formula that it changes."""
    broken = converter(row["plant"], to_mathml)
    formulas = [*((tex, True) for tex in blocks().values()), *((tex, False) for tex in inline("en"))]
    hit = [formula for formula in formulas if changes(broken, *formula)]
    assert len(hit) >= 3
    missed = [tex for tex, display in hit if says(broken, tex, display) == normal(tex)]
    assert missed == []


def changes(broken, tex: str, display: bool) -> bool:
    """Whether a fault reaches a formula."""
    one, other = (
        canonicalize(f"<p>{convert(tex, display)}</p>", exclude_tags=["annotation"]) for convert in (broken, to_mathml)
    )
    return one != other


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A page with formulas, claims and drills that need no experiment."""
    simple = {kind: [each for each in items if "}`" not in str(each)] for kind, items in words.data("37").items()}
    for number, claim in enumerate(simple["claims"], 1):
        claim |= {"id": f"37-{number:02}", "test": f"tests/claims/test_37.py::test_37_{number:02}"}
    for number, item in enumerate(simple["drill"], 1):
        item["id"] = f"37-d{number}"
    path = tmp_path / "37.yaml"
    path.write_text(yaml.safe_dump(simple, allow_unicode=True), "utf-8")
    monkeypatch.setattr(claims, "question_path", lambda number: path)
    monkeypatch.setattr(words, "questions", lambda: {"37": simple})
    site = MiniSite(tmp_path)
    site.write("references.bib", (DOCS / "references.bib").read_text("utf-8"))
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
    boxes = "".join(f"```{{formula}} optnotes.{full}\n```\n\n" for full in SHOWN)
    lists = "```{claims} 37\n```\n\n```{drill} 37\n```\n\n```{footbibliography}\n```\n"
    site.page("questions/37-page", f"# 37. Page\n\n{boxes}Since $-\\lambda$ is less.\n\n{lists}")
    return site


def found_on(site) -> list[str]:
    built = site.build("ru")
    assert built.warnings == ""
    return complaints(Page(built.page("questions/37-page"), "ru"), "Since $-\\lambda$ is less.")


def test_a_page_without_faults_has_no_complaints(site):
    assert found_on(site) == []


@pytest.mark.parametrize("row", rows(OF_PAGE), ids=name)
def test_a_fault_of_a_page_is_noticed(site, monkeypatch, row):
    plant(monkeypatch.setattr, row["plant"])
    assert found_on(site)
