"""What a check-up can say: in both languages, with places that exist, and each cause planted by some fault."""

import math
import re
import string
import subprocess
import sys

import pytest
import torch
from torch import nn

import optnotes.checkup
from optnotes.checkup import Finding, Reading, Report, checkup
from optnotes.checkup._report import PAGES, catalogue, ranked, written
from optnotes.site.records.symptoms import load_symptoms
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.checkup.nets import mlp
from tests.checkup.runs import SOURCES as DATA
from tests.checkup.runs import load
from tests.checkup.table import SEEDS

FINDINGS = catalogue("findings")
SOURCES = "".join(path.read_text("utf-8") for path in sorted((ROOT / "optnotes" / "checkup").glob("*.py")))


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("cause", FINDINGS)
def test_a_finding_says_the_same_in_both_languages_and_leads_to_places_that_exist(cause):
    entry = FINDINGS[cause]
    assert fields(entry["seen"]["ru"]) == fields(entry["seen"]["en"]) <= {"value", "limit", "where", "dtype", "share"}
    assert set(entry["advice"]) == set(LANGUAGES)
    assert entry["symptom"] in {symptom.id for symptom in load_symptoms()}
    assert entry["rank"] in (1, 2, 3)
    assert set(entry.get("explains", ())) <= set(FINDINGS) - {cause}
    for language in LANGUAGES:
        page = ROOT / "docs" / language / f"{PAGES[entry['page'][:3]]}.md"
        assert f"({entry['page']})=\n" in page.read_text("utf-8")


def test_every_cause_is_found_somewhere_and_every_finding_has_words():
    made = set(re.findall(r'Finding\(\s*"([\w-]+)"', SOURCES)) | {"vanishing", "init-small", "activation-slope"}
    assert made == set(FINDINGS)


def test_every_cause_is_planted():
    planted = {cause for fault in load()[0] for cause in fault.causes}
    assert planted == set(FINDINGS)


def test_faults_cover_every_question_and_every_kind():
    about = [fault.about for fault in load()[0]]
    assert len(about) >= 40
    kinds = {"data", "rate", "precision", "mode", "initialisation", "loss"}
    assert set(about) == {*map(str, range(31, 41)), *kinds}
    assert len(load()[1]["reported"]) >= 10


def test_the_two_halves_share_no_run():
    faults, healthy = load()
    data = {
        half: {fault.plans[half].data for fault in faults if half in fault.plans}
        | {plan.data for plan in healthy[half].values()}
        for half in SEEDS
    }
    assert not data["tuning"] & data["reported"]
    assert not set(SEEDS["tuning"]) & set(SEEDS["reported"])
    assert not {bytes(tile) for tile in DATA["patches"]()[0]} & {bytes(tile) for tile in DATA["halves"]()[0]}


def test_a_part_of_the_faults_set_no_threshold_at_all():
    unseen = [fault.plans["reported"] for fault in load()[0] if fault.unseen]
    seen = [plan for fault in load()[0] if not fault.unseen for plan in fault.plans.values()]
    assert len(unseen) >= 20
    assert not [plan for plan in unseen if plan in seen]


def report():
    torch.manual_seed(0)
    model = nn.Sequential(mlp([8, 16, 16, 3], nn.Tanh), nn.Softmax(1))
    batches = [(torch.randn(32, 8), torch.randint(3, (32,))) for _ in range(4)]
    return checkup(model, nn.CrossEntropyLoss(), batches, torch.optim.SGD(model.parameters(), 0.1))


def test_a_report_is_text_in_both_languages_a_table_and_a_dictionary():
    found = report()
    english, russian = found.text("en"), found.text("ru")
    assert str(found) == english
    assert english.startswith("1. The outputs are probabilities already")
    assert russian.startswith("1. Выходы — уже вероятности")
    assert len(english.splitlines()) == len(russian.splitlines())
    assert "questions/39-activations.html#q39-pairing, symptoms.html#symptom-loss-floor" in english
    lines = found.table("ru").splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    numbers = found.asdict()
    assert all(isinstance(value, float) for value in numbers.values())
    assert numbers["finding/double-softmax"] == math.inf


def test_a_figure_is_drawn_only_when_asked_for():
    code = (
        "import sys, torch; from optnotes.checkup import checkup; m = torch.nn.Linear(2, 2);"
        "r = checkup(m, torch.nn.CrossEntropyLoss(), [(torch.ones(4, 2), torch.zeros(4).long())]);"
        "r.text(); r.table(); r.asdict(); print('matplotlib' in sys.modules); r.figure('ru');"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True", "False"]


def test_a_figure_shows_every_layer():
    axes = report().figure("en").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.0", "0.2", "0.4"]


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language must be one of en, ru, got 'de'"):
        report().text("de")


def test_numbers_are_written_as_each_language_writes_them():
    assert written(0.125, "ru") == "0,125"
    assert written(0.125, "en") == "0.125"
    assert written(math.inf, "ru") == "∞"


def test_certain_faults_come_first_then_causes_then_what_they_explain():
    found = [Finding("rate-large", 9.0), Finding("init-large", 2.0), Finding("chance", 50.0), Finding("clipped", 3.0)]
    assert [each.cause for each in ranked(found)] == ["clipped", "init-large", "rate-large", "chance"]
    found.append(Finding("unshuffled", 1.1))
    assert ranked(found)[0].cause == "unshuffled"


def test_an_empty_report_says_so_in_both_languages():
    empty = Report((Reading("units", {}),), ())
    assert empty.text("en") == "Nothing lies beyond its threshold."
    assert empty.text("ru") == "За порог не выходит ничего."


MEASUREMENTS = [name for name in optnotes.checkup.__all__ if name[0].islower() and name != "checkup"]


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_a_measurement_alone_reads_what_the_check_up_reads_and_says_where_its_threshold_is_from(name):
    """The guard of what is no formula: documented, with its threshold, and the same as in the whole."""
    measure = getattr(optnotes.checkup, name)
    for section in ("Parameters", "Returns", "Raises", "Notes"):
        assert re.search(rf"\n{section}\n-+\n", measure.__doc__)
    assert re.search("threshold", measure.__doc__, re.IGNORECASE)
    torch.manual_seed(0)
    model = mlp([8, 16, 16, 3], nn.Tanh, nn.BatchNorm1d, 0.1)
    batches = [(torch.randn(32, 8), torch.randint(3, (32,))) for _ in range(4)]
    arguments = model, nn.CrossEntropyLoss(), batches, torch.optim.SGD(model.parameters(), 0.1, weight_decay=0.1)
    whole = {reading.name: reading for reading in checkup(*arguments, max_norm=0.5, held_out=batches).readings}
    alone = measure(*arguments, max_norm=0.5, held_out=batches)
    assert alone.name == name
    assert alone == whole[name]
    assert alone.numbers
