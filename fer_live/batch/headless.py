"""Runs an engine without a window and writes its statistics, video and log."""

import contextlib
import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from fer_live.core.errors import ConfigError, FerLiveError
from fer_live.core.files import atomic_write, check_writable
from fer_live.core.process import end_signals
from fer_live.core.settings import Settings
from fer_live.live.engine import Engine
from fer_live.live.log_listener import LogListener, session_about
from fer_live.live.states import EngineEvent, EngineOptions, ResultSink, State
from fer_live.recording.disk import DiskSpace
from fer_live.recording.recorder import VideoRecorder
from fer_live.session_log.files import remove_log
from fer_live.session_log.log import LogSummary, SessionLog

_log = logging.getLogger(__name__)

_POLL_S = 0.1
"""Longest time until a stop request, Ctrl-C or the end of the duration is noticed."""


class OutputEnd(Protocol):
    """How one live output ended."""

    @property
    def name(self) -> str: ...
    @property
    def dropped(self) -> int: ...
    @property
    def error(self) -> FerLiveError | None: ...


class OutputsLike(ResultSink, Protocol):
    """The live outputs of a run; `outputs.live_outputs` implements it."""

    def note(self, kind: str, text: str = "") -> None:
        """Sends an event of this kind; does not block."""
        ...

    def stop(self) -> Sequence[OutputEnd]:
        """Ends every output."""
        ...


OpenOutputs = Callable[[Engine, bool], OutputsLike]
"""Opens the live outputs of an engine; with True they may wait, so that no frame is dropped."""


def run_headless(
    engine: Engine,
    duration_s: float | None = None,
    stats_path: Path | None = None,
    stop_event: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Runs an engine until the duration is over, its source ends, it fails, or it is stopped.

    Ctrl-C ends the run as `stop_event` does: the report is still written and returned.

    Args:
        engine: An engine that is not started.
        duration_s: Longest run, counted from the first frame, seconds; None has no limit.
        stats_path: Where the report goes as JSON, complete or not at all; None writes none.
        stop_event: Ends the run when it is set.
        clock: Returns monotonic seconds.

    Returns:
        The report, see `Engine.report`.

    Raises:
        FerLiveError: The engine failed (the report is written if a frame was captured), or the
            report cannot be written, which is checked before the run begins.
    """
    if stats_path is not None:
        _check_place(stats_path)
    try:
        engine.start()
        with contextlib.suppress(KeyboardInterrupt):
            _wait(engine, duration_s, stop_event or threading.Event(), clock)
        engine.stop()
        report = engine.report()
        if stats_path is not None and (engine.error is None or report["frames_captured"]):
            _write(report, stats_path)
    finally:
        engine.stop()
    if engine.error is not None:
        raise engine.error
    return report


def run_source(
    settings: Settings,
    source: str | None,
    *,
    duration_s: float | None = None,
    record: Path | None = None,
    log_path: Path | None = None,
    stats_path: Path | None = None,
    paced: bool = False,
    stop_event: threading.Event | None = None,
    open_outputs: OpenOutputs | None = None,
) -> dict[str, Any]:
    """`run_headless` on a source string, with model, recorder and log as the settings say.

    A file loses no frame unless it is paced; a live source is analysed at its own rate. Only
    camera frames are mirrored. On the main thread, SIGTERM or SIGHUP ends the run as Ctrl-C does,
    with all files complete.

    Args:
        settings: What the user chose.
        source: A source string, see `core.formats`; None is the settings' source, else the first
            camera.
        duration_s, stats_path, stop_event: As for `run_headless`.
        record: An .mp4 file or a folder for a video as the settings say; None records none.
        log_path: Where the session log is written, see `SessionLog`; None writes none.
        paced: Play a file at its own rate and drop frames that come too fast, as for a camera.
        open_outputs: Opens live outputs, before the run begins.

    Raises:
        FerLiveError: As `run_headless`; or the recording, the log or a live output failed, without
            which the run continues to its end.
    """
    from fer_live.capture.factory import mirrored, source_for
    from fer_live.live.assembly import processor_for

    listener, output_listener = LogListener(), LogListener()

    def on_event(event: EngineEvent) -> None:
        _log_event(event)
        listener(event)
        output_listener(event)

    opened = source_for(settings, source)
    lossless = not paced and not opened.live
    engine = Engine(
        opened,
        lambda: processor_for(settings, opened),
        paced=paced,
        lossless=lossless,
        mirror=mirrored(settings, opened),
        on_event=on_event,
        options=EngineOptions(wait_for_processor=True),
    )
    engine.set_maps(settings.show_heat and record is not None)
    log: SessionLog | None = None
    if log_path is not None:
        log = listener.log = SessionLog(
            log_path,
            suffix=f".{settings.log_format}",
            about=lambda: session_about(engine),
            wait=lossless,
            layout=settings.log_layout,
            derived=settings.derived_figures,
        )
    recorder: VideoRecorder | None = None
    if record is not None:
        recorder = VideoRecorder.from_settings(
            record,
            lambda: settings,
            lambda: engine.statistics().analysis_fps,
            log=log,
            on_low_space=_warn_of_space,
            wait=lossless,
        )
    stop_event = stop_event or threading.Event()
    with (
        _set_by_signals(stop_event),
        _giving_away(engine, output_listener, open_outputs, lossless),
        _writing(engine, log, recorder),
    ):
        return run_headless(engine, duration_s, stats_path, stop_event)


@contextlib.contextmanager
def _writing(
    engine: Engine, log: SessionLog | None, recorder: VideoRecorder | None
) -> Iterator[None]:
    """Starts log and recorder as the engine's sinks; stops them at the end.

    Raises:
        FerLiveError: One cannot be started, or failed during the run; raised at the end.
    """
    started: list[SessionLog | VideoRecorder] = []
    failed = True
    try:
        for sink in (log, recorder):
            if sink is not None:
                sink.start()
                started.append(sink)
                engine.add_sink(sink)
        yield
        failed = False
    finally:
        # The log last, because the recorder reports its end to it.
        summaries = [sink.stop() for sink in reversed(started)]
        for summary in summaries if failed else ():
            # A source that did not start leaves nothing: the next try takes the same name.
            if isinstance(summary, LogSummary) and not summary.frames_written and summary.path:
                remove_log(summary.path)
    for summary in summaries:
        if summary.error is not None:
            raise summary.error
        if summary.frames_dropped:
            what = "log" if isinstance(summary, LogSummary) else "recording"
            _log.warning("the %s lacks %d frames", what, summary.frames_dropped)


@contextlib.contextmanager
def _giving_away(
    engine: Engine, listener: LogListener, open_outputs: OpenOutputs | None, wait: bool
) -> Iterator[None]:
    """Opens live outputs as a sink of the engine; stops them at the end.

    Raises:
        FerLiveError: One cannot be opened, or failed during the run; raised at the end.
    """
    if open_outputs is None:
        yield
        return
    outputs = listener.log = open_outputs(engine, wait)
    engine.add_sink(outputs)
    try:
        yield
    finally:
        ends = outputs.stop()
    for end in ends:
        if end.error is not None:
            raise end.error
        if end.dropped:
            _log.warning("the output %s lacks %d messages", end.name, end.dropped)


@contextlib.contextmanager
def _set_by_signals(event: threading.Event) -> Iterator[None]:
    """Makes `end_signals` set the event; only the main thread can, so others have no handler."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: event.set()) for number in end_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _warn_of_space(space: DiskSpace) -> None:
    left_s = space.left_s or 0.0
    _log.warning("the disk will be full in %.0f s; the recording will then be closed", left_s)


def _log_event(event: EngineEvent) -> None:
    if event.error is not None and event.state is not State.FAILED:
        _log.warning("%s", event.message)


def _wait(
    engine: Engine,
    duration_s: float | None,
    stop_event: threading.Event,
    clock: Callable[[], float],
) -> None:
    end_s: float | None = None
    while not stop_event.is_set():
        left_s = _POLL_S if end_s is None else min(_POLL_S, end_s - clock())
        if left_s <= 0 or engine.wait(left_s):
            return
        if duration_s is not None and end_s is None and engine.state is not State.OPENING:
            end_s = clock() + duration_s - engine.statistics().duration_s


def _check_place(path: Path) -> None:
    try:
        check_writable(path)
    except (OSError, ValueError) as error:  # ValueError: a path without a name, such as "."
        raise _unwritable(path, error) from error
    if path.exists():
        raise ConfigError(f"{path} exists already.", "Choose another name: nothing is overwritten.")


def _write(report: dict[str, Any], path: Path) -> None:
    try:
        with atomic_write(path) as part:
            part.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> FerLiveError:
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return ConfigError(
        f"The statistics cannot be written to {path}: {why}.",
        "Choose a file in a folder you can write to.",
    )
