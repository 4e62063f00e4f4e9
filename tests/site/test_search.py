"""The search index: what is in it, what counts, the same bytes twice; check_search.py shows that it finds."""

import hashlib
import json
import re
from itertools import pairwise

import pytest
import yaml

from optnotes.site.chrome.passages import passages
from optnotes.site.chrome.search import TYPED, plain, record, write_index
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.site.minisite import MiniSite

PAGE = """<html><body><nav>elsewhere</nav><article class="bd-article"><section class="x" id="q38">
<span id="dropout"></span><h1>38. Dropout<a class="headerlink">#</a></h1>
<section id="q38-answer"><h2>Short answer</h2><p>Zeroes units.</p></section>
<section id="q38-why"><h2>Why</h2><p>Why it is so.</p>
<math><annotation>sourced</annotation></math><details class="source"><pre>def listing(): ...</pre></details>
<div class="cell"><div class="cell_input"><pre>from examples import celled</pre></div></div>
<section id="q38-mask"><h3>A mask</h3><p>Each unit &lt; alone.</p></section><p>After the mask.</p></section>
<section id="q38-drill"><h2>Drill</h2><details class="drill" id="drill-38-d1"><summary><span
class="level level-basic">basic</span> Why divide?</summary><p>For the mean.</p></details></section>
<section id="q38-claims"><h2>Note</h2><p>A claim.</p></section>
<section id="q38-references"><h2>References</h2><p>Srivastava.</p></section>
</section></article></body></html>"""
TERMS = """<article class="bd-article"><section id="glossary"><h1>Glossary</h1><dl><dt id="term-mask">mask</dt>
<dd>Zeros and ones.</dd><dt id="term-unit">unit</dt></dl></section></article>"""


def cut(page=PAGE, docname="questions/38-dropout"):
    return {each.address: each for each in passages(page, docname, f"{docname}.html")}


def test_a_page_is_cut_into_sections_and_drill_questions():
    found = cut()
    assert [(each.title, each.above) for each in found.values()] == [
        ("38. Dropout", ()),
        ("Why", ("38. Dropout",)),
        ("A mask", ("38. Dropout", "Why")),
        ("Drill", ("38. Dropout",)),
        ("Why divide?", ("38. Dropout", "Drill")),
        ("Note", ("38. Dropout",)),
    ]
    assert list(found) == [
        "questions/38-dropout.html" + anchor
        for anchor in ("", "#q38-why", "#q38-mask", "#q38-drill", "#drill-38-d1", "#q38-claims")
    ]


def test_each_word_stands_in_one_passage():
    said = {address.rpartition("#")[2]: each.text for address, each in cut().items()}
    for word, where in {"Zeroes": "questions/38-dropout.html", "alone": "q38-mask", "mean": "drill-38-d1"}.items():
        assert [anchor for anchor, text in said.items() if word in text] == [where]
    assert "Why it is so." in said["q38-why"]
    assert "After the mask." in said["q38-why"]


@pytest.mark.parametrize("unread", ["elsewhere", "listing", "celled", "sourced", "basic", "#", "Srivastava"])
def test_what_is_no_explanation_is_not_read(unread):
    assert unread not in " ".join(each.text for each in cut().values())


def test_a_page_without_an_article_has_no_passages():
    assert cut("<html><body>no article</body></html>", "index") == {}


def test_a_term_goes_with_its_explanation():
    found = cut(TERMS, "glossary")
    assert "Zeros and ones." in found["glossary.html#term-mask"].text
    assert "Zeros and ones." not in found["glossary.html#term-unit"].text
    assert found["glossary.html#term-mask"].title == "mask"


def test_a_function_goes_by_its_full_name():
    page = TERMS.replace("term-mask", "optnotes.dropout.mask")
    assert cut(page, "api/dropout")["api/dropout.html#optnotes.dropout.mask"].title == "optnotes.dropout.mask"


def test_lists_of_what_the_questions_hold_are_found_by_their_head():
    assert list(cut(docname="drill")) == ["drill.html"]


def test_the_head_of_a_question_outweighs_its_sections_and_these_drill_and_lists():
    found = cut()
    order = [
        found["questions/38-dropout.html"],
        found["questions/38-dropout.html#q38-mask"],
        found["questions/38-dropout.html#drill-38-d1"],
        found["questions/38-dropout.html#q38-claims"],
        cut(TERMS, "api/dropout")["api/dropout.html#term-mask"],
    ]
    assert all(one.weight > other.weight for one, other in pairwise(order))


def test_a_record_escapes_what_leads_to_it():
    head, below, *_ = cut(PAGE.replace("38. Dropout<", "38. a &lt; b<")).values()
    assert ">38. a &lt; b</p>" in record(head, "en")
    assert record(below, "en").count(">38. a &lt; b</p>") == 2


def test_two_runs_write_the_same_bytes(tmp_path):
    found = list(cut().values())
    trees = []
    for run in ("one", "two"):
        write_index(found, "en", tmp_path / run)
        files = sorted(path for path in (tmp_path / run).rglob("*") if path.is_file())
        trees.append({str(p.relative_to(tmp_path / run)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})
    assert trees[0] == trees[1]
    assert any(name.startswith("fragment/en_") for name in trees[0])


def test_the_index_knows_the_words_of_the_pages(tmp_path):
    write_index(list(cut(PAGE.replace("alone", "Ёж 38 l1_ratio")).values()), "ru", tmp_path / "index")
    words = json.loads((tmp_path / "index" / "words.json").read_text("utf-8"))
    assert {"еж", "l1_ratio", "zeroes"} <= set(words)
    assert "38" not in words
    assert words == sorted(words)


def test_sphinx_writes_no_index_of_its_own(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Title\n\nWords.\n")
    out = site.build().out
    assert not (out / "searchindex.js").exists()
    assert (out / "search.html").is_file()
    assert (out / "pagefind" / "pagefind.js").is_file()
    assert not list((out / "pagefind").glob("*-ui.*"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_readers_type_leads_to_words_of_the_pages(language):
    files = [*(ROOT / "docs" / language).rglob("*.md"), *(ROOT / "docs" / "data").glob("[34]?.yaml")]
    pages = plain(" ".join(path.read_text("utf-8") for path in files))
    for word, others in yaml.safe_load(TYPED.read_text("utf-8"))[language]["same"].items():
        assert all(re.search(rf"\b{re.escape(part)}", pages) for part in plain(word).split()), word
        assert others == [plain(other) for other in others]
