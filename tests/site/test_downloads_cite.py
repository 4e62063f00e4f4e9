"""Citations of formulas: the short way gives what the citation library gives."""

import re

import pytest

from optnotes.site.pages.cite import citations, formula_citations, record
from tests.site.minisite import MiniSite

TITLE = "Loss with the Elastic Net penalty: L1 for zeros (elastic_net_loss)"


@pytest.mark.parametrize("url", ["", "https://example.org/en/questions/37.html#equation-eq-x"])
@pytest.mark.parametrize(("language", "title"), [("en", TITLE), ("ru", "Потери со штрафом L1 (l1_loss)")])
def test_the_pattern_gives_what_the_library_gives(language, title, url):
    assert formula_citations("key", title, url, language) == citations(record("key", title, url, language))


def test_a_formula_links_to_its_citation_which_names_its_home(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\npage\ncite\n```\n")
    site.page("page", "# Page\n\n```{formula} optnotes.penalties.l1_loss\n```\n\n```{footbibliography}\n```\n")
    site.page("cite", "# Cite\n\n```{cite-this} formulas\n```\n")
    built = site.build("ru")
    assert 'href="cite.html#cite-eq-l1-loss"' in built.page("page")
    for copies, words in (("tex", "Копировать TeX"), ("#equation-eq-l1-loss", "Копировать ссылку")):
        assert f'hidden data-copies="{copies}" data-done="Скопировано">{words}</button>' in built.page("page")
    cited = built.page("cite")
    assert 'id="cite-eq-l1-loss"' in cited
    assert "https://example.org/page.html#equation-eq-l1-loss" in cited
    assert "(дата обращения:" in cited
    assert cited.count('class="citation-text') == 3, "each style is copied alone"
    assert len(re.findall(r"формула \(\d+\)", re.sub(r"<[^>]+>", "", cited))) == 4, "the title, and each citation"
    assert cited.count("<details") == 1, "a formula without a home has no address to cite"
