"""A damaged or stale cache gives the right site: what does not fit is made anew, never believed."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.faults.faultsite import FaultSite, differing


def middle(path):
    """Overwrite the middle of a file."""
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 64] = b"\xff" * 64
    path.write_bytes(content)


def first_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def runs(site):
    found = sorted(site.cache.rglob("base.ipynb"))
    assert found
    return found


def each(paths, damage):
    for path in paths:
        damage(path)


def other_number(path):
    """Change what a cell printed; the file stays a valid notebook."""
    text = path.read_text("utf-8")
    path.write_text(text.replace("11.5", "11.6").replace("12.5", "12.6"), "utf-8")


def other_record(site):
    """Give each run the key of another one."""
    with closing(sqlite3.connect(site.cache / "global.db")) as database:
        keys = [key for (key,) in database.execute("select hashkey from nbcache order by pk")]
        for key in keys:
            database.execute("update nbcache set hashkey = ? where hashkey = ?", (f"{key}-", key))
        for key, other in zip(keys, keys[1:] + keys[:1], strict=True):
            database.execute("update nbcache set hashkey = ? where hashkey = ?", (other, f"{key}-"))
        database.commit()


def no_json(site):
    with closing(sqlite3.connect(site.cache / "global.db")) as database:
        database.execute("update nbcache set data = '{'")
        database.commit()


RUNS: dict[str, Callable[[FaultSite], None]] = {
    "database cut": lambda site: first_half(site.cache / "global.db"),
    "database garbled": lambda site: middle(site.cache / "global.db"),
    "database empty": lambda site: empty(site.cache / "global.db"),
    "database gone": lambda site: remove(site.cache / "global.db"),
    "records swapped": other_record,
    "records unreadable": no_json,
    "runs cut": lambda site: each(runs(site), first_half),
    "runs garbled": lambda site: each(runs(site), middle),
    "runs gone": lambda site: each(runs(site), remove),
    "numbers changed": lambda site: each(runs(site), other_number),
}


@pytest.mark.parametrize("damage", RUNS.values(), ids=RUNS)
def test_a_damaged_run_is_made_anew(built, right, damage):
    built.forget()
    damage(built)
    status, said = built.build_cli()
    assert status == 0, said
    assert differing(built.site(), right["before"]) == []


STATE: dict[str, Callable[[FaultSite], None]] = {
    "environment cut": lambda site: first_half(site.doctrees / "environment.pickle"),
    "pages cut": lambda site: each(site.doctrees.glob("*.doctree"), first_half),
    "pages garbled": lambda site: each(site.doctrees.glob("*.doctree"), middle),
    "pages gone": lambda site: each(site.doctrees.glob("*.doctree"), remove),
    "figures garbled": lambda site: each((site.root / "jupyter_execute").glob("*.svg"), middle),
    "figures gone": lambda site: each((site.root / "jupyter_execute").glob("*.svg"), remove),
    "seal cut": lambda site: first_half(site.doctrees / "seal.json"),
    "seal of nothing": lambda site: (site.doctrees / "seal.json").write_text(json.dumps(None), "utf-8"),
}


@pytest.mark.parametrize("damage", STATE.values(), ids=STATE)
def test_damaged_pages_are_read_again(built, right, damage):
    damage(built)
    (built.root / "docs" / "ru" / "index.md").touch()  # one page is read, and all of them are linked to it
    status, said = built.build_cli()
    assert status == 0, said
    assert differing(built.site(), right["before"]) == []


def test_a_run_of_other_code_is_never_shown(built, right):
    for version in ("after", "before", "after"):
        built.use(version)
        status, said = built.build_cli()
        assert status == 0, said
        assert differing(built.site(), right[version]) == []


def test_a_warning_is_repeated_until_it_is_mended(built, right):
    page = built.root / "docs" / "ru" / "one.md"
    text = page.read_text("utf-8")
    page.write_text(f"{text}\n{{ref}}`nowhere`\n", "utf-8")
    for _ in range(2):
        status, said = built.build_cli()
        assert status == 1
        assert "nowhere" in said
    page.write_text(text, "utf-8")
    status, said = built.build_cli()
    assert status == 0, said
    assert differing(built.site(), right["before"]) == []
