"""Notebook buttons: none without configuration, none on pages without cells, plain links otherwise."""

import pytest

from tests.site import minisite
from tests.site.minisite import CONF, NOTEBOOK, MiniSite

PAGE = (
    NOTEBOOK
    + """# 37. Page

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show

show(sample, None)
```
"""
)


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
    site.page("questions/37-page", PAGE)
    site.write("examples/sample.py", "def numbers(result):\n    return {'x': 0.125}\n")
    return site


def links(site, name, language="en"):
    page = site.build(language).page(name)
    return [host for host in ("colab.research.google.com", "mybinder.org") if host in page]


def test_without_a_repository_no_button_is_shown(site):
    assert links(site, "questions/37-page") == []


def test_a_page_with_cells_links_to_its_own_notebook(site, monkeypatch):
    configured = 'optnotes_repository = "an-owner/a.name"\noptnotes_branch = "built/pages"\n'
    monkeypatch.setattr(minisite, "CONF", CONF + configured)
    page = site.build("ru").page("questions/37-page")
    path = "ru/_downloads/notebooks/37-page.ipynb"
    assert f'href="https://colab.research.google.com/github/an-owner/a.name/blob/built%2Fpages/{path}"' in page
    assert f'href="https://mybinder.org/v2/gh/an-owner/a.name/built%2Fpages?urlpath=lab/tree/{path}"' in page
    assert "Запустить на" in page
    assert "<script" not in page[page.index("live-links") : page.index("</div>", page.index("live-links"))]
    assert links(site, "index", "ru") == []
