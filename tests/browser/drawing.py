"""All formulas of a built site in one browser: every page, both modes, a wide and a narrow window."""

import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.browser import rules
from tests.browser.camera import STRIP
from tests.browser.survey import SCRIPT, Count, Formula, Survey
from tests.browser.tabs import Tab

WIDE, NARROW = 1280, 390  # pixels of CSS
PATIENCE = 60  # seconds for what loads when it is opened
SCALE = 2  # dots in a pixel of CSS, each way


@dataclass
class Drawn:
    """What one browser draws of one site."""

    count: Count = field(default_factory=Count)
    formulas: list[Formula] = field(default_factory=list)
    places: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    keys: set[tuple[str, ...]] = field(default_factory=set)
    widest: int = WIDE
    seconds: float = 0

    def faults(self, rule: rules.Rule) -> list[str]:
        """Every fault that a rule sees, once."""
        found: dict[tuple[str, str], str] = {}
        for each in self.formulas:
            for words in rule(each):
                found.setdefault(
                    (each.told["tex"], words), f"{each.page}, {each.view}: {short(each.told['tex'])}: {words}"
                )
        return list(found.values())

    def misplaced(self) -> list[str]:
        """Every formula that does not stand where it should."""
        return [
            f"{page}, {width}: {short(place['tex'])}: {words}"
            for page, width, place in self.places
            for words in rules.placed(place, width == self.widest)
        ]


def short(tex: str) -> str:
    """A formula as a line of a report."""
    tex = " ".join(tex.split())
    return tex if len(tex) < 80 else f"{tex[:77]}…"


def pages(folder: Path, pattern: str = "*") -> list[str]:
    """Pages below a folder that show formulas, the likeliest first place of each formula first."""
    found = (path for path in sorted(folder.rglob("*.*html")) if "<math" in path.read_text(encoding="utf-8"))
    names = [path.relative_to(folder).as_posix() for path in found]
    return sorted(
        (name for name in names if fnmatch(name, pattern)), key=lambda name: not name.startswith("questions/")
    )


def open_all(tab: Tab) -> None:
    """Open all that a reader can open, and wait for the formulas that are played there."""
    tab.call("() => drawn.open()")
    end = time.monotonic() + PATIENCE
    while not tab.call("() => drawn.opened()"):
        assert time.monotonic() < end, "formulas to play with did not open"
        time.sleep(0.05)


def draw(
    tab: Tab,
    address: str,
    names: list[str],
    modes: tuple[str, ...] = ("light", "dark"),
    widths: tuple[int, ...] = (WIDE, NARROW),
    only: tuple[str, ...] = ("",),
    known: dict[str, Formula] | None = None,
) -> Drawn:
    """Visit pages; what one page showed in equal surroundings is not measured on the next.

    ``known`` hands what was measured on from one site to another, whose fonts are asked for all the same.
    ``only`` leaves out formulas whose TeX holds none of some pieces.
    """
    drawn, start = Drawn(widest=max(widths)), time.monotonic()
    known = {} if known is None else known
    for page in names:
        tab.resize(widths[-1], STRIP, SCALE)
        tab.open(f"{address}/{page}")
        tab.call(SCRIPT)
        open_all(tab)
        found = []
        for width in reversed(widths):
            tab.resize(width, STRIP, SCALE)
            places = tab.call("() => drawn.start()")
            wanted = {number for number, each in enumerate(places) if any(piece in each["tex"] for piece in only)}
            drawn.places += [(page, width, places[number]) for number in sorted(wanted)]
            found.append(places)
        fresh = {}
        for number in sorted(wanted):
            key = tuple(places[number]["key"] for places in found)
            if found[-1][number]["shown"] and key not in drawn.keys:
                drawn.keys.add(key)
                fresh[key] = number
        if fresh:
            survey = Survey(tab, page, SCALE, drawn.count, known, drawn.asked)
            survey.gather(list(fresh.values()))
            for n, width in enumerate(widths):
                tab.resize(width, STRIP, SCALE)
                for mode in reversed(modes) if n % 2 else modes:
                    tab.call("(mode) => drawn.theme(mode)", mode)
                    drawn.formulas += survey.look(f"{width} {mode}")
    drawn.seconds = time.monotonic() - start
    return drawn
