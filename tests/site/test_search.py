"""The search index: what is in it, what counts, the same bytes twice; check_search.py shows that it finds."""

import hashlib
import re

import pytest
import yaml

from optnotes.site.sphinxext.search import ARTICLE, SYNONYMS, record, weight, write_index
from optnotes.site.text import LANGUAGES, ROOT
from tests.site.minisite import MiniSite

PAGE = """<html><body><nav>elsewhere</nav><article class="bd-article"><section class="x" id="q38">
<span id="dropout"></span><h1>38. Dropout</h1><p>Zeroes units.</p></section></article></body></html>"""


def test_the_heading_carries_the_anchor_of_its_section():
    assert '<h1 id="q38">38. Dropout' in record(PAGE, "questions/38-dropout")


def test_only_the_article_is_read():
    assert "elsewhere" not in record(PAGE, "questions/38-dropout")
    assert record("<html><body>no article</body></html>", "index") == ""


def test_question_pages_outweigh_the_reference_and_the_lists():
    assert weight("questions/38-dropout") > weight("cite") > weight("api/dropout") > weight("glossary")


def test_a_module_is_called_by_its_full_name():
    assert 'data-pagefind-meta="title:optnotes.dropout — API"' in record(PAGE, "api/dropout")
    assert "data-pagefind-meta" not in record(PAGE, "questions/38-dropout")


def test_the_citations_of_a_question_are_left_out():
    html = PAGE.replace("<p>", '<p class="rubric">')
    assert "data-pagefind-ignore" in record(html, "questions/38-dropout")
    assert "data-pagefind-ignore" not in record(html, "cite")


def test_two_runs_write_the_same_bytes(tmp_path):
    pages = {f"{name}.html": record(PAGE.replace("units", name), name) for name in ("index", "cite", "drill")}
    trees = []
    for run in ("one", "two"):
        write_index(pages, "en", tmp_path / run)
        files = sorted(path for path in (tmp_path / run).rglob("*") if path.is_file())
        trees.append({str(p.relative_to(tmp_path / run)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})
    assert trees[0] == trees[1]
    assert any(name.startswith("fragment/en_") for name in trees[0])


def test_sphinx_writes_no_index_of_its_own(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Title\n\nWords.\n")
    out = site.build().out
    assert not (out / "searchindex.js").exists()
    assert (out / "search.html").is_file()
    assert (out / "pagefind" / "pagefind.js").is_file()
    assert not list((out / "pagefind").glob("*-ui.*"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_synonyms_lead_to_words_of_the_pages(language):
    words = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))[language]
    pages = " ".join(p.read_text(encoding="utf-8").lower() for p in (ROOT / "docs" / language / "questions").iterdir())
    for word, others in words.items():
        assert re.search(rf"\b{word}\b", pages)
        for other in others:
            assert other == other.lower().replace("ё", "е")
            assert not word.startswith(other), "it would be replaced by itself"


def test_the_pattern_of_articles_is_not_greedy():
    assert len(ARTICLE.findall(PAGE + PAGE)) == 2
