"""Frames of your own as a source: anything with the five members below fits `fer_live.stream`.

Here it is one image that moves; yours may be an industrial camera, a screen or a robot.
"""

import sys
import threading
import time

import numpy as np
from PIL import Image

import fer_live


class MovingImage:
    """Gives a still image that moves sideways, 25 frames a second."""

    live = True  # frames are lost when nobody reads them

    def __init__(self, path: str, frames: int) -> None:
        self._image_bgr = np.asarray(Image.open(path).convert("RGB"))[:, :, ::-1]
        self._frames = frames
        self._index = 0
        self._interrupted = threading.Event()

    def open(self) -> fer_live.SourceInfo:
        height, width = self._image_bgr.shape[:2]
        return fer_live.SourceInfo("own", "moving image", width, height, 25.0, live=True)

    def read(self) -> fer_live.Frame | None:
        """The next frame, or None at the end."""
        if self._interrupted.wait(1 / 25) or self._index == self._frames:
            return None
        moved = np.roll(self._image_bgr, self._index, axis=1)
        frame = fer_live.Frame(moved, self._index, time.perf_counter())
        self._index += 1
        return frame

    def close(self) -> None:
        self._interrupted.clear()

    def interrupt(self) -> None:
        """Ends a `read` that waits; called from another thread."""
        self._interrupted.set()


def main(path: str, frames: int) -> None:
    for result in fer_live.stream(MovingImage(path, frames)):
        for face in result.faces:
            print(result.frame.index, face.track_id, face.label, round(face.confidence, 2))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
