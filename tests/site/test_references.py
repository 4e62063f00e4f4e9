"""Every source can be found: it has a valid address, names who wrote what and when, and somebody cites it."""

import pkgutil
import re

import pytest
from pybtex.database import parse_file

import optnotes
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.words.citations import KINDS, NUMBERED, citation, in_words, roles
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import DATA, LANGUAGES, ROOT, site_labels
from tests.site.pages import pages

SOURCES = parse_file(str(ROOT / "docs" / "references.bib")).entries
ADDRESSES = {
    "doi": re.compile(r"10\.\d{4,9}/[\w.()/:;-]+"),
    "eprint": re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}"),
    "url": re.compile(r"https://[\w.-]+/[\w./~-]*"),
}
WITHOUT_ADDRESS = {
    "Forsythe1955": "its DOI could not be confirmed",
    "Minsky1969": "a book older than DOIs",
    "Newman1986": "its DOI could not be confirmed",
}


def problems(entry):
    """Describe what keeps a reader from finding this source."""
    for name in ("title", "year"):
        if not entry.fields.get(name):
            yield f"no {name}"
    if not entry.persons.get("author"):
        yield "no author"
    if not re.fullmatch(r"(19|20)\d\d", entry.fields.get("year", "")):
        yield "year is not a year"
    for name, pattern in ADDRESSES.items():
        if name in entry.fields and not pattern.fullmatch(entry.fields[name]):
            yield f"{name} is no {name}: {entry.fields[name]}"
    if ("eprint" in entry.fields) != (entry.fields.get("archiveprefix") == "arXiv"):
        yield "eprint and archiveprefix belong together"
    if (entry.key in WITHOUT_ADDRESS) != ADDRESSES.keys().isdisjoint(entry.fields):
        yield "needs doi, eprint or url, or a place in WITHOUT_ADDRESS, not both"


def recorded():
    """Sources of claims and formulas, with their places."""
    for number in question_numbers():
        for claim in load_question(question_path(number)).claims:
            yield from claim.cited
    for function in optnotes.formulas().values():
        yield from read(function).cited


def cited():
    """Keys that claims, formulas, pages and captions use."""
    yield from (each.key for each in recorded())
    for path in [*pages(), *DATA.glob("**/*.yaml")]:
        for keys in re.findall(r"\{footcite:[pt]\}`([^`]*)`|:footcite:[pt]:`([^`]*)`", path.read_text("utf-8")):
            yield from "".join(keys).split(",")


@pytest.mark.parametrize("key", SOURCES)
def test_a_reader_finds_the_source(key):
    assert list(problems(SOURCES[key])) == []


def test_exactly_the_listed_sources_are_cited():
    assert set(cited()) == set(SOURCES)


def test_sources_are_sorted():
    assert list(SOURCES) == sorted(SOURCES, key=str.lower)


def test_no_two_sources_share_an_address():
    addresses = [entry.fields[name] for entry in SOURCES.values() for name in ADDRESSES if name in entry.fields]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize(
    ("key", "package"),
    [("TorchDocs", "torch"), ("SklearnDocs", "scikit-learn"), ("KerasDocs", "keras"), ("JaxDocs", "jax")],
)
def test_documentation_is_cited_in_the_version_that_is_tested(key, package):
    locked = re.search(rf"^{package}==([\d.]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert locked
    assert f" {locked[1]} " in re.sub(r"[{}]", "", SOURCES[key].fields["title"])


PLACED = re.compile(r"\{footcite:[pt]\}`(\w+)` \{place\}`([^`]*)`")


def placed():
    """Sources with the places for which claims, formulas, pages and captions cite them."""
    yield from recorded()
    for path in [*pages(), *DATA.glob("**/*.yaml")]:
        yield from (citation(" ".join(found)) for found in PLACED.findall(path.read_text("utf-8")))


LIBRARIES = {"TorchDocs": "torch", "SklearnDocs": "sklearn", "KerasDocs": "keras", "JaxDocs": "jax"}
INSTALLED = {each for each in placed() if each.key in ("TorchDocs", "SklearnDocs") and "." in each.place}


@pytest.mark.parametrize("cited", sorted(INSTALLED, key=str), ids=lambda cited: cited.place)
def test_a_cited_page_of_documentation_belongs_to_something_installed(cited):
    assert pkgutil.resolve_name(cited.place).__doc__


def test_documentation_is_cited_by_its_page_and_papers_by_number():
    places = {(each.key, each.place) for each in placed() if each.place}
    assert len(places) > 100
    wrong = [
        (key, place)
        for key, place in places
        if bool(NUMBERED.fullmatch(place)) == (key in LIBRARIES)
        or ("." in place and key in LIBRARIES and place.partition(".")[0] != LIBRARIES[key])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_is_written_in_the_language_of_the_page(language):
    assert {in_words(f"{kind.capitalize()} 3.1", language) for kind in KINDS} == {
        f"{site_labels(language)(f'place.{kind}')} 3.1" for kind in KINDS
    }
    assert in_words("torch.nn.LSTM", language) == "torch.nn.LSTM"


@pytest.mark.parametrize("place", ["Section", "section 3", "Sektion 3", "Section 3, 4", "somewhere", "Theorem 1 "])
def test_what_is_no_place_is_refused(place):
    with pytest.raises(ValueError, match="expected a place"):
        citation(f"Boyd2004 {place}")


def test_marks_stand_one_by_one_with_their_places():
    cited = [citation("Boyd2004 Section 5.5.3"), citation("He2015")]
    assert roles(cited) == "{footcite:p}`Boyd2004` {place}`Section 5.5.3`, {footcite:p}`He2015`"
