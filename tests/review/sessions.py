"""Sessions for the tests of the review: short logs with known labels, and videos of them."""

from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from fer_live.review.session import Session, open_session
from fer_live.session_log.schema import SessionAbout
from tests.session_log.logs import face, result, write_log

STEP_S = 0.1
HAPPY, SAD = (0.7, 0.2, 0.1), (0.1, 0.8, 0.1)
ROWS = {"happy": HAPPY, "sad": SAD, "unsure": (0.34, 0.33, 0.33), None: None}
NOW = datetime(2026, 5, 4, 13, 0, 0, tzinfo=UTC)


def now() -> datetime:
    return NOW


def frames(*shown, position: bool = False):
    """A frame every `STEP_S` for each entry: a dict of identity to label."""
    return [
        result(
            i,
            i * STEP_S,
            [
                face(one, label, ROWS[label], box=(60 * one, 20, 60 * one + 50, 80))
                for one, label in faces.items()
            ],
            position_s=i * STEP_S if position else None,
        )
        for i, faces in enumerate(shown)
    ]


def session_in(folder: Path, *shown, name: str = "s.csv", **options) -> Session:
    """A session without a video, reviewed for the first time."""
    write_log(folder / name, frames(*shown), **options)
    return open_session(folder / name)[0]


def write_video(path: Path, count: int = 20, fps: int = 10, size=(160, 120)) -> Path:
    """A video whose frame n has the grey level 10 n + 5, with a key frame every second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"g": str(fps), "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            image = np.full((size[1], size[0], 3), grey_of(number), np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def grey_of(number: int) -> int:
    return 10 * number + 5


def frame_number(image) -> int:
    """Which frame of `write_video` an image is."""
    return round((float(np.mean(image)) - 5) / 10)


def played(folder: Path, count: int = 20, shown=None, name: str = "clip.csv") -> Path:
    """The log of a video of `count` frames that was the source."""
    video = write_video(folder / "clip.mp4", count)
    faces = shown or [{1: "happy" if i < count // 2 else "sad"} for i in range(count)]
    about = SessionAbout("clip.mp4", "test model", "CPU", video)
    write_log(folder / name, frames(*faces, position=True), about=about)
    return folder / name
