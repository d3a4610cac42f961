"""What a video's container says of it, beyond the pictures that OpenCV gives."""

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoInfo:
    """As the container says; nothing of it is sure.

    Args:
        length_s: From the first picture to the end; None if unknown.
        begins_s: The video's own zero: where its first stream begins in its time stamps, seconds.
        first_frame_s: When the pictures begin, seconds after that.
        pixel_aspect: Width of a stored pixel over its height.
        stored_size: Width and height as stored, before the picture is turned upright, pixels.
    """

    length_s: float | None = None
    begins_s: Fraction = Fraction(0)
    first_frame_s: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)
    stored_size: tuple[int, int] = (0, 0)

    def upright_aspect(self, size: tuple[int, int]) -> Fraction:
        """`pixel_aspect` of the upright picture, whose width and height are given, pixels."""
        turned = size != self.stored_size and size == self.stored_size[::-1]
        return 1 / self.pixel_aspect if turned else self.pixel_aspect


def probe_video(path: Path) -> VideoInfo:
    """Reads a video's header. What cannot be read is as if it were not said; never raises."""
    try:
        with av.open(str(path.absolute())) as video:
            if not video.streams.video:
                return VideoInfo()
            stream = video.streams.video[0]
            context = stream.codec_context
            begins_s = Fraction(video.start_time or 0, av.time_base)
            first_frame_s = _seconds(stream.start_time, stream.time_base)
            first_frame_s = Fraction(0) if first_frame_s is None else first_frame_s - begins_s
            length_s = _seconds(stream.duration, stream.time_base)
            if length_s is None and video.duration is not None:
                length_s = Fraction(video.duration, av.time_base) - first_frame_s
            return VideoInfo(
                float(length_s) if length_s and length_s > 0 else None,
                begins_s,
                first_frame_s,
                stream.sample_aspect_ratio or Fraction(1),
                (context.width, context.height),
            )
    except (av.FFmpegError, OSError, ValueError, AttributeError) as error:
        _log.debug("%s: %s", path, error)
        return VideoInfo()


def _seconds(ticks: int | None, base: Any) -> Fraction | None:
    return None if ticks is None or base is None else Fraction(ticks * base)
