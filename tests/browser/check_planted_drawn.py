"""Each fault of ``planted_drawn.py`` is noticed by the check that it names, and was not there before."""

import shutil
from contextlib import ExitStack

import pytest

from tests.audit.server import serving
from tests.browser import drawing, rules
from tests.browser.agreement import disagreements
from tests.browser.conftest import HTML
from tests.browser.planted_drawn import INLINE, PAGE, PLANTED, TEX
from tests.browser.tabs import BROWSERS, tab


@pytest.fixture(scope="module")
def tabs():
    with ExitStack() as stack:
        yield {browser: stack.enter_context(tab(browser)) for browser in BROWSERS}


@pytest.fixture
def folder(tmp_path):
    """One page of a site, with the files it needs and the policy it is served with."""
    for name in ("_static", "_play"):
        shutil.copytree(HTML / "en" / name, tmp_path / name)
    (tmp_path / PAGE).parent.mkdir()
    shutil.copy(HTML / "en" / PAGE, tmp_path / PAGE)
    shutil.copy(HTML / "_headers", tmp_path)
    return tmp_path


def draw(tabs, folder, known):
    with serving(folder) as address:
        wanted = (TEX, INLINE)
        return {
            name: drawing.draw(each, address, [PAGE], only=wanted, known=known[name]) for name, each in tabs.items()
        }


@pytest.fixture(scope="module")
def known():
    """What the browsers measured on the page without a fault."""
    return {browser: {} for browser in BROWSERS}


@pytest.fixture(scope="module")
def sound(tabs, known):
    """The page without a fault."""
    return draw(tabs, HTML / "en", known)


def noticed(drawn, check, browsers):
    """What a check says of some browsers."""
    if check == "disagreements":
        return set(disagreements(*(drawn[browser].formulas for browser in BROWSERS)))
    if check == "misplaced":
        return {fault for browser in browsers for fault in drawn[browser].misplaced()}
    rule = next(each for each in rules.RULES if each.__name__ == check)
    return {fault for browser in browsers for fault in drawn[browser].faults(rule)}


@pytest.mark.parametrize("after", ["nothing", "the sound page"])
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.fault)
def test_a_planted_fault_is_noticed(tabs, sound, known, folder, planted, after):
    """On the first site that is drawn, and on a later one, where formulas are looked for as they were measured."""
    planted.plant(folder)
    drawn = draw(tabs, folder, {name: dict(each) if after != "nothing" else {} for name, each in known.items()})
    for browser in planted.browsers:
        new = noticed(drawn, planted.noticed_by, [browser]) - noticed(sound, planted.noticed_by, [browser])
        assert new, f"{browser} draws it, and {planted.noticed_by} says nothing"
