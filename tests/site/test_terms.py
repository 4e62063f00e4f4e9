"""A link to a term of the glossary says what the term means, and a page is written again when that changes."""

import pytest
from lxml import html

from tests.site.minisite import MiniSite

HOME = """# Home

One {term}`ridge <ridge regression>`, a {ref}`label <here>`.

(here)=
## Here

```{toctree}
glossary
```
"""
GLOSSARY = """# Glossary

```{{glossary}}
ridge regression
  {said}
  {{other}}`гребневая регрессия`
```
"""


def titles(built):
    links = html.fromstring(built.page("index")).xpath("//article//a[contains(@class, 'term')]")
    return [(link.text_content(), link.get("title")) for link in links]


@pytest.fixture
def site(tmp_path):
    made = MiniSite(tmp_path)
    made.page("index", HOME)
    made.page("glossary", GLOSSARY.format(said="Least squares with a penalty."))
    return made


def test_the_link_has_the_explanation_without_the_counterpart(site):
    assert titles(site.build("en")) == [("ridge", "Least squares with a penalty.")]


def test_a_page_follows_the_glossary(site):
    site.build("en")
    site.page("glossary", GLOSSARY.format(said="Least squares, penalised."))
    assert titles(site.build("en")) == [("ridge", "Least squares, penalised.")]
