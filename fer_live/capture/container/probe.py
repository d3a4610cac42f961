"""What the container of a video says about it, without decoding it."""

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from fer_live.capture.video_decoder import main_stream, open_container, seconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoInfo:
    """What the container says; it may be wrong.

    Args:
        length_s: From the first frame to the end, seconds; None if unknown.
        begins_s: Time stamp at which its first stream begins, the zero of its time, seconds.
        first_frame_s: Start of the video stream, seconds after `begins_s`.
        pixel_aspect: Width of a stored pixel over its height.
        stored_size: Width and height as stored, before the frame is turned upright, pixels.
    """

    length_s: float | None = None
    begins_s: Fraction = Fraction(0)
    first_frame_s: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)
    stored_size: tuple[int, int] = (0, 0)

    def upright_aspect(self, size: tuple[int, int]) -> Fraction:
        """`pixel_aspect` of the upright frame, whose width and height are given, pixels."""
        turned = size != self.stored_size and size == self.stored_size[::-1]
        return 1 / self.pixel_aspect if turned else self.pixel_aspect


def probe_video(path: Path) -> VideoInfo:
    """Reads the header of a video. What cannot be read keeps its default; never raises."""
    try:
        with open_container(path) as container:
            stream = main_stream(container)
            if stream is None:
                return VideoInfo()
            context = stream.codec_context
            begins_s = Fraction(container.start_time or 0, av.time_base)
            first_frame_s = seconds(stream.start_time, stream.time_base)
            first_frame_s = Fraction(0) if first_frame_s is None else first_frame_s - begins_s
            length_s = seconds(stream.duration, stream.time_base)
            if length_s is None and container.duration is not None:
                length_s = Fraction(container.duration, av.time_base) - first_frame_s
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
