"""The virtual camera with a device that stands in for the system's."""

import sys

import numpy as np
import pytest
import pyvirtualcam.camera

from fer_live.core.errors import OutputError
from fer_live.outputs.output import QueuedOutput
from fer_live.outputs.virtual_camera import PROBE_SIZE, VirtualCameraSender

from .support import SIZE, outputs_of, result, wait_until


@pytest.fixture
def devices(monkeypatch):
    """Every opening of the stand-in device, in order."""
    opened = []

    class Device:
        refused = ()

        def __init__(self, *, width, height, fps, fourcc, device, **_):
            if (width, height) in Device.refused:
                raise RuntimeError("this size is not taken")
            self.size, self.fps, self.fourcc = (width, height), fps, fourcc
            self.frames, self.closed = [], False
            opened.append(self)

        def send(self, frame):
            self.frames.append(frame.reshape(self.size[1], self.size[0], 3).copy())

        def close(self):
            self.closed = True

        def device(self):
            return "Stand-in camera"

        def native_fourcc(self):
            return None

    opened_in = opened
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"stand-in": Device})
    opened_in_kind = Device
    return opened_in, opened_in_kind


def plain(result):
    return [result.frame.image_bgr]


def test_each_frame_becomes_a_picture_at_the_sources_size_and_rate(devices):
    opened, _ = devices
    pictures = [np.full((SIZE[1], SIZE[0], 3), shade, np.uint8) for shade in (10, 200)]
    with outputs_of(VirtualCameraSender(plain, lambda: 25.0)) as (live, output):
        assert output.place == "Stand-in camera"
        for index, picture in enumerate(pictures):
            live.submit(result(index, image_bgr=picture.copy()))
            wait_until(lambda seen=index + 1: output.sent == seen)
    probe, real = opened
    assert (probe.size, probe.closed, probe.frames) == (PROBE_SIZE, True, [])
    assert (real.size, real.fps, real.closed) == (SIZE, 25.0, True)
    assert all(map(np.array_equal, real.frames, pictures))


def test_pictures_come_from_the_renderer_when_it_has_them(devices):
    opened, _ = devices
    held = []

    def late(result):
        held.append(result.frame.image_bgr + 1)
        return [held.pop(0)] if len(held) > 2 else []

    with outputs_of(VirtualCameraSender(late)) as (live, output):
        for index in range(5):
            live.submit(result(index))
            wait_until(lambda seen=index + 1: output.sent == seen)
    assert len(opened[1].frames) == 3
    assert (opened[1].frames[0] == 61).all()


def test_another_size_of_picture_opens_the_device_anew(devices):
    opened, _ = devices
    with outputs_of(VirtualCameraSender(plain)) as (live, output):
        for index, shape in enumerate([(48, 64, 3), (48, 64, 3), (96, 128, 3)]):
            live.submit(result(index, image_bgr=np.zeros(shape, np.uint8)))
            wait_until(lambda seen=index + 1: output.sent == seen)
    assert [(d.size, len(d.frames)) for d in opened[1:]] == [((64, 48), 2), ((128, 96), 1)]
    assert all(d.closed for d in opened)


def test_a_size_that_is_not_taken_ends_the_output_with_a_sentence(devices):
    opened, kind = devices
    kind.refused = (SIZE,)
    with outputs_of(VirtualCameraSender(plain)) as (live, output):
        live.submit(result())
        wait_until(lambda: output.error)
    assert "Stand-in camera does not take pictures of 640 × 360" in str(output.error)  # noqa: RUF001
    assert len(opened) == 1


def test_without_a_device_it_says_what_to_install(monkeypatch):
    def missing(**_):
        raise RuntimeError("no device")

    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"none": missing})
    for platform, words in (("linux", "v4l2loopback"), ("darwin", "OBS"), ("win32", "OBS")):
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(OutputError, match=f"There is no virtual camera.*{words}"):
            QueuedOutput(VirtualCameraSender(plain)).start()


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(OutputError, match=r'pip install "fer-live\[virtualcam\]"'):
        VirtualCameraSender(plain).open()


def test_a_camera_that_is_slow_drops_frames_and_keeps_few_pictures(devices):
    import threading

    gate, entered = threading.Event(), threading.Event()

    def slow(result):
        entered.set()
        gate.wait(10)
        return plain(result)

    with outputs_of(VirtualCameraSender(slow)) as (live, output):
        live.submit(result(0))
        assert entered.wait(10)
        for index in range(1, 10):
            live.submit(result(index))
        assert output.dropped == 7
        gate.set()
        wait_until(lambda: output.sent == 3)
