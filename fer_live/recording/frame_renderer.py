"""Renders results as the images of a recording; faces are hidden even before they are found."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fer_live.core.settings import Privacy, Settings
from fer_live.core.types import FrameResult, ImageBgr
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import BEFORE_S, FaceHider
from fer_live.recording.compressed_result import CompressedResult, compress, decompress
from fer_live.recording.options import RecordingOptions
from fer_live.recording.timeline import Placed

RAW_BYTES = 128_000_000
"""Most memory for images held back uncompressed: `BEFORE_S` at 1920x1080 and 30 per second. The
others are held as JPEG, so that every frame rate and size is held back for the same time."""


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
    in the frames just before the one that it is first found in. A face that would be found after
    the recording's last frame stays visible.

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
        """Yields all frames still held back."""
        while self._held:
            yield self._release()

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
