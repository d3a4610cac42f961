"""Chooses the H.264 encoder of a recording: hardware that passes a trial, else x264."""

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
"""Hardware encoders by `sys.platform`, best first; those that PyAV's build lacks are skipped."""
CRF: Mapping[Quality, int] = {"small": 29, "balanced": 23, "high": 18}
"""x264's constant rate factor, and the quantiser of hardware encoders: 18 is hardly distinguishable
from the original, 23 is x264's default, 29 is visible in fine texture."""
BITS_PER_PIXEL: Mapping[Quality, float] = {"small": 0.04, "balanced": 0.1, "high": 0.2}
"""For encoders that need a bit rate, at `NOMINAL_FPS`: 1.1, 2.8 and 5.5 Mbit/s at 1280x720."""
NOMINAL_FPS = 30
"""Frame rate for the encoder's rate control only; the time stamps carry the real rate."""
PRESETS = ("veryfast", "superfast", "ultrafast")
"""Presets of x264, the one that compresses best first."""
BUDGET_S = 0.5 / NOMINAL_FPS
"""A preset is fast enough if encoding a frame into all files takes no longer than this, seconds:
half the time at 30 frames per second; drawing, conversion and other programs need the rest."""
HOPELESS = 3.0
"""Each preset is at most about twice as fast as the one before: if one takes more than this many
times the budget, the last preset is chosen without trying those between."""
TRIAL_FRAMES = 6
"""Frames of a trial: the first is a key frame, the others contain motion."""
TRIAL_SIZE = (640, 480)
"""Width and height of a trial, pixels; hardware encoders refuse very small frames."""
DELAY_FRAMES = 2
"""Most frames that an encoder may hold back; they are lost if the program is killed."""
BT601, BT709, LIMITED = 6, 1, 1
"""Codes of ITU-T H.273: OpenCV converts with the BT.601 matrix; webcams have BT.709 primaries."""

Yuv = NDArray[np.uint8]
"""(H * 3 / 2, W) uint8 planes of a 4:2:0 image in OpenCV's I420 layout."""


class EncoderError(RecordingError):
    """An encoder failed during a recording."""


@dataclass(frozen=True)
class Encoder:
    """An encoder and its options.

    Args:
        name: Its name in libavcodec.
        options: Its options in libavcodec.
        pixel_format: Pixel format that it takes.
        bits_per_pixel: Determines the bit rate of an encoder without constant quality; else None.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    pixel_format: str = "yuv420p"
    bits_per_pixel: float | None = None

    @property
    def hardware(self) -> bool:
        """True if the CPU does not encode."""
        return self.name != SOFTWARE

    @property
    def title(self) -> str:
        """Name and preset, for messages and metadata."""
        preset = self.options.get("preset", "")
        return f"{self.name} {preset}".strip()

    def configure(self, context: Any, width: int, height: int) -> None:
        """Configures an unopened `av.CodecContext`; width and height are even, pixels."""
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
            # x264 cuts each frame into slices for its threads; each slice costs compression.
            context.thread_count = min(4 if width * height > 1280 * 720 else 2, os.cpu_count() or 1)

    def frame(self, yuv: Yuv, ticks: int, key: bool) -> Any:
        """An `av.VideoFrame` to encode, with its time in `TIME_BASE`; `key` forces a key frame."""
        frame = av.VideoFrame.from_ndarray(yuv, format="yuv420p")
        if self.pixel_format != "yuv420p":
            frame = frame.reformat(format=self.pixel_format)
        frame.pts, frame.time_base = ticks, TIME_BASE
        if key:
            frame.pict_type = av.video.frame.PictureType.I
        return frame


def software(quality: Quality, preset: str = PRESETS[0]) -> Encoder:
    """x264 without delay: each frame comes out at once, so that a crash loses little."""
    return Encoder(
        SOFTWARE,
        {"preset": preset, "crf": str(CRF[quality]), "tune": "zerolatency", "forced-idr": "1"},
    )


def hardware(name: str, quality: Quality) -> Encoder:
    """A hardware encoder without B-frames and delay, and with key frames on demand."""
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
    """The first hardware encoder whose trial can be decoded, or None.

    It must keep each frame's time and hold back at most `DELAY_FRAMES` frames. A driver may take a
    second to start; the outcome is cached until the program ends.
    """
    yuv = to_yuv(np.full((TRIAL_SIZE[1], TRIAL_SIZE[0], 3), 128, np.uint8))
    for name in HARDWARE.get(sys.platform, ()):
        if name not in av.codecs_available:
            continue
        encoder = hardware(name, quality)
        try:
            decoded = _decoded_times(encoder, yuv, 1 / NOMINAL_FPS)
        except Exception as error:  # drivers fail in any way
            _log.info("%s does not work here: %s", name, error)
            continue
        if decoded == [_trial_ticks(n) for n in range(TRIAL_FRAMES)]:
            return encoder
        _log.info("%s does not keep times: %s", name, decoded)
    return None


def choose_encoder(
    choice: EncoderChoice, quality: Quality, width: int, height: int, files: int, *, live: bool
) -> Encoder:
    """The encoder for frames of this size.

    Args:
        choice: ``auto`` or ``software``, as the user chose.
        quality: As the user chose.
        width, height: Size of the frames, pixels.
        files: Number of files of this size that are encoded at once.
        live: The source does not wait for the encoder, so the encoder must keep up.
    """
    if choice == "auto" and (found := find_hardware(quality)) is not None:
        return found
    return software(quality, _preset(quality, width, height, files) if live else PRESETS[0])


MIN_SIDE_PX = 16
"""Least side of a video, that of a macroblock: encoders refuse less."""


def video_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the video of frames of this size: even, and at least `MIN_SIDE_PX`."""
    return max(MIN_SIDE_PX, width // 2 * 2), max(MIN_SIDE_PX, height // 2 * 2)


def to_yuv(image_bgr: ImageBgr) -> Yuv:
    """A BGR image as I420 planes of `video_size`.

    4:2:0 needs even sides: an odd last row or column is left out. The edges of a smaller image are
    repeated.
    """
    height, width = image_bgr.shape[:2]
    cols, rows = video_size(width, height)
    if rows > height or cols > width:
        right, below = max(0, cols - width), max(0, rows - height)
        padded = cv2.copyMakeBorder(image_bgr, 0, below, 0, right, cv2.BORDER_REPLICATE)
        image_bgr = np.asarray(padded, np.uint8)
    return np.asarray(cv2.cvtColor(image_bgr[:rows, :cols], cv2.COLOR_BGR2YUV_I420), np.uint8)


@functools.cache
def _preset(quality: Quality, width: int, height: int, files: int) -> str:
    """The best preset that is fast enough on this machine now; measured once for each size."""
    yuv = _texture(*video_size(width, height))
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
    """A textured test image, harder to encode in motion than a face before a still wall."""
    noise = np.random.default_rng(0).normal(128, 30, (45, 80, 3)).clip(0, 255).astype(np.uint8)
    coarse = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return to_yuv(np.asarray(coarse, np.uint8))


def _trial_s(encoder: Encoder, yuv: Yuv) -> float:
    """Median time to encode a frame with some motion, seconds."""
    context = _opened(encoder, yuv)
    took_s = []
    for number in range(TRIAL_FRAMES):
        moved = np.roll(yuv, 2 * number, axis=1)
        begun_s = time.perf_counter()
        context.encode(encoder.frame(moved, _trial_ticks(number), key=not number))
        took_s.append(time.perf_counter() - begun_s)
    return float(np.median(took_s[1:]))


def _decoded_times(encoder: Encoder, yuv: Yuv, pause_s: float = 0.0) -> list[int | None]:
    """Decoded times of a trial's frames, in `TIME_BASE`; `pause_s` is waited after each frame.

    Raises:
        EncoderError: It holds back more than `DELAY_FRAMES` frames.
    """
    context = _opened(encoder, yuv)
    decoder = av.CodecContext.create("h264", "r")
    packets: list[Any] = []
    for number in range(TRIAL_FRAMES):
        packets += context.encode(encoder.frame(yuv, _trial_ticks(number), key=not number))
        if (kept := number + 1 - len(packets)) > DELAY_FRAMES:
            raise EncoderError(f"It holds back {kept} frames.")
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
