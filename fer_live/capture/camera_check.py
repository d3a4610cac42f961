"""Camera check: what a camera granted, what it really gives, and what to change."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.capture.camera import FPS_TOLERANCE, CameraSettings, CameraSource, Granted
from fer_live.capture.opencv_capture import Capture
from fer_live.core.errors import SourceLostError
from fer_live.core.types import Frame

CHECK_S = 5.0
"""Time over which the rate is measured: auto exposure settles within two seconds."""

ANALYSE_S = 2.0
"""Time over which the analysis is measured, after the rate."""

KEEPS_RATE = 0.9
"""Share of the granted rate from which the camera keeps it."""

STEADY = 0.25
"""Jitter, in intervals, up to which the rate is steady."""

DARK_LEVEL = 60.0
"""Mean grey level, 0-255, below which the picture is dark."""

LIMITED_BY_EXPOSURE = 0.85
"""An exposure that takes this share of the measured interval sets the rate."""

SLOW_MS = 150.0
"""Latency that is seen as a delay."""

USB2_BYTES_S = 40e6
"""What USB 2 carries in practice, bytes a second."""

_SAMPLE_STEP = 8
"""Every eighth pixel tells how bright a picture is."""

_UNCOMPRESSED = {"YUYV": 2.0, "UYVY": 2.0, "YUY2": 2.0, "NV12": 1.5, "I420": 1.5, "YU12": 1.5}
"""Bytes a pixel of formats that are not compressed."""


@dataclass(frozen=True, order=True)
class CameraFormat:
    """A size, rate and pixel format that a camera offers.

    Args:
        width, height: Pixels.
        fps: Highest rate, frames per second.
        pixel_format: Four characters, such as ``MJPG``; empty if it is another one.
    """

    width: int
    height: int
    fps: float
    pixel_format: str = ""


@dataclass(frozen=True)
class CameraCheck:
    """What a check measured.

    Args:
        name: The camera's name.
        asked: What was asked for.
        granted: What the driver says it gives.
        offered: What the camera offers; empty if that is not known.
        frames: Frames that followed the first one in the time of the measurement.
        duration_s: From the first to the last of them, seconds.
        rate_fps: Frames per second.
        jitter_ms: Standard deviation of the time between two frames, milliseconds.
        longest_ms: Longest time between two frames, milliseconds.
        brightness: Mean grey level of the pictures, 0-255.
        exposure_ms: Time that one picture is exposed, milliseconds; None if the driver does not
            say.
        driver_ms: From the driver's time stamp to the program, median, milliseconds; None if the
            driver has none.
        analysis_ms: From the program's time stamp to the end of the analysis, median,
            milliseconds; None if nothing was analysed.
    """

    name: str
    asked: CameraSettings
    granted: Granted
    offered: tuple[CameraFormat, ...]
    frames: int
    duration_s: float
    rate_fps: float
    jitter_ms: float
    longest_ms: float
    brightness: float
    exposure_ms: float | None
    driver_ms: float | None
    analysis_ms: float | None

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Figures in words: a name and a value each."""
        granted, asked = self.granted, self.asked
        return (
            ("Camera", f"{self.name} ({granted.backend})"),
            (
                "Size",
                _against(_size(granted.width, granted.height), _size(asked.width, asked.height)),
            ),
            ("Rate as granted", _against(_fps(granted.fps), _fps(asked.fps))),
            ("Format", _against(granted.pixel_format or "not known", asked.fourcc)),
            ("True rate", f"{self.rate_fps:.1f} fps over {self.duration_s:.1f} s"),
            ("Jitter", f"{self.jitter_ms:.1f} ms; longest interval {self.longest_ms:.0f} ms"),
            ("Brightness", f"{self.brightness:.0f} of 255"),
            ("Exposure", _ms(self.exposure_ms, "the driver does not say")),
            ("Driver to program", _ms(self.driver_ms, "the driver has no time stamps")),
            ("Program to label", _ms(self.analysis_ms, "not measured")),
        )

    @property
    def advice(self) -> tuple[str, ...]:
        """What to change, one sentence each; never empty."""
        found = [*self._about_grants(), *self._about_rate(), *self._about_the_rest()]
        return tuple(found) or ("Nothing needs to be changed.",)

    @property
    def limited_by_exposure(self) -> bool:
        """Whether long exposure in low light keeps the camera below its rate."""
        granted_fps = self.granted.fps or self.asked.fps
        if self.rate_fps >= KEEPS_RATE * granted_fps:
            return False
        if self.exposure_ms is not None:
            return self.exposure_ms * self.rate_fps / 1e3 >= LIMITED_BY_EXPOSURE
        # Without the driver's word: cameras halve or third the rate in low light, and exactly.
        parts = granted_fps / max(self.rate_fps, 0.1)
        whole = abs(parts - round(parts)) <= 0.12 * parts and round(parts) >= 2
        return whole and self.brightness < 2 * DARK_LEVEL

    def _about_grants(self) -> list[str]:
        asked, granted, found = self.asked, self.granted, []
        if (granted.width, granted.height) != (asked.width, asked.height):
            sizes = sorted({(f.width, f.height) for f in self.offered})
            listed = ", ".join(_size(*size) for size in sizes)
            choose = f"Choose a size that it offers: {listed}."
            found.append(
                f"The camera gives {_size(granted.width, granted.height)} instead of "
                f"{_size(asked.width, asked.height)}. "
                f"{choose if sizes else 'Choose a size that it offers.'}"
            )
        elif granted.fps and abs(granted.fps - asked.fps) > FPS_TOLERANCE:
            rates = {
                f.fps for f in self.offered if (f.width, f.height) == (asked.width, asked.height)
            }
            choose = "Choose a rate that it offers, or a smaller size."
            if rates:
                most = f"{max(rates):g} fps"
                choose = f"It offers at most {most} at this size: choose that, or a smaller size."
            found.append(
                f"The camera grants {_fps(granted.fps)} instead of {_fps(asked.fps)}. {choose}"
            )
        return found

    def _about_rate(self) -> list[str]:
        granted, found = self.granted, []
        granted_fps = granted.fps or self.asked.fps
        if self.rate_fps < KEEPS_RATE * granted_fps:
            rate, kind = f"{self.rate_fps:.1f}", granted.pixel_format
            if self.limited_by_exposure:
                found.append(
                    f"Only {rate} of {granted_fps:g} frames a second arrive, because the camera "
                    "exposes longer in low light. Add light from the front, or switch off the "
                    "camera's low-light compensation."
                )
            elif self._bytes_a_second > USB2_BYTES_S:
                found.append(
                    f"Only {rate} of {granted_fps:g} frames a second arrive: {kind} pictures of "
                    "this size are more than USB 2 carries. Choose the format MJPG, or a smaller "
                    "size."
                )
            else:
                found.append(
                    f"Only {rate} of {granted_fps:g} frames a second arrive. Connect the camera "
                    "directly to the computer, close programs that use much processor time, or "
                    "choose a smaller size."
                )
        if self.jitter_ms > STEADY * 1e3 / max(self.rate_fps, 0.1):
            found.append(
                f"The frames come irregularly, up to {self.longest_ms:.0f} ms apart. Use another "
                "USB port without a hub, and close programs that use much processor time."
            )
        return found

    def _about_the_rest(self) -> list[str]:
        found = []
        if self.brightness < DARK_LEVEL and not self.limited_by_exposure:
            found.append("The picture is dark. Add light from the front.")
        if self.analysis_ms is not None and self.analysis_ms > SLOW_MS:
            found.append(
                f"A label comes {self.analysis_ms:.0f} ms after its picture. Choose a smaller "
                "size, or a faster device for the model."
            )
        return found

    @property
    def _bytes_a_second(self) -> float:
        granted = self.granted
        each = _UNCOMPRESSED.get(granted.pixel_format, 0.0)
        return each * granted.width * granted.height * (granted.fps or self.asked.fps)


@dataclass(frozen=True)
class CheckOptions:
    """How a check is made.

    Args:
        duration_s: Time over which the rate is measured, seconds.
        offered: What the camera offers, for the advice.
        analyse: Analyses a frame; None leaves the latency open.
        clock: The clock of `Frame.captured_s`, seconds.
    """

    duration_s: float = CHECK_S
    offered: Sequence[CameraFormat] = ()
    analyse: Callable[[Frame], object] | None = None
    clock: Callable[[], float] = time.perf_counter


def check_camera(source: CameraSource, options: CheckOptions | None = None) -> CameraCheck:
    """Opens a camera, measures it, and closes it; takes about seven seconds.

    Args:
        source: Not open.
        options: How the check is made.

    Raises:
        SourceError: The camera cannot be opened, or is lost during the check.
    """
    options = options or CheckOptions()
    try:
        info = source.open()
        frames, levels = _watch(source, options.duration_s)
        exposure_ms, driver_ms = source.ask(_exposure_ms), _driver_ms(source)
        analysis_ms = _analysis_ms(source, options)
    finally:
        source.close()
    assert source.granted is not None
    steps = np.diff(frames, axis=0)
    # Where this program was too slow to see each frame, the interval is the mean of several.
    intervals_ms = steps[:, 1] / steps[:, 0] * 1e3
    count, duration_s = (float(v) for v in steps.sum(axis=0))
    return CameraCheck(
        name=info.name,
        asked=source.settings,
        granted=source.granted,
        offered=tuple(sorted(options.offered)),
        frames=round(count),
        duration_s=duration_s,
        rate_fps=count / duration_s,
        jitter_ms=float(intervals_ms.std()),
        longest_ms=float(intervals_ms.max()),
        brightness=float(np.mean(levels)),
        exposure_ms=_exposed(exposure_ms, source.granted.backend),
        driver_ms=driver_ms,
        analysis_ms=analysis_ms,
    )


def _watch(source: CameraSource, duration_s: float) -> tuple[NDArray[np.float64], list[float]]:
    """Number and capture time of each frame in a span of time; grey levels of the last half."""
    frames: list[tuple[int, float]] = []
    levels: list[float] = []
    _next(source)  # waited for while the camera started
    frame = _next(source)
    until_s = frame.captured_s + duration_s
    while True:
        frames.append((frame.index, frame.captured_s))
        levels.append(float(frame.image_bgr[::_SAMPLE_STEP, ::_SAMPLE_STEP].mean()))
        if frame.captured_s >= until_s:
            return np.array(frames), levels[len(levels) // 2 :]
        frame = _next(source)


def _next(source: CameraSource) -> Frame:
    frame = source.read()
    if frame is None:
        raise SourceLostError("The camera check was stopped.", "Start it again.")
    return frame


def _analysis_ms(source: CameraSource, options: CheckOptions) -> float | None:
    if options.analyse is None:
        return None
    found_ms: list[float] = []
    until_s = options.clock() + ANALYSE_S
    options.analyse(_next(source))  # the first analysis is slow
    while not found_ms or options.clock() < until_s:
        frame = _next(source)
        options.analyse(frame)
        found_ms.append((options.clock() - frame.captured_s) * 1e3)
    return float(np.median(found_ms))


def _exposure_ms(capture: Capture) -> float:
    return capture.get(cv2.CAP_PROP_EXPOSURE)


def _exposed(value: float, backend: str) -> float | None:
    """OpenCV's exposure in milliseconds; None if the back-end does not say."""
    if backend == "V4L2" and value > 0:
        return value / 10  # units of 100 microseconds, V4L2_CID_EXPOSURE_ABSOLUTE
    if backend in ("MSMF", "DSHOW") and value < 0:
        return float(2**value * 1e3)  # the logarithm to base 2 of seconds
    return None


def _driver_ms(source: CameraSource) -> float | None:
    """From the time stamp of V4L2's driver to the program: a look at ten pictures."""
    assert source.granted is not None
    if source.granted.backend != "V4L2":
        return None

    def age_ms(capture: Capture) -> float:
        # The driver stamps pictures on the clock of `time.monotonic`.
        return time.monotonic() * 1e3 - capture.get(cv2.CAP_PROP_POS_MSEC)

    ages = [source.ask(age_ms) for _ in range(10)]
    # Some drivers stamp on another clock, or not at all.
    return float(np.median(ages)) if min(ages) >= 0 and max(ages) < 1e3 else None


def _against(granted: str, asked: str) -> str:
    return granted if granted == asked else f"{granted}, {asked} was asked for"


def _size(width: int, height: int) -> str:
    return f"{width} × {height}"  # noqa: RUF001


def _fps(fps: float) -> str:
    return f"{fps:g} fps" if fps else "not known"


def _ms(value: float | None, unknown: str) -> str:
    return unknown if value is None else f"{value:.1f} ms"
