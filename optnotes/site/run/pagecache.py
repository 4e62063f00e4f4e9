"""Executed pages between builds: kept as soon as they are done, checked before use, discarded where damaged."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbCacheRecord
from nbformat import NotebookNode
from sphinx.util.logging import getLogger

logger = getLogger(__name__)

# jupyter-cache deletes its oldest runs beyond a limit, by default 1000, even those that this build needs.
LIMIT, VERSIONS = 1000, 4


def unreadable(database: Path) -> bool:
    """Whether a database is no longer one that jupyter-cache can use."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("select 1 from nbcache, nbproject, settings")
            if connection.execute("select 1 from nbcache where not json_valid(data)").fetchone():
                return True
            return connection.execute("pragma quick_check").fetchone() != ("ok",)
    except sqlite3.DatabaseError:
        return True


class PageCache:
    """jupyter-cache, with a digest of every run beside it."""

    def __init__(self, path: Path, pages: int) -> None:
        if unreadable(path / "global.db"):
            logger.info("optnotes: the cache of executed pages is damaged and will be made anew")
            shutil.rmtree(path)
        self._cache = get_cache(path)
        self._cache.change_cache_limit(max(LIMIT, VERSIONS * pages))  # creates the database before any reader opens it
        lost = [record.pk for record in self._cache.list_cache_records() if not self._file(record.hashkey).is_file()]
        NbCacheRecord.remove_records(lost, self._cache.db)

    def _file(self, key: str) -> Path:
        return Path(self._cache.path) / "executed" / key / "base.ipynb"

    def holds(self, notebook: NotebookNode) -> bool:
        """Whether a run of these cells is there, and still is what was kept."""
        try:
            record = self._cache.match_cache_notebook(notebook)
        except KeyError:
            return False
        try:
            found = digest(record.hashkey, self._file(record.hashkey).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = ""
        intact = isinstance(record.data, dict) and record.data.get("sha256") == found
        if not intact:
            logger.info("optnotes: the cached run %s is damaged; its page is executed again", record.hashkey)
        return intact

    def keep(self, notebook: NotebookNode, page: str, seconds: float) -> None:
        """Store a run."""
        hashed, key = self._cache.create_hashed_notebook(notebook)
        text: str = nbformat.writes(hashed, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
        data = {"execution_seconds": seconds, "sha256": digest(key, text)}
        shutil.rmtree(self._file(key).parent, ignore_errors=True)  # a killed build leaves it without its file
        self._cache.cache_notebook_bundle(
            CacheBundleIn(notebook, page, data=data), check_validity=False, overwrite=True
        )


def digest(key: str, text: str) -> str:
    """Digest of a run under its key."""
    return hashlib.sha256(f"{key}\n{text}".encode()).hexdigest()
