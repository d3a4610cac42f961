"""Renders results as the images of a recording; faces are hidden even before they are found."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import cv2
import numpy as np

from fer_live.core.settings import Privacy, Settings
from fer_live.core.types import Frame, FrameResult, ImageBgr
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import BEFORE_S, FaceHider
from fer_live.recording.compressed_result import CompressedResult, compress, decompress
from fer_live.recording.options import RecordingOptions
from fer_live.recording.timeline import Placed

RAW_BYTES = 128_000_000
"""Most memory for images held back uncompressed: `BEFORE_S` at 1920x1080 and 30 per second. The
others are held as JPEG, so that every frame rate and size is held back for the same time."""

SEARCH_S = 0.3
"""After a cut, the detector has searched the new scene after this time at the latest: its interval
of 0.2 s, and a few frames."""

CUT_LEVELS = 10.0
"""Two frames that differ by more than this are taken as a cut: mean over the image, grey levels.
Low, because a false cut only hides the last frames of a recording as a whole."""

_THUMBNAIL = (32, 18)  # width and height at which frames are compared; noise averages out


@dataclass(frozen=True, eq=False)
class QueuedFrame:
    """A result on its way into the files.

    Args:
        result: The result to write.
        placed: Where it goes; None for a frame that a pause leaves out.
        dropped: Frames lost before it was submitted.
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
    """A frame held back; if `compressed` is set, the frame itself has no image."""

    queued: QueuedFrame
    compressed: CompressedResult | None = None

    @property
    def time_s(self) -> float:
        return self.queued.result.frame.time_s


class FrameRenderer:
    """Renders results as images. Used by the writer thread.

    Where faces are hidden, frames are held back for `BEFORE_S`, so that a face can also be hidden
    in the frames just before the one that it is first found in. A cut less than `SEARCH_S` before
    the last frame shows faces that nothing has found yet: the frames from it on are hidden whole.
    A face that comes in during that time without a cut stays visible.

    Args:
        options: What is recorded.
        overlay: Returns what to draw; called for each frame.
        fps: Returns the frame rate to draw; called for each frame.
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
        """Memory that the images held back take."""
        compressed = sum(len(held.compressed.jpeg) for held in self._held if held.compressed)
        return self._raw_bytes + compressed

    def ready(self, queued: QueuedFrame) -> Iterator[QueuedFrame]:
        """Accepts a frame; yields the frames to render now, each before the next is taken."""
        result, time_s = queued.result, queued.result.frame.time_s
        if self._held and (time_s < self._held[-1].time_s or queued.privacy != self._hider.mode):
            yield from self.drain()
        self._hider.mode = queued.privacy
        # Before `see`, because the hider forgets what lies far before a frame that it sees.
        while self._held and self._held[0].time_s < time_s - BEFORE_S:
            yield self._release()
        # Also while nothing is hidden, because hiding may begin with the next frame.
        self._hider.see(time_s, result.faces, result.found)
        if queued.privacy == "none":
            yield queued
        else:
            self._hold(queued)

    def drain(self) -> Iterator[QueuedFrame]:
        """Yields all frames still held back; nothing follows them."""
        last_s = self._held[-1].time_s if self._held else 0.0
        before: QueuedFrame | None = None
        hidden = False
        while self._held:
            queued = self._release()
            if not hidden and last_s - queued.result.frame.time_s < SEARCH_S:
                hidden = before is not None and _is_cut(before.result.frame, queued.result.frame)
                if hidden:
                    self._hider.hide_whole(queued.result.frame.time_s)
            before = queued
            yield queued

    def render(self, result: FrameResult) -> Sequence[ImageBgr]:
        """Images of a frame that `ready` or `drain` has yielded, one (H, W, 3) uint8 per file."""
        frame = result.frame
        image = self._hider.hide(frame.image_bgr, frame.time_s)
        if self._pictures == "clean":
            return (image,)
        drawn = draw_overlay(image, result.faces, result.labels, self._overlay(), self._fps())
        return (drawn,) if self._pictures == "annotated" else (drawn, image)

    def _hold(self, queued: QueuedFrame) -> None:
        size = queued.result.frame.image_bgr.nbytes
        if self._raw_bytes + size > RAW_BYTES:
            compressed = compress(queued.result)
            self._held.append(_Held(replace(queued, result=compressed.result), compressed))
        else:
            self._raw_bytes += size
            self._held.append(_Held(queued))

    def _release(self) -> QueuedFrame:
        held = self._held.popleft()
        if held.compressed is not None:
            return replace(held.queued, result=decompress(held.compressed))
        self._raw_bytes -= held.queued.result.frame.image_bgr.nbytes
        return held.queued


def _is_cut(before: Frame, frame: Frame) -> bool:
    # At a lower frame rate the detector searches every frame as a whole.
    if frame.time_s - before.time_s >= SEARCH_S:
        return False
    small, other = (
        cv2.resize(each.image_bgr, _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.int16)
        for each in (before, frame)
    )
    return float(np.abs(small - other).mean()) > CUT_LEVELS


def annotated_images(
    settings: Callable[[], Settings], fps: Callable[[], float | None]
) -> Callable[[FrameResult], Iterator[ImageBgr]]:
    """Renders results one by one as an annotated recording shows them. For one thread.

    Where faces are hidden, images come `BEFORE_S` late, as described for `FrameRenderer`.

    Args:
        settings: Returns what to draw and how to hide faces; called for each frame.
        fps: Returns the frame rate to draw; called for each frame.

    Returns:
        Takes a result; yields the images (H, W, 3) that are ready, of this and earlier results.
    """
    renderer = FrameRenderer(
        RecordingOptions(), lambda: OverlayOptions.from_settings(settings()), fps
    )

    def render(result: FrameResult) -> Iterator[ImageBgr]:
        for ready in renderer.ready(QueuedFrame(result, None, 0, privacy=settings().hiding)):
            yield renderer.render(ready.result)[0]

    return render
