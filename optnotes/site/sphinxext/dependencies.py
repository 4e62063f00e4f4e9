"""What a page's cells depend on, and one digest of it all."""

import ast
import hashlib
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from optnotes.site.text import DATA, ROOT, catalogue_path

PACKAGES = ("optnotes", "examples")
LOCK = "constraints.txt"
# What computes the numbers and draws them; a run with other versions than the locked ones has a key of its own.
LIBRARIES = ("matplotlib", "numpy", "scikit-learn", "scipy", "torch")


def module_file(name: str, root: Path) -> Path | None:
    """Source file of one of our own modules, or None for anything else."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = root.joinpath(*name.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


@cache
def imports(source: str) -> frozenset[str]:
    """Every module name a source may import, packages on the way included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return frozenset(found)


def dependencies(source: str, root: Path) -> set[Path]:
    """Return our own files that ``source`` reaches through imports, with the catalogue and the data of each example."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        for name in imports(waiting.pop()):
            path = module_file(name, root)
            if path is None or path in found:
                continue
            found.add(path)
            waiting.append(path.read_text(encoding="utf-8"))
            if name.startswith("examples."):
                found.update(filter(Path.is_file, (catalogue_path(path.stem), DATA / f"{path.stem}.yaml")))
    return found


@cache
def versions() -> str:
    """Python and the libraries that run the cells."""
    return " ".join([platform.python_version(), *(f"{name}=={version(name)}" for name in LIBRARIES)])


def digest(files: set[Path], root: Path) -> str:
    """Hash the files by name and content, with the locked versions and those that run."""
    hashed = hashlib.sha256(versions().encode())
    # A small site of the tests uses catalogues of this one; where the two lie must not matter.
    names = {os.path.relpath(path, root if path.is_relative_to(root) else ROOT): path for path in files | {root / LOCK}}
    for name, path in sorted(names.items()):
        hashed.update(name.encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


def digest_of(source: str, root: Path) -> tuple[str, set[Path]]:
    """Digest of all that a page's code depends on, and the files."""
    files = dependencies(source, root)
    return digest(files, root), files
