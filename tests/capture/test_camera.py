import contextlib
import errno
import logging
import os
import sys
import threading

import cv2
import numpy as np
import pytest

from fer_live.capture import camera as camera_module
from fer_live.capture import threaded_source
from fer_live.capture.camera import (
    FAILED_READS_MAX,
    CameraSettings,
    CameraSource,
)
from fer_live.capture.camera_access import CameraAccess, probe_device_file
from fer_live.capture.capture_thread import CaptureThread
from fer_live.capture.devices import CameraDevice, backend_id, camera_backends
from fer_live.core.errors import (
    ConfigError,
    SourceBusyError,
    SourceError,
    SourceLostError,
    SourceNotFoundError,
)
from tests.capture.fake import MJPG, YUYV, FakeCapture, FakeMachine

SMALL = CameraSettings(64, 48, 30)


def make(*captures, access=CameraAccess.PRESENT, cameras=(), index=0, name=None, **options):
    machine = FakeMachine(*captures)
    options.setdefault("settings", SMALL)
    source = CameraSource(
        index,
        name,
        factory=machine,
        probe=lambda index: access,
        lister=lambda backends: tuple(
            c for c in cameras if backends is None or c.backend in backends
        ),
        **options,
    )
    return source, machine


def test_asks_for_mjpg_then_size_then_rate_with_a_buffer_of_one():
    capture = FakeCapture()
    source, machine = make(capture)
    source.open()
    source.close()
    assert capture.log == [
        (cv2.CAP_PROP_FOURCC, MJPG),
        (cv2.CAP_PROP_FRAME_WIDTH, 64.0),
        (cv2.CAP_PROP_FRAME_HEIGHT, 48.0),
        (cv2.CAP_PROP_FPS, 30.0),
        (cv2.CAP_PROP_BUFFERSIZE, 1.0),
    ]
    assert machine.asked == [(0, backend_id(camera_backends()[0]))]
    assert capture.released.is_set()


def test_all_granted_leaves_nothing_to_say():
    source, _ = make(FakeCapture())
    info = source.open()
    source.close()
    assert (info.kind, info.width, info.height, info.fps) == ("camera", 64, 48, 30)
    assert "not granted" not in info.details
    assert "MJPG" in info.details


def test_reads_back_what_was_granted_and_says_what_was_not():
    grants = {cv2.CAP_PROP_FOURCC: YUYV, cv2.CAP_PROP_FRAME_WIDTH: 32, cv2.CAP_PROP_FPS: 10}
    source, _ = make(FakeCapture(grants=grants))
    info = source.open()
    source.close()
    assert (info.width, info.height, info.fps) == (32, 48, 10)
    assert info.details.endswith("not granted: MJPG, 64x48, 30 fps")


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_the_driver_does_not_know_is_zero(value):
    grants = {cv2.CAP_PROP_FPS: value, cv2.CAP_PROP_FOURCC: value}
    source, _ = make(FakeCapture(grants=grants))
    assert source.open().fps == 0
    source.close()


def test_falls_back_to_the_next_back_end(monkeypatch):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("V4L2", "ANY"))
    unopened = FakeCapture(opens=False)
    source, machine = make(unopened, FakeCapture())
    assert source.open().details.startswith("ANY")
    source.close()
    assert [api for _, api in machine.asked] == [cv2.CAP_V4L2, cv2.CAP_ANY]
    assert unopened.released.is_set()


def test_falls_back_when_a_back_end_raises(monkeypatch):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("V4L2", "ANY"))
    given = iter([cv2.error("no"), FakeCapture()])

    def factory(index, api, parameters):
        capture = next(given)
        if isinstance(capture, Exception):
            raise capture
        return capture

    source, _ = make()
    source._factory = factory
    assert source.open().details.startswith("ANY")
    source.close()


def test_another_back_end_gets_its_own_index_of_the_same_camera(monkeypatch):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("MSMF", "DSHOW"))
    cameras = [
        CameraDevice(0, "Inner", "MSMF"),
        CameraDevice(1, "Outer", "MSMF"),
        CameraDevice(0, "Outer", "DSHOW"),
        CameraDevice(1, "Inner", "DSHOW"),
    ]
    machine = FakeMachine(FakeCapture(opens=False), FakeCapture())
    source = CameraSource(
        1,
        "Outer",
        SMALL,
        factory=machine,
        probe=lambda index: CameraAccess.PRESENT,
        lister=lambda backends: tuple(c for c in cameras if c.backend in (backends or ("MSMF",))),
    )
    assert source.open().name == "Outer"
    source.close()
    assert machine.asked == [(1, cv2.CAP_MSMF), (0, cv2.CAP_DSHOW)]


def test_the_chosen_back_end_is_tried_first(monkeypatch):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("MSMF", "DSHOW"))
    source, machine = make(settings=CameraSettings(64, 48, 30, "DSHOW"))
    source.open()
    source.close()
    assert machine.asked == [(0, cv2.CAP_DSHOW)]


def test_a_named_camera_is_found_again_at_another_index():
    cameras = [CameraDevice(0, "Desk", "V4L2")]
    source, machine = make(cameras=cameras, name="Desk")
    source.open()
    source.close()
    cameras[0] = CameraDevice(3, "Desk", "V4L2")
    source.open()
    source.close()
    assert [index for index, _ in machine.asked] == [0, 3]


DESK, INNER = CameraDevice(0, "Desk", "V4L2"), CameraDevice(0, "Inner", "V4L2")


def test_a_camera_that_took_the_index_of_the_named_one_is_not_opened():
    source, machine = make(cameras=[INNER], name="Desk")
    with pytest.raises(SourceNotFoundError, match=r"Desk.*was not found.*0 \(Inner\)"):
        source.open()
    source.close()
    assert machine.asked == []


def test_a_camera_chosen_by_index_is_the_same_one_when_it_returns():
    cameras = [DESK]
    source, machine = make(cameras=cameras)
    source.open()
    source.close()
    cameras[0] = INNER
    with pytest.raises(SourceNotFoundError, match="Desk"):
        source.open()
    source.close()
    cameras.append(CameraDevice(1, "Desk", "V4L2"))
    assert source.open().name == "Desk"
    source.close()
    assert [index for index, _ in machine.asked] == [0, 1]


def test_a_camera_that_did_not_open_is_not_remembered():
    cameras = [DESK]
    source, machine = make(*[FakeCapture(opens=False)] * 2, cameras=cameras)
    with pytest.raises(SourceError):
        source.open()
    source.close()
    cameras[0] = INNER
    assert source.open().name == "Inner"
    source.close()
    assert len(machine.asked) == 3


def test_of_two_cameras_with_one_name_the_index_decides_while_both_are_there():
    cameras = [CameraDevice(0, "C920", "V4L2"), CameraDevice(2, "C920", "V4L2")]
    source, machine = make(cameras=cameras, index=2, name="C920")
    source.open()
    source.close()
    del cameras[1]
    source.open()
    source.close()
    assert [index for index, _ in machine.asked] == [2, 0]


def test_a_named_camera_is_opened_by_index_where_none_can_be_listed():
    source, machine = make(name="Desk", index=1)
    assert source.open().name == "Desk"
    source.close()
    assert [index for index, _ in machine.asked] == [1]


@pytest.mark.parametrize("listed", [True, False])
def test_a_number_of_another_back_end_opens_with_that_one(monkeypatch, listed):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("MSMF", "DSHOW"))
    cameras = [CameraDevice(0, "Inner", "MSMF"), CameraDevice(701, "Virtual", "DSHOW")]
    source, machine = make(cameras=cameras if listed else (), index=701)
    assert source.open().name == ("Virtual" if listed else "Camera 701")
    source.close()
    assert machine.asked == [(1, cv2.CAP_DSHOW)]


def test_a_high_number_of_the_best_back_end_is_its_own():
    device = CameraDevice(250, "Loopback", "V4L2")
    source, machine = make(cameras=[device], index=250, settings=CameraSettings(64, 48, 30, "V4L2"))
    source.open()
    source.close()
    assert machine.asked == [(250, cv2.CAP_V4L2)]


def test_a_new_source_waits_for_what_still_hangs_from_the_last_one():
    hang = threading.Event()
    stalled = FakeCapture(reads=[True, hang])
    old, _ = make(stalled, index=5, stall_s=0.05)
    old.open()
    old.close()
    new, machine = make(index=5, open_timeout_s=0.1)
    with pytest.raises(SourceBusyError, match="still hangs"):
        new.open()
    new.close()
    assert machine.asked == []
    hang.set()
    assert stalled.released.wait(2.0)
    new.open()
    assert new.read() is not None
    new.close()


def test_only_the_first_close_waits_for_a_read_that_hangs(monkeypatch):
    monkeypatch.setattr(threaded_source, "CLOSE_S", 0.05)
    waits = []
    join = CaptureThread.join
    monkeypatch.setattr(CaptureThread, "join", lambda self, s: waits.append(s) or join(self, s))
    hang = threading.Event()
    source, _ = make(FakeCapture(reads=[True, hang]))
    source.open()
    for _ in range(3):
        source.close()
    hang.set()
    assert waits == [0.05, 0.0, 0.0]


def test_an_unnamed_camera_gets_its_listed_name():
    source, _ = make(cameras=[CameraDevice(0, "Desk", "V4L2")])
    assert source.open().name == "Desk"
    source.close()


@pytest.mark.parametrize(
    ("access", "kind", "words"),
    [
        (CameraAccess.ABSENT, SourceNotFoundError, "not found"),
        (CameraAccess.DENIED, SourceError, "permission"),
        (CameraAccess.BUSY, SourceBusyError, "held by another program"),
        (CameraAccess.PRESENT, SourceBusyError, "cannot be started"),
        (CameraAccess.UNKNOWN, SourceNotFoundError, "not found"),
    ],
)
def test_each_refusal_has_its_own_message_and_hint(access, kind, words):
    captures = [FakeCapture(opens=False) for _ in range(3)]
    source, machine = make(*captures, access=access)
    with pytest.raises(kind, match=words) as caught:
        source.open()
    source.close()
    assert type(caught.value) is kind
    assert caught.value.hint
    assert all(c.released.is_set() for c in machine.given)


def test_what_there_is_is_named_when_a_camera_is_not_found():
    source, _ = make(access=CameraAccess.ABSENT, cameras=[CameraDevice(2, "Desk", "V4L2")], index=7)
    with pytest.raises(SourceNotFoundError, match=r"2 \(Desk\)"):
        source.open()
    source.close()


def test_a_camera_that_opens_but_gives_nothing_is_busy():
    captures = [FakeCapture(then=False) for _ in range(3)]
    source, machine = make(*captures, first_image_s=0.05)
    with pytest.raises(SourceBusyError, match="gives no picture") as caught:
        source.open()
    source.close()
    assert "Close the other program" in caught.value.hint
    assert all(c.released.is_set() for c in machine.given)


def test_slow_first_pictures_are_waited_for():
    source, _ = make(FakeCapture(reads=[False, cv2.error("still waking"), True]))
    source.open()
    assert source.read() is not None
    source.close()


def test_an_opening_that_hangs_is_given_up():
    hang = threading.Event()
    source, machine = make(FakeCapture(reads=[hang]), open_timeout_s=0.1, first_image_s=0.05)
    try:
        with pytest.raises(SourceBusyError, match="did not start"):
            source.open()
    finally:
        hang.set()
    source.close()
    assert machine.given[0].released.wait(2.0)


def test_a_few_failed_reads_are_passed_over():
    fails = [False] * (FAILED_READS_MAX - 1)
    source, _ = make(FakeCapture(reads=[True, *fails, True, *fails, True]))
    with contextlib.closing(source):
        source.open()
        # A reader that is late misses frames: three different ones lie beyond both failures.
        indices = [source.read().index for _ in range(3)]
    assert indices == sorted(set(indices))


@pytest.mark.parametrize("failure", [False, cv2.error("gone")])
def test_unplugging_is_a_loss_and_a_reopening_goes_on(failure):
    gone = FakeCapture(reads=[True], then=failure)
    source, _ = make(gone, FakeCapture())
    source.open()
    assert source.read().index == 0
    with pytest.raises(SourceLostError, match="stopped giving") as caught:
        source.read()
    assert "unplugged" in caught.value.hint
    assert gone.released.wait(2.0)
    source.close()
    source.open()
    again = source.read()  # the second camera's first picture, or a later one, all counted
    assert again.index == again.image_bgr[0, 0, 0] >= 1
    source.close()


def test_settings_are_applied_again_after_a_reopening():
    first, second = FakeCapture(), FakeCapture()
    source, _ = make(first, second)
    for _ in range(2):
        source.open()
        source.close()
    assert first.log == second.log != []


def test_a_stall_is_a_loss_and_the_device_is_waited_for():
    hang = threading.Event()
    stalled = FakeCapture(reads=[True, hang])
    source, _ = make(stalled, FakeCapture(), stall_s=0.1, open_timeout_s=0.2)
    source.open()
    source.read()
    with pytest.raises(SourceLostError, match=r"no picture for 0.1 seconds"):
        source.read()
    source.close()  # the read still hangs; close does not wait for ever
    with pytest.raises(SourceBusyError, match="still hangs"):
        source.open()
    assert not stalled.released.is_set()
    hang.set()
    assert stalled.released.wait(2.0)
    source.open()
    again = source.read()  # the second camera's first picture, or a later one, all counted
    assert again.index == again.image_bgr[0, 0, 0] >= 1
    source.close()


def interrupt_while(source, action):
    results = []

    def act():
        try:
            results.append(action())
        except SourceError as error:
            results.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    source.interrupt()
    thread.join(1.0)
    assert not thread.is_alive()
    return results[0]


def test_interrupt_ends_a_read_that_hangs():
    hang = threading.Event()
    source, _ = make(FakeCapture(reads=[True, hang]))
    source.open()
    source.read()
    assert interrupt_while(source, source.read) is None
    hang.set()
    source.close()


def test_interrupt_ends_an_opening_that_hangs():
    hang = threading.Event()
    source, _ = make(FakeCapture(reads=[hang]))
    error = interrupt_while(source, source.open)
    assert "interrupted" in str(error)
    hang.set()
    source.close()


def test_a_slow_reader_gets_a_fresh_picture():
    capture = FakeCapture(pace_s=0.001)
    source, _ = make(capture)
    source.open()
    begun = source.read()
    first = int(begun.image_bgr[0, 0, 0])
    reached = threading.Event()
    while capture.reads_done < first + 10:
        reached.wait(0.005)
    fresh = source.read()
    seen = int(fresh.image_bgr[0, 0, 0])
    source.close()
    assert seen >= first + 9
    assert fresh.index - begun.index == seen - first  # what nobody fetched is counted


def test_a_stream_hands_over_every_frame_on_one_thread_until_it_is_interrupted():
    source, _ = make(FakeCapture(pace_s=0.001))
    source.open()
    frames, threads = [], set()

    def deliver(frame):
        frames.append(frame)
        if len(frames) > 1:  # the first may have been read before
            threads.add(threading.current_thread().name)
        if len(frames) == 20:
            source.interrupt()

    source.stream(deliver)
    count = len(frames)
    source.stream(deliver)
    source.close()
    assert count == len(frames) == 20
    assert threads == {"capture Camera 0"}
    steps = np.diff([f.index for f in frames])
    assert (steps[1:] == 1).all()
    assert all(f.index == f.image_bgr[0, 0, 0] - 1 for f in frames)


def test_what_the_receiver_of_a_stream_raises_ends_it():
    capture = FakeCapture()
    source, _ = make(capture)
    source.open()
    frames = []

    def deliver(frame):
        frames.append(frame)
        if len(frames) == 3:
            raise ZeroDivisionError("receiver")

    with pytest.raises(ZeroDivisionError, match="receiver"):
        source.stream(deliver)
    assert capture.released.wait(2.0)
    source.close()
    assert len(frames) == 3


def test_a_slow_receiver_of_a_stream_is_no_stall():
    source, _ = make(FakeCapture(), stall_s=0.02)
    source.open()
    slow, frames = threading.Event(), []

    def deliver(frame):
        slow.wait(0.06)
        frames.append(frame)
        if len(frames) == 3:
            source.interrupt()

    source.stream(deliver)
    source.close()
    assert len(frames) == 3


@pytest.mark.parametrize(
    ("reads", "words"),
    [([True], "no picture for 0.1 seconds"), ([True] + [False] * FAILED_READS_MAX, "stopped")],
)
def test_a_stream_that_stalls_or_fails_is_lost(reads, words):
    hang = threading.Event()
    source, _ = make(FakeCapture(reads=[*reads, hang]), stall_s=0.1 if len(reads) == 1 else 9.0)
    source.open()
    frames = []
    with pytest.raises(SourceLostError, match=words):
        source.stream(frames.append)
    hang.set()
    source.close()
    assert [f.index for f in frames] == [0]


@pytest.mark.parametrize(
    "image",
    [
        np.full((48, 64), 7, np.uint8),
        np.full((48, 64, 1), 7, np.uint8),
        np.full((48, 64, 4), 7, np.uint8),
        np.full((48, 64), 7 * 257, np.uint16),
    ],
)
def test_grey_deep_and_transparent_pictures_become_bgr(image):
    source, _ = make(FakeCapture(reads=[image] * 500, pace_s=0.005))
    source.open()
    frame = source.read()
    source.close()
    assert frame.image_bgr.shape == (48, 64, 3)
    assert (frame.image_bgr == 7).all()


def test_a_fault_in_the_back_end_is_told_and_logged(caplog):
    source, _ = make(FakeCapture(reads=[RuntimeError("driver fault")]))
    with (
        caplog.at_level(logging.ERROR, "fer_live.capture.capture_thread"),
        pytest.raises(SourceError, match="driver fault"),
    ):
        source.open()
    source.close()
    assert "driver fault" in caplog.text


@pytest.mark.parametrize("values", [(0, 480, 30), (640, -1, 30), (640, 480, 0)])
def test_settings_must_be_positive(values):
    with pytest.raises(ConfigError):
        CameraSettings(*values)


def test_an_unknown_back_end_is_a_clear_error():
    source, _ = make(settings=CameraSettings(64, 48, 30, "NOSUCH"))
    with pytest.raises(ConfigError, match="NOSUCH"):
        source.open()
    source.close()


@pytest.mark.parametrize(
    ("code", "access"),
    [
        (errno.ENOENT, CameraAccess.ABSENT),
        (errno.ENODEV, CameraAccess.ABSENT),
        (errno.EACCES, CameraAccess.DENIED),
        (errno.EBUSY, CameraAccess.BUSY),
        (errno.EIO, CameraAccess.UNKNOWN),
    ],
)
def test_the_device_file_tells_why(monkeypatch, code, access):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    assert probe_device_file("/dev/video0") is access


def test_a_device_file_that_opens_is_present(tmp_path):
    path = tmp_path / "video0"
    path.write_bytes(b"")
    assert probe_device_file(str(path)) is CameraAccess.PRESENT


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are Linux's")
def test_a_camera_that_this_machine_does_not_have():
    source = CameraSource(97)
    with pytest.raises(SourceNotFoundError, match="Camera 97 was not found"):
        source.open()
    source.close()


def test_opencvs_own_choice_is_not_tried_after_a_back_end_without_picture(monkeypatch):
    monkeypatch.setattr(camera_module, "camera_backends", lambda *a: ("V4L2", "ANY"))
    source, machine = make(FakeCapture(then=False), first_image_s=0.02)
    with pytest.raises(SourceBusyError, match="gives no picture"):
        source.open()
    source.close()
    assert machine.asked == [(0, cv2.CAP_V4L2)]
