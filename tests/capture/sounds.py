"""Videos whose sound says its own time."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.capture.conftest import FPS, HEIGHT, WIDTH, picture

RATE = 48_000
PER_S = 5000
"""What a sample's value rises by in a second."""


def write_sound(path: Path, length_s: float) -> Path:
    """A video with sound that is not compressed; a sample's value is its time."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "5"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = out.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        for n in range(round(length_s * FPS)):
            frame = av.VideoFrame.from_ndarray(picture(n), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, FPS)
            out.mux(video.encode(frame))
            count = RATE // FPS
            values = (np.arange(n * count, (n + 1) * count) * PER_S / RATE).astype(np.int16)
            part = av.AudioFrame.from_ndarray(np.repeat(values, 2)[None], "s16", "stereo")
            part.sample_rate, part.pts = RATE, n * count
            part.time_base = Fraction(1, RATE)
            out.mux(sound.encode(part))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    return path


def sample_times_s(samples: np.ndarray) -> np.ndarray:
    """The times that samples (N, 2) say, seconds."""
    return samples[:, 0] / PER_S
