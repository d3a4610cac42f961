"""Detectors for single images, which have no next frame to confirm a face."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import DetectorError
from fer_live.core.settings import DetectorChoice
from fer_live.core.types import Boxes, Detections, ImageBgr
from fer_live.detection.boxes import Rect, inside, tiles
from fer_live.detection.close_looks import (
    CANDIDATE_SCORE,
    CONFIRM_CROP,
    Seen,
    best_seen,
    confirmed_turned,
)
from fer_live.detection.detector import Detector
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import HaarDetector
from fer_live.detection.picture_search import TURNS_DEG, fine_only, search_turned
from fer_live.detection.yunet import YuNetDetector, without_doubles

HAAR_MIN_FACE_SHARE = 0.04
"""Smallest face for the cascade, share of the image's shorter side: group photographs have small
ones, and nobody waits for the next frame."""

HAAR_MIN_FACE_PX = 40
"""Smallest face for the cascade, pixels: a smaller box is a false alarm more often than not."""

HAAR_MIN_NEIGHBORS = 5
"""More of the cascade's windows must agree than live, where false alarms do not last. On 96 pasted
validation faces: 55 found with 12 false alarms, against 60 with 26 for three."""

MIN_FACE_PX = 24
"""Smallest face for the network, pixels: a smaller one has no expression that a model can read."""

_MEASURED_SHARE = 0.9
"""A face as large as the smallest counts though its box is smaller by up to a tenth."""

_WHOLE_PX = 640
"""Longer side of the whole image in the first search."""

_TILE_FACE_PX = 24
"""Side that the smallest face has in a tile, pixels. Nothing is enlarged: the network takes parts
of enlarged gravel, grass and cloth for faces."""

_SCORE = 0.5
"""A supposed face counts if a close look gives this score."""

_CLEAR_SCORE = 0.85
"""The image is searched turned as well if no face is found, or one of a smaller score: of tilted
faces the look sees half or gives a box that is too large. One in eight photographs of people is."""

_MOST_TURNED = 16
"""Supposed faces of a turned search that are looked at, best first: a bound on its cost."""

_TURNED_SCORE = 0.7
"""Mean score of two turned looks from which a face counts; more than live, where the next frames
may refuse it. On 104 hard pictures without faces no box is added, and at 0.6 three are."""

_CUT_SHARE = 0.2
"""A box that a tile's edge cuts is a part of a whole face that holds this much of it."""

_BORDER_SHARE = 0.25
"""Border for the second search of a tight portrait, share of the image's longer side: the network
knows faces with their surroundings."""

_BORDER_GREY = 128

_BORDERED_PX = 4_000_000
"""Most pixels of the image to which the border is added: a portrait that fills the image is found
at a part of its size, and the border more than doubles the memory."""


class StillDetector:
    """All faces of a single image, by YuNet.

    The whole image is searched at 640 pixels and, if it is larger, in tiles in which its smallest
    faces are large enough. Each supposed face is confirmed by a close look. If no face is found, or
    one that is not clear, the whole image is searched turned to either side too, and two looks at
    the same turn must agree. If nothing is found, or only what the image's edge cuts, the upright
    search is repeated with a grey border around the image.

    Args:
        min_face_px: Smallest face to report, pixels of the image.

    Raises:
        DetectorError: The network is missing or damaged.
    """

    def __init__(self, min_face_px: float = MIN_FACE_PX) -> None:
        self._network = YuNetDetector(long_side=_WHOLE_PX, min_score=CANDIDATE_SCORE)
        self._min_face_px = min_face_px

    @property
    def name(self) -> str:
        return self._network.name

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """All faces in a (H, W, 3) uint8 picture, best score first.

        Raises:
            DetectorError: ONNX Runtime failed on this picture.
        """
        height, width = image_bgr.shape[:2]
        if min(height, width) < _TILE_FACE_PX / 2:
            # Not even half a face; of a picture of one line, millions of tiles would be searched.
            return Detections()
        found = self._search_at_any_tilt(GrayPyramid(image_bgr))
        if not _inside(found.boxes_xyxy, 0, 0, width, height).any():
            found = _joined(found, self._search_bordered(image_bgr))
        sides = found.boxes_xyxy[:, 2] - found.boxes_xyxy[:, 0]
        return found.chosen(sides >= _MEASURED_SHARE * self._min_face_px)

    def _search_at_any_tilt(self, picture: GrayPyramid) -> Detections:
        found = self._search(picture)
        if len(found) and found.scores.min() >= _CLEAR_SCORE:
            return found
        return _joined(found, self._search_turned(picture))

    def _search_bordered(self, image_bgr: ImageBgr) -> Detections:
        height, width = image_bgr.shape[:2]
        scale = min(1.0, math.sqrt(_BORDERED_PX / (height * width)))
        if scale < 1:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            image_bgr = np.asarray(cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA))
        sides = image_bgr.shape[:2]
        # A portrait is not long and thin, and neither is what is added to it.
        border = min(math.ceil(_BORDER_SHARE * max(sides)), min(sides))
        framed = cv2.copyMakeBorder(
            *(image_bgr, border, border, border, border),
            borderType=cv2.BORDER_CONSTANT,
            value=(_BORDER_GREY,) * 3,
        )
        found = self._search(GrayPyramid(np.asarray(framed, np.uint8)))
        boxes = (found.boxes_xyxy - np.float32(border)) / np.float32(scale)
        return Detections(boxes, found.scores)

    def _search(self, picture: GrayPyramid) -> Detections:
        height, width = picture.shape
        supposed, cut = fine_only(self._network.detect(picture)), Detections()
        # The whole image is enough where its smallest faces are large enough in it.
        scale = min(1.0, _TILE_FACE_PX / max(self._min_face_px, 1.0))
        if scale * max(height, width) > _WHOLE_PX:
            for rect in tiles(width, height, scale):
                part = fine_only(self._network.detect_part(picture, rect, scale))
                is_cut = ~_inside(part.boxes_xyxy, *_seen_edges(rect, width, height))
                supposed = _joined(supposed, part.chosen(~is_cut))
                cut = _joined(cut, part.chosen(is_cut))
        found = self._confirmed(picture, supposed)
        # What a tile cuts off a face looks like a smaller face.
        cut = self._confirmed(picture, cut)
        alone = inside(cut.boxes_xyxy, found.boxes_xyxy).max(1, initial=0) < _CUT_SHARE
        return _joined(found, cut.chosen(alone))

    def _search_turned(self, picture: GrayPyramid) -> Detections:
        seen = []
        for turn_deg in TURNS_DEG:
            for box in search_turned(self._network, picture, turn_deg).boxes_xyxy[:_MOST_TURNED]:
                face = confirmed_turned(self._network, picture, box, turn_deg, _TURNED_SCORE)
                if face is not None:
                    seen.append(face[:2])
        return _detections(seen)

    def _confirmed(self, picture: GrayPyramid, supposed: Detections) -> Detections:
        """The supposed faces that a close look sees."""
        looks = self._network.look_at(picture, supposed.boxes_xyxy, *CONFIRM_CROP)
        pairs = zip(supposed.boxes_xyxy, looks, strict=True)
        seen = [best_seen(box, look, _SCORE) for box, look in pairs]
        return _detections([face for face in seen if face is not None])


def still_detector(choice: DetectorChoice = "auto", min_face_px: float | None = None) -> Detector:
    """The detector for single images.

    Args:
        choice: ``haar`` is the cascade; ``yunet`` and ``auto`` are the network.
        min_face_px: Smallest face, pixels; None is the detector's own limit.

    Raises:
        DetectorError: It cannot be loaded, or the smallest face is no size.
    """
    if min_face_px is not None and not (math.isfinite(min_face_px) and min_face_px >= 0):
        raise DetectorError(
            f"The smallest face cannot be {min_face_px:g} pixels.", "Choose 24, for example."
        )
    if choice == "haar":
        least_px = HAAR_MIN_FACE_PX if min_face_px is None else min_face_px
        return HaarDetector(
            min_face_share=HAAR_MIN_FACE_SHARE,
            min_face_px=least_px,
            min_neighbors=HAAR_MIN_NEIGHBORS,
        )
    return StillDetector(MIN_FACE_PX if min_face_px is None else min_face_px)


def _seen_edges(rect: Rect, width: int, height: int) -> tuple[float, float, float, float]:
    """A tile's left, top, right and bottom, infinite where it ends with the picture."""
    left, top, right, bottom = rect
    return (
        left if left > 0 else -math.inf,
        top if top > 0 else -math.inf,
        right if right < width else math.inf,
        bottom if bottom < height else math.inf,
    )


def _inside(
    boxes: Boxes, left: float, top: float, right: float, bottom: float
) -> NDArray[np.bool_]:
    """(N,) which of (N, 4) boxes lie whole between these edges."""
    low = (boxes[:, 0] >= left) & (boxes[:, 1] >= top)
    return np.asarray(low & (boxes[:, 2] <= right) & (boxes[:, 3] <= bottom), np.bool_)


def _detections(seen: list[Seen]) -> Detections:
    boxes = np.array([box for box, _ in seen], np.float32).reshape(-1, 4)
    return without_doubles(boxes, np.array([score for _, score in seen], np.float32))


def _joined(first: Detections, second: Detections) -> Detections:
    boxes = np.concatenate([first.boxes_xyxy, second.boxes_xyxy])
    return without_doubles(boxes, np.concatenate([first.scores, second.scores]))
