"""One build at a time, and nothing of a build that did not end well is trusted by the next one.

Sphinx saves what it has read before it writes the pages: a build killed in between would never write them again,
and a build that ended with warnings would not repeat them. So a build that ends well puts a seal on its state,
the next one breaks it, and state without a fitting seal is read anew. Executed pages have their own cache.
"""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

logger = getLogger(__name__)

SEAL = "seal.json"
WAIT_SECONDS = 1800


@cache  # one object per process, and kept: a lock that is forgotten is let go
def lock_beside(path: Path) -> FileLock:
    """Lock of the builds that share a cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_suffix(".lock"))


def begin(app: Sphinx, config: Config) -> None:
    """Wait for another build of the same folders; forget a state that is not as it was left."""
    lock = lock_beside(Path(config.nb_execution_cache_path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("optnotes: waiting for another build that uses %s", lock.lock_file)
        try:
            lock.acquire(timeout=WAIT_SECONDS)
        except Timeout:
            raise ExtensionError(f"another build still holds {lock.lock_file}; wait for it or stop it") from None
    state = Path(app.doctreedir) / ENV_PICKLE_FILENAME
    if state.is_file() and not sealed(app):
        logger.info("optnotes: the last build did not end well, all pages are read again")
        state.unlink()


def contents(folder: Path, names: list[str]) -> dict[str, str]:
    """Digest of each file; paths are relative, so that a folder may be moved."""
    found = {}
    for name in names:
        with (folder / name).open("rb") as stream:
            found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def sealed(app: Sphinx) -> bool:
    """Whether the last build ended well, into the same folder, and its files are unchanged."""
    folder = Path(app.doctreedir)
    try:
        seal: dict[str, Any] = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        strict = app._fail_on_warnings and seal["warnings"]
        return not strict and seal["out"] == str(app.outdir) and seal["files"] == contents(folder, list(seal["files"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def open_seal(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """From here on the state changes."""
    (Path(app.doctreedir) / SEAL).unlink(missing_ok=True)


def end(app: Sphinx, exception: Exception | None) -> None:
    """Seal the state of a build that went through, and let others begin."""
    if exception is None:
        folder = Path(app.doctreedir)
        files = [ENV_PICKLE_FILENAME, *(path.relative_to(folder).as_posix() for path in folder.rglob("*.doctree"))]
        files += [os.path.relpath(Path(app.srcdir) / image, folder) for image in app.env.images]
        seal = {"out": str(app.outdir), "warnings": app._warncount, "files": contents(folder, sorted(files))}
        part = folder / f"{SEAL}.part"
        part.write_text(json.dumps(seal, indent=1), encoding="utf-8")
        part.replace(folder / SEAL)
    lock_beside(Path(app.config.nb_execution_cache_path)).release()
