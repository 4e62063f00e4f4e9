"""The comparison of two builds sees every difference."""

import pytest

from tests.reproduce.compare import differences, main


@pytest.fixture
def trees(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name / "html").mkdir(parents=True)
        (tmp_path / name / "html" / "a.html").write_text("<p>1</p>\n<p>2</p>\n", "utf-8")
        (tmp_path / name / "html" / "b.bin").write_bytes(b"\xff\x00\x01")
    return tmp_path / "one", tmp_path / "other"


def test_equal_trees_are_equal_whatever_the_build_keeps_for_itself(trees):
    (trees[0] / "cache").mkdir()
    (trees[0] / "cache" / "global.db").write_text("x", "utf-8")
    assert differences(*trees) == (2, [])
    assert main(*trees) == 0


def test_a_changed_line_is_shown(trees, capsys):
    (trees[1] / "html" / "a.html").write_text("<p>1</p>\n<p>3</p>\n", "utf-8")
    assert main(*trees) == 1
    said = capsys.readouterr().out
    assert "differs: html/a.html" in said
    assert "-<p>2</p>\n+<p>3</p>" in said


def test_a_changed_byte_is_placed(trees):
    (trees[1] / "html" / "b.bin").write_bytes(b"\xff\x00\x02")
    assert differences(*trees)[1][-1] == "html/b.bin: 3 and 3 bytes, the first difference at byte 2"


def test_a_missing_file_is_named_on_either_side(trees):
    (trees[1] / "html" / "a.html").unlink()
    (trees[0] / "html" / "b.bin").unlink()
    assert differences(*trees)[1] == ["only in one: html/a.html", "only in other: html/b.bin"]


def test_nothing_proves_nothing(tmp_path):
    assert main(tmp_path, tmp_path) == 1
