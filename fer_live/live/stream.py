"""An engine as an iterator over its results."""

import logging
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

from fer_live.capture.source import Source, SourceInfo
from fer_live.core.errors import FerLiveError
from fer_live.core.types import FrameResult
from fer_live.live.engine import Engine
from fer_live.live.latest_slot import LatestSlot, SlotClosedError
from fer_live.live.processor import FrameProcessor
from fer_live.live.states import EngineEvent, EngineOptions, State

_log = logging.getLogger(__name__)

_POLL_S = 0.1
"""How often a waiting iterator looks at its time limit, and Python at Ctrl-C."""


class Stream(Iterator[FrameResult]):
    """Results of a camera, video or network stream while it runs; `fer_live.stream` makes one.

    The source opens at the first result that is asked for. It closes, and the threads end, when
    the source ends, at `close`, at the end of a ``with`` block, after an error, and when the
    iterator is no longer used: a ``for`` loop that is left by ``break`` needs nothing more.

    Used by one thread; `close` may be called from any.

    Args:
        source: Opened, read and closed by the engine alone.
        make_processor: As for `Engine`.
        every_frame: The source waits until each frame is analysed and its result taken; False
            plays a file at its own speed and skips what comes too fast.
        mirror: Flip frames left to right.
        heat_maps: Give faces heat maps, if the model has any.
        duration_s: Ends so long after the first result; None has no limit.
    """

    def __init__(
        self,
        source: Source,
        make_processor: Callable[[], FrameProcessor],
        *,
        every_frame: bool = False,
        mirror: bool = False,
        heat_maps: bool = False,
        duration_s: float | None = None,
    ) -> None:
        results: LatestSlot[FrameResult] = LatestSlot(lossless=every_frame)

        def on_event(event: EngineEvent) -> None:
            if event.error is not None and event.state is not State.FAILED:
                _log.warning("%s", event.message)
            if event.state.final:
                results.close(event.error)

        engine = Engine(
            source,
            make_processor,
            paced=not every_frame,
            lossless=every_frame,
            mirror=mirror,
            on_event=on_event,
            options=EngineOptions(wait_for_processor=True),
        )
        engine.set_maps(heat_maps)
        engine.add_sink(_ToSlot(results))
        self._engine = engine
        self._results = results
        self._duration_s = duration_s
        self._end_s: float | None = None
        self._started = False
        # Nothing that the engine holds refers to this object: it is finalised when its user
        # drops it, or when the program ends.
        self._finalizer = weakref.finalize(self, _end, engine, results)

    def __next__(self) -> FrameResult:
        """The next result.

        Raises:
            StopIteration: The source has ended, the duration is over, or the stream is closed.
            FerLiveError: The source cannot be opened or read, or the analysis failed.
        """
        try:
            if not self._finalizer.alive:
                raise SlotClosedError
            if not self._started:
                self._started = True
                self._engine.start()
            return self._wait()
        except SlotClosedError as closed:
            self.close()
            if isinstance(closed.error, FerLiveError):
                raise closed.error from None
            raise StopIteration from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the source and ends the threads, within 2 s; may be called again."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def source_info(self) -> SourceInfo | None:
        """What the source granted: size, rate, name; None until it is open."""
        return self._engine.source_info

    def statistics(self) -> dict[str, Any]:
        """Frames, rates, latencies and dropped frames so far: the report of ``--stats``."""
        return self._engine.report()

    def _wait(self) -> FrameResult:
        while True:
            left_s = _POLL_S if self._end_s is None else self._end_s - time.monotonic()
            if left_s <= 0:
                raise SlotClosedError
            item = self._results.get(min(left_s, _POLL_S))
            if item is None:
                continue
            if self._duration_s is not None and self._end_s is None:
                self._end_s = time.monotonic() + self._duration_s
            return item[1]


def _end(engine: Engine, results: LatestSlot[FrameResult]) -> None:
    # First the slot: the inference thread may be waiting there for room.
    results.close()
    results.discard()
    engine.stop()


class _ToSlot:
    """The engine's sink that hands results to the iterator.

    Args:
        results: A lossless slot makes the engine wait for the iterator.
    """

    def __init__(self, results: LatestSlot[FrameResult]) -> None:
        self._results = results

    def submit(self, result: FrameResult) -> None:
        with suppress(SlotClosedError):  # the iterator was closed; the engine is about to stop
            while not self._results.put(result, _POLL_S):
                pass
