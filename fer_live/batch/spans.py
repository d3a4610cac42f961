"""A long video in spans: where it is cut, and how identities are carried across the seams.

A span is analysed from a little before its beginning. The faces of those frames are known from the
span before, too, so that each identity is found again by its place.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_live.capture.container.frame_choice import GRAIN_S
from fer_live.capture.video_decoder import black_picture, key_frame_times
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.detection.boxes import iou

SPAN_S = 600.0
"""Least length of a span, seconds: the overlap costs less than half a percent, and a video of two
hours gives twelve spans."""

OVERLAP_S = 2.0
"""A span is analysed from this long before its beginning, seconds: tracker and smoothing need less
to settle."""

_SAME_IOU = 0.3
"""Mean overlap of two boxes from which they are those of one face."""


@dataclass(frozen=True)
class Span:
    """A part of a video: the frames from one time to before another.

    Args:
        start_s, end_s: Seconds; the end is None for the last span.
    """

    start_s: float = 0.0
    end_s: float | None = None

    @property
    def from_s(self) -> float:
        """When the analysis begins, seconds."""
        return max(0.0, self.start_s - OVERLAP_S) if self.start_s > 0 else 0.0


@dataclass(frozen=True, eq=False)
class FrameFaces:
    """A result without its picture, to be sent to another process.

    Args:
        time_s: Time in the video, seconds.
        captured_s: When the frame was read, on the reader's clock, seconds.
        size: Width and height, pixels.
        faces, labels, searched: As in `FrameResult`; `searched` is False if the faces were
            interpolated.
    """

    time_s: float
    captured_s: float
    size: tuple[int, int]
    faces: tuple[Face, ...]
    labels: tuple[str, ...]
    searched: bool

    @classmethod
    def of(cls, result: FrameResult) -> "FrameFaces":
        """A result without its picture."""
        frame = result.frame
        return cls(
            frame.time_s,
            frame.captured_s,
            (frame.width, frame.height),
            result.faces,
            result.labels,
            result.found is not None,
        )

    def result(self) -> FrameResult:
        """The result, with a black picture."""
        frame = Frame(black_picture(*self.size), 0, self.captured_s, self.time_s)
        found = () if self.searched else None
        return FrameResult(frame, self.faces, self.labels, {}, self.captured_s, found)


def spans_of(video: Path, span_s: float = SPAN_S) -> list[Span]:
    """The spans of a video, cut at key frames; one if it is short or has no index.

    Args:
        video: The file.
        span_s: Least length of a span, seconds.
    """
    cuts = [0.0]
    times = key_frame_times(video)
    for time_s in times:
        if time_s - cuts[-1] >= span_s and times[-1] - time_s >= span_s / 2:
            cuts.append(time_s)
    return [Span(start_s, end_s) for start_s, end_s in zip(cuts, [*cuts[1:], None], strict=True)]


class SpanJoiner:
    """Makes one sequence of results of those of the spans: frame numbers and identities go on.

    One thread uses it.
    """

    def __init__(self) -> None:
        self._recent: deque[FrameResult] = deque()
        self._identities = 0
        self._frames = 0

    def join(self, span: Span, results: Iterable[FrameResult]) -> Iterator[FrameResult]:
        """The results of the next span, in the numbers of the whole video.

        Args:
            span: The span; its successor must come next.
            results: Of its frames, from `Span.from_s` on.
        """
        known = {result.frame.time_s: result.faces for result in self._recent}
        votes: Counter[tuple[int, int]] = Counter()
        shared: Counter[int] = Counter()
        numbers: dict[int, int] | None = None
        self._recent.clear()
        for result in results:
            if result.frame.time_s < span.start_s - GRAIN_S:
                _vote(votes, shared, result.faces, known.get(result.frame.time_s, ()))
                continue
            if numbers is None:
                numbers = _pairs(votes, shared)
            yield self._numbered(result, numbers, first=span.start_s <= 0)

    def _numbered(
        self, result: FrameResult, numbers: dict[int, int], *, first: bool
    ) -> FrameResult:
        faces = []
        for face in result.faces:
            if face.track_id not in numbers:
                number = face.track_id if first else self._identities + 1
                numbers[face.track_id] = number
                self._identities = max(self._identities, number)
            faces.append(replace(face, track_id=numbers[face.track_id]))
        faces.sort(key=lambda face: face.track_id)
        frame = replace(result.frame, index=self._frames)
        self._frames += 1
        joined = replace(result, frame=frame, faces=tuple(faces))
        self._remember(joined)
        return joined

    def _remember(self, result: FrameResult) -> None:
        frame = replace(result.frame, image_bgr=black_picture(1, 1))
        self._recent.append(replace(result, frame=frame))
        while result.frame.time_s - self._recent[0].frame.time_s > OVERLAP_S:
            self._recent.popleft()


def _vote(
    votes: "Counter[tuple[int, int]]",
    shared: "Counter[int]",
    faces: Sequence[Face],
    known: Sequence[Face],
) -> None:
    """Adds the overlaps, in hundredths, of the faces of a frame and those known in it."""
    if not faces or not known:
        return
    boxes = [np.array([face.box_xyxy for face in of], np.float32) for of in (faces, known)]
    overlap = iou(*boxes)
    for row, face in enumerate(faces):
        shared[face.track_id] += 1
        for column, other in enumerate(known):
            votes[face.track_id, other.track_id] += round(100 * float(overlap[row, column]))


def _pairs(votes: "Counter[tuple[int, int]]", shared: "Counter[int]") -> dict[int, int]:
    """The known identity of each new one, best overlap first; each is used once."""
    numbers: dict[int, int] = {}
    for (own, other), hundredths in votes.most_common():
        alike = hundredths >= 100 * _SAME_IOU * shared[own]
        if alike and own not in numbers and other not in numbers.values():
            numbers[own] = other
    return numbers
