"""The decks in the real Anki: every card arrives, shows its formulas, and an update changes cards without copies."""

import re

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

import optnotes
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.takeaway.book import read_book, timestamp
from optnotes.site.takeaway.cards import write_deck
from optnotes.site.words.text import LANGUAGES
from tests.downloads import HTML, site

DRILL = {item.id for number in question_numbers() for item in load_question(question_path(number)).drill}
FORMULAS = {f"eq-{full.rpartition('.')[2].replace('_', '-')}" for full in optnotes.formulas()}


@pytest.fixture
def collection(tmp_path):
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def load(collection, path):
    request = ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions())
    return collection.import_anki_package(request).log


def deck(language):
    return site(language) / "_downloads" / f"optnotes-{language}.apkg"


def test_both_languages_arrive_side_by_side(collection):
    for language in LANGUAGES:
        load(collection, deck(language))
    assert collection.note_count() == collection.card_count() == 2 * len(DRILL | FORMULAS)
    names = {each.name for each in collection.decks.all_names_and_ids()}
    assert {"optnotes (ru)", "optnotes (en)"} <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_shows_question_answer_and_formulas(collection, language):
    load(collection, deck(language))
    seen = set()
    for card_id in collection.find_cards(""):
        card = collection.get_card(card_id)
        note = card.note()
        seen.add(note["Id"])
        question, answer = card.question(), card.answer()
        assert note["Front"] in question
        assert note["Back"] in answer
        assert "{{" not in re.sub(r"\\[\[(].*?\\[\])]", "", answer, flags=re.DOTALL)
        assert "<math" not in answer
        assert "href=" not in answer
        assert answer.count(r"\(") == answer.count(r"\)")
        if note["Id"].startswith("eq-"):
            assert answer.count(r"\[") == answer.count(r"\]") >= 1  # a list of equations comes in parts
            assert 'class="derivation' not in answer
        assert any(tag.startswith("question::") for tag in note.tags)
    assert seen == DRILL | FORMULAS


def test_an_update_changes_cards_and_adds_none(collection, tmp_path, monkeypatch):
    load(collection, deck("ru"))
    before = collection.note_count()
    load(collection, deck("ru"))
    assert collection.note_count() == before
    learnt = collection.get_card(min(collection.find_cards("")))
    learnt.type = learnt.queue = 2  # a card in review
    learnt.ivl = 30
    collection.update_card(learnt)
    book = read_book(HTML, "ru")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(timestamp().timestamp()) + 86400))
    question = book.chapters[0].content.xpath("//div[@class='drill']/p[@class='question']")[0]
    question[-1].tail = "Другие слова?"
    write_deck(book, tmp_path / "later.apkg")
    log = load(collection, tmp_path / "later.apkg")
    assert collection.note_count() == before
    assert (len(log.new), len(log.updated)) == (0, before)
    assert collection.get_card(learnt.id).ivl == 30
    assert collection.find_notes('"Front:*Другие слова?"')


def test_equal_sources_give_equal_bytes(tmp_path):
    for language in LANGUAGES:
        write_deck(read_book(HTML, language), tmp_path / "again.apkg")
        assert (tmp_path / "again.apkg").read_bytes() == deck(language).read_bytes()
