"""Pictures of those strips of a page in which formulas stand, and what differs between them."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from tests.browser.tabs import Tab

VISIBLE = 40  # of 255: what a reader cannot overlook
STRIP = 1500  # pixels of CSS: the height of the window, and of one picture
GAP = 300  # pixels of CSS between formulas for which a second picture costs more
MARGIN = 20

Box = tuple[float, float, float, float]
Window = tuple[int, slice, slice]  # of a strip: its number, its rows and columns of dots


def apart(boxes: Sequence[Box], margins: Sequence[float]) -> list[int]:
    """Give each box a number such that boxes of one number do not meet, even when each grows by its margin."""
    sides, by = np.array(boxes, dtype=float).reshape(-1, 4), np.array(margins, dtype=float)[:, None]
    low, high = sides[:, :2] - by, sides[:, :2] + sides[:, 2:] + by
    meets = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
    numbers: list[int] = []
    for i in range(len(sides)):
        taken = {numbers[j] for j in np.flatnonzero(meets[i, :i])}
        numbers.append(next(n for n in range(i + 1) if n not in taken))
    return numbers


def changed(one: Any, other: Any) -> Any:
    """Dots in which two pictures differ visibly."""
    far = np.maximum(one, other) - np.minimum(one, other) >= VISIBLE
    # Eight times as fast as `any` over three colours.
    return far[..., 0] | far[..., 1] | far[..., 2]


def grown(mask: Any, by: int) -> Any:
    """Dots that are at most so many rows and columns from a dot of a mask; the picture grows with it."""
    wide = np.pad(mask, 2 * by)
    rows, columns = mask.shape[0] + 2 * by, mask.shape[1] + 2 * by
    shifted = [wide[y : y + rows, x : x + columns] for y in range(2 * by + 1) for x in range(2 * by + 1)]
    return np.logical_or.reduce(shifted)


class Camera:
    """Aimed at the strips that hold some boxes of the page."""

    def __init__(self, tab: Tab, scale: float, boxes: Sequence[Box]):
        self.tab, self.scale, self.taken = tab, scale, 0
        width, height = tab.call("() => drawn.page()")
        left = max(0, int(min(x for x, *_ in boxes)) - MARGIN)
        right = min(width, int(max(x + w for x, _, w, _ in boxes)) + MARGIN)
        self.strips: list[tuple[int, int, int, int]] = []
        for top, bottom in sorted((max(0, int(y) - MARGIN), min(height, int(y + h) + MARGIN)) for _, y, _, h in boxes):
            _, start, _, length = self.strips[-1] if self.strips else (0, -STRIP, 0, 0)
            if top <= start + length + GAP and bottom - start <= STRIP:
                self.strips[-1] = (left, start, right - left, max(length, bottom - start))
            else:
                self.strips.append((left, top, right - left, bottom - top))

    def shoot(self) -> list[Any]:
        """Picture all strips."""
        self.taken += len(self.strips)
        return [self.tab.picture(strip) for strip in self.strips]

    def told_apart(self, whole: Sequence[Any], boxes: Sequence[Box]) -> list[Any]:
        """Dots of the strips in which the page differs now from pictures of them, as far as boxes reach in height."""
        masks = [np.zeros(each.shape[:2], dtype=bool) for each in whole]
        spans: dict[int, tuple[int, int]] = {}
        for n, rows, _ in filter(None, (self.window(box, MARGIN) for box in boxes)):
            low, high = spans.get(n, (rows.start, rows.stop))
            spans[n] = min(low, rows.start), max(high, rows.stop)
        for n, (low, high) in spans.items():
            left, top, width, height = self.strips[n]
            start, stop = int(low // self.scale), min(height, ceil(high / self.scale))
            rows = slice(round(start * self.scale), round(stop * self.scale))
            masks[n][rows] = changed(whole[n][rows], self.tab.picture((left, top + start, width, stop - start)))
        self.taken += len(spans)
        return masks

    def window(self, box: Box, margin: float, whole: Box | None = None) -> Window | None:
        """Which strip holds a box, and where; a margin is added on all sides.

        Strips may overlap: parts are looked for in that of their formula, the ``whole``.
        """
        _, up, _, tall = whole or box
        x, y, w, h = box
        for n, (left, top, _, height) in enumerate(self.strips):
            if top <= up + 1 and up + tall <= top + height + 1:
                rows, columns = (
                    slice(*(max(0, round((end - start) * self.scale)) for end in (low - margin, high + margin)))
                    for start, low, high in ((top, y, y + h), (left, x, x + w))
                )
                return n, rows, columns
        return None
