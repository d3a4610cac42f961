"""What close looks by the network see: the rules by which a supposed face counts."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Detections
from fer_live.detection.boxes import iou
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.yunet import YuNetDetector

CANDIDATE_SCORE = 0.15
"""Score from which a search supposes a face. Hard faces score as little in a coarse search; what is
none is refused by the close look."""

SURE_SCORE = 0.6
"""Score from which a face may be shown at once."""

CONFIRM_CROP = (128, 96)
"""Side of the crop in which a supposed face is confirmed, and of a face in it, pixels: hard faces
pass more often where little else is seen."""

SECOND_CROP = (160, 96)
"""The same for a second opinion on a face that the look in `CONFIRM_CROP` is not sure of."""

LOOK_TURNS_DEG = (-20.0, 20.0)
"""A supposed face of which the close look sees no more than traces is looked at turned by these: a
head that is tilted by 30° scores half upright, and other hard faces gain as well."""

SAME_IOU = 0.3
"""A box that overlaps a known or supposed face by this much shows that face."""

Seen = tuple[NDArray[np.float32], float]
"""Box (4,) and score."""

Turned = tuple[NDArray[np.float32], float, float]
"""Box (4,), score, and how much the crop was turned, degrees."""


def best_seen(box: NDArray[np.float32], look: Detections, least_score: float) -> Seen | None:
    """The face of a close look that overlaps a box (4,) most, and its score."""
    overlap = iou(box[None], look.boxes_xyxy)[0] * (look.scores >= least_score)
    if overlap.max(initial=0) < SAME_IOU:
        return None
    index = int(overlap.argmax())
    return look.boxes_xyxy[index], float(look.scores[index])


def agreement(first: Seen, second: Seen | None, least_mean: float) -> Seen | None:
    """The surer of what two looks saw, with their mean score, if it is enough."""
    if second is None or (first[1] + second[1]) / 2 < least_mean:
        return None
    return max(first, second, key=lambda seen: seen[1])[0], (first[1] + second[1]) / 2


def turned_face(
    network: YuNetDetector,
    picture: GrayPyramid,
    box: NDArray[np.float32],
    turns_deg: Sequence[float] = LOOK_TURNS_DEG,
    least_score: float = SURE_SCORE,
) -> Turned | None:
    """The surest face in turned crops around a box that two looks at the same turn agree on.

    Args:
        network: Looks; made with `CANDIDATE_SCORE` as its least score.
        picture: The frame or image.
        box: (4,) where a face is supposed to be, pixels.
        turns_deg: The crops are turned by these, anticlockwise as it is seen.
        least_score: Mean score of the two looks from which it is a face.

    Raises:
        DetectorError: ONNX Runtime failed on this picture.
    """
    boxes = np.repeat(box[None], len(turns_deg), 0)
    looks = network.look_at(picture, boxes, *CONFIRM_CROP, turns_deg)
    firsts = [
        (best, turn)
        for turn, look in zip(turns_deg, looks, strict=True)
        if (best := best_seen(box, look, 2 * least_score - 1)) is not None
    ]
    turns = [turn for _, turn in firsts]
    looks = network.look_at(picture, boxes[: len(turns)], *SECOND_CROP, turns)
    found: list[Turned] = []
    for (first, turn), look in zip(firsts, looks, strict=True):
        agreed = agreement(first, best_seen(box, look, CANDIDATE_SCORE), least_score)
        if agreed is not None:
            found.append((*agreed, turn))
    return max(found, key=lambda face: face[1], default=None)


def confirmed_turned(
    network: YuNetDetector,
    picture: GrayPyramid,
    box: NDArray[np.float32],
    turn_deg: float,
    least_score: float = SURE_SCORE,
) -> Turned | None:
    """What a search of the turned picture supposed, as `turned_face` gives it."""
    # A head that is tilted by less than the picture was turned passes at the smaller turn.
    turns = turn_deg, math.copysign(LOOK_TURNS_DEG[1], turn_deg)
    return turned_face(network, picture, box, turns, least_score)
