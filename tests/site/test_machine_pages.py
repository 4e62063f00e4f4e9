"""Beside each page lies its text as Markdown, and llms.txt lists these files."""

import pytest

from tests.site.minisite import NOTEBOOK, MiniSite

PAGE = (
    NOTEBOOK
    + r"""# 37. Page

```{formula} optnotes.penalties.lambda_max
```

See {num}`sample.x:,.1f`, $\alpha^2$ and {footcite:p}`Boyd2004`.

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show

show(sample, None)
```

```{footbibliography}
```
"""
)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    site = MiniSite(tmp_path_factory.mktemp("machine"))
    site.settings = 'extensions.append("sphinx_llm_friendly")\n'
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
    site.page("questions/37-page", PAGE)
    site.write("examples/sample.py", "def numbers(result):\n    return {'x': 12345.5}\n")
    built = site.build("en")
    assert built.warnings == ""
    return built.out


def test_the_text_of_a_page_is_there_as_markdown(out):
    text = (out / "questions" / "37-page.md").read_text("utf-8")
    assert r"\lambda_{\max} = \frac{1}{n} \lVert X^\top y \rVert_\infty" in text
    assert r"See 12,345.5, $\alpha^2$ and [^" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "no term is negative" in text, "the derivation, folded on the screen"


def test_nothing_of_the_screen_is_left(out):
    text = (out / "questions" / "37-page.md").read_text("utf-8")
    assert "<" not in text
    assert "button" not in text


def test_the_list_names_each_page(out):
    assert "(questions/37-page.md)" in (out / "llms.txt").read_text("utf-8")
    page = (out / "questions" / "37-page.html").read_text("utf-8")
    assert '<link rel="alternate" type="text/markdown" href="37-page.md">' in page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_link_within_the_page_gains_no_words(tmp_path, language):
    site = MiniSite(tmp_path)
    site.settings = 'extensions.append("sphinx_llm_friendly")\n'
    site.page("index", "# Home\n\nHere {ref}`there <far>` it is.\n\n(far)=\n## Far\n\nWords.\n")
    built = site.build(language)
    assert built.warnings == ""
    text = (built.out / "index.md").read_text("utf-8")
    assert "Here there it is." in text, text
