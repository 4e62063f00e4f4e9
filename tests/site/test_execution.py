"""Cells run once for both languages, and again only where something they use has changed."""

import shutil

import pytest
from distributed import LocalCluster
from sphinx.errors import ExtensionError

from optnotes.site.run import dependencies as site_dependencies
from optnotes.site.run.dependencies import dependencies, digest, imports
from optnotes.site.words.text import DATA, ROOT
from tests.site.minisite import NOTEBOOK, MiniSite

PAGE = NOTEBOOK + "# {name}\n\n```{{code-cell}}\nfrom examples import {name}\nprint({name}.VALUE)\n```\n"


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.write("examples/one.py", "from examples import shared\nVALUE = shared.VALUE + 1\n")
    site.write("examples/shared.py", "VALUE = 10\n")
    site.write("examples/two.py", "VALUE = 20\n")
    site.page("index", "# Home\n\n```{toctree}\none\ntwo\n```\n")
    for name in ("one", "two"):
        site.page(name, PAGE.format(name=name))
    return site


def test_each_cell_runs_once_and_again_only_when_its_page_is_affected(site):
    first = site.build("ru")
    assert first.warnings == ""
    assert first.executed == "optnotes: executing 2 pages (2 cells), 0 from the cache"
    assert "11" in first.page("one")

    second = site.build("en")
    assert second.executed == "optnotes: executing 0 pages (0 cells), 2 from the cache"

    unchanged = site.build("ru")
    assert unchanged.executed == "optnotes: executing 0 pages (0 cells), 0 from the cache"
    assert "0 added, 0 changed, 0 removed" in unchanged.status

    site.write("examples/shared.py", "VALUE = 30\n")
    touched = site.build("ru")
    assert touched.executed == "optnotes: executing 1 pages (1 cells), 0 from the cache"
    assert "0 added, 1 changed, 0 removed" in touched.status
    assert "31" in touched.page("one")

    twin = site.build("en")
    assert twin.executed == "optnotes: executing 0 pages (0 cells), 1 from the cache"
    assert "31" in twin.page("one")


def test_a_failing_cell_stops_the_build_and_names_the_page(site):
    site.write("examples/two.py", "VALUE = 1 / 0\n")
    with pytest.raises(ExtensionError, match=r"(?s)two\.md: a cell failed.*ZeroDivisionError"):
        site.build("en")


def test_changed_locked_versions_change_every_digest(site):
    files = dependencies("from examples import two", site.root)
    before = digest(files, site.root)
    site.write("constraints.txt", "torch==9\n")
    assert digest(files, site.root) != before


def test_dependencies_follow_imports_to_the_end(site):
    names = {path.relative_to(site.root).as_posix() for path in dependencies("from examples import one", site.root)}
    assert names == {"examples/__init__.py", "examples/one.py", "examples/shared.py"}


def test_dependencies_hold_the_words_and_the_data_of_an_example():
    needed = dependencies("from examples import build_costs", ROOT)
    assert {DATA / "build_costs.yaml", DATA / "text" / "build_costs.yaml"} <= needed


def test_imports_tells_names_from_the_packages_on_the_way():
    assert imports("from a.b import c\nimport d.e") == ({"a.b.c", "d", "d.e"}, {"a", "a.b"})
    assert imports("from a import b\nfrom a.b import c") == ({"a.b", "a.b.c"}, {"a"})


def test_of_a_family_only_the_modules_of_the_names_taken_count():
    family = ROOT / "optnotes" / "activations"
    modules = set(family.glob("*.py"))
    needed = dependencies("from optnotes.activations import elu, gelu", ROOT)
    assert needed & modules == {family / "__init__.py", family / "exponential_units.py", family / "gelu.py"}
    assert ROOT / "optnotes" / "_numeric.py" in needed
    for whole in ("import optnotes.activations", "from optnotes import activations"):
        assert modules < dependencies(f"from optnotes.activations import elu\n{whole}", ROOT)


def test_a_package_that_does_more_than_offer_names_counts_with_all_it_imports(site):
    site.write("examples/a/__init__.py", "from examples.a.b import f\nfrom examples.a.c import g\n")
    site.write("examples/a/b.py", "def f(): pass\n")
    site.write("examples/a/c.py", "def g(): pass\n")
    assert site.root / "examples/a/c.py" not in dependencies("from examples.a import f", site.root)
    site.write("examples/a/__init__.py", "from examples.a.b import f\nfrom examples.a.c import g\ng()\n")
    assert site.root / "examples/a/c.py" in dependencies("from examples.a import f", site.root)


def test_a_failing_page_does_not_cost_the_others(site):
    site.write("examples/one.py", "import time\n\ntime.sleep(5)\nVALUE = 11\n")
    site.write("examples/two.py", "VALUE = 1 / 0\n")
    with pytest.raises(ExtensionError, match="ZeroDivisionError"):
        site.build("en")
    site.write("examples/two.py", "VALUE = 20\n")
    assert site.build("en").executed == "optnotes: executing 1 pages (1 cells), 1 from the cache"


def test_other_installed_versions_change_every_digest(site, monkeypatch):
    files = dependencies("from examples import two", site.root)
    before = digest(files, site.root)
    monkeypatch.setattr(site_dependencies, "versions", lambda: "torch==9")
    assert digest(files, site.root) != before


def test_an_edit_writes_no_other_page(site):
    site.page("index", "# Home\n\n```{toctree}\nquestions/31-a\nquestions/32-b\n```\n")
    for name in ("31-a", "32-b"):
        site.page(f"questions/{name}", f"# Page\n\n```{{math}}\n:label: {name}\nx\n```\n")
    site.build("en")
    assert "no targets are out of date" in site.build("en").status
    site.page("questions/31-a", "# Page\n\n```{math}\n:label: 31-a\nx + 1\n```\n")
    edited = site.build("en")
    assert "0 added, 1 changed, 0 removed" in edited.status
    assert "none found" in edited.status  # to be written with the page that was read


def test_a_cluster_gives_the_same_bytes_and_refuses_other_files(site, monkeypatch):
    """Workers in processes of their own, as on other machines that share the folder."""
    site.write("examples/two.py", "VALUE = 20\n")
    here = site.build("en")
    pages = {name: here.page(name) for name in ("index", "one", "two")}
    shutil.rmtree(site.root / "cache")
    shutil.rmtree(site.root / "doctrees")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = site.build("en", cluster=cluster.scheduler_address)
        assert there.executed == "optnotes: executing 2 pages (2 cells), 0 from the cache"
        assert {name: there.page(name) for name in pages} == pages
        site.write("examples/one.py", "VALUE = 1\n")
        monkeypatch.setattr(site_dependencies, "versions", lambda: "other versions than the workers have")
        with pytest.raises(ExtensionError, match="not those the build began with"):
            site.build("en", cluster=cluster.scheduler_address)
