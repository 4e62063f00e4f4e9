"""Compares two built sites as a reader would: texts and alternative texts must be equal, figures look alike."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

import numpy as np
import resvg_py
from lxml import html
from PIL import Image

# What is drawn may move by this many pixels of a screen, and a colour by this much of 255: its edges are smoothed.
MOST_PIXELS, SAME_COLOUR, FAR = 6, 96, 20
SPOKEN = ("alt", "title", "aria-label", "content")


@dataclass(frozen=True)
class Change:
    """One place that differs, with both texts."""

    page: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.page}\n  - {self.one}\n  + {self.other}"


def texts(page: bytes) -> list[str]:
    """Every text of a page, line by line, and what it says instead of pictures."""
    tree = html.fromstring(page)
    for element in tree.xpath("//script | //style"):
        element.drop_tree()
    spoken = [f"{name}: {value}" for name in SPOKEN for value in tree.xpath(f"//@{name}")]
    return [*filter(None, map(str.strip, tree.text_content().splitlines())), *spoken]


def explorer(content: bytes) -> list[str]:
    """Words of an explorer, frame by frame."""
    words = json.loads(content)
    return [str(words[key]) for key in sorted(words.keys() - {"paths", "frames"})]


def changed(one: list[str], other: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of texts that differ, each once."""
    pairs = {}
    for tag, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            width = max(j - i, m - k)
            left, right = ([*part, *[""] * (width - len(part))] for part in (one[i:j], other[k:m]))
            pairs |= dict.fromkeys(zip(left, right, strict=True))
    return iter(pairs)


def words_changed(one: Path, other: Path) -> list[Change]:
    """All texts that differ between two sites; a page that only one of them has differs as well."""
    found = []
    for reader, pattern in ((texts, "*.html"), (explorer, "_explorers/*.json")):
        names = {path.relative_to(root).as_posix() for root in (one, other) for path in root.rglob(pattern)}
        for name in sorted(names):
            left, right = ((root / name).read_bytes() if (root / name).is_file() else b"" for root in (one, other))
            if left and right and left != right:
                found += [Change(name, *pair) for pair in changed(reader(left), reader(right))]
            elif not (left and right):
                found.append(Change(name, f"{len(left)} bytes", f"{len(right)} bytes"))
    return found


def pixels(svg: bytes) -> np.ndarray:
    """A figure as a screen shows it."""
    picture = bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), dpi=96, skip_system_fonts=True))
    return np.asarray(Image.open(BytesIO(picture)).convert("RGB")).astype(np.int16)


def reach(one: np.ndarray, other: np.ndarray) -> int:
    """How far the most distant pixel of ``one`` has to look for one like it in ``other``, up to ``FAR``."""
    left = np.argwhere(np.abs(one - other).max(2) > SAME_COLOUR)
    padded = np.pad(other, ((FAR, FAR), (FAR, FAR), (0, 0)), mode="edge")
    steps = [(max(abs(dy), abs(dx)), dy, dx) for dy in range(-FAR, FAR + 1) for dx in range(-FAR, FAR + 1)]
    for distance, dy, dx in sorted(steps):
        if not len(left):
            return max(distance - 1, 0)
        near = padded[left[:, 0] + dy + FAR, left[:, 1] + dx + FAR]
        left = left[np.abs(one[left[:, 0], left[:, 1]] - near).max(1) > SAME_COLOUR]
    return FAR + 1 if len(left) else FAR


def moved(one: bytes, other: bytes) -> int:
    """By how many pixels the drawing of one figure is away from that of the other, at most."""
    left, right = pixels(one), pixels(other)
    return FAR + 1 if left.shape != right.shape else max(reach(left, right), reach(right, left))


def figures_moved(one: Path, other: Path) -> dict[str, int]:
    """Figures that differ, and by how many pixels."""
    names = sorted(path.relative_to(one).as_posix() for path in one.rglob("_images/*.svg"))
    pairs = {name: ((one / name).read_bytes(), (other / name).read_bytes()) for name in names}
    return {name: moved(left, right) for name, (left, right) in pairs.items() if left != right}
