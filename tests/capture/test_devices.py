import logging
import sys
from types import SimpleNamespace

import cv2
import pytest

from fer_live.capture.devices import (
    CameraDevice,
    backend_id,
    camera_backends,
    find_camera,
    list_cameras,
    own_index,
)
from fer_live.core.errors import ConfigError, SourceNotFoundError

CAMERAS = (
    CameraDevice(0, "Integrated Camera", "V4L2", "/dev/video0"),
    CameraDevice(2, "Logitech BRIO", "V4L2", "/dev/video2"),
    CameraDevice(4, "Logitech C920", "V4L2", "/dev/video4"),
)


def camera(index, name, path=None):
    return SimpleNamespace(index=index, name=name, path=path)


def test_no_camera_is_normal():
    assert list_cameras(enumerator=lambda api: []) == ()


def test_each_index_is_listed_once_and_says_its_back_end():
    seen = {
        cv2.CAP_MSMF: [camera(1, "Outer", "b"), camera(0, "Inner", "a")],
        cv2.CAP_DSHOW: [camera(0, "Outer"), camera(1, "Virtual"), camera(2, " ")],
    }
    assert list_cameras(("MSMF", "DSHOW", "ANY"), seen.__getitem__) == (
        CameraDevice(0, "Inner", "MSMF", "a"),
        CameraDevice(1, "Outer", "MSMF", "b"),
        CameraDevice(701, "Virtual", "DSHOW"),
        CameraDevice(702, "Camera 2", "DSHOW"),
    )


def test_a_back_end_asked_alone_gives_its_own_numbers():
    listed = list_cameras(("DSHOW",), lambda api: [camera(1, "Virtual")])
    assert listed == (CameraDevice(1, "Virtual", "DSHOW"),)


@pytest.mark.parametrize(
    ("index", "backends", "own"),
    [
        (1, ("MSMF", "DSHOW"), ("", 1)),
        (701, ("MSMF", "DSHOW"), ("DSHOW", 1)),
        (800, ("MSMF", "DSHOW"), ("", 800)),
        (201, ("V4L2", "ANY"), ("", 201)),
    ],
)
def test_what_an_index_stands_for(index, backends, own):
    assert own_index(index, backends) == own


def test_two_cameras_of_the_same_model_are_both_listed():
    twins = [camera(0, "C920", "a"), camera(2, "C920", "b")]
    assert [c.index for c in list_cameras(("V4L2",), lambda api: twins)] == [0, 2]


def test_a_faulty_back_end_does_not_hide_the_others(caplog):
    def enumerate_cameras(api):
        if api == cv2.CAP_MSMF:
            raise NotImplementedError("not on this system")
        return [camera(0, "Inner")]

    with caplog.at_level(logging.WARNING):
        listed = list_cameras(("MSMF", "DSHOW"), enumerate_cameras)
    assert [c.backend for c in listed] == ["DSHOW"]
    assert "not on this system" in caplog.text


def test_without_the_library_the_list_is_empty_and_the_log_says_why(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    with caplog.at_level(logging.WARNING):
        assert list_cameras() == ()
    assert "cv2-enumerate-cameras is missing" in caplog.text


def test_the_real_library_answers():
    assert isinstance(list_cameras(), tuple)


@pytest.mark.parametrize(
    ("text", "index"),
    [("0", 0), (" 2 ", 2), ("logitech brio", 2), ("C920", 4), ("integrated", 0)],
)
def test_finds_by_index_and_by_name(text, index):
    assert find_camera(text, CAMERAS).index == index


def test_a_whole_name_beats_a_part():
    cameras = (*CAMERAS, CameraDevice(6, "Logitech", "V4L2"))
    assert find_camera("logitech", cameras).index == 6


@pytest.mark.parametrize("text", ["7", "Sony", ""])
def test_what_there_is_is_named(text):
    with pytest.raises(SourceNotFoundError, match=r"0 \(Integrated Camera\), 2 \(Logitech BRIO\)"):
        find_camera(text, CAMERAS)


def test_a_name_that_fits_several_asks_for_the_index():
    with pytest.raises(SourceNotFoundError, match=r"index: 2 \(Logitech BRIO\), 4 \(") as caught:
        find_camera("Logitech", CAMERAS)
    assert "Integrated" not in str(caught.value)


def test_no_camera_at_all():
    with pytest.raises(SourceNotFoundError, match=r"No camera was found\. Plug one in, or use"):
        find_camera("0", ())


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin", "freebsd14"])
def test_every_back_end_named_is_opencvs(platform):
    for name in camera_backends(platform):
        assert backend_id(name) >= 0


def test_an_unknown_back_end():
    with pytest.raises(ConfigError, match="NOSUCH"):
        backend_id("NOSUCH")
