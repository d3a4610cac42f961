"""Faces by OpenCV's Haar cascade: a cheap coarse scan, then a close look at what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import DetectorError
from fer_live.core.paths import find_cascade
from fer_live.core.types import Boxes, Detections
from fer_live.detection.boxes import in_frame, pixels_of, suppress
from fer_live.detection.gray_pyramid import GrayPyramid, Grey, Image

_LINEAR_FROM = 0.5
"""Down to this scale linear interpolation still looks at every pixel."""

_WINDOW_PX = 24
"""Side of the cascade's own window, fixed by the file: no smaller face can be searched."""

MIN_FACE_SHARE = 0.12
"""Smallest face looked for, share of the frame's shorter side: 86 pixels at 720p, a head about
1.8 m from a laptop's camera. Half the share costs about four times as much."""

COARSE_SCALE_FACTOR = 1.2
"""Step between the sizes of the coarse scan: on validation faces 1.1 costs twice as much and 1.25
finds two in a hundred fewer."""

_COARSE_EPS = 0.3
"""How far apart coarse windows of one candidate may lie, share of their side."""

_CLOSE_EPS = 0.3
"""How far apart close windows of one face may lie, share of their side."""


@dataclass(frozen=True)
class CloseLook:
    """How one place is searched for one face.

    Args:
        side_px: The supposed face is brought to this side, pixels. From twice the cascade's window
            on, OpenCV tries every position, below only every second one.
        scale_factor: Step between the sizes: finer steps cost more and tell no more.
        sizes: Smallest and largest face, share of the supposed face's side.
        window: Side of the searched part, share of the supposed face's side.
    """

    side_px: int = 64
    scale_factor: float = 1.15
    sizes: tuple[float, float] = (0.8, 1.25)
    window: float = 1.5


MIN_NEIGHBORS = 1
"""Windows that must agree on a face. One finds most; for single pictures, where a box cannot hold
over time, 3 gives under a third of the false alarms and loses three faces in a hundred."""

SURE_SCORE = 9.0
"""Score from which a box may be shown at once: on textured pictures fewer than one false alarm in
twenty pictures reaches it, and four in five of the faces that are found at all."""


FOLLOW_SCORE = 2.0
"""Score from which a box is worth a close look in every frame."""


@dataclass(frozen=True)
class Place:
    """A part of a reduced picture and the sizes of faces to look for in it.

    Args:
        rect: Left, top, right, bottom, pixels.
        sizes: One or more neighbours of those that `HaarDetector.sizes` gives, pixels.
    """

    rect: tuple[int, int, int, int]
    sizes: tuple[float, ...]


class HaarDetector:
    """Frontal faces by a Haar cascade (Viola and Jones, 2001).

    The frame is reduced until the smallest face sought fills the cascade's window and scanned in
    few, large steps where one hit makes a candidate. Each candidate is then looked at closely, at
    one size whatever the face's own. The score is the number of close windows that agree: it
    parts faces from false alarms much better than the cascade's own stage sums do.

    Args:
        cascade: Cascade file; None takes the one that comes with the program.
        min_face_share: Smallest face, share of the frame's shorter side.
        min_face_px: Smallest face that `detect` reports, pixels.
        scale_factor: Step between the sizes of the coarse scan, over 1.
        min_neighbors: Close windows that must agree on a face, 1 or more.
        working_side: Shorter side of the reduced picture, pixels; None follows from
            `min_face_share`. Frames are never enlarged.
        close_look: How candidates and known faces are looked at.

    Raises:
        DetectorError: The cascade is missing or damaged, or an option is out of range.
    """

    sure_score = SURE_SCORE
    follow_score = FOLLOW_SCORE

    def __init__(
        self,
        cascade: Path | None = None,
        *,
        min_face_share: float = MIN_FACE_SHARE,
        min_face_px: float = 0.0,
        scale_factor: float = COARSE_SCALE_FACTOR,
        min_neighbors: int = MIN_NEIGHBORS,
        working_side: int | None = None,
        close_look: CloseLook | None = None,
    ) -> None:
        if not 0.02 <= min_face_share <= 1 or not 1.01 <= scale_factor <= 2 or min_neighbors < 1:
            raise DetectorError(
                "The face detector's options are out of range.",
                "The smallest face is 0.02 to 1 of the frame, the scale step 1.01 to 2, "
                "the neighbours 1 or more.",
            )
        if working_side is not None and working_side < _WINDOW_PX:
            raise DetectorError(
                f"A picture {working_side} pixels high is too small to search for faces.",
                f"Choose a working size of {_WINDOW_PX} pixels or more.",
            )
        self._cascade = _load(cascade if cascade is not None else find_cascade())
        self._min_face_share = min_face_share
        self._min_face_px = min_face_px
        self._scale_factor = scale_factor
        self._min_neighbors = min_neighbors
        self._working_side = working_side or round(_WINDOW_PX / min_face_share)
        self._close = close_look or CloseLook()

    @property
    def name(self) -> str:
        return "Haar cascade"

    def detect(self, image: Image) -> Detections:
        """All faces in a (H, W, 3) uint8 picture, best score first.

        Raises:
            DetectorError: OpenCV failed on this picture.
        """
        try:
            picture = GrayPyramid.of(image)
            grey, scale = self.reduce(picture)
            sizes = self.sizes(grey)
            whole = [Place((0, 0, grey.shape[1], grey.shape[0]), sizes)] if sizes else []
            found = self.detect_in(picture, grey, scale, whole)
        except cv2.error as error:
            raise _failed(error) from error
        sides = found.boxes_xyxy[:, 2] - found.boxes_xyxy[:, 0]
        return found.chosen(sides >= self._min_face_px)

    def detect_near(self, image: Image, boxes_xyxy: Boxes) -> Detections:
        """Faces close to known ones in place and size, at a fraction of the cost of `detect`.

        Args:
            image: (H, W, 3) uint8.
            boxes_xyxy: (N, 4) where faces were a moment ago; a face is found again if it moved
                by less than a quarter of its side and changed its size by less than a fifth.

        Raises:
            DetectorError: OpenCV failed on this picture.
        """
        try:
            picture = GrayPyramid.of(image)
            return self._look_at(picture, boxes_xyxy, np.zeros(len(boxes_xyxy), np.float32))
        except cv2.error as error:
            raise _failed(error) from error

    def reduce(self, picture: GrayPyramid) -> tuple[Grey, float]:
        """The small grey picture that coarse scans search, and its scale to the frame, 0-1."""
        height, width = picture.shape
        scale = min(1.0, self._working_side / min(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        source, have = picture.level(scale)
        if size == source.shape[::-1]:
            return source.copy(), scale
        # Linear steps over nothing up to a half, at a fifth of the cost of averaging.
        how = cv2.INTER_LINEAR if scale / have >= _LINEAR_FROM else cv2.INTER_AREA
        return np.asarray(cv2.resize(source, size, interpolation=how), np.uint8), scale

    def sizes(self, grey: Grey) -> tuple[float, ...]:
        """Sides of the faces that a coarse scan looks for, pixels of the reduced picture."""
        shorter = min(grey.shape)
        smallest = max(_WINDOW_PX, round(shorter * self._min_face_share))
        sides = []
        side = float(_WINDOW_PX)
        while round(side) <= shorter:
            if round(side) >= smallest:
                sides.append(side)
            side *= self._scale_factor
        return tuple(sides)

    def detect_in(
        self, picture: GrayPyramid, grey: Grey, scale: float, places: Sequence[Place]
    ) -> Detections:
        """Faces of some sizes in some parts of a picture.

        Args:
            picture: The frame.
            grey, scale: As `reduce` gives them; parts of `grey` may have been blanked.
            places: Where to search, and for which sizes.

        Raises:
            DetectorError: OpenCV failed on this picture.
        """
        try:
            windows = [window for place in places for window in self._windows(grey, place)]
            boxes, counts = _group(windows, 1, _COARSE_EPS)
            return self._look_at(picture, boxes / np.float32(scale), counts)
        except cv2.error as error:
            raise _failed(error) from error

    def _windows(self, grey: Grey, place: Place) -> list[tuple[int, int, int, int]]:
        """Windows that pass the cascade: left, top, width, height, pixels of the picture."""
        left, top, right, bottom = place.rect
        # Half a step of slack: the cascade rounds its sizes.
        slack = self._scale_factor**0.5
        smallest, largest = round(place.sizes[0] / slack), round(place.sizes[-1] * slack)
        found = self._cascade.detectMultiScale(
            grey[top:bottom, left:right],
            self._scale_factor,
            0,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
        )
        return [(x + left, y + top, w, h) for x, y, w, h in found]

    def _look_at(
        self, picture: GrayPyramid, candidates: Boxes, counts: NDArray[np.float32]
    ) -> Detections:
        """Faces near the candidates; one with enough windows of its own stands by itself."""
        enough = counts >= self._min_neighbors
        boxes, scores = [candidates[enough]], [counts[enough]]
        for left, top, right, bottom in candidates.tolist():
            centre = (left + right) / 2, (top + bottom) / 2
            near, neighbours = self._close_look(picture, centre, (right - left + bottom - top) / 2)
            boxes.append(near)
            scores.append(neighbours)
        all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
        kept = suppress(all_boxes, all_scores)
        return Detections(all_boxes[kept], all_scores[kept])

    def _close_look(
        self, picture: GrayPyramid, centre: tuple[float, float], side: float
    ) -> tuple[Boxes, NDArray[np.float32]]:
        """(N, 4) faces and (N,) agreeing windows around one place, pixels of the frame."""
        none = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
        height, width = picture.shape
        reach = side * self._close.window / 2
        left, right = (round(min(max(centre[0] + d, 0), width)) for d in (-reach, reach))
        top, bottom = (round(min(max(centre[1] + d, 0), height)) for d in (-reach, reach))
        scale = self._close.side_px / max(side, 1.0)
        size = round((right - left) * scale), round((bottom - top) * scale)
        if min(size) < _WINDOW_PX or min(right - left, bottom - top) < 1:
            return none
        source, have = picture.level(scale)
        rect = left, top, right, bottom
        how = cv2.INTER_LINEAR if scale / have >= _LINEAR_FROM else cv2.INTER_AREA
        smallest, largest = (round(self._close.side_px * share) for share in self._close.sizes)
        found = self._cascade.detectMultiScale(
            cv2.resize(source[pixels_of(rect, have)], size, interpolation=how),
            self._close.scale_factor,
            0,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
        )
        groups, neighbours = _group(found, self._min_neighbors, _CLOSE_EPS)
        return in_frame(groups, rect, size), neighbours


def _group(
    windows_xywh: Sequence[Any], at_least: int, eps: float
) -> tuple[Boxes, NDArray[np.float32]]:
    """Windows that agree: (N, 4) mean boxes and (N,) how many agree, `at_least` or more."""
    # groupRectangles drops groups of one whatever it is told, so every window goes in twice.
    rectangles = np.repeat(np.asarray(windows_xywh, np.int32).reshape(-1, 4), 2, axis=0)
    groups, counts = cv2.groupRectangles(rectangles.tolist(), 2 * at_least - 1, eps)
    boxes = np.asarray(groups, np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes, np.asarray(counts, np.float32).reshape(-1) / np.float32(2)


def _load(path: Path) -> cv2.CascadeClassifier:
    """Reads a cascade from memory: OpenCV cannot open every path that Python can."""
    hint = "Install fer-live again, or name an OpenCV cascade file."
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DetectorError(f"The face cascade {path} cannot be read.", hint) from error
    cascade = cv2.CascadeClassifier()
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        loaded = cascade.read(storage.getFirstTopLevelNode())
    except (cv2.error, SystemError) as error:
        raise DetectorError(f"{path} is not a face cascade, or it is damaged.", hint) from error
    if not loaded or cascade.empty():
        raise DetectorError(f"{path} is not a face cascade, or it is damaged.", hint)
    return cascade


def _failed(error: cv2.error) -> DetectorError:
    return DetectorError(
        f"The face detector failed on this picture ({error}).", "Try another source or resolution."
    )
