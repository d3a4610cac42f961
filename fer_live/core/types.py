"""Values that travel between stages: frozen, validated once, numpy only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

ImageBgr = NDArray[np.uint8]
"""(H, W, 3) uint8 image; channels are blue, green, red, as in OpenCV."""

FaceCrops = NDArray[np.uint8]
"""(N, S, S) grey or (N, S, S, 3) red, green, blue uint8 faces, ready for a classifier."""

Boxes = NDArray[np.float32]
"""(N, 4) float32 boxes as left, top, right, bottom in pixels of the full frame."""

Box = tuple[float, float, float, float]
"""One box as left, top, right, bottom in pixels of the full frame."""

Probabilities = NDArray[np.float32]
"""(K,) or (N, K) float32 in 0-1; the last axis sums to 1."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a source; its pixels are read-only.

    Args:
        image_bgr: (H, W, 3) uint8.
        index: Number of the frame since its source was opened, from 0.
        captured_s: When the image arrived, on the `time.perf_counter` clock, seconds.
        position_s: Position on the file's own timeline, seconds; None for live sources.
        jumped_s: What `time_s` has gained on `position_s` by seeking, seconds; another value than
            in the frame before marks the first frame after a jump.
        file: Name of the picture file, where each frame is one; else empty.

    Raises:
        ValueError: If the image is not (H, W, 3) uint8 or is empty.
    """

    image_bgr: ImageBgr
    index: int
    captured_s: float
    position_s: float | None = None
    jumped_s: float = 0.0
    file: str = ""

    def __post_init__(self) -> None:
        image = self.image_bgr
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError(f"a frame is (H, W, 3) uint8, not {image.shape} {image.dtype}")
        # A view: the array that was handed in stays writable.
        view = image.view()
        view.setflags(write=False)
        object.__setattr__(self, "image_bgr", view)

    @property
    def time_s(self) -> float:
        """The time that tracking, recordings and logs use, seconds.

        It is the clock for live sources. In a file it is the position, however fast the file is
        read, until somebody seeks in it: from then on, the time continues and the position jumps,
        so that a recording or log has no hole and never runs backwards.
        """
        return self.captured_s if self.position_s is None else self.position_s + self.jumped_s

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.image_bgr.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.image_bgr.shape[0])


@dataclass(frozen=True, eq=False)
class Detections:
    """Faces a detector found in one frame; none is the normal case, not an error.

    Args:
        boxes_xyxy: (N, 4) float32, pixels of the full frame; may reach outside it.
        scores: (N,) float32; larger is surer, the scale is the detector's own.

    Raises:
        ValueError: If the shapes disagree or a box has no area.
    """

    boxes_xyxy: Boxes = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        boxes = self.boxes_xyxy
        if boxes.ndim != 2 or boxes.shape[1] != 4 or self.scores.shape != (len(boxes),):
            raise ValueError(f"boxes (N, 4), scores (N,): {boxes.shape}, {self.scores.shape}")
        if len(boxes) and bool((boxes[:, 2:] <= boxes[:, :2]).any()):
            raise ValueError("a box has no area")

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    def chosen(self, which: NDArray[np.bool_]) -> "Detections":
        """Those that a mask (N,) chooses, in their order."""
        return Detections(self.boxes_xyxy[which], self.scores[which])


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Which areas of a face support a label.

    Args:
        values: (h, w) float32, 0-1; covers the square that the classifier was given.
        label: The label they support.
        margin: Side of that square divided by the mean side of the face's box, same centre.
    """

    values: NDArray[np.float32]
    label: str
    margin: float


@dataclass(frozen=True, eq=False)
class Face:
    """One tracked face in one frame, as it is shown.

    Args:
        track_id: Identity, from 1, kept while the face is visible.
        box_xyxy: Position, pixels of the full frame; may reach outside it.
        score: The detector's score when the face was last detected.
        label: Shown label: the class with the largest smoothed probability, `labels.UNSURE`, or
            None before the first classification.
        confidence: The largest of the smoothed, calibrated probabilities, 0-1; 0 before the first
            classification, NaN for a label that a person gave in a review.
        probabilities: (K,) smoothed, or None before the first classification.
        raw_probabilities: (K,) of the last classification, or None.
        age_s: Seconds since the identity began.
        missed_s: Seconds since the face was last detected; 0 when it was detected in this frame.
        heat: Heat map of the last classification, if it was asked for.
        labels: Class names, in the order of the probabilities.
        quality: What makes it hard to read, of `tracking.quality_flags`, the most important first.
        name: What the user calls it; empty without a name.
    """

    track_id: int
    box_xyxy: Box
    score: float = 0.0
    label: str | None = None
    confidence: float = 0.0
    probabilities: Probabilities | None = None
    raw_probabilities: Probabilities | None = None
    age_s: float = 0.0
    missed_s: float = 0.0
    heat: HeatMap | None = None
    labels: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    name: str = ""

    @property
    def box_xywh(self) -> Box:
        """Left, top, width, height in pixels."""
        left, top, right, bottom = self.box_xyxy
        return left, top, right - left, bottom - top

    @property
    def probability_by_label(self) -> dict[str, float]:
        """Smoothed probability of each class, 0-1; empty before the first classification."""
        if self.probabilities is None:
            return {}
        return dict(zip(self.labels, map(float, self.probabilities), strict=True))


@dataclass(frozen=True, eq=False)
class FrameResult:
    """Everything known about one analysed frame.

    Args:
        frame: The frame itself.
        faces: Faces shown in it, in the order of their identities.
        labels: Class names, in the order of every face's probabilities.
        stage_ms: Wall time spent per stage (``detect``, ``classify``, ``track``), milliseconds.
        finished_s: When the analysis was done, on the `time.perf_counter` clock, seconds.
        found: Every box of the detector, also those that are not shown as a face (yet), pixels;
            only for hiding faces. None if the frame was not searched.
    """

    frame: Frame
    faces: tuple[Face, ...]
    labels: tuple[str, ...]
    stage_ms: Mapping[str, float]
    finished_s: float
    found: tuple[Box, ...] | None = ()

    def with_name(self, track_id: int, name: str) -> "FrameResult":
        """The same, in which one face has this name."""
        faces = (
            replace(face, name=name) if face.track_id == track_id else face for face in self.faces
        )
        return replace(self, faces=tuple(faces))

    @property
    def latency_ms(self) -> float:
        """From capture to the end of the analysis."""
        return (self.finished_s - self.frame.captured_s) * 1e3
