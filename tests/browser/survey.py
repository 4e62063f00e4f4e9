"""What is drawn of each formula: pictures of a page with one part after another hidden, told apart by numpy.

Parts are tokens, radicals and bars of fractions. Parts that lie apart are hidden at once, so a page needs a dozen
pictures, not one for each of its thousands of tokens. What was measured once is only looked at in other modes and
widths: with the formulas and without them, the ink of each part must differ where it was found.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.browser.camera import Box, Camera, Window, apart, changed, grown
from tests.browser.tabs import Tab

SCRIPT = (Path(__file__).parent / "drawn.js").read_text(encoding="utf-8")
REACH = 0.26  # of the formula's size: how far ink may stand out of the box of its part
KEPT = 0.4  # of the ink that was measured must be seen again
STEADY = 0.75  # pixels of CSS by which parts of the same drawing may move, since browsers round
FEW = 8  # dots of smoothed edges that may count as another's, where letters stand close

Dots = tuple[int, int, Any]


@dataclass
class Formula:
    """One drawing in one view: its outline, and the ink of its parts from the formula's corner."""

    page: str
    view: str
    told: dict[str, Any]
    dot: float  # size of a dot in pixels of CSS
    corner: tuple[float, float] = (0, 0)
    column: tuple[float, float] = (0, 0)  # left edge and width of where it stands
    places: dict[int, Box] = field(default_factory=dict)  # boxes of parts, from the corner
    shape: dict[int, Dots] = field(default_factory=dict)
    dots: dict[int, int] = field(default_factory=dict)
    overlaps: Counter[tuple[int, int]] = field(default_factory=Counter)
    fonts: dict[int, list[str]] = field(default_factory=dict)
    stray: int = 0
    clipped: int = 0

    @property
    def ink(self) -> dict[int, Box]:
        """Box of the ink of each part in pixels of CSS."""
        return {
            part: (x * self.dot, y * self.dot, crop.shape[1] * self.dot, crop.shape[0] * self.dot)
            for part, (x, y, crop) in self.shape.items()
        }

    def like(self, other: "Formula") -> bool:
        """Whether all parts stand as they do in another drawing."""
        pairs = ((self.places[part], other.places.get(part)) for part in self.places)
        return all(
            there and max(abs(a - b) for a, b in zip(here, there, strict=True)) < STEADY for here, there in pairs
        )


def halves(found: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Where parts begin and end that an edge of the view cuts."""
    low, high = found["view"]
    for left, _, width, _ in found["parts"]:
        right = left + width
        if left < low - 1 < right - 1 or left + 1 < high + 1 < right:
            yield left, right


@dataclass
class Count:
    """How much work a survey was."""

    formulas: int = 0
    tokens: int = 0
    pictures: int = 0


class Survey:
    """The formulas of one open page, gathered, in one view after another."""

    def __init__(self, tab: Tab, page: str, scale: float, count: Count, known: dict[str, Formula], asked: set[str]):
        self.tab, self.page, self.scale, self.count, self.known, self.asked = tab, page, scale, count, known, asked
        self.told: list[dict[str, Any]] = []
        self.formulas: list[Formula] = []

    def gather(self, numbers: Sequence[int]) -> None:
        """Leave only the formulas of these numbers on the page."""
        self.told = self.tab.call("(numbers) => drawn.take(numbers)", list(numbers))
        moved = self.tab.call("() => drawn.gather()")
        changed_ones = [(told["tex"], by) for told, by in zip(self.told, moved, strict=True) if by >= 1]
        assert not changed_ones, f"{self.page}: {changed_ones} change when what stands around them is left out"

    def look(self, view: str) -> list[Formula]:
        """Measure what is new, and look at what is known."""
        self.formulas = [Formula(self.page, view, told, 1 / self.scale) for told in self.told]
        self.count.formulas += len(self.told)
        step, steps = 0, 1
        while step < steps:
            steps = self.tab.call("(step) => drawn.scroll(step)", step)
            boxes = self.tab.call("() => drawn.boxes()")
            self._step(boxes, self._in_view(boxes))
            step += 1
        new = [not self._is_known(formula) for formula in self.formulas]
        told = [formula.told["shape"] for formula in self.formulas]
        self._ask_fonts([n for n, shape in enumerate(told) if new[n] or shape not in self.asked])
        for formula, is_new in zip(self.formulas, new, strict=True):
            self.asked.add(formula.told["shape"])
            if is_new:
                self.known.setdefault(formula.told["shape"], formula)
        return self.formulas

    def _in_view(self, boxes: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """Parts that stand in view, of formulas of which some part did not before."""
        parts = []
        for i, (formula, found) in enumerate(zip(self.formulas, boxes, strict=True)):
            if not formula.places:
                left, top = formula.corner = found["corner"]
                formula.column = found["column"]
                formula.places = {j: (x - left, y - top, w, h) for j, (x, y, w, h) in enumerate(found["parts"])}
            low, high = found["view"]
            in_view = [j for j, (x, _, w, _) in enumerate(found["parts"]) if low <= x + 1 and x + w <= high + 1]
            if set(in_view) - set(formula.dots):
                parts += [(i, j) for j in in_view]
                formula.dots.update(dict.fromkeys(in_view, 0))
        return parts

    def _is_known(self, formula: Formula) -> bool:
        known = self.known.get(formula.told["shape"])
        return known is not None and formula.like(known)

    def _step(self, boxes: list[dict[str, Any]], parts: list[tuple[int, int]]) -> None:
        """Picture what is in view, with and without the formulas; hide in turn the parts of the new ones."""
        if not parts:
            return
        self.count.tokens += len(parts)
        shown = sorted({i for i, _ in parts})
        camera = Camera(self.tab, self.scale, [boxes[i]["area"] for i in shown])
        whole = camera.shoot()
        ink = self._ink(camera, whole)
        known = {i for i in shown if self._is_known(self.formulas[i])}
        for i, j in parts:
            if i in known:
                self._recognise(camera, boxes[i], i, j, ink)
        fresh = [(i, j) for i, j in parts if i not in known]
        if fresh:
            self._measure(camera, boxes, fresh, whole, ink)
        self.count.pictures += camera.taken

    def _ink(self, camera: Camera, shown: list[Any] | None = None) -> list[Any]:
        """Where the page differs from the page without formulas."""
        shown = shown or camera.shoot()
        self.tab.call("() => drawn.blank(true)")
        ink = [changed(one, other) for one, other in zip(shown, camera.shoot(), strict=True)]
        self.tab.call("() => drawn.blank(false)")
        return ink

    def _recognise(self, camera: Camera, found: Any, i: int, j: int, ink: list[Any]) -> None:
        """Look for known ink where it should be."""
        formula, known, corner = self.formulas[i], self.known[self.formulas[i].told["shape"]], found["corner"]
        if j not in known.shape:
            return
        x, y, crop = known.shape[j]
        height, width = crop.shape
        box = (corner[0] + x * known.dot, corner[1] + y * known.dot, width * known.dot, height * known.dot)
        if window := camera.window(box, 2 / self.scale, found["area"]):
            strip, rows, columns = window
            seen = ink[strip][rows, columns]
            mask = grown(crop, 2)[: seen.shape[0], : seen.shape[1]]
            dots = int((seen[: mask.shape[0], : mask.shape[1]] & mask).sum())
            if dots >= KEPT * known.dots[j]:
                formula.dots[j], formula.shape[j] = dots, known.shape[j]

    def _measure(self, camera: Camera, boxes: Any, parts: list[tuple[int, int]], whole: Any, ink: Any) -> None:
        """Hide in turn all parts; write down their ink, and whose ink lies on whose."""
        could_be_cut = set(self.tab.call("() => drawn.unclip(true)")) & {i for i, _ in parts}
        free, more = self.tab.call("() => drawn.boxes()"), self._ink(camera) if could_be_cut else []
        self.tab.call("() => drawn.unclip(false)")
        for i in could_be_cut:
            self.formulas[i].clipped += self._cut(camera, i, boxes, free, ink, more)
        owners = [np.full(each.shape[:2], -1, dtype=np.int32) for each in whole]
        for batch in self._batches(parts, boxes):
            chosen = [parts[n] for n in batch]
            self.tab.call("(parts) => drawn.hide(parts)", chosen)
            masks = camera.told_apart(whole, [boxes[i]["area"] for i in {i for i, _ in chosen}])
            self.tab.call("(parts) => drawn.show(parts)", chosen)
            for n in batch:
                self._note(camera, n, parts, boxes, masks, owners)
            for i in {parts[n][0] for n in batch}:
                if window := camera.window(boxes[i]["area"], 4):
                    strip, rows, columns = window
                    rest = self._alone(camera, i, boxes, boxes, window, masks[strip][rows, columns])
                    self.formulas[i].stray += int(rest.sum())
        for i in {i for i, _ in parts}:
            self._rest(camera, boxes, i, parts, ink, owners)

    def _cut(self, camera: Camera, i: int, boxes: Any, free: Any, ink: list[Any], more: list[Any]) -> int:
        """Count the dots of a formula that only show where nothing can cut it."""
        margin = 0.5 * self.formulas[i].told["size"]
        aside, down = (free[i]["corner"][n] - boxes[i]["corner"][n] for n in (0, 1))
        left, top, *size = boxes[i]["area"]
        window = camera.window(boxes[i]["area"], margin)
        moved = camera.window((left + aside, top + down, *size), margin, boxes[i]["area"])
        if not window or not moved:
            return 0
        here, there = (
            picture[strip][rows, columns] for picture, (strip, rows, columns) in ((ink, window), (more, moved))
        )
        rows, columns = (slice(min(sides)) for sides in zip(here.shape, there.shape, strict=True))
        # Free formulas may move a little, smoothed edges with them, and Chromium's bars by two pixels of CSS.
        cut = there[rows, columns] & ~grown(here, 4)[4:-4, 4:-4][rows, columns]
        return int(self._alone(camera, i, boxes, free, moved, cut).sum())

    def _alone(self, camera: Camera, i: int, boxes: Any, now: Any, window: Window, mask: Any) -> Any:
        """Leave out the dots that stand in the boxes of other formulas; a few are looked over anyway."""
        if mask.sum() <= FEW:
            return mask
        _, rows, columns = window
        mask = mask.copy()
        for other, each in enumerate(now):
            found = camera.window(each["area"], 1, boxes[i]["area"])
            if other != i and found:
                sides = ((found[1], rows.start), (found[2], columns.start))
                its = [slice(max(0, side.start - start), max(0, side.stop - start)) for side, start in sides]
                mask[its[0], its[1]] = False
        return mask

    def _batches(self, parts: list[tuple[int, int]], boxes: list[dict[str, Any]]) -> list[list[int]]:
        """Sort parts into as few pictures as keep them apart, those of neighbouring formulas as well."""
        order = sorted(range(len(parts)), key=lambda n: parts[n][0])
        sides = [boxes[i]["parts"][j] for i, j in (parts[n] for n in order)]
        reach = [REACH * self.formulas[parts[n][0]].told["size"] for n in order]
        batches: dict[int, list[int]] = {}
        for n, number in zip(order, apart(sides, reach), strict=True):
            batches.setdefault(number, []).append(n)
        return list(batches.values())

    def _note(self, camera: Camera, n: int, parts: Any, boxes: Any, masks: list[Any], owners: list[Any]) -> None:
        """Write down the ink of one part, take it from the picture, and count where it lies upon another's."""
        i, j = parts[n]
        formula, corner = self.formulas[i], boxes[i]["corner"]
        window = camera.window(boxes[i]["parts"][j], REACH * formula.told["size"], boxes[i]["area"])
        if not window:
            return
        strip, rows, columns = window
        mask, owner = masks[strip][rows, columns].copy(), owners[strip][rows, columns]
        masks[strip][rows, columns] = False
        formula.dots[j] = int(mask.sum())
        if not formula.dots[j]:
            return
        for other, dots in Counter(owner[mask & (owner >= 0)].tolist()).items():
            formula.overlaps[min(parts[other][1], j), max(parts[other][1], j)] += dots * (parts[other][0] == i)
        owner[mask] = n
        ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        left, top, *_ = camera.strips[strip]
        x = round((left - corner[0]) * self.scale) + columns.start + int(xs[0])
        y = round((top - corner[1]) * self.scale) + rows.start + int(ys[0])
        formula.shape[j] = (x, y, mask[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1])

    def _rest(self, camera: Camera, boxes: Any, i: int, parts: Any, ink: list[Any], owners: list[Any]) -> None:
        """Ink that stays whatever single part is hidden: two parts lie there on each other."""
        if not (window := camera.window(boxes[i]["area"], 2)):
            return
        strip, rows, columns = window
        owner = owners[strip][rows, columns]
        rest = ink[strip][rows, columns] & (owner < 0)
        left = camera.strips[strip][0]
        for low, high in halves(boxes[i]):  # of signs that another step of the scroller shows whole
            edges = (max(0, round((edge - left) * self.scale) - columns.start) for edge in (low, high))
            rest[:, slice(*edges)] = False
        rest = self._alone(camera, i, boxes, boxes, window, rest)
        for y, x in np.argwhere(rest).tolist():
            near = np.unique(owner[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]).tolist()
            pair = sorted({parts[n][1] for n in near if n >= 0 and parts[n][0] == i})
            if len(pair) > 1:
                self.formulas[i].overlaps[pair[0], pair[1]] += 1
            else:
                self.formulas[i].stray += not pair

    def _ask_fonts(self, numbers: list[int]) -> None:
        """Ask the browser which fonts drew the tokens."""
        marked = self.tab.call("(numbers) => drawn.mark(numbers)", numbers)
        for (i, j), fonts in zip(marked, self.tab.fonts("[data-drawn]"), strict=True):
            self.formulas[i].fonts[j] = fonts
