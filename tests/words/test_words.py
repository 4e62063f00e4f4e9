"""Both languages state the same facts, verdicts and sources stand twice, and what is slipped into one place is seen."""

import ast
import re
from collections import Counter

import pytest

from optnotes.site.records.questions import LEVELS, load_question, question_numbers, question_path
from optnotes.site.words.text import DATA, ROOT
from tests.words import balance, bands, fits, sources
from tests.words.facts import directions, strict
from tests.words.twins import Twin, of_data, of_page, predictions, twins

EVERY = list(twins(ROOT))
CYRILLIC = re.compile("[а-яё]", re.I)
# How many drill items of each level a question has, counted once more: the level of one item is a judgement.
COUNTS = {
    "31": (7, 12, 6),
    "32": (10, 12, 6),
    "33": (12, 9, 5),
    "34": (6, 12, 7),
    "35": (7, 10, 6),
    "36": (7, 7, 3),
    "37": (7, 10, 4),
    "38": (10, 8, 5),
    "39": (10, 10, 5),
    "40": (8, 12, 3),
}


def levels(path):
    found = Counter(item.level for item in load_question(path).drill)
    return tuple(found[level] for level in LEVELS)


def test_facts_are_the_same_in_both_languages():
    """Numbers, symbols, references, code and slots; differences.yaml lists the others with their reasons."""
    found = [each for twin in EVERY for each in balance.found(twin)]
    assert sorted(found, key=str) == sorted(balance.listed(), key=str)


def test_every_listed_difference_has_a_reason():
    assert all(len(reason) > 20 for reason in balance.reasons())


def test_denials_and_directions_keep_their_balance():
    """After a change of words, python -m tests.words shows what has moved, to be read in both languages."""
    assert balance.moved(balance.of(EVERY), balance.recorded()) == {}


def test_facts_are_those_that_were_last_read():
    """After a change of facts, python -m tests.words shows both languages, to be read, and seals them."""
    now, then = balance.seals([*EVERY, *predictions(ROOT)]), balance.sealed()
    assert [place for place in now.keys() | then.keys() if now.get(place) != then.get(place)] == []


def foreign(twin):
    """A text that stands in the letters of the other language."""
    words = re.compile(r"(?<!\w)[a-z]{3,}(?: [a-z]{2,}){2,}")
    bare = re.sub(r"`[^`]*`|\$[^$]*\$", "", twin.ru)
    return CYRILLIC.search(re.sub(r"\{other\}`[^`]*`", "", twin.en)) or (
        not CYRILLIC.search(twin.ru) and words.search(bare)
    )


def test_each_language_stands_in_its_letters():
    assert [twin for twin in EVERY if foreign(twin)] == []


def test_a_translation_fits_its_own_text_better_than_a_neighbour():
    company = fits.Company(EVERY)
    pairs = [pair for group in fits.groups(EVERY).values() for pair in fits.exchanged(company, group)]
    assert sorted(tuple(sorted((one.en, other.en))) for one, other in pairs) == sorted(fits.listed())


def verdicts(number):
    """What the test of each claim says of it, in its first word."""
    tree = ast.parse((ROOT / "tests" / "claims" / f"test_{number}.py").read_text("utf-8"))
    found = {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name: re.findall(r"\w*", text)[0].lower() for name, text in found.items()}


@pytest.mark.parametrize("number", question_numbers())
def test_the_test_of_a_claim_opens_with_its_verdict(number):
    said = verdicts(number)
    for claim in load_question(question_path(number)).claims:
        assert said[claim.test.partition("::")[2]] == claim.verdict, claim.id


def test_levels_are_counted():
    assert {number: levels(question_path(number)) for number in question_numbers()} == COUNTS


def test_sources_and_what_they_are_cited_for_agree_with_their_second_record():
    assert sources.changed(sources.found(ROOT), sources.recorded()) == []


def test_the_year_of_a_source_is_that_of_its_key_and_its_number():
    assert [key for key, fields in sources.found(ROOT).items() if not sources.dated(key, fields)] == []


FIGURES = sorted(path for path in (DATA / "text").glob("*.yaml") if path.stem != "site")


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_band_is_drawn_at_the_levels_that_it_names(path):
    source = (ROOT / "examples" / path.name).with_suffix(".py").read_text("utf-8")
    assert bands.named(path.read_text("utf-8")) == bands.drawn(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("low, high = x.quantile(torch.tensor([0.4, 0.6]).double(), dim=1)", {(40, 60)}),
        ("places, levels = [1, 2], torch.tensor([0.1, 0.5, 0.9])\nx.quantile(levels, dim=0)", {(10, 90)}),
        ("x.quantile(torch.tensor([0.0, 1.0]))", set()),
        ("y = [0.2, 0.8]\nx.quantile(0.05)", set()),
    ],
)
def test_the_levels_of_a_band_are_read(source, expected):
    assert bands.drawn(source) == expected
    assert bands.named("the median with a 10–90% band; диапазон 10–90\u202f%") == {(10, 90)}


TWIN = Twin("36.yaml claims 36-03 correction", "Без половины шаг вдвое больше: {eq}`eq-x`, $a$, 2.", "")
SAME = "Without the half the step is twice as large: {eq}`eq-x`, $a$, 2."


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ("eq-x", "eq-y", "references"),
        ("$a$", "$b$", "symbols"),
        ("2", "3", "digits"),
        ("$a$", "`a`", "code"),
        ("$a$", "{num}`a.b`", "runs"),
    ],
)
def test_a_fact_of_one_language_is_seen(old, new, fact):
    assert strict(TWIN.ru) == strict(SAME)
    assert strict(SAME.replace(old, new))[fact] != strict(TWIN.ru)[fact]


@pytest.mark.parametrize(
    ("old", "new"),
    [("half", "double"), ("twice", "half"), ("large", "small"), ("Without", "With"), ("is", "is not")],
)
def test_a_sentence_turned_round_moves_the_balance(old, new):
    one, other = (Twin(TWIN.place, TWIN.ru, en) for en in (SAME, SAME.replace(old, new)))
    assert balance.moved(balance.of([one]), balance.of([other])) != {}
    assert balance.moved(balance.of([one]), balance.of([one])) == {}


@pytest.mark.parametrize(("old", "new"), [("2.", "3."), ("eq-x", "eq-y"), ("$a$", "$b$"), ("half", "double")])
def test_what_is_slipped_into_both_languages_breaks_the_seal(old, new):
    one, other = (Twin(TWIN.place, text, text) for text in (SAME, SAME.replace(old, new)))
    assert balance.seals([one]) == balance.seals([one]) != balance.seals([other])


def test_exchanged_labels_break_the_seal():
    one, other = (Twin("text/a.yaml x", ru, en) for ru, en in (("вес", "weight"), ("число", "number")))
    assert balance.seals([one, other]) != balance.seals([other, one])


def test_directions_of_both_languages_stand_on_the_same_axes():
    assert directions(TWIN.ru, "ru") == directions(SAME, "en")


def test_twins_are_found_in_pages_and_data():
    en = "(q)=\n# A\n\nOne.\nTwo.\n\n| a | b |\n|---|---|\n"
    ru = "(q)=\n# Б\n\nРаз.\nДва.\n\n| в | г |\n|---|---|\n"
    found = [(twin.ru, twin.en) for twin in of_page("p.md", ru, en) if twin.ru.strip(" -#")]
    assert found == [("# Б", "# A"), ("Раз.", "One."), ("Два.", "Two."), (" в ", " a "), (" г ", " b ")]
    data = "a:\n- {id: x, say: {ru: раз, en: one}}\n- {say: {ru: [б, в], en: [b, c]}}\n"
    assert list(of_data("d.yaml", data)) == [
        Twin("d.yaml a x say", "раз", "one"),
        Twin("d.yaml a say", "б", "b"),
        Twin("d.yaml a say", "в", "c"),
    ]


def test_exchanged_translations_are_seen():
    company = fits.Company(EVERY)
    group = [twin for twin in EVERY if twin.place in ("text/lasso_path.yaml weight", "text/lasso_path.yaml start")]
    one, other = group
    crossed = [Twin(one.place, one.ru, other.en), Twin(other.place, other.ru, one.en)]
    assert list(fits.exchanged(company, group)) == []
    for twin, by in ((one, -1), (other, -1), (crossed[0], 1), (crossed[1], 1)):
        company.count(twin, by)
    assert list(fits.exchanged(company, crossed)) == [tuple(crossed)]


def test_a_year_that_is_not_that_of_its_key_is_seen():
    assert sources.dated("He2015", {"year": "2015", "eprint": "1502.01852"})
    assert not sources.dated("He2015", {"year": "2016"})
    assert not sources.dated("He2015", {"year": "2015", "eprint": "1702.01852"})
    assert sources.changed({"A": {"pages": "1--2"}}, {"A": {"pages": "1--3"}}) == ["A"]
