"""The inference thread: owns detector, model and tracker; turns frames into results."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fer_live.core.errors import FerLiveError
from fer_live.core.types import Frame, FrameResult
from fer_live.live.capture_loop import Stamped
from fer_live.live.control import Control, for_user
from fer_live.live.latest_slot import LatestSlot, SlotClosedError
from fer_live.live.preview import Preview
from fer_live.live.states import EngineOptions, ResultSink, State
from fer_live.live.statistics import Statistics
from fer_live.tracking.smoothing import SmoothingOptions

if TYPE_CHECKING:
    from fer_live.live.processor import FrameProcessor

_log = logging.getLogger(__name__)


class InferenceLoop:
    """Body of the inference thread.

    Args:
        make_processor: Builds the processor, here and nowhere else.
        slot: Where frames come from.
        control, statistics, preview: Shared with the other threads.
        options: Tuning.
    """

    def __init__(
        self,
        make_processor: "Callable[[], FrameProcessor]",
        slot: LatestSlot[Stamped],
        control: Control,
        statistics: Statistics,
        preview: Preview,
        options: EngineOptions,
    ) -> None:
        self.device_name: str | None = None
        self.model_name: str | None = None
        self.labels: tuple[str, ...] = ()
        self.maps: bool | None = None
        """Heat maps wanted, from any thread; None leaves it to the processor's options."""
        self.smoothing: SmoothingOptions | None = None
        """Smoothing wanted, from any thread; None leaves it to the processor's options."""
        self.names: Mapping[int, str] = {}
        """What the user calls the faces, by identity; replaced as a whole, from any thread."""
        self.supports_heat_maps: bool | None = None
        self._make_processor = make_processor
        self._slot = slot
        self._control = control
        self._statistics = statistics
        self._preview = preview
        self._options = options
        self._sinks_lock = threading.Lock()
        self._sinks: tuple[ResultSink, ...] = ()
        self._epoch: int | None = None
        self._failures = 0
        self._reported: set[type[BaseException]] = set()

    def add_sink(self, sink: ResultSink) -> None:
        """From any thread."""
        with self._sinks_lock:
            self._sinks = (*self._sinks, sink)

    def remove_sink(self, sink: ResultSink) -> None:
        """From any thread; harmless if it is not there."""
        with self._sinks_lock:
            self._sinks = tuple(s for s in self._sinks if s is not sink)

    def run(self) -> None:
        """Loads the processor, then works until the frames end."""
        control = self._control
        error: BaseException | None = None
        try:
            processor = self._load()
            if processor is not None:
                self._work(processor)
        except BaseException as failure:
            error = failure
            control.fail_unexpectedly(failure, "in the analysis")
        finally:
            self._slot.close(error)
            self._slot.discard()

    def _load(self) -> "FrameProcessor | None":
        control = self._control
        if control.stop.is_set():
            return None
        try:
            processor = self._make_processor()
            self.labels = processor.labels
            self.device_name, self.model_name = processor.device_name, processor.model_name
            self.supports_heat_maps = processor.supports_heat_maps
        except FerLiveError as error:
            control.fail(error)
            return None
        except Exception as error:
            control.fail_unexpectedly(error, "while loading the model and the face detector")
            return None
        self._preview.ready()
        control.processor_ready.set()
        return processor

    def _work(self, processor: "FrameProcessor") -> None:
        control = self._control
        while not control.stop.is_set():
            try:
                item = self._slot.get(self._options.poll_s)
            except SlotClosedError as closed:
                if closed.error is None and not control.stop.is_set():
                    self._statistics.finished()
                    control.become(State.ENDED, "The source has ended.")
                return
            if item is None:
                continue
            epoch, frame = item[1]
            self._process(processor, frame, epoch)

    def _process(self, processor: "FrameProcessor", frame: Frame, epoch: int) -> None:
        self._preview.begun(frame)
        try:
            if epoch != self._epoch:
                processor.reset()
                self._statistics.restarted()
                self._epoch = epoch
            if self.maps is not None:
                processor.maps = self.maps
            if self.smoothing is not None:
                processor.smoothing = self.smoothing
            processor.names = self.names
            result = processor.process(frame)
        except Exception as error:
            self._preview.failed(frame)
            self._statistics.failed()
            self._survive(error)
            return
        self._failures = 0
        self._statistics.analysed(result)
        self._preview.analysed(result, processor.velocities, epoch)
        self._send(result)

    def _survive(self, error: Exception) -> None:
        """Reports a failed frame, once for each type of error; too many in a row end the run."""
        self._failures += 1
        told, details = for_user(error, "in the analysis of a frame")
        if self._failures >= self._options.max_failures:
            self._control.fail(told, details)
        elif type(error) not in self._reported:
            self._reported.add(type(error))
            _log.warning("%s", told, exc_info=error)
            self._control.notify(told, details)

    def _send(self, result: FrameResult) -> None:
        with self._sinks_lock:
            sinks = self._sinks
        for sink in sinks:
            try:
                sink.submit(result)
            except Exception as error:
                self.remove_sink(sink)
                _log.warning("a result sink failed and was removed", exc_info=error)
                self._control.notify(*for_user(error, "while handing on a result"))
