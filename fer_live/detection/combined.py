"""Faces in a running picture: a network finds them, the cascade follows frontal ones."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes, Detections, ImageBgr
from fer_live.detection.boxes import iou, suppress
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import HaarDetector
from fer_live.detection.picture_search import GRAIN_S, PictureSearch
from fer_live.detection.template_tracking import Template, extract_templates, follow
from fer_live.detection.yunet import YuNetDetector

CANDIDATE_SCORE = 0.1
"""Score from which a search supposes a face. Hard faces score as little in a coarse search; what is
none is refused by the close look."""

CONFIRM_SCORE = 0.4
"""Score of the close look from which a supposed face is one."""

KEEP_SCORE = 0.3
"""Score of the close look from which a known face is still there."""

SURE_SCORE = 0.6
"""Score from which a face may be shown at once."""

CONFIRM_CROP = (128, 96)
"""Side of the crop in which a supposed face is confirmed, and of a face in it, pixels: hard faces
pass more often where little else is seen."""

RESCUE_CROP = (160, 96)
"""The same for a known face, which may have moved by a third of its side."""

MOST_CANDIDATES = 24
"""Supposed faces looked at in one frame, best first: a bound on its cost."""

LOOK_INTERVAL_S = 1 / 4
"""A known face is looked at closely this often and followed by its template in between. The coarse
search sees it as often."""

LOST_S = 0.25
"""A face that a close look misses is looked for in every frame for this long."""

CASCADE_RETRY_S = 2.0
"""A face that the cascade misses is left to the network for this long."""

CASCADE_SCORE = 3.0
"""Close windows of the cascade that must agree on a face that it follows."""

_SAME_IOU = 0.3
"""A box that overlaps a known face by this much shows that face."""

_SETTLED_IOU = 0.75
"""A box has settled when a close look changes it by no more than this."""


class _Followed:
    """A face that is followed."""

    def __init__(self, box: NDArray[np.float32], score: float, now_s: float) -> None:
        self.box = box
        self.score = score
        """The network's, of its last look."""
        self.template: Template | None = None
        """How it looks; None until the frame's end, or if it is lost or flat."""
        self.missed_s: float | None = None
        """Since when close looks have missed it; None while it is found."""
        self.due_s = now_s
        """When it is to be looked at next: at once, since a first box may be inexact."""
        self.cascade_from_s = now_s
        """When the cascade may try to follow it."""

    def find(self, box: NDArray[np.float32], score: float, now_s: float) -> None:
        """Takes in what a close look found."""
        settled = float(iou(self.box[None], box[None])[0, 0]) >= _SETTLED_IOU
        self.due_s = now_s + LOOK_INTERVAL_S if settled else now_s
        self.box, self.score, self.template, self.missed_s = box, score, None, None

    def is_sought(self, now_s: float) -> bool:
        """Whether it is missed, but not for long."""
        return self.missed_s is not None and now_s - self.missed_s < LOST_S - GRAIN_S


class CombinedDetector:
    """Searches with a network at an interval and follows the known faces in between.

    A supposed face counts once a close look by the network confirms it. A known face is followed
    by its template and looked at now and then: by the cascade as long as the cascade sees it, else
    by the network. One that the whole search does not see is looked at by the network at once.
    Stateful: one source, one thread.

    Args:
        network: Finds and confirms; made with `CANDIDATE_SCORE` as its least score.
        cascade: Follows frontal faces; None leaves them to the network.
        clock: Monotonic seconds.
    """

    sure_score = SURE_SCORE
    least_score = KEEP_SCORE

    def __init__(
        self,
        network: YuNetDetector,
        cascade: HaarDetector | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._network = network
        self._cascade = cascade
        self._clock = clock
        self._search = PictureSearch(network)
        self._faces: list[_Followed] = []
        self._last_s: float | None = None

    @property
    def name(self) -> str:
        names = [part.name for part in (self._network, self._cascade) if part is not None]
        return " + ".join(names)

    def reset(self) -> None:
        """Forgets all faces, for a new source."""
        self._search.reset()
        self._faces = []
        self._last_s = None

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """Faces in a (H, W, 3) uint8 picture, the next of a running sequence.

        Raises:
            DetectorError: As the parts do.
        """
        picture = GrayPyramid(image_bgr)
        now_s = self._clock()
        step_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        carried = [face for face in self._faces if _carry(picture, face)]
        supposed, whole = self._search.search(picture, now_s)
        seen = _matched(_stacked(self._faces), supposed.boxes_xyxy)
        unseen = [f for f, is_seen in zip(self._faces, seen, strict=True) if whole and not is_seen]
        due = self._due(carried, now_s, step_s)
        wanted = [f for f in self._faces if f in due or f in unseen or f not in carried]
        rest = self._look_by_cascade(picture, [f for f in wanted if f not in unseen], now_s)
        self._look_by_network(picture, [f for f in wanted if f in unseen or f in rest], now_s)
        self._faces += self._confirmed(picture, supposed, now_s)
        return self._remember(picture, now_s)

    def _due(self, carried: list[_Followed], now_s: float, step_s: float) -> list[_Followed]:
        """Those whose turn it is, so many that all have theirs within the interval, or nearly."""
        overdue = [face for face in carried if now_s >= face.due_s - GRAIN_S]
        turns = max(1, round(len(carried) * step_s / LOOK_INTERVAL_S))
        return sorted(overdue, key=lambda face: face.due_s)[:turns]

    def _look_by_cascade(
        self, picture: GrayPyramid, wanted: list[_Followed], now_s: float
    ) -> list[_Followed]:
        """Looks at those that the cascade may follow; returns all that it did not find."""
        frontal = [face for face in wanted if now_s >= face.cascade_from_s]
        if self._cascade is None or not frontal:
            return wanted
        near = self._cascade.detect_near(picture, _stacked(frontal))
        boxes = near.boxes_xyxy[near.scores >= CASCADE_SCORE]
        overlap = iou(_stacked(frontal), boxes)
        for face, row in zip(frontal, overlap, strict=True):
            if row.max(initial=0) >= _SAME_IOU:
                face.find(boxes[int(row.argmax())], face.score, now_s)
            else:
                face.cascade_from_s = now_s + CASCADE_RETRY_S
        return [face for face in wanted if face not in frontal or face.cascade_from_s > now_s]

    def _look_by_network(self, picture: GrayPyramid, wanted: list[_Followed], now_s: float) -> None:
        looks = self._network.look_at(picture, _stacked(wanted), *RESCUE_CROP)
        for face, look in zip(wanted, looks, strict=True):
            best = _best(face.box, look, KEEP_SCORE)
            if best is not None:
                face.find(*best, now_s)
            elif face.missed_s is None:
                face.missed_s = now_s

    def _confirmed(
        self, picture: GrayPyramid, supposed: Detections, now_s: float
    ) -> list[_Followed]:
        """New faces: supposed ones that are no known face and pass the close look."""
        boxes = supposed.boxes_xyxy
        boxes = boxes[~_matched(boxes, _stacked(self._faces))][:MOST_CANDIDATES]
        looks = self._network.look_at(picture, boxes, *CONFIRM_CROP)
        best = [_best(box, look, CONFIRM_SCORE) for box, look in zip(boxes, looks, strict=True)]
        return [_Followed(*found, now_s) for found in best if found is not None]

    def _remember(self, picture: GrayPyramid, now_s: float) -> Detections:
        """Keeps what is worth following; returns all faces of the frame."""
        found = [face for face in self._faces if face.missed_s is None]
        boxes, scores = _stacked(found), np.array([face.score for face in found], np.float32)
        kept = suppress(boxes, scores)
        found = [found[index] for index in kept]
        fresh = [face for face in found if face.template is None]
        templates = extract_templates(picture, _stacked(fresh))
        for face, template in zip(fresh, templates, strict=True):
            face.template = template
        self._faces = found + [face for face in self._faces if face.is_sought(now_s)]
        return Detections(boxes[kept], scores[kept])


def _carry(picture: GrayPyramid, face: _Followed) -> bool:
    """Moves a face to where its template is now; False if it must be looked for."""
    if face.missed_s is not None or face.template is None:
        return False
    box = follow(picture, face.box, face.template)
    if box is not None:
        face.box = box
    return box is not None


def _stacked(faces: list[_Followed]) -> Boxes:
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)


def _matched(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """(N,) which of (N, 4) boxes overlap any of the others."""
    return np.asarray(iou(boxes, others).max(1, initial=0) >= _SAME_IOU, np.bool_)


def _best(
    box: NDArray[np.float32], look: Detections, least_score: float
) -> tuple[NDArray[np.float32], float] | None:
    """The face of a close look that overlaps a box most, and its score."""
    overlap = iou(box[None], look.boxes_xyxy)[0] * (look.scores >= least_score)
    if overlap.max(initial=0) < _SAME_IOU:
        return None
    index = int(overlap.argmax())
    return look.boxes_xyxy[index], float(look.scores[index])
