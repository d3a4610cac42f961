"""Searches of a running picture for new faces: coarse ones of all, fine ones of parts."""

import math
from dataclasses import dataclass, field

import numpy as np

from fer_live.core.types import Detections
from fer_live.detection.boxes import tiles
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.template_tracking import GRAIN_S
from fer_live.detection.yunet import YuNetDetector, without_doubles

COARSE_INTERVAL_S = 0.25
"""The whole frame is searched this often, so that a new face has its label within 0.3 s."""

COARSE_SIDE_PX = 320
"""Longer side of the frame in a coarse search, which finds faces from a thirtieth of it on."""

FINE_INTERVAL_S = 1.0
"""A tile, or the turned frame, is searched this often for faces that are too small or too hard for
the coarse search. A tile costs as much as four coarse searches, the turned frame as eight."""

FINE_SIDE_PX = 1920
"""Larger frames are reduced to this longer side for the fine search: a round stays short."""

TURNED_SIDE_PX = 640
"""Longer side of the frame in a search of the turned frame, before it is turned."""

TURNS_DEG = (-35.0, 35.0)
"""The frame is searched turned by these as well: of pasted faces that are tilted by 30° the network
sees 78 of 100 as they are and 95 upright."""

FINE_SCORE = 0.3
"""Score from which a fine search supposes a face: below, gravel passes the close look."""


@dataclass(frozen=True)
class Supposed:
    """What the searches of one frame suppose to be faces, known ones among them.

    Attributes:
        upright: In the frame as it is.
        whole: Whether all of the frame was searched upright.
        turned: In the frame turned by `turn_deg`, boxes in the frame as it is.
        turn_deg: Anticlockwise as it is seen.
    """

    upright: Detections = field(default_factory=Detections)
    whole: bool = False
    turned: Detections = field(default_factory=Detections)
    turn_deg: float = 0.0


class PictureSearch:
    """A schedule of searches. After a reset the first frames get a fine search each.

    Args:
        network: Searches; its least score decides what is supposed to be a face.
    """

    def __init__(self, network: YuNetDetector) -> None:
        self._network = network
        self.reset()

    def reset(self) -> None:
        """Starts again, for a new source."""
        self._coarse_s = self._fine_s = -math.inf
        self._turn = 0

    def search(self, picture: GrayPyramid, now_s: float) -> Supposed:
        """The searches that are due.

        Args:
            picture: The frame.
            now_s: Monotonic seconds.
        """
        coarse = now_s - self._coarse_s >= COARSE_INTERVAL_S - GRAIN_S
        height, width = picture.shape
        longer = max(height, width)
        whole = 0, 0, width, height
        found = []
        if coarse:
            self._coarse_s = now_s
            found.append(
                self._network.detect_part(picture, whole, min(1.0, COARSE_SIDE_PX / longer))
            )
        scale = min(1.0, FINE_SIDE_PX / longer)
        parts = [(rect, 0.0) for rect in tiles(width, height, scale)]
        parts += [(whole, turn_deg) for turn_deg in TURNS_DEG]
        first_round = self._turn < len(parts)
        turned, turn_deg = Detections(), 0.0
        if first_round or (not coarse and now_s - self._fine_s >= FINE_INTERVAL_S - GRAIN_S):
            self._fine_s = now_s
            rect, turn_deg = parts[self._turn % len(parts)]
            self._turn += 1
            if turn_deg:
                turned = search_turned(self._network, picture, turn_deg)
            else:
                found.append(fine_only(self._network.detect_part(picture, rect, scale)))
        if not found:
            return Supposed(turned=turned, turn_deg=turn_deg)
        boxes = np.concatenate([part.boxes_xyxy for part in found])
        scores = np.concatenate([part.scores for part in found])
        return Supposed(without_doubles(boxes, scores), coarse, turned, turn_deg)


def search_turned(network: YuNetDetector, picture: GrayPyramid, turn_deg: float) -> Detections:
    """What may be faces in the whole of a picture after it is turned.

    Args:
        network: Searches.
        picture: A frame or an image.
        turn_deg: Anticlockwise as it is seen.

    Returns:
        Boxes in the picture as it is, best score first, of `FINE_SCORE` or more.

    Raises:
        DetectorError: ONNX Runtime failed on this picture.
    """
    height, width = picture.shape
    scale = min(1.0, TURNED_SIDE_PX / max(height, width))
    return fine_only(network.detect_part(picture, (0, 0, width, height), scale, turn_deg))


def fine_only(found: Detections) -> Detections:
    """Those that a fine search supposes to be faces."""
    return found.chosen(found.scores >= FINE_SCORE)
