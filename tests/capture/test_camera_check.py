"""The camera check, on cameras whose driver, rate and light a test decides."""

import itertools
import time

import cv2
import numpy as np
import pytest

from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.camera_access import CameraAccess
from fer_live.capture.camera_check import CameraFormat, CheckOptions, check_camera
from fer_live.capture.devices import CameraDevice
from fer_live.core.errors import SourceBusyError, SourceLostError
from tests.capture.fake import MJPG, YUYV, FakeCapture

ASKED = CameraSettings(64, 48, 30.0)


class Clock:
    """A clock that goes on by one interval at each picture."""

    def __init__(self, intervals_s):
        self.now_s = 100.0
        self.intervals_s = itertools.cycle(intervals_s)

    def __call__(self):
        self.now_s += next(self.intervals_s)
        return self.now_s


class Steady(FakeCapture):
    """Gives a picture each time the reader has taken the last one, so that none is skipped."""

    def __init__(self, level=120, **options):
        super().__init__(pace_s=0.004, **options)
        self.level = level

    def read(self):
        done, image = super().read()
        return done, np.full_like(image, self.level) if done else image


def check(
    capture, fps=30.0, intervals_s=None, backend="V4L2", asked=ASKED, first_image_s=5.0, **options
):
    clock = Clock(intervals_s or [1 / fps])
    source = CameraSource(
        0,
        "Desk",
        asked,
        factory=lambda *_: capture,
        probe=lambda index: CameraAccess.PRESENT,
        lister=lambda backends: (CameraDevice(0, "Desk", backend),),
        clock=clock,
        first_image_s=first_image_s,
    )
    options = {"duration_s": 2.0, "clock": time.perf_counter, **options}
    return check_camera(source, CheckOptions(**options))


def test_a_good_camera_needs_no_change():
    found = check(Steady())
    assert (found.name, found.granted.width, found.granted.fps) == ("Desk", 64, 30.0)
    assert found.granted.pixel_format == "MJPG"
    assert found.brightness == pytest.approx(120)
    assert found.advice == ("Nothing needs to be changed.",)
    assert dict(found.rows)["Size"] == "64 × 48"  # noqa: RUF001
    assert (found.exposure_ms, found.driver_ms, found.analysis_ms) == (None, None, None)


def test_the_camera_is_closed_also_after_a_failure():
    capture = Steady()
    check(capture)
    assert capture.released.wait(2)
    lost = Steady(then=False, reads=[True] * 5)
    with pytest.raises(SourceLostError):
        check(lost)
    assert lost.released.wait(2)
    mute = Steady(then=False)
    with pytest.raises(SourceBusyError, match="no picture"):
        check(mute, first_image_s=0.05)
    assert mute.released.wait(2)


def test_what_was_not_granted_is_named_with_what_is_offered():
    grants = {cv2.CAP_PROP_FRAME_WIDTH: 32, cv2.CAP_PROP_FRAME_HEIGHT: 24}
    offered = [CameraFormat(32, 24, 30.0, "MJPG"), CameraFormat(16, 12, 60.0, "MJPG")]
    found = check(Steady(grants=grants), offered=offered)
    assert found.advice == (
        "The camera gives 32 × 24 instead of 64 × 48. "  # noqa: RUF001
        "Choose a size that it offers: 16 × 12, 32 × 24.",  # noqa: RUF001
    )
    assert "64 × 48 was asked for" in dict(found.rows)["Size"]  # noqa: RUF001
    slow = check(
        Steady(grants={cv2.CAP_PROP_FPS: 10.0}),
        10.0,
        offered=[CameraFormat(64, 48, 10.0, "MJPG"), CameraFormat(32, 24, 30.0, "MJPG")],
    )
    assert slow.advice == (
        "The camera grants 10 fps instead of 30 fps. It offers at most 10 fps at this size: choose "
        "that, or a smaller size.",
    )


@pytest.mark.parametrize(
    ("backend", "value", "exposure_ms"),
    [("V4L2", 660.0, 66.0), ("V4L2", 0.0, None), ("V4L2", -4.0, None)],
)
def test_the_rate_is_halved_by_low_light(backend, value, exposure_ms):
    """With the driver's word on the exposure, and without it."""
    capture = Steady(level=40, grants={cv2.CAP_PROP_EXPOSURE: value})
    found = check(capture, 15.0, backend=backend)
    assert found.rate_fps == pytest.approx(15.0, rel=0.1)
    assert found.exposure_ms == exposure_ms
    assert found.limited_by_exposure
    (sentence,) = found.advice
    assert "exposes longer in low light" in sentence


def test_a_slow_rate_with_a_short_exposure_is_not_blamed_on_the_light():
    capture = Steady(level=40, grants={cv2.CAP_PROP_EXPOSURE: 50.0})
    found = check(capture, 15.0)
    assert not found.limited_by_exposure
    assert "Connect the camera directly" in found.advice[0]
    assert "The picture is dark" in found.advice[1]
    # A bright picture at half the rate, whose exposure is not known.
    assert not check(Steady(level=200), 15.0).limited_by_exposure


def test_uncompressed_pictures_are_too_much_for_usb_2():
    grants = {cv2.CAP_PROP_FOURCC: YUYV}
    asked = CameraSettings(1280, 720, 30.0)
    found = check(Steady(grants=grants), 10.0, asked=asked, duration_s=1.0)
    assert any("Choose the format MJPG" in sentence for sentence in found.advice)


def test_irregular_frames_are_told():
    found = check(Steady(), intervals_s=[0.01, 0.01, 0.08])
    assert found.jitter_ms > 25
    assert found.longest_ms == pytest.approx(80, abs=20)
    assert "irregularly" in found.advice[-1]


def test_the_driver_s_time_stamp_gives_the_delay():
    class Stamped(Steady):
        def get(self, prop):
            if prop == cv2.CAP_PROP_POS_MSEC:
                return (time.monotonic() - 0.025) * 1e3
            return super().get(prop)

    assert check(Stamped()).driver_ms == pytest.approx(25, abs=10)

    class OtherClock(Steady):
        def get(self, prop):
            return 5.0 if prop == cv2.CAP_PROP_POS_MSEC else super().get(prop)

    assert check(OtherClock()).driver_ms is None


def test_the_analysis_is_measured_to_its_end():
    seen = []
    source_clock = time.perf_counter

    def analyse(frame):
        seen.append(frame.index)
        time.sleep(0.05)

    source = CameraSource(
        0,
        None,
        ASKED,
        factory=lambda *_: Steady(),
        probe=lambda index: CameraAccess.PRESENT,
        lister=lambda backends: (),
        clock=source_clock,
    )
    found = check_camera(source, CheckOptions(duration_s=0.3, analyse=analyse))
    assert found.analysis_ms >= 50
    assert len(seen) >= 2
    assert seen == sorted(set(seen))


def test_the_asked_format_is_asked_for():
    capture = Steady(grants={cv2.CAP_PROP_FOURCC: MJPG})
    found = check(capture, asked=CameraSettings(64, 48, 30.0, pixel_format="YUYV"))
    assert (cv2.CAP_PROP_FOURCC, YUYV) in capture.log
    assert dict(found.rows)["Format"] == "MJPG, YUYV was asked for"
