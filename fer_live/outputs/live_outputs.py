"""Hands the results of one session to every live output."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fer_live.core.labels import one_line
from fer_live.core.types import FrameResult
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage
from fer_live.outputs.output import Output, OutputSummary
from fer_live.session_log.clock import LogClock, clock_text
from fer_live.session_log.schema import CLOCK, MARKER, MAX_TEXT, SEEK, Moment, SessionAbout


@dataclass(frozen=True)
class OutputMoment:
    """When an event happened.

    Args:
        moment: On the session's clock.
        captured_s: On the `time.perf_counter` clock, seconds.
    """

    moment: Moment
    captured_s: float


class LiveOutputs:
    """A result sink that hands each frame on to outputs, and a note taker for markers and events.

    `submit` belongs to one thread; everything else may be called from any thread. Nothing blocks,
    but for outputs that are told to wait.

    Args:
        about: What the session runs on; asked at every frame.
        derived: Whether faces carry derived figures; asked at every frame.
        now: Source of the wall time, in local time if it has no zone.
        clock: Seconds on the clock that frames are stamped by.
    """

    def __init__(
        self,
        about: Callable[[], SessionAbout],
        *,
        derived: Callable[[], bool] = lambda: False,
        now: Callable[[], datetime] = datetime.now,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._about = about
        self._derived = derived
        self._perf_counter = clock
        self._clock = LogClock(clock, now)
        self._began: datetime | None = None
        self._lock = threading.Lock()
        self._outputs: tuple[Output, ...] = ()
        self._session: SessionMessage | None = None

    @property
    def running(self) -> tuple[Output, ...]:
        """The outputs that take messages now, also those that have failed."""
        return self._outputs

    @property
    def elapsed_s(self) -> float:
        """From the first frame to the last, seconds."""
        return self._clock.elapsed_s

    def open(self, output: Output) -> None:
        """Starts an output and hands it everything from now on. Raises FerLiveError."""
        output.start()
        with self._lock:
            self._outputs = (*self._outputs, output)
            if self._began is None:
                self._began = self._clock.begin()

    def close(self, output: Output) -> OutputSummary:
        """Stops an output; harmless if it is not open."""
        with self._lock:
            self._outputs = tuple(o for o in self._outputs if o is not output)
        return output.stop()

    def submit(self, result: FrameResult) -> None:
        """Takes a result."""
        outputs = self._outputs
        if not outputs:
            return
        frame = result.frame
        about = self._about()
        if jump_s := self._clock.follow_wall():
            self.note(CLOCK, clock_text(jump_s))
        jump = self._clock.jump(frame, about.source)
        moment = self._clock.at_frame(frame, about.source)
        if jump:
            self._tell(SEEK, jump, OutputMoment(moment, frame.captured_s))
        size, live = (frame.width, frame.height), frame.position_s is None
        session, derived = self._session, self._derived()
        if session is None or (about, result.labels, live, derived) != (
            session.about,
            session.labels,
            session.live,
            session.derived,
        ):
            session = SessionMessage(about, result.labels, size, live, derived)
            self._session = session
        message = FrameMessage(
            session,
            moment,
            self._wall_time(moment),
            frame.captured_s,
            result.latency_ms,
            size,
            result.faces,
        )
        for output in outputs:
            output.submit(message, result)

    def moment(self) -> OutputMoment:
        """Now, for a marker whose text is not known yet."""
        return OutputMoment(self._clock.at_present(self._about().source), self._perf_counter())

    def mark(self, key: int, text: str = "", moment: OutputMoment | None = None) -> None:
        """Tells a marker.

        Args:
            key: 1 to 9.
            text: What it means; made one line.
            moment: As `moment` gave it; None is now.
        """
        self._tell(MARKER, text, moment, key)

    def note(self, kind: str, text: str = "") -> None:
        """Tells what happened to the session now; `kind` as for `SessionLog.note`."""
        self._tell(kind, text)

    def stop(self) -> list[OutputSummary]:
        """Stops all outputs, all at once, and says how they went."""
        outputs = self._outputs
        summaries: list[OutputSummary] = []
        threads = [
            threading.Thread(target=lambda o=o: summaries.append(self.close(o)), daemon=True)
            for o in outputs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(summaries, key=lambda summary: _place(outputs, summary.name))

    def _tell(
        self, kind: str, text: str, at: OutputMoment | None = None, key: int | None = None
    ) -> None:
        outputs = self._outputs
        if not outputs:
            return
        at = at or self.moment()
        words = one_line(text, MAX_TEXT)
        wall_time = self._wall_time(at.moment)
        event = EventMessage(kind, at.moment, wall_time, at.captured_s, words, key)
        for output in outputs:
            output.tell(event)

    def _wall_time(self, moment: Moment) -> str:
        assert self._began is not None
        return moment.wall_time(self._began)


def _place(outputs: Sequence[Output], name: str) -> int:
    return [output.name for output in outputs].index(name)
