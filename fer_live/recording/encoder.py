"""Which H.264 encoder a recording uses: hardware that has shown it works, else x264."""

import functools
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import RecordingError
from fer_live.core.settings import EncoderChoice, Quality
from fer_live.core.types import ImageBgr
from fer_live.recording.timeline import TIME_BASE

_log = logging.getLogger(__name__)

SOFTWARE = "libx264"
HARDWARE: Mapping[str, Sequence[str]] = {
    "linux": ("h264_nvenc", "h264_qsv", "h264_amf", "h264_v4l2m2m"),
    "win32": ("h264_nvenc", "h264_qsv", "h264_amf", "h264_mf"),
    "darwin": ("h264_videotoolbox",),
}
"""By `sys.platform`, best first; one that this build of PyAV lacks is passed over."""
CRF: Mapping[Quality, int] = {"small": 29, "balanced": 23, "high": 18}
"""x264's constant rate factor, and the quantiser asked of hardware: 18 can hardly be told from
the original, 23 is x264's own default, 29 shows in fine texture."""
BITS_PER_PIXEL: Mapping[Quality, float] = {"small": 0.04, "balanced": 0.1, "high": 0.2}
"""For encoders that only take a bit rate, at `NOMINAL_FPS`: 1.1, 2.8 and 5.5 Mbit/s at 720p."""
NOMINAL_FPS = 30
"""Told to the encoder for its rate control only; the time stamps carry the real rate."""
PRESETS = ("veryfast", "superfast", "ultrafast")
"""x264's, from the one that compresses best."""
BUDGET_S = 0.5 / NOMINAL_FPS
"""A preset keeps up if all files of a frame together take no longer than this: half the time at
30 per second, the rest is for drawing, converting and other programs."""
HOPELESS = 3.0
"""Each preset is at most about twice as fast as the one before: when one takes so many times the
budget, the last is taken without trying those between."""
TRIAL_FRAMES = 6
"""Frames of a trial: the first is a key frame, the others have moved."""
TRIAL_SIZE = (640, 480)
"""Hardware encoders refuse very small pictures."""
DELAY_FRAMES = 2
"""An encoder may keep so many frames to itself; what it keeps is lost with the program."""
BT601, BT709, LIMITED = 6, 1, 1
"""ITU-T H.273: OpenCV converts with BT.601's matrix; webcams have BT.709's primaries."""

Yuv = NDArray[np.uint8]
"""(H * 3 / 2, W) uint8 planes of a 4:2:0 picture, as OpenCV lays them out (I420)."""


class EncoderError(RecordingError):
    """An encoder that failed while it ran."""


@dataclass(frozen=True)
class Encoder:
    """An encoder and how it is set.

    Args:
        name: As libavcodec calls it.
        options: As libavcodec takes them.
        pixel_format: Of the pictures it takes.
        bits_per_pixel: For its bit rate, if it has no constant quality.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    pixel_format: str = "yuv420p"
    bits_per_pixel: float | None = None

    @property
    def hardware(self) -> bool:
        """Not computed by the processor."""
        return self.name != SOFTWARE

    @property
    def title(self) -> str:
        """For people: name and preset."""
        preset = self.options.get("preset", "")
        return f"{self.name} {preset}".strip()

    def configure(self, context: Any, width: int, height: int) -> None:
        """Sets an unopened `av.CodecContext`; width and height are even."""
        context.width, context.height = width, height
        context.pix_fmt = self.pixel_format
        context.time_base = TIME_BASE
        context.framerate = NOMINAL_FPS
        context.options = dict(self.options)
        context.color_range, context.colorspace = LIMITED, BT601
        context.color_primaries = context.color_trc = BT709
        if self.bits_per_pixel is not None:
            context.bit_rate = round(width * height * NOMINAL_FPS * self.bits_per_pixel)
        if not self.hardware:
            # x264 cuts each picture into slices for its threads; each slice costs compression.
            context.thread_count = min(4 if width * height > 1280 * 720 else 2, os.cpu_count() or 1)

    def picture(self, yuv: Yuv, ticks: int, key: bool) -> Any:
        """A frame to encode, at a time in `TIME_BASE`."""
        picture = av.VideoFrame.from_ndarray(yuv, format="yuv420p")
        if self.pixel_format != "yuv420p":
            picture = picture.reformat(format=self.pixel_format)
        picture.pts, picture.time_base = ticks, TIME_BASE
        if key:
            picture.pict_type = av.video.frame.PictureType.I
        return picture


def software(quality: Quality, preset: str = PRESETS[0]) -> Encoder:
    """x264, without delay: each frame that goes in comes out at once, so a crash costs little."""
    return Encoder(
        SOFTWARE,
        {"preset": preset, "crf": str(CRF[quality]), "tune": "zerolatency", "forced-idr": "1"},
    )


def hardware(name: str, quality: Quality) -> Encoder:
    """A hardware encoder, set to the same ends: no B-frames, no delay, key frames when asked."""
    level = str(CRF[quality])
    if name == "h264_nvenc":
        options = {"preset": "p4", "rc": "vbr", "cq": level, "b": "0", "bf": "0", "delay": "0"}
        return Encoder(name, {**options, "forced-idr": "1", "zerolatency": "1"})
    if name == "h264_qsv":
        options = {"global_quality": level, "bf": "0", "async_depth": "1", "forced_idr": "1"}
        return Encoder(name, options, "nv12")
    if name == "h264_amf":
        options = {"rc": "cqp", "qp_i": level, "qp_p": level, "bf": "0", "usage": "lowlatency"}
        return Encoder(name, {**options, "forced_idr": "1"}, "nv12")
    rate = BITS_PER_PIXEL[quality]
    if name == "h264_videotoolbox":
        return Encoder(name, {"realtime": "1", "bf": "0"}, "nv12", rate)
    return Encoder(name, {"bf": "0"}, "nv12", rate)


@functools.cache
def find_hardware(quality: Quality) -> Encoder | None:
    """The first hardware encoder that encodes a trial so that it can be decoded again, or None.

    It must keep each frame's time, and at most `DELAY_FRAMES` frames to itself.

    A driver may take a second to start; the answer is kept as long as the program runs.
    """
    yuv = to_yuv(np.full((TRIAL_SIZE[1], TRIAL_SIZE[0], 3), 128, np.uint8))
    for name in HARDWARE.get(sys.platform, ()):
        if name not in av.codecs_available:
            continue
        encoder = hardware(name, quality)
        try:
            decoded = _decoded_times(encoder, yuv, 1 / NOMINAL_FPS)
        except Exception as error:  # a driver may fail in any way
            _log.info("%s does not work here: %s", name, error)
            continue
        if decoded == [_trial_ticks(n) for n in range(TRIAL_FRAMES)]:
            return encoder
        _log.info("%s does not keep times: %s", name, decoded)
    return None


def choose_encoder(
    choice: EncoderChoice, quality: Quality, width: int, height: int, files: int, *, live: bool
) -> Encoder:
    """The encoder for pictures of this size.

    Args:
        choice: What the user wants.
        quality: What the user wants.
        width, height: Pixels.
        files: How many files of this size are encoded at once.
        live: Nobody waits for the encoder.
    """
    if choice == "auto" and (found := find_hardware(quality)) is not None:
        return found
    return software(quality, _preset(quality, width, height, files) if live else PRESETS[0])


def to_yuv(image_bgr: ImageBgr) -> Yuv:
    """A picture as planes; 4:2:0 needs even sides: an odd last row or column is left out."""
    rows, cols = (side // 2 * 2 for side in image_bgr.shape[:2])
    return np.asarray(cv2.cvtColor(image_bgr[:rows, :cols], cv2.COLOR_BGR2YUV_I420), np.uint8)


@functools.cache
def _preset(quality: Quality, width: int, height: int, files: int) -> str:
    """The preset that keeps up on this machine as busy as it is; measured once for each size."""
    yuv = _texture(width, height)
    preset = PRESETS[0]
    for preset in PRESETS[:-1]:
        took_s = files * _trial_s(software(quality, preset), yuv)
        _log.info("x264 %s takes %.1f ms at %dx%d", preset, took_s * 1e3, width, height)
        if took_s <= BUDGET_S:
            return preset
        if took_s > HOPELESS * BUDGET_S:
            break
    return PRESETS[-1]


def _texture(width: int, height: int) -> Yuv:
    """Texture that moves as a whole: harder to encode than a face before a still wall."""
    noise = np.random.default_rng(0).normal(128, 30, (45, 80, 3)).clip(0, 255).astype(np.uint8)
    coarse = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return to_yuv(np.asarray(coarse, np.uint8))


def _trial_s(encoder: Encoder, yuv: Yuv) -> float:
    """Seconds for a frame that has moved a little, in the middle of some."""
    context = _opened(encoder, yuv)
    took_s = []
    for number in range(TRIAL_FRAMES):
        moved = np.roll(yuv, 2 * number, axis=1)
        begun_s = time.perf_counter()
        context.encode(encoder.picture(moved, _trial_ticks(number), key=not number))
        took_s.append(time.perf_counter() - begun_s)
    return float(np.median(took_s[1:]))


def _decoded_times(encoder: Encoder, yuv: Yuv, pause_s: float = 0.0) -> list[int | None]:
    """Times that come out of an encoder; `pause_s` after each frame it may work by itself.

    Raises:
        EncoderError: It holds frames back.
    """
    context = _opened(encoder, yuv)
    decoder = av.CodecContext.create("h264", "r")
    packets: list[Any] = []
    for number in range(TRIAL_FRAMES):
        packets += context.encode(encoder.picture(yuv, _trial_ticks(number), key=not number))
        if (kept := number + 1 - len(packets)) > DELAY_FRAMES:
            raise EncoderError(f"It keeps {kept} frames to itself.")
        time.sleep(pause_s)
    packets += context.encode(None)
    decoded = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [frame.pts for frame in decoded]


def _opened(encoder: Encoder, yuv: Yuv) -> Any:
    context = av.CodecContext.create(encoder.name, "w")
    encoder.configure(context, yuv.shape[1], yuv.shape[0] * 2 // 3)
    context.open()
    return context


def _trial_ticks(number: int) -> int:
    return round(number / NOMINAL_FPS / TIME_BASE)
