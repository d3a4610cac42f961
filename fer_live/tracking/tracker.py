"""Multi-face tracking: which face of this frame is which face of the frames before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box, Boxes, Detections
from fer_live.detection.boxes import iou
from fer_live.tracking.assignment import assign
from fer_live.tracking.motion import to_box
from fer_live.tracking.track_state import TrackState

_TENTATIVE_MISSED_S = 0.25
"""Longest time, seconds, that a tentative track may be missed: one frame at 5 fps."""

_TENTATIVE_FRAMES, _MEMORY_FRAMES = 1.5, 2.5
_LONGEST_WAIT_S = 2.5
"""A track is dropped only after it was missed in so many frames and a half, unless that takes
longer than this, seconds: where frames are rare, one without the face is no end of it."""

_MAX_SIZE_RATIO = 2.0
"""Largest ratio of a face's sides between two detections."""

_SIZE_WEIGHT = 0.5
"""Cost of a size ratio of e, against one box side of distance."""

_APPEARANCE_WEIGHT = 1.5
"""Cost of a different appearance (cosine 0), in box sides of distance."""

_ALIKE = 0.85
"""Cosine from which a face that was hidden is recognised by its appearance."""

_ALIKE_GATE = 2.0
"""Farthest distance from the prediction, box sides, of a face recognised by its appearance."""

_HIDDEN_S = 0.15
"""A face missed for longer than this counts as hidden, seconds."""

_ALONE_IOU = 0.05
"""Appearance is averaged only while no other face overlaps this one by a larger IoU."""

_RETURN_GATE = 0.6
"""Farthest distance from its prediction, box sides, at which a lost face resumes its identity."""

_LONGEST_STEP_S = 0.25
"""Longest time between two frames, seconds, in which a face keeps its speed."""

_UNKNOWN_SPEED = 2.0
_WIDEST_GATE = 2.0
"""Where frames are rarer than that, the gate grows by so many box sides for each further second, up
to so many. Beyond the gate of a prediction, a face must also look alike."""


@dataclass(frozen=True)
class TrackerOptions:
    """When a face appears, disappears and counts as the same.

    Args:
        sure_score: Detector's score from which a face is shown at once.
        max_hold_s: Seconds that a face with a score near 0 must persist before it is shown; the
            time falls linearly to 0 at `sure_score`.
        min_hits: Fewest detections of a shown face whose score is below `sure_score`.
        least_score: A face is shown only if its mean score is at least this.
        max_missed_s: A face is shown until it was missed for longer than this.
        max_missed_frames: And for longer than so many frames.
        memory_s: A face found again within this time, near its prediction, resumes its identity.
        gate: Farthest distance between prediction and detection, box sides.
    """

    sure_score: float = 9.0
    max_hold_s: float = 0.45
    min_hits: int = 2
    least_score: float = 3.0
    max_missed_s: float = 0.45
    max_missed_frames: float = 0.0
    memory_s: float = 1.0
    gate: float = 0.7


@dataclass(frozen=True, eq=False)
class Track:
    """One tracked face at one time.

    Args:
        id: Identity, from 1; never reused, not even after a reset.
        box_xyxy: Smoothed box, pixels of the full frame.
        raw_box: The detection, or the predicted box while missed; crops are cut from it.
        score: The detector's score of the last detection.
        age_s: Seconds since the first detection.
        missed_s: Seconds since the last detection; 0 if detected in this frame.
        velocity: Of the centre, x and y, pixels per second.
    """

    id: int
    box_xyxy: Box
    raw_box: Box
    score: float
    age_s: float
    missed_s: float
    velocity: tuple[float, float]


class Tracker:
    """Tracks faces by motion, size and, if given, appearance. One thread at a time.

    Args:
        options: When faces appear, disappear and count as the same.
    """

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._tracks: list[TrackState] = []
        self._next_id = 1
        self._updated_s: float | None = None
        self._step_s = 0.0

    def reset(self) -> None:
        """Drops all tracks, for a new source; ids continue to rise."""
        self._tracks = []
        self._updated_s = None

    def update(
        self,
        detections: Detections,
        now_s: float,
        descriptors: NDArray[np.float32] | None = None,
        frame_size: tuple[int, int] | None = None,
    ) -> tuple[Track, ...]:
        """Adds one frame's detections; returns the faces to show, sorted by id.

        Args:
            detections: The detector's N faces.
            now_s: Time of the frame, monotonic seconds.
            descriptors: (N, D) float32 of unit length, see `detection.appearance`; they keep
                identities apart when faces occlude each other.
            frame_size: Width and height in pixels; a missed face whose centre leaves the frame
                is dropped at once.

        Raises:
            ValueError: The number of descriptors differs from that of the detections.
        """
        if descriptors is not None and len(descriptors) != len(detections):
            raise ValueError(f"{len(descriptors)} descriptors for {len(detections)} detections")
        dt_s = max(0.0, now_s - self._updated_s) if self._updated_s is not None else 0.0
        self._updated_s = now_s if self._updated_s is None else max(now_s, self._updated_s)
        now_s, self._step_s = self._updated_s, dt_s
        self._predict(dt_s, now_s, frame_size)
        unused = self._match(detections, now_s, descriptors)
        for index in unused:
            look = None if descriptors is None else descriptors[index]
            track = TrackState(
                detections.boxes_xyxy[index], float(detections.scores[index]), now_s, look
            )
            track.detection = index
            self._tracks.append(track)
        self._learn(detections, now_s, dt_s, descriptors)
        self._confirm(now_s)
        return self._shown(now_s, dt_s)

    def _predict(self, dt_s: float, now_s: float, frame_size: tuple[int, int] | None) -> None:
        rare = dt_s > _LONGEST_STEP_S
        for track in self._tracks:
            coasting = track.missed_s(now_s) > 2 * dt_s
            track.filter.predict(dt_s, coasting or rare)
        self._tracks = [
            track for track in self._tracks if self._alive(track, now_s, dt_s, frame_size)
        ]

    def _alive(
        self, track: TrackState, now_s: float, dt_s: float, frame_size: tuple[int, int] | None
    ) -> bool:
        limit_s = self._options.memory_s if track.id else _TENTATIVE_MISSED_S
        frames = _MEMORY_FRAMES if track.id else _TENTATIVE_FRAMES
        if track.missed_s(now_s) > max(limit_s, min(_LONGEST_WAIT_S, frames * dt_s)):
            return False
        if frame_size is None:
            return True
        x, y = track.filter.position[:2].tolist()
        return bool(0 <= x < frame_size[0] and 0 <= y < frame_size[1])

    def _match(
        self, detections: Detections, now_s: float, looks: NDArray[np.float32] | None
    ) -> list[int]:
        """Matches shown tracks first, then others; returns the indices of unmatched detections."""
        free = list(range(len(detections)))
        shown = [track for track in self._tracks if track.id and not self._is_lost(track, now_s)]
        others = [track for track in self._tracks if not any(track is s for s in shown)]
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

    def _is_lost(self, track: TrackState, now_s: float, more_frames: int = 0) -> bool:
        # A frame may come later than the limit; a face found in the next frame is not lost.
        options = self._options
        frames = options.max_missed_frames + more_frames
        return track.missed_s(now_s) > max(options.max_missed_s, frames * self._step_s)

    def _cost(
        self,
        group: list[TrackState],
        boxes: Boxes,
        now_s: float,
        similarity: NDArray[np.float64] | None,
    ) -> NDArray[np.float64]:
        """(T, N) distance in box sides plus the costs of changes; infinite for impossible pairs."""
        states = np.stack([track.filter.position for track in group])
        centres = (boxes[:, :2] + boxes[:, 2:]).astype(np.float64) / 2
        sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64).mean(1)
        own = states[:, 2:].mean(1)
        unit = (own[:, None] + sides[None]) / 2
        distance = np.linalg.norm(states[:, None, :2] - centres[None], axis=2) / unit
        ratio = np.abs(np.log(np.maximum(own, 1e-6)[:, None] / np.maximum(sides, 1e-6)[None]))
        cost = distance + _SIZE_WEIGHT * ratio
        gates = np.array([self._gate(track, now_s) for track in group])[:, None]
        wide = np.array([self._wide_gate(track, now_s) for track in group])[:, None]
        wide = np.maximum(gates, wide)
        if similarity is not None:
            cost += _APPEARANCE_WEIGHT * (1 - similarity)
            hidden = np.array([track.missed_s(now_s) > _HIDDEN_S for track in group])[:, None]
            alike = similarity >= _ALIKE
            gates = np.where(hidden & alike, _ALIKE_GATE, np.where(alike, wide, gates))
        else:
            gates = np.broadcast_to(wide, cost.shape)
        impossible = (distance > gates) | (ratio > np.log(_MAX_SIZE_RATIO))
        return np.asarray(np.where(impossible, np.inf, cost), np.float64)

    def _gate(self, track: TrackState, now_s: float) -> float:
        """Farthest distance of a detection, box sides."""
        # One frame without the face is not long enough to distrust the prediction.
        if track.id and self._is_lost(track, now_s, more_frames=1):
            return _RETURN_GATE
        return self._options.gate * (1 + min(1.0, 2 * track.filter.uncertainty))

    def _wide_gate(self, track: TrackState, now_s: float) -> float:
        """As `_gate`, where frames are so rare that the prediction says little."""
        if self._step_s <= _LONGEST_STEP_S:
            return 0.0
        unknown_s = track.missed_s(now_s) - _LONGEST_STEP_S
        return min(_WIDEST_GATE, self._options.gate + _UNKNOWN_SPEED * unknown_s)

    def _learn(
        self,
        detections: Detections,
        now_s: float,
        dt_s: float,
        looks: NDArray[np.float32] | None,
    ) -> None:
        if looks is None or not len(detections):
            return
        boxes = np.array([to_box(track.filter.position) for track in self._tracks], np.float32)
        overlap = iou(boxes, boxes)
        np.fill_diagonal(overlap, 0)
        for row, track in enumerate(self._tracks):
            if track.seen_s == now_s and overlap[row].max(initial=0) <= _ALONE_IOU:
                track.learn(looks[track.detection], dt_s)

    def _confirm(self, now_s: float) -> None:
        options = self._options
        for track in self._tracks:
            if track.id or track.seen_s != now_s:
                continue
            mean = track.score_sum / track.hits
            hold_s = options.max_hold_s * max(0.0, 1 - mean / options.sure_score)
            held = track.hits >= options.min_hits and now_s - track.born_s >= hold_s
            held = held and mean >= options.least_score
            if track.score >= options.sure_score or held:
                track.id = self._next_id
                self._next_id += 1

    def _shown(self, now_s: float, dt_s: float) -> tuple[Track, ...]:
        tracks = []
        for track in self._tracks:
            if track.seen_s != now_s:
                track.raw_box = to_box(track.filter.position)
            track.smoother.update(track.raw_box, dt_s)
            if not track.id or self._is_lost(track, now_s):
                continue
            vx, vy = track.filter.velocity[:2].tolist()
            tracks.append(
                Track(
                    id=track.id,
                    box_xyxy=track.smoother.box_xyxy,
                    raw_box=track.raw_box,
                    score=track.score,
                    age_s=now_s - track.born_s,
                    missed_s=track.missed_s(now_s),
                    velocity=(vx, vy),
                )
            )
        return tuple(sorted(tracks, key=lambda shown: shown.id))


def _similarity(group: list[TrackState], looks: NDArray[np.float32]) -> NDArray[np.float64]:
    """(T, N) cosine of appearances, -1 to 1; 0 for a track without an appearance."""
    similarity = np.zeros((len(group), len(looks)))
    for row, track in enumerate(group):
        if track.look is not None and track.look.shape == looks.shape[1:]:
            similarity[row] = looks @ track.look
    return similarity
