"""Faces in a running picture: a network finds them, the cascade follows frontal ones."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes, Detections, ImageBgr
from fer_live.detection.boxes import inside, iou, suppress
from fer_live.detection.close_looks import (
    CANDIDATE_SCORE,
    CONFIRM_CROP,
    SAME_IOU,
    SECOND_CROP,
    SURE_SCORE,
    Turned,
    agreement,
    best_seen,
    confirmed_turned,
    turned_face,
)
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import CloseLook, HaarDetector
from fer_live.detection.picture_search import PictureSearch
from fer_live.detection.template_tracking import (
    GRAIN_S,
    SETTLED_IOU,
    KnownFace,
    due_faces,
    extract_templates,
    stacked,
)
from fer_live.detection.yunet import YuNetDetector

CONFIRM_SCORE = 0.3
"""Score of the close look from which a supposed face is one if the cascade sees it as well."""

AGREED_SCORE = 0.5
"""Mean score of a first and a second look from which a supposed face is one that the first is not
sure of: what is none passes one look by chance."""

KEEP_SCORE = 0.3
"""Score of the close look from which a known face is still there."""

CERTAIN_SCORE = 0.8
"""Score of a close look that is right about a known face's box whatever it was before."""

BETTER_SCORE = 0.05
"""A search that is surer than the last close look by this much may correct a known face's box: of a
tilted face the upright network gives a box that is too large."""

MOST_CANDIDATES = 16
"""Supposed faces looked at in one frame, best first: a bound on its cost."""

REFUSED_S = 0.3
"""A place where the close look found no face is not looked at again for this long: textured
backgrounds give ten supposed faces in every search."""

TURNED_REFUSED_S = 2.0
"""A place where turned looks found no face is not looked at turned again for this long: they cost
as much as two looks."""

DOUBTED_S = 10.0
"""A supposed face that passed unsurely, or only turned, and was lost within `PROVEN_S`, is not
looked at again in its place for this long: without it the same fold of cloth is a face again and
again, each time with another identity."""

PROVEN_S = 1.0
"""A face that was followed for this long is not doubted."""

REFUSED_GAIN = 0.1
"""Unless a search is surer of it by this much."""

RESCUE_CROP = SECOND_CROP
"""The same as `CONFIRM_CROP` for a known face, which may have moved by a third of its side."""

LAST_CROP = (96, 64)
"""The same for a known face that passes in no other, and for what a search is sure of."""

LOOK_INTERVAL_S = 1 / 4
"""A known face is looked at closely this often and followed by its template in between. The coarse
search sees it as often."""

LOST_S = 0.25
"""A face that a close look misses is looked for in every frame for this long."""

CASCADE_RETRY_S = 2.0
"""A face that the cascade misses is left to the network for this long."""

CASCADE_LOOK = CloseLook(side_px=36, scale_factor=1.1, sizes=(0.87, 1.15), window=1.35)
"""The cascade's look at a face that it follows. Under twice its window OpenCV tries every second
position: a look costs a quarter of the cascade's usual one and less than the network's, and the box
is as exact."""

CASCADE_SCORE = 3.0
"""Close windows of the cascade that must agree on a face that it follows."""

_PART_SHARE = 0.4
"""A box of which this much lies in a better one is a part of that face, such as the edge of the
searched part of the frame cuts off, or the rest of a face behind it: what is left of a hidden face
moves with the one before it, and would take the identity along."""

_REFUSED_IOU = 0.5
"""A box that overlaps a refused one by this much supposes the same face."""


class _Followed(KnownFace):
    """A face that is followed; its score is the network's, of its last look.

    Args:
        box: (4,) float32, pixels; looked at again in the next frame, since a first box may be
            inexact.
        score: The network's.
        now_s: When it was found, monotonic seconds.
        turn_deg: How much its crop was turned for the look that found it.
        supposed: What the search supposed there; it is doubted if the face is lost soon.
    """

    def __init__(
        self,
        box: NDArray[np.float32],
        score: float,
        now_s: float,
        turn_deg: float,
        supposed: tuple[NDArray[np.float32], float],
    ) -> None:
        super().__init__(box, score, now_s)
        self.turn_deg = turn_deg
        self.supposed = supposed
        self.sure = score >= SURE_SCORE and not turn_deg
        self.found_s = now_s
        self.cascade_from_s = now_s
        """When the cascade may try to follow it."""
        self.seen_s = -math.inf
        """When the search of the whole frame last saw it at its box."""
        self.has_traces = False
        """Whether a close look that missed it found something like a face."""

    def find(self, box: NDArray[np.float32], score: float, now_s: float) -> None:
        """Takes in what a close look found."""
        settled = float(iou(self.box[None], box[None])[0, 0]) >= SETTLED_IOU
        self.due_s = now_s + LOOK_INTERVAL_S if settled else now_s
        self.box, self.score, self.template, self.missed_s = box, score, None, None

    def spare(self, now_s: float) -> bool:
        """Whether a search saw it at its box so lately that it needs no look by the network."""
        if self.template is None or now_s - self.seen_s > LOOK_INTERVAL_S - GRAIN_S:
            return False
        self.due_s = self.seen_s + LOOK_INTERVAL_S
        return True

    def is_sought(self, now_s: float) -> bool:
        """Whether it is missed, but not for long."""
        return self.missed_s is not None and now_s - self.missed_s < LOST_S - GRAIN_S


@dataclass(frozen=True)
class _Refused:
    """A supposed face that was none, until a time; score of the search that supposed it."""

    box: NDArray[np.float32]
    score: float
    until_s: float


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
        self._refused: list[_Refused] = []
        self._turned_in_vain: list[_Refused] = []
        self._doubted: list[_Refused] = []
        self._last_s: float | None = None

    @property
    def name(self) -> str:
        names = [part.name for part in (self._network, self._cascade) if part is not None]
        return " + ".join(names)

    def reset(self) -> None:
        """Forgets all faces, for a new source."""
        self._search.reset()
        self._faces, self._refused = [], []
        self._turned_in_vain, self._doubted = [], []
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
        carried = [face for face in self._faces if face.carry(picture)]
        supposed = self._search.search(picture, now_s)
        self._correct(picture, supposed.upright, 0.0, now_s)
        self._correct(picture, supposed.turned, supposed.turn_deg, now_s)
        unseen = self._unseen(supposed.upright, now_s) if supposed.whole else []
        due = due_faces(carried, now_s, step_s, LOOK_INTERVAL_S)
        wanted = [f for f in self._faces if f in due or f in unseen or f not in carried]
        rest = self._look_by_cascade(picture, [f for f in wanted if f not in unseen], now_s)
        rest = [f for f in rest if f not in carried or not f.spare(now_s)]
        self._look_by_network(picture, [f for f in wanted if f in unseen or f in rest], now_s)
        self._faces += self._confirmed(picture, supposed.upright, now_s)
        self._faces += self._confirmed_turned(picture, supposed.turned, supposed.turn_deg, now_s)
        return self._remember(picture, now_s)

    def _correct(
        self, picture: GrayPyramid, supposed: Detections, turn_deg: float, now_s: float
    ) -> None:
        """Known faces that a search sees better than their last look get the box of a new one."""
        overlap = iou(stacked(self._faces), supposed.boxes_xyxy)
        near = _show_the_same(stacked(self._faces), supposed.boxes_xyxy)
        for face, is_near, common in zip(self._faces, near, overlap, strict=True):
            scores = supposed.scores * is_near
            if scores.max(initial=0) < max(SURE_SCORE, face.score + BETTER_SCORE):
                continue
            index = int(scores.argmax())
            if common[index] >= SETTLED_IOU:
                continue
            box = supposed.boxes_xyxy[index]
            (look,) = self._network.look_at(picture, box[None], *CONFIRM_CROP, [turn_deg])
            best = best_seen(box, look, max(SURE_SCORE, face.score))
            if best is not None:
                face.find(*best, now_s)
                face.turn_deg = turn_deg

    def _unseen(self, supposed: Detections, now_s: float) -> list[_Followed]:
        """Known faces that a search of the whole frame did not see; notes which it did."""
        overlap = iou(stacked(self._faces), supposed.boxes_xyxy)
        settled = (overlap >= SETTLED_IOU) & (supposed.scores >= KEEP_SCORE)
        for face, row in zip(self._faces, settled, strict=True):
            if row.any():
                face.seen_s = now_s
        seen = overlap.max(1, initial=0) >= SAME_IOU
        return [face for face, is_seen in zip(self._faces, seen, strict=True) if not is_seen]

    def _look_by_cascade(
        self, picture: GrayPyramid, wanted: list[_Followed], now_s: float
    ) -> list[_Followed]:
        """Looks at those that the cascade may follow; returns all that it did not find."""
        frontal = [face for face in wanted if now_s >= face.cascade_from_s]
        if self._cascade is None or not frontal:
            return wanted
        near = self._cascade.detect_near(picture, stacked(frontal))
        boxes = near.boxes_xyxy[near.scores >= CASCADE_SCORE]
        overlap = iou(stacked(frontal), boxes)
        for face, row in zip(frontal, overlap, strict=True):
            if row.max(initial=0) >= SAME_IOU:
                face.find(boxes[int(row.argmax())], face.score, now_s)
            else:
                face.cascade_from_s = now_s + CASCADE_RETRY_S
        return [face for face in wanted if face not in frontal or face.cascade_from_s > now_s]

    def _look_by_network(self, picture: GrayPyramid, wanted: list[_Followed], now_s: float) -> None:
        # A hard face may pass in the crop that it was confirmed in and in no other.
        missed: list[tuple[_Followed, Detections]] = []
        for crop in (RESCUE_CROP, CONFIRM_CROP, LAST_CROP):
            turns = [0.0 if crop == CONFIRM_CROP else face.turn_deg for face in wanted]
            looks = self._network.look_at(picture, stacked(wanted), *crop, turns)
            missed = []
            for face, look, turn in zip(wanted, looks, turns, strict=True):
                best = best_seen(face.box, look, KEEP_SCORE)
                if best is None or not _is_steady(face, *best):
                    missed.append((face, look))
                else:
                    face.find(*best, now_s)
                    face.turn_deg = turn
            wanted = [face for face, _ in missed]
        for face, look in missed:
            if face.missed_s is None:
                face.missed_s = now_s
            traces = best_seen(face.box, look, CANDIDATE_SCORE)
            face.has_traces = traces is not None
            if traces is None:
                continue
            if _is_steady(face, *traces):
                face.box = traces[0]
            turned = turned_face(self._network, picture, traces[0])
            if turned is not None:
                face.find(*turned[:2], now_s)
                face.turn_deg = turned[2]

    def _confirmed(
        self, picture: GrayPyramid, supposed: Detections, now_s: float
    ) -> list[_Followed]:
        """New faces: supposed ones that are no known face and pass the close look."""
        self._refused = _still_refused(self._refused, now_s)
        self._turned_in_vain = _still_refused(self._turned_in_vain, now_s)
        self._doubted = _still_refused(self._doubted, now_s)
        boxes, scores = supposed.boxes_xyxy, supposed.scores
        new = ~_matched(boxes, stacked(self._faces))
        new &= ~_are_refused(supposed, self._refused + self._doubted)
        boxes, scores = boxes[new][:MOST_CANDIDATES], scores[new][:MOST_CANDIDATES]
        looks = self._network.look_at(picture, boxes, *CONFIRM_CROP)
        faces: list[_Followed] = []
        for box, score, look in zip(boxes, scores.tolist(), looks, strict=True):
            if _matched(box[None], stacked(faces))[0]:
                continue
            face = self._judged(picture, box, score, look, now_s)
            if face is None:
                self._refused.append(_Refused(box, score, now_s + REFUSED_S - GRAIN_S))
            else:
                faces.append(_Followed(face[0], face[1], now_s, face[2], (box, score)))
        return faces

    def _confirmed_turned(
        self, picture: GrayPyramid, supposed: Detections, turn_deg: float, now_s: float
    ) -> list[_Followed]:
        """New faces of a search of the turned frame: those that looks at them, turned, agree on.

        Upright looks have refused some of these places; the search is too rare to ask about that.
        """
        new = ~_matched(supposed.boxes_xyxy, stacked(self._faces))
        new &= ~_are_refused(supposed, self._doubted)
        boxes = supposed.boxes_xyxy[new][:MOST_CANDIDATES]
        scores = supposed.scores[new][:MOST_CANDIDATES]
        faces: list[_Followed] = []
        for box, score in zip(boxes, scores.tolist(), strict=True):
            turned = confirmed_turned(self._network, picture, box, turn_deg)
            if turned is not None and not _matched(turned[0][None], stacked(faces))[0]:
                faces.append(_Followed(*turned[:2], now_s, turned[2], (box, score)))
        return faces

    def _judged(
        self,
        picture: GrayPyramid,
        box: NDArray[np.float32],
        score: float,
        look: Detections,
        now_s: float,
    ) -> Turned | None:
        """What a supposed face is after its close look; None if it is none."""
        best = best_seen(box, look, CANDIDATE_SCORE)
        if best is not None and best[1] >= SURE_SCORE:
            return *best, 0.0
        if score >= SURE_SCORE:
            # In noise a search sees more than a look at enlarged grain: it is the first opinion.
            (small,) = self._network.look_at(picture, box[None], *LAST_CROP)
            agreed = agreement((box, score), best_seen(box, small, CANDIDATE_SCORE), SURE_SCORE)
            if agreed is not None:
                return *agreed, 0.0
        if best is None:
            return None
        (second,) = self._network.look_at(picture, box[None], *SECOND_CROP)
        agreed = agreement(best, best_seen(box, second, CANDIDATE_SCORE), AGREED_SCORE)
        if agreed is not None:
            return *agreed, 0.0
        if best[1] >= CONFIRM_SCORE and self._seen_by_cascade(picture, best[0]):
            return *best, 0.0
        vain = np.array([place.box for place in self._turned_in_vain], np.float32).reshape(-1, 4)
        if iou(box[None], vain).max(initial=0) >= _REFUSED_IOU:
            return None
        turned = turned_face(self._network, picture, best[0])
        if turned is None:
            until_s = now_s + TURNED_REFUSED_S - GRAIN_S
            self._turned_in_vain.append(_Refused(box, score, until_s))
        return turned

    def _seen_by_cascade(self, picture: GrayPyramid, box: NDArray[np.float32]) -> bool:
        if self._cascade is None:
            return False
        near = self._cascade.detect_near(picture, box[None])
        overlap = iou(box[None], near.boxes_xyxy[near.scores >= CASCADE_SCORE])
        return bool(overlap.max(initial=0) >= SAME_IOU)

    def _remember(self, picture: GrayPyramid, now_s: float) -> Detections:
        """Keeps what is worth following; returns all faces of the frame."""
        sought = [face for face in self._faces if face.is_sought(now_s)]
        traced = [face for face in sought if face.has_traces]
        found = [face for face in self._faces if face.missed_s is None] + traced
        boxes, scores = stacked(found), np.array([face.score for face in found], np.float32)
        kept = suppress(boxes, scores, _PART_SHARE)
        found = [found[index] for index in kept]
        fresh = [face for face in found if face.template is None and face.missed_s is None]
        templates = extract_templates(picture, stacked(fresh))
        for face, template in zip(fresh, templates, strict=True):
            face.template = template
        lost = [f for f in self._faces if f.missed_s is not None and f not in sought]
        self._doubted += [
            _Refused(*face.supposed, now_s + DOUBTED_S)
            for face in lost
            if not face.sure and now_s - face.found_s < PROVEN_S
        ]
        self._faces = found + [face for face in sought if face not in traced]
        return Detections(boxes[kept], scores[kept])


def _is_steady(face: _Followed, box: NDArray[np.float32], score: float) -> bool:
    """Whether a look may move a known face to a box: it sees it where it was, or is sure of it.

    Boxes of what is no face change from look to look, and so do wrong ones of a tilted face.
    """
    settled = float(iou(face.box[None], box[None])[0, 0]) >= SETTLED_IOU
    return settled or score >= CERTAIN_SCORE or score >= max(SURE_SCORE, face.score)


def _matched(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """(N,) which of (N, 4) boxes show the same face as, or a part of, any of the others."""
    return np.asarray(_show_the_same(boxes, others).any(1), np.bool_)


def _show_the_same(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """(N, M) which of (N, 4) boxes show the same face as, or a part of, which of (M, 4) others."""
    same = (iou(boxes, others) >= SAME_IOU) | (inside(boxes, others) >= _PART_SHARE)
    return np.asarray(same, np.bool_)


def _still_refused(places: list[_Refused], now_s: float) -> list[_Refused]:
    return [place for place in places if now_s < place.until_s]


def _are_refused(supposed: Detections, places: list[_Refused]) -> NDArray[np.bool_]:
    """(N,) which supposed faces lie in a refused place, and are hardly surer than then."""
    boxes = np.array([place.box for place in places], np.float32).reshape(-1, 4)
    limits = np.array([place.score + REFUSED_GAIN for place in places], np.float32)
    again = iou(supposed.boxes_xyxy, boxes) >= _REFUSED_IOU
    return np.asarray((again & (supposed.scores[:, None] < limits)).any(1), np.bool_)
