"""Files written whole or not at all, and names that overwrite nothing."""

import os
import stat
import sys

import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.files import (
    atomic_write,
    check_writable,
    reserve_free_names,
    reserve_names,
    shortened,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new folder" / "a.json"
    for text in ("first", "second"):
        with atomic_write(path) as part:
            assert part.parent == path.parent
            assert not path.exists() or path.read_text() == "first"
            part.write_text(text)
        assert path.read_text() == text
    assert names(path.parent) == ["a.json"]


def test_an_error_in_the_block_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")

    def write_half():
        with atomic_write(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert (names(tmp_path), path.read_text()) == (["a.json"], "old")


def test_the_content_is_on_the_disk_before_the_file_has_its_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "a.json", []

    def fsync(_):
        synced.append(path.exists())

    monkeypatch.setattr(os, "fsync", fsync)
    with atomic_write(path) as part:
        part.write_text("new")
    assert synced == [False]


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("no folder")
    for path in (tmp_path / "file" / "a.json", tmp_path):
        with pytest.raises(OSError, match=r".+"), atomic_write(path) as part:
            part.write_text("new")
        with pytest.raises(OSError, match=r".+"):
            check_writable(path)
    assert names(tmp_path) == ["file"]


def test_a_place_is_checked_without_leaving_anything(tmp_path):
    (tmp_path / "a.json").write_text("old")
    check_writable(tmp_path / "a.json")
    check_writable(tmp_path / "b.json")
    assert (names(tmp_path), (tmp_path / "a.json").read_text()) == (["a.json"], "old")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_readable_by_its_owner_alone(tmp_path, private, mode):
    before = os.umask(0o022)
    try:
        with atomic_write(tmp_path / "a.json", private=private) as part:
            part.write_text("secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == mode


def test_all_files_of_a_name_or_none(tmp_path):
    (tmp_path / "x-clean.mp4").write_bytes(b"mine")
    paths = reserve_free_names(tmp_path, "x", (".mp4", "-clean.mp4"))
    assert [path.name for path in paths] == ["x-2.mp4", "x-2-clean.mp4"]
    with pytest.raises(RecordingError, match=r"x-clean\.mp4 exists already"):
        reserve_names(tmp_path / "x.mp4", tmp_path / "x-clean.mp4")
    assert not (tmp_path / "x.mp4").exists()
    assert (tmp_path / "x-clean.mp4").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["x" * 255, "\u00e9" * 127 + "x", "y" * 240 + ".json"])
def test_a_name_as_long_as_they_can_be_is_written(tmp_path, name):
    with atomic_write(tmp_path / name) as part:
        part.write_text("whole", "utf-8")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_shortened_names_leave_room_and_stay_apart():
    names = [shortened("\u00e9" * 120 + end, 40) for end in "ab"]
    assert len(set(names)) == 2
    assert all(len(os.fsencode(name)) <= 255 - 40 for name in names)
    assert shortened("short", 40) == "short"
