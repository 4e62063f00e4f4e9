"""The table of the extension says in which order things happen, and what it leans on in others is still there."""

import pybtex.plugin
import pytest
from nbformat.v4 import nbbase, new_code_cell
from sphinx.application import Sphinx

from optnotes.site.extension import PIPELINE
from optnotes.site.pages import cite
from optnotes.site.run import execution, idle
from optnotes.site.words.text import ROOT
from tests.site.minisite import MiniSite


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.write("examples/sample.py", "VALUE = 137\n")
    site.page("index", "# Home\n")
    return site


@pytest.mark.parametrize(("event", "handlers"), PIPELINE, ids=[event for event, _ in PIPELINE])
def test_the_handlers_of_an_event_stand_in_the_order_in_which_they_run(event, handlers):
    priorities = [each[0] if isinstance(each, tuple) else 500 for each in handlers]
    assert priorities == sorted(priorities)


def test_nothing_but_the_table_connects_handlers():
    """The style sheets of a whole site are an extension of their own."""
    site = ROOT / "optnotes" / "site"
    found = {
        path.relative_to(site).as_posix() for path in site.rglob("*.py") if "app.connect(" in path.read_text("utf-8")
    }
    assert found == {"extension.py", "lean/slim.py"}


def test_viewcode_writes_the_sources_of_examples_and_sphinx_no_search(site):
    built = site.build()
    assert built.warnings == ""
    assert '<span class="mi">137</span>' in built.page("_modules/examples/sample")
    assert not (built.out / "searchindex.js").exists()


def test_a_build_with_nothing_to_do_leaves_out_the_handlers_that_it_names(site, monkeypatch):
    left_out = []

    def disconnect(app, listener_id):
        found = [(event, each) for event, listeners in app.events.listeners.items() for each in listeners]
        left_out.extend((event, each.handler.__module__) for event, each in found if each.id == listener_id)

    monkeypatch.setattr(Sphinx, "disconnect", disconnect)
    site.build()
    assert left_out == []
    site.build()
    assert left_out == list(idle.EVERY_TIME.items())


def test_nbformat_names_cells_as_the_page_says(monkeypatch):
    monkeypatch.setattr(nbbase, "random_cell_id", nbbase.random_cell_id)

    def names(page):
        execution.name_cells(page)
        return [new_code_cell("1").id for _ in range(2)]

    assert names("a") == names("a")
    assert len({*names("a"), *names("b")}) == 4


def test_pybtex_looks_for_its_plugins_once():
    cached = pybtex.plugin._load_entry_point
    assert cached is cite.pybtex.plugin._load_entry_point
    before = cached.cache_info()
    for _ in range(2):
        pybtex.plugin.find_plugin("pybtex.style.names", "plain")
    after = cached.cache_info()
    assert (after.hits + after.misses, after.misses) >= (before.hits + before.misses + 2, before.misses)
    assert after.misses <= before.misses + 1
