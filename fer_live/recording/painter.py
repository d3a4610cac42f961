"""Results as the pictures of a recording, with faces hidden before they are first reported."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import BEFORE_S, FaceHider
from fer_live.recording.options import RecordingOptions
from fer_live.recording.timeline import Placed
from fer_live.types import FrameResult, ImageBgr

HELD_FRAMES = 40
"""Frames held back at most to see which faces come: enough at 60 per second, 110 MB at 1280x720."""


@dataclass(frozen=True, eq=False)
class Shot:
    """A result on its way into the files.

    Args:
        result: What to write.
        placed: Where; None for a frame that is not recorded, because of a pause.
        dropped: Frames lost so far when it was submitted.
        started: Wall time of its frame, if it begins a segment.
    """

    result: FrameResult
    placed: Placed | None
    dropped: int
    started: datetime | None = None


class Painter:
    """Makes pictures of results. Used by one thread.

    Where faces are hidden, shots are held back for a moment, so that a face that is found only
    now can be hidden in them; the last ones before the end go without.

    Args:
        options: What to make.
        overlay: What to draw; asked for each frame.
        fps: The frame rate to draw; asked for each frame.
    """

    def __init__(
        self,
        options: RecordingOptions,
        overlay: Callable[[], OverlayOptions | None],
        fps: Callable[[], float | None],
    ) -> None:
        self._pictures = options.pictures
        self._overlay = overlay
        self._fps = fps
        self._hider = None if options.privacy == "none" else FaceHider(options.privacy)
        self._held: deque[Shot] = deque()

    def ready(self, shot: Shot) -> Iterator[Shot]:
        """Takes a shot in; gives those to be painted now, each before the next is asked for."""
        frame = shot.result.frame
        if self._hider is None:
            yield shot
            return
        if self._held and frame.time_s < self._held[-1].result.frame.time_s:
            yield from self.rest()
        # First, since the hider forgets what lies far before a frame that it sees.
        while self._held and self._held[0].result.frame.time_s < frame.time_s - BEFORE_S:
            yield self._held.popleft()
        self._hider.see(frame.time_s, shot.result.faces)
        self._held.append(shot)
        if len(self._held) > HELD_FRAMES:
            yield self._held.popleft()

    def rest(self) -> Iterator[Shot]:
        """Gives what is still held back."""
        while self._held:
            yield self._held.popleft()

    def paint(self, result: FrameResult) -> Sequence[ImageBgr]:
        """The pictures of a shot that was given by `ready` or `rest`, one for each file."""
        frame = result.frame
        image = frame.image_bgr
        if self._hider is not None:
            image = self._hider.hide(image, frame.time_s)
        if self._pictures == "clean":
            return (image,)
        drawn = draw_overlay(image, result.faces, result.labels, self._overlay(), self._fps())
        return (drawn,) if self._pictures == "annotated" else (drawn, image)
