"""An address that was published leads somewhere: removed it fails the build, with a redirect it passes."""

import pytest

from optnotes.site.records.addresses import (
    Addresses,
    built,
    load_addresses,
    split,
    unrecorded,
    write_addresses,
)
from optnotes.site.words.data import DataError
from tests.site.minisite import MiniSite

ONE = "(one)=\n# One\n\n(first)=\n## A part\n\nWords.\n\n(second)=\n## Another part\n\nWords.\n"
TWO = "(two)=\n# Two\n\n(third)=\n## The last part\n\nWords.\n"
RECORD = "pages:\n  index: [home]\n  pages/one: [first, one, second]\n  two: [third, two]\nmoved: {{{moved}}}\n"


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.settings = 'optnotes_addresses = "addresses.yaml"\nsuppress_warnings += ["toc.not_included"]\n'
    site.page("index", "(home)=\n# Home\n")
    site.page("pages/one", ONE)
    site.page("two", TWO)
    site.write("addresses.yaml", RECORD.format(moved=""))
    return site


def move(site, moved):
    site.write("addresses.yaml", RECORD.format(moved=moved))


def lost(site):
    return [line for line in site.build().warnings.splitlines() if "[optnotes.address]" in line]


def test_the_good_twin_passes_and_headings_may_change(site):
    assert lost(site) == []
    site.page("two", TWO.replace("The last part", "Other words"))
    assert lost(site) == []


def test_an_anchor_that_is_gone_is_named(site):
    site.page("pages/one", ONE.replace("(second)=\n", ""))
    (message,) = lost(site)
    assert "pages/one#second is gone" in message


def test_a_page_that_is_gone_is_named_with_its_anchors(site):
    (site.root / "docs/en/two.md").unlink()
    assert [line.split(" is gone")[0].rpartition(" ")[2] for line in lost(site)] == ["two", "two#third", "two#two"]


def test_a_renamed_anchor_is_found_under_both_names(site):
    site.page("pages/one", ONE.replace("(second)=", "(other)="))
    move(site, '"pages/one#second": "pages/one#other"')
    assert lost(site) == []
    page = site.build().page("pages/one")
    assert page.count('id="second"') == page.count('id="other"') == 1
    assert page.index('id="first"') < page.index('id="second"') < page.index("Another part<")


def test_an_anchor_that_went_to_another_page_leaves_a_line(site):
    site.page("pages/one", ONE.replace("(second)=\n", ""))
    site.page("two", TWO.replace("(third)=", "(second)=\n## Another part\n\nWords.\n\n(third)="))
    move(site, '"pages/one#second": "two#second"')
    assert lost(site) == []
    assert '<p id="second">Moved: <a class="reference internal" href="../two.html#second">Two</a></p>' in (
        site.build().page("pages/one")
    )


def test_a_renamed_page_leaves_a_page_and_its_anchors_go_with_it(site):
    (site.root / "docs/en/two.md").unlink()
    site.page("pages/three", TWO.replace("(third)=", "(fourth)="), "en")
    move(site, '"two": "pages/three", "two#third": "pages/three#fourth"')
    assert lost(site) == []
    left = site.build().page("two")
    assert '<meta http-equiv="refresh" content="0; url=pages/three.html">' in left
    assert '<a href="pages/three.html">Two</a>' in left
    assert "<script" not in left
    assert site.build().page("pages/three").count('id="third"') == 1


def test_a_redirect_to_nothing_and_one_from_what_is_there_are_named(site):
    site.page("pages/one", ONE.replace("(second)=\n", ""))
    move(site, '"pages/one#second": "two#nothing", "two#third": "two#two"')
    first, second = lost(site)
    assert "pages/one#second, which moved to two#nothing, is gone" in first
    assert "two#third has moved" in second
    assert "still there" in second


@pytest.mark.parametrize(
    ("moved", "says"),
    [
        ('"a": "b", "b": "a"', "a → b → a"),
        ('"a#x": "b"', "an anchor for an anchor"),
        ('"a": "b#x"', "a page for a page"),
    ],
)
def test_moves_that_lead_nowhere_are_refused(tmp_path, moved, says):
    (tmp_path / "addresses.yaml").write_text(RECORD.format(moved=moved), "utf-8")
    with pytest.raises(DataError, match=says):
        load_addresses(tmp_path / "addresses.yaml")


def test_moves_follow_one_another():
    record = Addresses({}, {"a": "b", "b": "c", "c#x": "d#y"})
    assert record.now("a") == "c"
    assert record.now("a#x") == "d#y"
    assert record.now("a#z") == "c#z"
    assert split(record.now("a#x")) == ("d", "y")


def test_the_command_adds_what_is_new_and_takes_nothing_out(site, tmp_path):
    site.page("two", TWO + "\n(fifth)=\n## Fifth\n")
    site.page("pages/one", ONE.replace("(second)=\n", ""))
    site.build()
    record = load_addresses(tmp_path / "addresses.yaml")
    assert unrecorded(record, built(tmp_path / "doctrees" / "en")) == ["two#fifth"]
    record.pages["two"].add("fifth")
    write_addresses(record, tmp_path / "addresses.yaml")
    again = load_addresses(tmp_path / "addresses.yaml")
    assert again == record
    assert "second" in again.pages["pages/one"]
