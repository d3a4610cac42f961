"""What a source string means, suffixes, and addresses for display."""

from pathlib import Path

import pytest

from fer_live.core.formats import (
    IMAGE_SUFFIXES,
    VIDEO_SUFFIXES,
    SourceSpec,
    is_image,
    is_url,
    is_video,
    parse_source,
    public_address,
)


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", "camera"),
        ("Webcam", "camera"),
        ("x" * 5000, "camera"),
        ("-1", "camera"),
        ("a\0b", "camera"),
        ("/dev/video0", "camera"),
        ("/dev/video-old.mp4", "video"),
        ("demo", "demo"),
        ("demo?faces=2", "demo"),
        ("demos", "camera"),
        ("rtsp://x/1.mp4", "url"),
        ("clip.mp4", "video"),
        ("clip.unknown", "camera"),
        ("photo.AVIF", "image"),
        ("/dead/mount/clip.mkv", "video"),
        ("/dead/mount", "folder"),
        ("C:\\pictures", "folder"),
    ],
)
@pytest.mark.parametrize("may_wait", [True, False])
def test_the_text_decides_when_nothing_of_that_name_exists(source, kind, may_wait):
    assert parse_source(source, may_wait=may_wait).kind == kind


def test_a_device_file_is_the_camera_of_its_number():
    assert parse_source("/dev/video12").index == 12


@pytest.mark.parametrize("source", [3, "3", " 3 "])
def test_a_number_is_a_camera_even_if_a_file_has_that_name(source, tmp_path):
    (tmp_path / "3").touch()
    assert parse_source(source) == SourceSpec("camera", "3", index=3)


@pytest.mark.parametrize("may_wait", [True, False])
def test_an_existing_file_or_folder_comes_before_a_camera_of_that_name(tmp_path, may_wait):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "Webcam").touch()
    (tmp_path / "2026.old").mkdir()

    def parse(text):
        return parse_source(text, lambda: ["holiday", "Webcam"], may_wait=may_wait)

    assert parse("holiday") == SourceSpec("folder", "holiday", Path("holiday"))
    assert parse("Webcam").kind == "video"
    assert parse("2026.old").kind == "folder"


@pytest.mark.parametrize("may_wait", [True, False])
def test_a_camera_whose_name_looks_like_a_path(may_wait):
    for name in ("HD Webcam (USB 2.0/3.0)", "Cam v1.20", "a\\b"):
        spec = parse_source(name.upper(), lambda name=name: [name], may_wait=may_wait)
        assert spec == SourceSpec("camera", name.upper())


def test_without_waiting_no_path_with_a_folder_in_it_is_looked_up(monkeypatch):
    def stat(self, **options):
        raise AssertionError(f"{self} was looked up")

    monkeypatch.setattr(Path, "stat", stat)
    assert parse_source("/dead/mount/clip.mkv", may_wait=False).kind == "video"
    assert parse_source("~/photo.png", may_wait=False).path == Path.home() / "photo.png"


def test_cameras_are_listed_only_for_a_missing_path(tmp_path):
    def names():
        raise AssertionError("cameras were listed")

    (tmp_path / "clip.mp4").touch()
    for source in (0, "", "Webcam", "demo", "http://h/x", "clip.mp4"):
        parse_source(source, names)


def test_suffixes():
    assert is_image(Path("a.AVIF"))
    assert is_video(Path("a.MP4"))
    assert not is_image(Path("a.mp4"))
    assert not is_video(Path("mp4"))
    assert not IMAGE_SUFFIXES & VIDEO_SUFFIXES
    for suffix in IMAGE_SUFFIXES | VIDEO_SUFFIXES:
        assert suffix.startswith(".")
        assert suffix == suffix.lower()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/x", "http://h/x"),
        ("rtsp://u:p@h:554/a/b", "rtsp://h:554/a/b"),
        ("http://u@h/x?token=abc#f", "http://h/x?…"),
        ("rtsp://u:p@[::1]:99/x", "rtsp://[::1]:99/x"),
        ("rtsp://u:p@h:port/x", "rtsp://…"),
        ("http://user:secret@[bad", "http://…"),
    ],
)
def test_addresses_are_shown_without_secrets(url, shown):
    assert public_address(url) == shown


def test_what_is_an_address():
    assert is_url("RTSP://h")
    assert not is_url("http://")
    assert not is_url("gopher://h")
