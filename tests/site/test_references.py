"""Every source can be found: it has a valid address, names who wrote what and when, and somebody cites it."""

import re

import pytest
from pybtex.database import parse_file

import optnotes
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import DATA, ROOT
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


def cited():
    """Keys that claims, formulas, pages and captions use."""
    for number in question_numbers():
        for claim in load_question(question_path(number)).claims:
            yield from claim.sources
    for function in optnotes.formulas().values():
        yield from read(function).references
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
