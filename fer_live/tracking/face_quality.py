"""What makes each face hard to read: measured in the picture, and steady over time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box, ImageBgr
from fer_live.detection.crop import square_around
from fer_live.tracking import quality_flags as flags
from fer_live.tracking.head_turn import HeadTurn

EDGE_PX = 1.0
"""A face whose box comes this close to the edge of the image may be cut off."""

SETTLE_S = 0.5
"""A flag comes or goes when the picture has said so for this long."""

MEASURE_INTERVAL_S = 0.2
"""Each face is measured this often, so that a flag that comes has been seen three times."""

TURN_INTERVAL_S = 0.5
"""The turn of each face is measured this often: heads take longer to turn and turn back."""

_GRAIN_S = 0.01
"""Frames come a little early or late."""

MOST_TURNS = 2
"""Faces whose turn is measured in one frame: a crowd takes turns."""

_LOOK_PX = 64
"""Side that a face is reduced to before it is measured, about what a model sees: a large face is
sharp enough even if its pores are not seen. Smaller faces are not enlarged."""

_INNER = 1 / 6
"""Border of a box that is hair and background rather than skin, sides."""

_AROUND = 2.0
"""Side of the square that shows what is behind a face, box sides."""

_BRIGHT_WALL = 200
"""Grey level from which what is behind a face counts as a light, 0-255."""

_OVEREXPOSED = 250
"""Grey level from which a pixel is overexposed, 0-255."""

_LEAST_DETAIL = 0.05
"""Mean difference of neighbouring pixels, grey levels, below which there is nothing to be sharp."""

_BLUR_TAPS = 9
"""Length of the filter that Crété's measure compares with, pixels."""


@dataclass(frozen=True)
class Limits:
    """When a flag comes and when it goes; between the two it stays as it is.

    Args:
        on: From this value on the flag comes.
        off: Below this value the flag goes.
    """

    on: float
    off: float


LIMITS: Mapping[str, Limits] = {
    # Distance to the edge and side, negative, in pixels and in smallest readable sides.
    flags.EDGE: Limits(-EDGE_PX, -4 * EDGE_PX),
    flags.SMALL: Limits(-1.0, -1.08),
    # Grey levels. Of 500 faces of FER2013 two are darker than the first; dark skin in good light
    # has highlights well above it.
    flags.DARK: Limits(-70.0, -82.0),
    flags.BACKLIT: Limits(110.0, 90.0),
    # Share of overexposed pixels: 1% of the 500 have 0.15 or more.
    flags.BRIGHT: Limits(0.25, 0.15),
    # Crété's measure: 1% of the 500 have 0.43 or more.
    flags.BLURRED: Limits(0.60, 0.52),
    # See `head_turn.turn_of`: 8% of the 500 are turned by 0.6 or more.
    flags.TURNED: Limits(0.60, 0.45),
    flags.TURN_UNKNOWN: Limits(1.0, 0.5),
}
"""Of what `measure` gives."""


def measure(image_bgr: ImageBgr, box_xyxy: Box, turn: float | None = None) -> dict[str, float]:
    """How strongly each flag applies to a face, in the units of `LIMITS`.

    Sharpness is the perceptual blur of Crété, Dolmiere, Ladret and Nicolas (2007, "The blur
    effect"): the share of the differences between neighbouring pixels that is left after another
    blur. It depends on neither contrast nor brightness.

    Args:
        image_bgr: (H, W, 3) uint8.
        box_xyxy: The detector's box, pixels; may reach outside.
        turn: See `head_turn.turn_of`; None is not known.
    """
    height, width = image_bgr.shape[:2]
    left, top, right, bottom = box_xyxy
    side = min(right - left, bottom - top)
    face = _grey(image_bgr, box_xyxy, 1.0)
    border = round(face.shape[0] * _INNER)
    inner = face[border : face.shape[0] - border, border : face.shape[1] - border]
    brightest = float(np.percentile(inner, 95))
    behind = _behind(image_bgr, box_xyxy)
    # Only what is bright itself is a light: a pale wall is no reason to turn around.
    contrast = behind - brightest if behind >= _BRIGHT_WALL else 0.0
    return {
        flags.EDGE: -min(left, top, width - right, height - bottom),
        flags.SMALL: -side / flags.SMALL_FACE_PX,
        flags.DARK: -brightest,
        flags.BACKLIT: contrast,
        flags.BRIGHT: float((inner >= _OVEREXPOSED).mean()),
        flags.BLURRED: _blur(face),
        flags.TURNED: 0.0 if turn is None else abs(turn),
        flags.TURN_UNKNOWN: float(turn is None),
    }


class FaceQuality:
    """The quality flags of every followed face, for the picture and the log alike.

    A face's first measurement counts at once; later a flag comes or goes when the measurements
    have said so for `SETTLE_S`. One thread at a time.

    Args:
        head_turn: Measures the turn of heads; None leaves it unknown.
    """

    def __init__(self, head_turn: HeadTurn | None = None) -> None:
        self._head_turn = head_turn
        self._faces: dict[int, _State] = {}

    def update(self, image_bgr: ImageBgr, faces: Sequence[tuple[int, Box]], now_s: float) -> None:
        """Measures the faces whose turn it is, see `MEASURE_INTERVAL_S`.

        Args:
            image_bgr: (H, W, 3) uint8.
            faces: Identity and detector's box of each face to measure.
            now_s: When the frame was taken, monotonic seconds.

        Raises:
            DetectorError: The network that gives the landmarks failed.
        """
        for track_id, _ in faces:
            self._faces.setdefault(track_id, _State())
        self._measure_turns(image_bgr, faces, now_s)
        for track_id, box in faces:
            state = self._faces[track_id]
            if now_s - state.measured_s >= MEASURE_INTERVAL_S - _GRAIN_S:
                state.take(measure(image_bgr, box, state.turn), now_s)

    def flags(self, track_id: int) -> tuple[str, ...]:
        """Flags of an identity, the most important first; none before its first measurement."""
        state = self._faces.get(track_id)
        return () if state is None else state.flags

    def forget(self, alive: Iterable[int]) -> None:
        """Drops every identity that is not among the living."""
        keep = set(alive)
        self._faces = {key: state for key, state in self._faces.items() if key in keep}

    def reset(self) -> None:
        """Forgets everything, for a new source."""
        self._faces.clear()

    def _measure_turns(
        self, image_bgr: ImageBgr, faces: Sequence[tuple[int, Box]], now_s: float
    ) -> None:
        if self._head_turn is None:
            return
        due = [
            (state.turn_s, state, box)
            for track_id, box in faces
            if now_s - (state := self._faces[track_id]).turn_s >= TURN_INTERVAL_S - _GRAIN_S
        ]
        due = sorted(due, key=lambda entry: entry[0])[:MOST_TURNS]
        boxes = np.array([box for _, _, box in due], np.float32).reshape(-1, 4)
        turns = self._head_turn.measure(image_bgr, boxes).tolist()
        for (_, state, _), turn in zip(due, turns, strict=True):
            state.turn, state.turn_s = (turn if np.isfinite(turn) else None), now_s


class _State:
    """The flags of one identity."""

    def __init__(self) -> None:
        self.turn: float | None = None
        self.turn_s = -np.inf
        """When the turn was last measured."""
        self.measured_s = -np.inf
        """When the rest was."""
        self._shown: dict[str, bool] = {}
        self._doubted_s: dict[str, float] = {}
        """Since when the measurements contradict a flag that is shown, or not shown."""

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(name for name in flags.QUALITY_FLAGS if self._shown.get(name))

    def take(self, measured: Mapping[str, float], now_s: float) -> None:
        """Takes in what `measure` gave."""
        self.measured_s = now_s
        for name, value in measured.items():
            limits = LIMITS[name]
            shown = self._shown.get(name)
            if shown is None:
                self._shown[name] = value >= limits.on
            elif value < limits.off if shown else value >= limits.on:
                since_s = self._doubted_s.setdefault(name, now_s)
                if now_s - since_s >= SETTLE_S:
                    self._shown[name] = not shown
                    del self._doubted_s[name]
            else:
                self._doubted_s.pop(name, None)


def _grey(image_bgr: ImageBgr, box: Box, margin: float) -> NDArray[np.uint8]:
    """The square around a box in grey, at most `_LOOK_PX` wide."""
    square = np.asarray(cv2.cvtColor(square_around(image_bgr, box, margin), cv2.COLOR_BGR2GRAY))
    # Halving averages all pixels at a tenth of the cost of averaging by another factor.
    while square.shape[0] >= 4 * _LOOK_PX:
        half = square.shape[0] // 2
        square = np.asarray(cv2.resize(square, (half, half), interpolation=cv2.INTER_AREA))
    side = min(_LOOK_PX, square.shape[0])
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _behind(image_bgr: ImageBgr, box: Box) -> float:
    """Median grey level above and beside a face; below it is its owner."""
    square = square_around(image_bgr, box, _AROUND)
    # A median needs no average of all pixels.
    step = max(1, square.shape[0] // _LOOK_PX)
    around = cv2.cvtColor(np.ascontiguousarray(square[::step, ::step]), cv2.COLOR_BGR2GRAY)
    side = around.shape[0]
    edge = max(1, side // 6)
    parts = (around[:edge], around[edge : side // 2, :edge], around[edge : side // 2, -edge:])
    return float(np.median(np.concatenate([part.ravel() for part in parts])))


def _blur(face: NDArray[np.uint8]) -> float:
    """Crété's measure, 0 sharp to 1 blurred; 0 where there is nothing to see."""
    values = face.astype(np.float32)
    found = 0.0
    for axis, taps in ((0, (1, _BLUR_TAPS)), (1, (_BLUR_TAPS, 1))):
        own = np.abs(np.diff(values, axis=axis))
        if own.mean() < _LEAST_DETAIL:
            continue
        after = np.abs(np.diff(cv2.blur(values, taps), axis=axis))
        lost = np.maximum(own - after, 0).sum()
        found = max(found, 1 - float(lost / own.sum()))
    return found
