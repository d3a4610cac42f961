"""What the pipeline needs of its parts, so that any detector, model or tracker fits."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box, Boxes, Detections, FaceCrops, ImageBgr, Probabilities
from fer_live.tracking.smoothing import SmoothingOptions

Velocity = tuple[float, float]
"""Movement of a box's centre to the right and down, pixels per second."""


@runtime_checkable
class Resettable(Protocol):
    """A detector that remembers earlier frames."""

    def reset(self) -> None:
        """Forgets them."""
        ...


class TrackedFace(Protocol):
    """What is needed of one followed face; see `fer_live.tracking`."""

    @property
    def id(self) -> int:
        """Identity, from 1."""
        ...

    @property
    def box_xyxy(self) -> Box:
        """Where to draw it, pixels; steadied."""
        ...

    @property
    def raw_box(self) -> Box:
        """Where to cut it out, pixels: as the detector found it."""
        ...

    @property
    def score(self) -> float:
        """The detector's, when it was last found."""
        ...

    @property
    def age_s(self) -> float:
        """Since the identity began."""
        ...

    @property
    def missed_s(self) -> float:
        """Since it was last found; 0 when found in this frame."""
        ...

    @property
    def velocity(self) -> Velocity:
        """Movement of its centre, pixels per second."""
        ...


class FaceTracker(Protocol):
    """What is needed of a tracker."""

    def update(
        self,
        detections: Detections,
        now_s: float,
        descriptors: NDArray[np.float32] | None = None,
        frame_size: tuple[int, int] | None = None,
    ) -> Sequence[TrackedFace]:
        """The faces to show after this frame: those that have held or scored enough.

        `now_s` never goes back without a `reset`.
        """
        ...

    def reset(self) -> None:
        """Forgets every face."""
        ...


class ShownExpression(Protocol):
    """What a smoother says of one face."""

    @property
    def label(self) -> str:
        """A class, or `labels.UNSURE`."""
        ...

    @property
    def confidence(self) -> float:
        """0-1."""
        ...

    @property
    def probabilities(self) -> Probabilities:
        """(K,) smoothed."""
        ...


class Smoother(Protocol):
    """What is needed of the temporal smoothing."""

    options: SmoothingOptions
    """How steady and how quick; may be replaced between two frames."""

    def update(self, track_id: int, probabilities: Probabilities, now_s: float) -> ShownExpression:
        """Takes a new (K,) classification of one identity."""
        ...

    def current(self, track_id: int) -> ShownExpression | None:
        """What is shown for it now, or None before its first classification."""
        ...

    def forget(self, alive: Iterable[int]) -> None:
        """Drops every identity that is not among the living."""
        ...

    def reset(self) -> None:
        """Drops all."""
        ...


Describer = Callable[[ImageBgr, Boxes], NDArray[np.float32]]
"""How faces look, to tell them apart: image, boxes (N, 4) to (N, D)."""

Cropper = Callable[[ImageBgr, Boxes, int, Literal["gray", "rgb"], float], FaceCrops]
"""Cuts faces out of a picture: image, boxes (N, 4), size, colour, margin."""
