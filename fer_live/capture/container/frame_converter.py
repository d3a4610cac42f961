"""Decoded frames as upright BGR images."""

import logging
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from fer_live.core.types import ImageBgr

_log = logging.getLogger(__name__)

_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED; swscale takes it as BT.601, as FFmpeg's programs do


class Orientation(NamedTuple):
    """How a stored image becomes upright: rows and columns exchanged first, then mirrored."""

    transposed: bool
    mirrored: bool
    upside_down: bool


_AS_STORED = Orientation(False, False, False)


class FrameConverter:
    """Makes upright BGR images of decoded frames. One thread uses it.

    Args:
        fit_px: Largest width and height; a larger frame is reduced to fit in, which costs less than
            its conversion at full size. None keeps every size.
    """

    def __init__(self, fit_px: tuple[int, int] | None = None) -> None:
        self._reformatter = VideoReformatter()
        self._fit_px = fit_px

    def image(self, frame: VideoFrame) -> ImageBgr | None:
        """The frame as BGR, in memory of its own; None if FFmpeg cannot convert it."""
        matrix = _display_matrix(frame)
        try:
            return turn_upright(self._bgr(frame, matrix), matrix)
        except av.FFmpegError as error:
            _log.debug("colours %s: %s", frame.colorspace, error)
        try:
            # swscale knows no matrix for some colour spaces, YCgCo for example.
            frame.colorspace, frame.color_range = _UNSPECIFIED, ColorRange.UNSPECIFIED
            return turn_upright(self._bgr(frame, matrix), matrix)
        except av.FFmpegError as error:
            _log.debug("%s cannot be converted: %s", frame.format.name, error)
            return None

    def _bgr(self, frame: VideoFrame, how: Orientation) -> ImageBgr:
        # Colour matrix and range are those of the frame. The conversion fills every row of a new
        # frame, or raises.
        size = self._reduced(frame, how)
        if size is not None:
            return _pixels(self._reformatter.reformat(frame, *size, format="bgr24", threads=1))
        converted = self._reformatter.reformat(frame, format="bgr24", threads=1)
        if converted is not frame:
            return _pixels(converted)
        # FFmpeg may store BGR upside down, with rows at falling addresses, and in memory that
        # the decoder uses again.
        rgb = self._reformatter.reformat(frame, format="rgb24", threads=1)
        return np.asarray(cv2.cvtColor(_pixels(rgb), cv2.COLOR_RGB2BGR), np.uint8)

    def _reduced(self, frame: VideoFrame, how: Orientation) -> tuple[int, int] | None:
        """Width and height, as stored, of a frame that is too large; None for any other."""
        if self._fit_px is None:
            return None
        width, height = self._fit_px[::-1] if how.transposed else self._fit_px
        scale = min(width / frame.width, height / frame.height)
        if scale >= 1:
            return None
        return max(round(frame.width * scale), 1), max(round(frame.height * scale), 1)


def upright_size(frame: VideoFrame) -> tuple[int, int]:
    """Width and height of the upright frame."""
    turned = _display_matrix(frame).transposed
    return (frame.height, frame.width) if turned else (frame.width, frame.height)


def _pixels(frame: VideoFrame) -> ImageBgr:
    """The pixels of a packed frame of three bytes each; the array keeps their memory alive."""
    plane: Any = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
    image = rows[:, : 3 * frame.width].reshape(frame.height, frame.width, 3)
    return np.ascontiguousarray(image)


def _display_matrix(frame: VideoFrame) -> Orientation:
    # `frame.side_data` would refer to the frame and be referred to by it: memory that only the
    # garbage collector frees, megabytes for each frame.
    side_data: Any = SideDataContainer
    data = side_data(frame).get("DISPLAYMATRIX")
    if data is None:
        return _AS_STORED
    values = np.frombuffer(bytes(data), np.int32)
    return orientation(values) if values.size == 9 else _AS_STORED


def orientation(matrix: NDArray[np.int32]) -> Orientation:
    """The orientation nearest to a display matrix of FFmpeg, (9,) int32, of libavutil/display.h.

    It maps a stored point (x, y) to (a x + c y, b x + d y), moved into view.
    """
    a, b, _, c, d = (int(value) for value in matrix[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


def turn_upright(image_bgr: ImageBgr, how: Orientation) -> ImageBgr:
    """An image (H, W, 3) as `how` says; the same array if it is upright as it is stored."""
    image: Any = image_bgr
    if how.transposed:
        image = cv2.transpose(image)
    if how.mirrored or how.upside_down:
        # OpenCV's codes: 1 mirrors, 0 turns upside down, -1 does both.
        image = cv2.flip(image, (1 if not how.upside_down else -1) if how.mirrored else 0)
    return np.asarray(image, np.uint8)
