"""The list of symptoms: both languages lead to the same places, and a bad file is told where."""

import re

import pytest

from optnotes.site.records.symptoms import SYMPTOMS, load_symptoms
from optnotes.site.words.data import DataError
from optnotes.site.words.text import LANGUAGES

LINK = re.compile(r"\{(?:ref|eq)\}`(?:[^`<]*<)?([\w-]+)>?`")
ALL = load_symptoms()
ENTRY = """- id: flat
  seen: {ru: Стоит, en: It stands}
  typed: {ru: [не учится], en: [does not learn]}
  measure: {ru: Измерьте., en: Measure.}
  causes:
  - if: {ru: Ноль, en: Zero}
    then: {ru: 'См. {ref}`x`.', en: 'See {ref}`x`.'}
"""


def targets(symptom, language):
    return [LINK.findall(cause.advice[language]) for cause in symptom.causes]


def test_there_are_thirty_symptoms():
    assert len(ALL) >= 30


@pytest.mark.parametrize("symptom", ALL, ids=lambda symptom: symptom.id)
def test_every_cause_leads_somewhere_and_to_the_same_place_in_both_languages(symptom):
    assert targets(symptom, "ru") == targets(symptom, "en")
    assert all(targets(symptom, "en"))


@pytest.mark.parametrize("symptom", ALL, ids=lambda symptom: symptom.id)
def test_other_words_are_not_the_heading_again(symptom):
    for language in LANGUAGES:
        assert symptom.typed[language]
        assert symptom.seen[language].lower() not in {words.lower() for words in symptom.typed[language]}


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("  measure: {ru: Измерьте., en: Measure.}\n", "", r"field '\[0\].measure': expected to be there"),
        ("en: [does not learn]", "en: does not learn", r"symptoms.yaml:3: field '\[0\].typed.en': expected a list"),
        ("{ru: Ноль, en: Zero}", "{ru: Ноль}", r"field '\[0\].causes\[0\].if"),
        ("- id: flat", "- id: flat\n  cure: {ru: а, en: a}", "an unknown field"),
        (ENTRY, ENTRY + ENTRY, r"symptoms.yaml:8: field '\[1\].id': expected a name of its own, got 'flat'"),
    ],
)
def test_a_bad_file_is_told_where(tmp_path, was, becomes, expected):
    path = tmp_path / SYMPTOMS.name
    path.write_text(ENTRY, "utf-8")
    assert load_symptoms(path)[0].id == "flat"
    assert was in ENTRY
    path.write_text(ENTRY.replace(was, becomes), "utf-8")
    with pytest.raises(DataError, match=expected):
        load_symptoms(path)
