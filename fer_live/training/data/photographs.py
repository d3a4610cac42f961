"""Faces in photographs: found and cut out as `predict` does it, or measured where nobody asked."""

import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import DetectorError
from fer_live.core.types import Boxes, ImageBgr
from fer_live.detection.detector import Detector

SAMPLE = 60
"""Pictures of a data set in which the size of the face is looked at."""

FEWEST_FACES = 5
"""Fewest faces of a sample that say something about the data set."""

SMALL_SHARE = 0.7
"""A face whose box is a smaller part of the picture's shorter side is small. Of FER2013's
validation faces one in thirty is, the median being 0.98."""

_LOOKED_AT_PX = 240
"""Shorter side of a sampled picture when its face is looked for: a face that fills a tenth of it is
found, in 10 ms."""

_MOST_LONG_PX = 640
"""Most pixels of its longer side."""


@dataclass(frozen=True)
class PictureFace:
    """The face of one picture.

    Args:
        count: Number of faces that were found.
        box_xyxy: (1, 4) box of the largest, pixels; (0, 4) if there is none.
    """

    count: int
    box_xyxy: Boxes


class FaceFinder:
    """Finds the face in each picture of a data set, by the detector that `predict` uses.

    What was found is remembered by path, so that several models, or training and calibration, read
    the pictures again without a search. Any number of threads may use one instance.

    Raises:
        DetectorError: The detector is not available.
    """

    def __init__(self) -> None:
        self._own = _OwnDetector()
        self._known: dict[Path, PictureFace] = {}

    def find(self, path: Path, image_bgr: ImageBgr) -> PictureFace:
        """The largest face of a picture.

        Args:
            path: What the picture is remembered by.
            image_bgr: (H, W, 3) uint8.

        Raises:
            DetectorError: The detector failed on this picture.
        """
        if path not in self._known:
            self._known[path] = _largest(self._own.detector, image_bgr)
        return self._known[path]


@dataclass(frozen=True)
class Framing:
    """How faces are cut out of photographs.

    Args:
        finder: Finds them.
        crop_margin: Side of the square divided by that of the face's box, as the model asks.
    """

    finder: FaceFinder
    crop_margin: float


class FaceSizes:
    """How much of a picture its face fills, for a sample of a data set's pictures.

    Args:
        pictures: Number of pictures in the data set.

    Raises:
        DetectorError: The detector is not available.
    """

    def __init__(self, pictures: int) -> None:
        self._own = _OwnDetector()
        spread = np.linspace(0, pictures - 1, min(pictures, SAMPLE)).round()
        self._rows = frozenset(spread.astype(int).tolist())
        self._shares: list[float] = []

    def look_at(self, row: int, image_bgr: ImageBgr) -> None:
        """Looks for a face if the picture is in the sample; any number of threads may ask.

        Args:
            row: The picture's place in the data set, from 0.
            image_bgr: (H, W, 3) uint8.
        """
        if row not in self._rows:
            return
        sides = image_bgr.shape[:2]
        scale = min(1.0, _LOOKED_AT_PX / min(sides), _MOST_LONG_PX / max(sides))
        small = image_bgr
        if scale < 1:
            height, width = (max(1, round(side * scale)) for side in sides)
            small = np.asarray(cv2.resize(image_bgr, (width, height), interpolation=cv2.INTER_AREA))
        try:
            face = _largest(self._own.detector, small)
        except DetectorError:
            return  # one picture less; nobody asked for faces
        if face.count:
            self._shares.append(float(_sides(face.box_xyxy)[0]) / min(small.shape[:2]))

    def notes(self) -> list[str]:
        """One sentence if most of the faces are small, else none."""
        small = sum(share < SMALL_SHARE for share in self._shares)
        if len(self._shares) < FEWEST_FACES or small <= len(self._shares) / 2:
            return []
        return [
            f"these look like photographs and not like faces cut out: in {small} of "
            f"{len(self._shares)} sample images with a face it is small, "
            f"{100 * float(np.median(self._shares)):.0f} % of the side in the median, and the "
            "model sees the whole square. --find-faces finds the faces and cuts them out"
        ]


class _OwnDetector(threading.local):
    """A detector for each thread: one is used by one thread at a time."""

    def __init__(self) -> None:
        self.detector = _load()


def _load() -> Detector:
    """The detector for single images. Imported here, because most training does without it."""
    from fer_live.detection.still_detector import still_detector

    return still_detector("auto")


def _largest(detector: Detector, image_bgr: ImageBgr) -> PictureFace:
    boxes = detector.detect(image_bgr).boxes_xyxy
    if not len(boxes):
        return PictureFace(0, boxes)
    return PictureFace(len(boxes), boxes[[int(_sides(boxes).argmax())]])


def _sides(boxes: Boxes) -> NDArray[np.float32]:
    """(N,) mean side of each box, pixels."""
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).mean(1), np.float32)
