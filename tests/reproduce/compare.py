"""Compares two output trees byte by byte: ``python tests/reproduce/compare.py ONE OTHER``."""

import difflib
import sys
from pathlib import Path

# What a build keeps for itself; nobody publishes it.
PRIVATE = ("cache", "cache.lock", "doctrees", "settings")
LINES, WIDTH = 20, 160


def tree(root: Path) -> dict[str, Path]:
    """Published files by name."""
    return {
        name: path
        for path in root.rglob("*")
        if path.is_file() and (name := path.relative_to(root).as_posix()).partition("/")[0] not in PRIVATE
    }


def excerpt(name: str, one: bytes, other: bytes) -> list[str]:
    """Return the first differing lines of a text, or the first differing byte of anything else."""
    try:
        texts = [content.decode().splitlines() for content in (one, other)]
    except UnicodeDecodeError:
        place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        return [f"{name}: {len(one)} and {len(other)} bytes, the first difference at byte {place}"]
    lines = difflib.unified_diff(*texts, f"one/{name}", f"other/{name}", lineterm="", n=1)
    return [line[:WIDTH] for line, _ in zip(lines, range(LINES), strict=False)]


def differences(one: Path, other: Path) -> tuple[int, list[str]]:
    """Count the files of both trees; list those in which they differ, with an excerpt of the first."""
    left, right = tree(one), tree(other)
    said = [f"only in one: {name}" for name in sorted(left.keys() - right.keys())]
    said += [f"only in other: {name}" for name in sorted(right.keys() - left.keys())]
    differing = [
        name for name in sorted(left.keys() & right.keys()) if left[name].read_bytes() != right[name].read_bytes()
    ]
    said += [f"differs: {name}" for name in differing]
    if differing:
        first = differing[0]
        said += excerpt(first, left[first].read_bytes(), right[first].read_bytes())
    return len(left.keys() | right.keys()), said


def main(one: Path, other: Path) -> int:
    """Print the verdict; an empty tree proves nothing."""
    files, said = differences(one, other)
    print(*said, f"{files} files compared", sep="\n")
    return int(bool(said) or not files)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
