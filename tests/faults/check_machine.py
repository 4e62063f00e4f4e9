"""A broken or unusual machine: the right site or an error that names its cause, never a wrong number."""

import os
import resource
import shutil
import subprocess

import pytest

from optnotes.site.words.text import ROOT
from tests.faults.faultsite import FaultSite, differing

FONT = ROOT / "docs" / "_static" / "fonts" / "STIXTwoText-Regular.ttf"


def assert_right_afterwards(site, right, version="before"):
    """Without the fault, the same folders give the right bytes."""
    status, said = site.build_cli()
    assert status == 0, said
    assert differing(site.site(), right[version]) == []


@pytest.mark.parametrize("kind", ["full", "read-only"])
@pytest.mark.parametrize("folder", ["html", "doctrees", "cache", "jupyter_execute"])
def test_a_folder_that_cannot_be_written_is_a_clear_error(built, right, kind, folder):
    built.use("after")
    status, said = built.build_cli(f"{kind}:{built.root / folder}")
    assert status != 0
    assert {"full": "No space left on device", "read-only": "Read-only file system"}[kind] in said
    assert str(built.root / folder) in said
    assert_right_afterwards(built, right, "after")


@pytest.mark.parametrize("size", [2_000, 20_000, 60_000, 200_000])
def test_a_disk_that_is_full_in_the_middle_of_a_file_is_a_clear_error(built, right, size):
    built.use("after")
    status, said = built.build_cli(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    if status == 0:
        assert differing(built.site(), right["after"]) == []
    else:
        assert any(cause in said for cause in ("File too large", "disk is full", "disk I/O error")), said
    assert_right_afterwards(built, right, "after")


def test_a_missing_font_is_a_clear_error(site, right):
    status, said = site.build_cli(f"missing:{FONT}")
    assert status != 0
    assert "figure.md: a cell failed" in said
    assert "STIXTwoText-Regular.ttf" in said
    assert_right_afterwards(site, right)


def test_no_network_is_needed(site, right):
    status, said = site.build_cli("network:")
    assert status == 0, said
    assert differing(site.site(), right["before"]) == []


LOCALES = [("C", None), ("ru_RU", "UTF-8"), ("ru_RU", "KOI8-R"), ("tr_TR", "UTF-8"), ("tr_TR", "ISO-8859-9")]


@pytest.mark.parametrize(("name", "charset"), LOCALES)
def test_no_locale_changes_a_byte(site, right, tmp_path, name, charset):
    """Python is kept from falling back to UTF-8; ``localedef`` stands in the package locales."""
    if charset is not None:
        made = tmp_path / f"{name}.{charset}"
        subprocess.run(["localedef", "--no-archive", "-i", name, "-f", charset, made], check=True)
        name = made.name
    environment = {"LC_ALL": name, "LOCPATH": str(tmp_path), "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    status, said = site.build_cli(env=environment)
    assert status == 0, said
    assert differing(site.site(), right["before"]) == []


@pytest.mark.parametrize("name", ["with spaces", "конспект «ёж»", "100 % & co."])
def test_any_path_gives_the_same_bytes(tmp_path, right, name):
    site = FaultSite(tmp_path / name)
    status, said = site.build_cli()
    assert status == 0, said
    assert differing(site.site(), right["before"]) == []


def test_two_builds_at_once_take_turns(site, right):
    builds = [site.start(), site.start()]
    said = [process.communicate(timeout=900)[0] for process in builds]
    assert [process.returncode for process in builds] == [0, 0], said
    assert sum("waiting for another build" in text for text in said) == 1
    assert differing(site.site(), right["before"]) == []


def test_settings_of_the_user_change_nothing(site, right, tmp_path):
    """No style of the user reaches a figure, and no start-up file a kernel."""
    home = tmp_path / "home"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit", "utf-8")
    style = home / ".config" / "matplotlib" / "matplotlibrc"
    style.parent.mkdir(parents=True)
    style.write_text("lines.dash_capstyle: round\naxes.labelpad: 30\n", "utf-8")
    status, said = site.build_cli(env={"HOME": str(home), "OMP_NUM_THREADS": str(os.cpu_count())})
    assert status == 0, said
    assert differing(site.site(), right["before"]) == []


def test_a_folder_that_moved_gives_the_same_bytes(built, right):
    moved = built.root.with_name("moved away")
    shutil.move(built.root, moved)
    site = FaultSite(moved)
    status, said = site.build_cli()
    assert status == 0, said
    assert differing(site.site(), right["before"]) == []
