"""What a page's cells depend on, and one digest of it all."""

import ast
import hashlib
import os
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from optnotes.site.words.languages import FILE as LANGUAGES_FILE
from optnotes.site.words.text import DATA, ROOT, catalogue_path

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
def imports(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Every name a source may import, and the packages that it only passes on the way."""
    taken: set[str] = set()
    passed: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                taken.update(prefixes(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            passed.update(prefixes(node.module))
            taken.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(taken), frozenset(passed - taken)


def prefixes(name: str) -> Iterator[str]:
    """Yield ``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``."""
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


@cache
def origins(source: str) -> dict[str, str]:
    """Return the module behind each name of a face, which does nothing but offer names; of another module, nothing."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: node.module for alias in node.names}
        elif not ast.unparse(node).startswith(("'", '"', "__all__ = ", "def __dir__(")):
            return {}
    return found


def dependencies(source: str, root: Path) -> set[Path]:
    """Return our own files that ``source`` reaches through imports, with the catalogue and the data of each example."""
    found: set[Path] = set()
    followed: set[Path] = set()
    waiting = [source]
    while waiting:
        taken, passed = imports(waiting.pop())
        for name in taken | passed:
            path = module_file(name, root) or behind_face(name, root)
            if path is None:
                continue
            found.add(path)
            text = path.read_text(encoding="utf-8")
            # From a family come the names that are taken, not all its formulas.
            if path in followed or (name in passed and origins(text)):
                continue
            followed.add(path)
            waiting.append(text)
            if name.startswith("examples."):
                found.update(filter(Path.is_file, (catalogue_path(path.stem), DATA / f"{path.stem}.yaml")))
    return found


def behind_face(name: str, root: Path) -> Path | None:
    """Source file of a function that a package offers, or None."""
    package, _, function = name.rpartition(".")
    face = module_file(package, root) if package else None
    if face is None:
        return None
    return module_file(origins(face.read_text(encoding="utf-8")).get(function, ""), root)


@cache
def versions() -> str:
    """Python and the libraries that run the cells."""
    return " ".join([platform.python_version(), *(f"{name}=={version(name)}" for name in LIBRARIES)])


def digest(files: set[Path], root: Path) -> str:
    """Hash the files by name and content, with the locked versions and those that run."""
    hashed = hashlib.sha256(versions().encode())
    # A small site of the tests uses catalogues of this one; where the two lie must not matter.
    read = files | {root / LOCK, LANGUAGES_FILE}
    names = {os.path.relpath(path, root if path.is_relative_to(root) else ROOT): path for path in read}
    for name, path in sorted(names.items()):
        hashed.update(name.encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


def digest_of(source: str, root: Path) -> tuple[str, set[Path]]:
    """Digest of all that a page's code depends on, and the files."""
    files = dependencies(source, root)
    return digest(files, root), files
