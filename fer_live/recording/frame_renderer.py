"""Results as the pictures of a recording, with faces hidden before they are first reported."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fer_live.core.settings import Privacy
from fer_live.core.types import FrameResult, ImageBgr
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import BEFORE_S, FaceHider
from fer_live.recording.compressed_result import Packed, pack, unpack
from fer_live.recording.options import RecordingOptions
from fer_live.recording.timeline import Placed

RAW_BYTES = 128_000_000
"""Pictures held back as they are: `BEFORE_S` at 1920x1080 and 30 per second. What does not fit in
is held as JPEG: the time decides alone, whatever a source's rate and size."""


@dataclass(frozen=True, eq=False)
class QueuedFrame:
    """A result on its way into the files.

    Args:
        result: What to write.
        placed: Where; None for a frame that is not recorded, because of a pause.
        dropped: Frames lost so far when it was submitted.
        started: Wall time of its frame, if it begins a segment.
        privacy: How its faces are hidden.
    """

    result: FrameResult
    placed: Placed | None
    dropped: int
    started: datetime | None = None
    privacy: Privacy = "none"


@dataclass(frozen=True, eq=False)
class _Held:
    """A shot held back; if its picture is packed, the shot's own is not there."""

    shot: QueuedFrame
    packed: Packed | None = None


class FrameRenderer:
    """Makes pictures of results. Used by one thread.

    Where faces are hidden, shots are held back for a moment, so that a face that is found only
    now can be hidden in them; in the last ones before the end only what was found by then is.

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
        self._hider = FaceHider(options.privacy)
        self._held: deque[_Held] = deque()
        self._raw_bytes = 0

    @property
    def held_bytes(self) -> int:
        """What the pictures held back take now."""
        return self._raw_bytes + sum(len(h.packed.jpeg) for h in self._held if h.packed)

    def ready(self, shot: QueuedFrame) -> Iterator[QueuedFrame]:
        """Takes a shot in; gives those to be painted now, each before the next is asked for."""
        result, time_s = shot.result, shot.result.frame.time_s
        if self._held and (time_s < self._newest_s or shot.privacy != self._hider.mode):
            yield from self.rest()
        self._hider.mode = shot.privacy
        # First, since the hider forgets what lies far before a frame that it sees.
        while self._held and self._oldest_s < time_s - BEFORE_S:
            yield self._give()
        # Also while nothing is hidden: it may be from the next frame on.
        self._hider.see(time_s, result.faces, result.found)
        if shot.privacy == "none":
            yield shot
        else:
            self._hold(shot)

    def rest(self) -> Iterator[QueuedFrame]:
        """Gives what is still held back."""
        while self._held:
            yield self._give()

    def paint(self, result: FrameResult) -> Sequence[ImageBgr]:
        """The pictures of a shot that was given by `ready` or `rest`, one for each file."""
        frame = result.frame
        image = self._hider.hide(frame.image_bgr, frame.time_s)
        if self._pictures == "clean":
            return (image,)
        drawn = draw_overlay(image, result.faces, result.labels, self._overlay(), self._fps())
        return (drawn,) if self._pictures == "annotated" else (drawn, image)

    @property
    def _oldest_s(self) -> float:
        return self._held[0].shot.result.frame.time_s

    @property
    def _newest_s(self) -> float:
        return self._held[-1].shot.result.frame.time_s

    def _hold(self, shot: QueuedFrame) -> None:
        size = shot.result.frame.image_bgr.nbytes
        if self._raw_bytes + size > RAW_BYTES:
            packed = pack(shot.result)
            self._held.append(_Held(replace(shot, result=packed.result), packed))
        else:
            self._raw_bytes += size
            self._held.append(_Held(shot))

    def _give(self) -> QueuedFrame:
        held = self._held.popleft()
        if held.packed is not None:
            return replace(held.shot, result=unpack(held.packed))
        self._raw_bytes -= held.shot.result.frame.image_bgr.nbytes
        return held.shot
