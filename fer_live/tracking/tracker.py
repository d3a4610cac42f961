"""Identities: which face of this frame is which face of the last ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box, Boxes, Detections
from fer_live.detection.boxes import iou
from fer_live.tracking.assignment import assign
from fer_live.tracking.motion import to_box
from fer_live.tracking.track_state import TrackState

_TENTATIVE_MISSED_S = 0.25
"""A face on trial may be missed this long: one frame at 5 fps."""

_MISSED_FRAMES = 1.5
_LONGEST_WAIT_S = 2.0
"""No face is dropped before it was missed in a frame, unless frames are farther apart than this."""

_MAX_SIZE_RATIO = 2.0
"""A face does not double its side between two looks."""

_SIZE_WEIGHT = 0.5
"""Cost of a size ratio of e, against one box side of distance."""

_APPEARANCE_WEIGHT = 1.5
"""Cost of an appearance that is unlike (cosine 0), in box sides of distance."""

_ALIKE = 0.85
"""Cosine from which a face that was hidden is known by its looks."""

_ALIKE_GATE = 2.0
"""A hidden face known by its looks may come back this many box sides from where it should be."""

_HIDDEN_S = 0.15
"""A face missed for longer than this counts as hidden."""

_ALONE_IOU = 0.05
"""Appearance is learnt only while no other face overlaps this one by more."""

_RETURN_GATE = 0.6
"""A face gone from the screen resumes its identity within this many box sides of its place."""

_LONGEST_STEP_S = 0.2
"""Motion is not carried further than this at once: after a pause it says nothing."""


@dataclass(frozen=True)
class TrackerOptions:
    """When a face appears, disappears and counts as the same.

    Args:
        sure_score: Detector's score from which a face is shown at once.
        max_hold_s: Time that a face with a score near 0 must hold before it is shown; in
            between it falls linearly to 0 at `sure_score`.
        min_hits: Detections it takes at least when the score is not sure.
        least_score: A face whose mean score stays below is never shown.
        max_missed_s: A face not found for longer is no longer shown.
        memory_s: A face found again within this time, at its place, resumes its identity.
        gate: Farthest distance between prediction and detection, box sides.
    """

    sure_score: float = 9.0
    max_hold_s: float = 0.45
    min_hits: int = 2
    least_score: float = 3.0
    max_missed_s: float = 0.45
    memory_s: float = 1.0
    gate: float = 0.7


@dataclass(frozen=True, eq=False)
class Track:
    """One followed face at one time.

    Args:
        id: Identity, from 1; never given twice, not even after a reset.
        box_xyxy: Steady box, pixels of the full frame.
        raw_box: The detection itself, or the predicted box while missed: cut crops here.
        score: The detector's score when the face was last found.
        age_s: Seconds since it was first found.
        missed_s: Seconds since it was last found; 0 when found now.
        confirmed: True: faces on trial are not given out.
        velocity: Pixels per second, x and y.
    """

    id: int
    box_xyxy: Box
    raw_box: Box
    score: float
    age_s: float
    missed_s: float
    confirmed: bool
    velocity: tuple[float, float]


class Tracker:
    """Follows faces by motion, size and, where given, appearance. One thread at a time.

    Args:
        options: When faces appear, disappear and count as the same.
    """

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._live: list[TrackState] = []
        self._next_id = 1
        self._updated_s: float | None = None

    def reset(self) -> None:
        """Forgets all faces, for a new source; identities go on counting."""
        self._live = []
        self._updated_s = None

    def update(
        self,
        detections: Detections,
        now_s: float,
        descriptors: NDArray[np.float32] | None = None,
        frame_size: tuple[int, int] | None = None,
    ) -> tuple[Track, ...]:
        """Takes in one frame's detections and gives the faces to show, by identity.

        Args:
            detections: What the detector found, N faces.
            now_s: When the frame was taken, monotonic seconds.
            descriptors: (N, D) float32 of unit length, as `faces.appearance` makes them; keeps
                identities apart where faces hide each other.
            frame_size: Width and height in pixels; a missed face whose centre leaves the picture
                is dropped at once.

        Raises:
            ValueError: There is not one descriptor per detection.
        """
        if descriptors is not None and len(descriptors) != len(detections):
            raise ValueError(f"{len(descriptors)} descriptors for {len(detections)} detections")
        dt_s = max(0.0, now_s - self._updated_s) if self._updated_s is not None else 0.0
        self._updated_s = now_s if self._updated_s is None else max(now_s, self._updated_s)
        now_s = self._updated_s
        self._predict(dt_s, now_s, frame_size)
        unused = self._match(detections, now_s, descriptors)
        for index in unused:
            look = None if descriptors is None else descriptors[index]
            live = TrackState(
                detections.boxes_xyxy[index], float(detections.scores[index]), now_s, look
            )
            live.detection = index
            self._live.append(live)
        self._learn(detections, now_s, dt_s, descriptors)
        self._confirm(now_s)
        return self._shown(now_s, dt_s)

    def _predict(self, dt_s: float, now_s: float, frame_size: tuple[int, int] | None) -> None:
        for live in self._live:
            coasting = live.missed_s(now_s) > 2 * dt_s
            live.filter.predict(min(dt_s, _LONGEST_STEP_S), coasting)
        least_s = min(_LONGEST_WAIT_S, _MISSED_FRAMES * dt_s)
        self._live = [live for live in self._live if self._alive(live, now_s, least_s, frame_size)]

    def _alive(
        self, live: TrackState, now_s: float, least_s: float, frame_size: tuple[int, int] | None
    ) -> bool:
        limit_s = self._options.memory_s if live.id else _TENTATIVE_MISSED_S
        if live.missed_s(now_s) > max(limit_s, least_s):
            return False
        if frame_size is None:
            return True
        x, y = live.filter.position[:2].tolist()
        return bool(0 <= x < frame_size[0] and 0 <= y < frame_size[1])

    def _match(
        self, detections: Detections, now_s: float, looks: NDArray[np.float32] | None
    ) -> list[int]:
        """Pairs shown faces first, then those on trial or gone; returns unused detections."""
        free = list(range(len(detections)))
        shown = [live for live in self._live if live.id and not self._gone(live, now_s)]
        others = [live for live in self._live if not any(live is s for s in shown)]
        for group in (shown, others):
            if not group or not free:
                continue
            similarity = None if looks is None else _similarity(group, looks[free])
            cost = self._cost(group, detections.boxes_xyxy[free], now_s, similarity)
            pairs = assign(cost)
            for row, column in pairs:
                index = free[column]
                box, score = detections.boxes_xyxy[index], float(detections.scores[index])
                group[row].found(box, score, now_s)
                group[row].detection = index
            taken = {column for _, column in pairs}
            free = [index for column, index in enumerate(free) if column not in taken]
        return free

    def _gone(self, live: TrackState, now_s: float) -> bool:
        # A frame may come later than the limit; a face found in the very next frame is not gone.
        return live.missed_s(now_s) > self._options.max_missed_s

    def _cost(
        self,
        group: list[TrackState],
        boxes: Boxes,
        now_s: float,
        similarity: NDArray[np.float64] | None,
    ) -> NDArray[np.float64]:
        """(T, N) distance in box sides plus changes; infinite where it cannot be the same."""
        states = np.stack([live.filter.position for live in group])
        centres = (boxes[:, :2] + boxes[:, 2:]).astype(np.float64) / 2
        sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64).mean(1)
        own = states[:, 2:].mean(1)
        unit = (own[:, None] + sides[None]) / 2
        distance = np.linalg.norm(states[:, None, :2] - centres[None], axis=2) / unit
        ratio = np.abs(np.log(np.maximum(own, 1e-6)[:, None] / np.maximum(sides, 1e-6)[None]))
        cost = distance + _SIZE_WEIGHT * ratio
        gates = np.array([self._gate(live, now_s) for live in group])[:, None]
        if similarity is not None:
            cost += _APPEARANCE_WEIGHT * (1 - similarity)
            hidden = np.array([live.missed_s(now_s) > _HIDDEN_S for live in group])[:, None]
            gates = np.where(hidden & (similarity >= _ALIKE), _ALIKE_GATE, gates)
        impossible = (distance > gates) | (ratio > np.log(_MAX_SIZE_RATIO))
        return np.asarray(np.where(impossible, np.inf, cost), np.float64)

    def _gate(self, live: TrackState, now_s: float) -> float:
        """Farthest distance of a detection, box sides."""
        if live.id and self._gone(live, now_s):
            return _RETURN_GATE
        return self._options.gate * (1 + min(1.0, 2 * live.filter.uncertainty))

    def _learn(
        self,
        detections: Detections,
        now_s: float,
        dt_s: float,
        looks: NDArray[np.float32] | None,
    ) -> None:
        if looks is None or not len(detections):
            return
        boxes = np.array([to_box(live.filter.position) for live in self._live], np.float32)
        overlap = iou(boxes, boxes)
        np.fill_diagonal(overlap, 0)
        for row, live in enumerate(self._live):
            if live.seen_s == now_s and overlap[row].max(initial=0) <= _ALONE_IOU:
                live.learn(looks[live.detection], dt_s)

    def _confirm(self, now_s: float) -> None:
        options = self._options
        for live in self._live:
            if live.id or live.seen_s != now_s:
                continue
            mean = live.score_sum / live.hits
            hold_s = options.max_hold_s * max(0.0, 1 - mean / options.sure_score)
            held = live.hits >= options.min_hits and now_s - live.born_s >= hold_s
            held = held and mean >= options.least_score
            if live.score >= options.sure_score or held:
                live.id = self._next_id
                self._next_id += 1

    def _shown(self, now_s: float, dt_s: float) -> tuple[Track, ...]:
        tracks = []
        for live in self._live:
            if live.seen_s != now_s:
                live.raw_box = to_box(live.filter.position)
            live.smoother.update(live.raw_box, dt_s)
            if not live.id or self._gone(live, now_s):
                continue
            vx, vy = live.filter.velocity[:2].tolist()
            tracks.append(
                Track(
                    id=live.id,
                    box_xyxy=live.smoother.box_xyxy,
                    raw_box=live.raw_box,
                    score=live.score,
                    age_s=now_s - live.born_s,
                    missed_s=live.missed_s(now_s),
                    confirmed=True,
                    velocity=(vx, vy),
                )
            )
        return tuple(sorted(tracks, key=lambda track: track.id))


def _similarity(group: list[TrackState], looks: NDArray[np.float32]) -> NDArray[np.float64]:
    """(T, N) cosine of appearances, -1 to 1; 0 where a face's own is not known."""
    similarity = np.zeros((len(group), len(looks)))
    for row, live in enumerate(group):
        if live.look is not None and live.look.shape == looks.shape[1:]:
            similarity[row] = looks @ live.look
    return similarity
