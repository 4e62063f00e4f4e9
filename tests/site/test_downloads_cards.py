"""Cards of the drill: the task stands above the answer, and a card keeps its id whatever its words become."""

import sqlite3
import zipfile

import pytest

from optnotes.site.takeaway.book import APPENDICES, read_book
from optnotes.site.takeaway.cards import cards, write_deck

BOX = """<details class="drill" id="drill-31-{0}"><summary>
<span class="level level-basic kind-{1}">basic · {1}</span> {2}</summary>{3}</details>"""
PLAIN = BOX.format("d1", "why", "Why?", "<p>Because.</p>")
TASK = BOX.format(
    "d2",
    "code",
    "What is wrong?",
    "<pre>wrong</pre><details class='solution'><summary>Answer</summary><pre>right</pre><p>This.</p></details>",
)
PICTURE = BOX.format(
    "d3",
    "curve",
    "Which?",
    '<ol class="options"><li><svg class="sketch" viewBox="0 0 1 1"><path d="M0 0H1"></path></svg></li>'
    "</ol><details class='solution'><summary>Answer</summary>"
    '<p class="right">Right: <data value="1" data-within="0">1</data></p><p>Flat.</p></details>',
)
PAGE = '<html><body><article class="bd-article"><section><h1>{}</h1>{}</section></article></body></html>'


@pytest.fixture
def html(tmp_path):
    site = tmp_path / "en"
    (site / "questions").mkdir(parents=True)
    (site / "questions" / "31-a.html").write_text(PAGE.format("31. A", PLAIN + TASK + PICTURE), "utf-8")
    for name in APPENDICES:
        (site / f"{name}.html").write_text(PAGE.format(name, ""), "utf-8")
    return tmp_path


def notes(html, tmp_path):
    """Id of each note in Anki, by the id of its item."""
    path = tmp_path / "deck.apkg"
    write_deck(read_book(html, "en"), path)
    with zipfile.ZipFile(path) as archive:
        archive.extract("collection.anki2", tmp_path)
    with sqlite3.connect(tmp_path / "collection.anki2") as opened:
        found = opened.execute("select guid, flds from notes").fetchall()
    (tmp_path / "collection.anki2").unlink()
    return {fields.rpartition("\x1f")[2]: guid for guid, fields in found}


def test_the_task_stands_above_the_answer(html):
    plain, task, picture = cards(read_book(html, "en"))
    assert (plain.front, plain.back) == ("Why?", "<p>Because.</p>")
    assert (task.front, task.back) == ("What is wrong?<pre>wrong</pre>", "<pre>right</pre><p>This.</p>")
    assert "<svg" in picture.front
    assert "Right:" not in picture.front
    assert picture.back.endswith("<p>Flat.</p>")
    assert task.tags == ("question::31", "level::basic", "kind::code")


def test_a_card_keeps_its_id_whatever_its_words_become(html, tmp_path):
    before = notes(html, tmp_path)
    page = html / "en" / "questions" / "31-a.html"
    changed = page.read_text("utf-8")
    for old, new in (("Why?", "For what reason?"), ("wrong", "broken"), ("This.", "That."), ("31. A", "31. B")):
        changed = changed.replace(old, new)
    page.write_text(changed, "utf-8")
    assert notes(html, tmp_path) == before
    assert set(before) == {"31-d1", "31-d2", "31-d3"}
    assert len(set(before.values())) == 3


def test_what_follows_from_a_formula_is_no_card(html):
    before = [card.id for card in cards(read_book(html, "en"))]
    page = html / "en" / "questions" / "31-a.html"
    statement = '<div class="formula statement docutils container"><details class="derivation"></details></div>'
    page.write_text(page.read_text("utf-8").replace("</section>", f"{statement}</section>"), "utf-8")
    assert [card.id for card in cards(read_book(html, "en"))] == before


def test_the_card_of_a_formula_holds_its_symbols_and_not_its_derivation(html):
    page, index = html / "en" / "questions" / "31-a.html", html / "en" / "formulas.html"
    box = (
        '<div class="formula docutils container"><div class="math-block" id="equation-eq-x"><p>x</p></div>'
        '<div class="more"><p>Symbols</p><div class="formula-tools"><details class="derivation" id="derivation-x">'
        '<summary>Derivation</summary><p>Lines</p></details></div><div class="evidence">Tests</div></div></div>'
    )
    listed = '<div class="listed"><p><a href="questions/31-a.html#equation-eq-x">(31.1)</a> What it is.</p></div>'
    page.write_text(PAGE.format("31. A", box), "utf-8")
    index.write_text(PAGE.format("formulas", listed), "utf-8")
    (card,) = cards(read_book(html, "en"))
    assert (card.id, card.front) == ("eq-x", '<span class="kind">Formula</span><br>What it is.')
    assert "Symbols" in card.back
    assert not any(word in card.back for word in ("Derivation", "Lines", "Tests"))
