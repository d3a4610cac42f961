"""One live output: a bounded queue and a thread of its own in front of what sends."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from fer_live.core.errors import FerLiveError, OutputError
from fer_live.core.types import FrameResult, ImageBgr
from fer_live.core.worker_queue import WorkerQueue
from fer_live.outputs.messages import EventMessage, FrameMessage, Message, SessionMessage

_log = logging.getLogger(__name__)

THREAD_PREFIX = "fer-live-output-"
"""Every thread of an output has a name that begins so."""
JOIN_S = 1.0
"""Longest wait, at the end, for what is queued; half of it is waited once more."""
_NO_PICTURE: ImageBgr = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class OutputSummary:
    """How an output went.

    Args:
        name: Of the output.
        sent: Frames handed over.
        dropped: Frames and events that were not: the receiver was too slow, or the output had
            ended. Of frames, both together are all that were submitted.
        error: What ended it early, or None.
    """

    name: str
    sent: int
    dropped: int
    error: FerLiveError | None


class Output(Protocol):
    """Gives results to another program. Methods may be called from any thread; none blocks."""

    @property
    def name(self) -> str:
        """For the user."""
        ...

    @property
    def place(self) -> str:
        """Where the other program finds it."""
        ...

    @property
    def clients(self) -> int | None:
        """Programs that listen now; None where that cannot be known."""
        ...

    @property
    def sent(self) -> int:
        """Frames handed over so far."""
        ...

    @property
    def dropped(self) -> int:
        """Frames and events lost so far."""
        ...

    @property
    def error(self) -> FerLiveError | None:
        """What ended it early, or None."""
        ...

    @property
    def warning(self) -> str:
        """What the user must know about it once it has started: one sentence, or ''."""
        ...

    def start(self) -> None:
        """Begins to take messages.

        Raises:
            FerLiveError: It cannot be opened; it says what to do.
        """
        ...

    def submit(self, message: FrameMessage, result: FrameResult) -> None:
        """Takes a frame, or counts it as dropped."""
        ...

    def tell(self, event: EventMessage) -> None:
        """Takes an event, or counts it as dropped."""
        ...

    def stop(self) -> OutputSummary:
        """Sends what is queued, closes, and says how it went. May be called twice."""
        ...


class Sender(Protocol):
    """What an output does with its messages; all but `open` and the properties in its thread."""

    name: str
    capacity: int
    """Messages that may wait."""
    pictures: bool
    """Frames are wanted with their results."""

    @property
    def place(self) -> str: ...
    @property
    def clients(self) -> int | None: ...
    @property
    def warning(self) -> str: ...
    def open(self) -> None:
        """Raises FerLiveError if it cannot be had."""
        ...

    def session(self, session: SessionMessage) -> None:
        """What the frames that follow belong to."""
        ...

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Sends a frame; False if it could not be sent and the output goes on.

        Args:
            frame: The frame.
            dropped: What this output has lost so far.
        """
        ...

    def event(self, event: EventMessage) -> bool:
        """Sends an event; returns as `frame` does."""
        ...

    def close(self) -> None:
        """Releases what `open` took; also after a failure."""
        ...


class QueuedOutput:
    """An `Output` around a `Sender`: the sender may block or fail, `submit` never does.

    Args:
        sender: Sends.
        on_error: Called once, in the output's thread, if the output ends early.
        wait: Let `submit` wait for room, so that nothing is dropped; for sources that can wait,
            such as a file that nobody watches.
    """

    def __init__(
        self,
        sender: Sender,
        on_error: Callable[["QueuedOutput"], None] | None = None,
        *,
        wait: bool = False,
    ) -> None:
        self._sender = sender
        self._on_error = on_error
        self._queue: WorkerQueue[Message] = WorkerQueue(
            THREAD_PREFIX + sender.name.lower().replace(" ", "-"),
            self._handle,
            self._ended,
            capacity=sender.capacity,
            image=_image_of,
            wait=wait,
        )
        self._putting = threading.Lock()
        self._session: SessionMessage | None = None
        self._submitted = self._lost = self._told = 0
        self._stopped = self._over = False
        self.sent = 0
        self.error: FerLiveError | None = None

    @property
    def name(self) -> str:
        """For the user."""
        return self._sender.name

    @property
    def place(self) -> str:
        """Where the other program finds it."""
        return self._sender.place

    @property
    def clients(self) -> int | None:
        """Programs that listen now; None where that cannot be known."""
        return self._sender.clients

    @property
    def warning(self) -> str:
        """What the user must know about it once it has started."""
        return self._sender.warning

    @property
    def dropped(self) -> int:
        """Frames and events lost so far."""
        return self._submitted - self.sent - self._told if self._over else self._lost

    def start(self) -> None:
        """Opens the sender and begins to take messages. Raises FerLiveError."""
        self._sender.open()
        self._queue.start()

    def submit(self, message: FrameMessage, result: FrameResult) -> None:
        """Takes a frame, or counts it as dropped."""
        self._put(replace(message, result=result) if self._sender.pictures else message)

    def tell(self, event: EventMessage) -> None:
        """Takes an event, or counts it as dropped."""
        self._put(event)

    def stop(self) -> OutputSummary:
        """Sends what is queued, closes, and says how it went. May be called twice."""
        with self._putting:
            self._stopped = True
        if not self._queue.stop(JOIN_S) and self.error is None:
            self.error = OutputError(
                f"The output {self.name} did not take what was left within {JOIN_S:g} s.",
                "Look at the program that reads it.",
            )
        self._over = True
        return OutputSummary(self.name, self.sent, self.dropped, self.error)

    def _put(self, message: Message) -> None:
        # Frames come from one thread and events from others; the queue takes one at a time.
        with self._putting:
            if self._stopped:
                return
            self._submitted += 1
            if not self._queue.offer(message):
                self._lost += 1

    def _handle(self, message: Message) -> None:
        if isinstance(message, EventMessage):
            done = self._sender.event(message)
            self._told += done
            self._lost += not done
            return
        if message.session is not self._session:
            self._session = message.session
            self._sender.session(message.session)
        done = self._sender.frame(message, self.dropped)
        self.sent += done
        self._lost += not done

    def _ended(self, failure: Exception | None) -> None:
        try:
            self._sender.close()
        except Exception as error:
            failure = failure or error
        if failure is None:
            return
        self._over = True
        if isinstance(failure, FerLiveError):
            self.error = failure
        else:
            _log.warning("the output %s failed", self.name, exc_info=failure)
            self.error = _unexpected(self, failure)
        if self._on_error is not None:
            self._on_error(self)


def _image_of(message: Message) -> ImageBgr:
    if isinstance(message, FrameMessage) and message.result is not None:
        return message.result.frame.image_bgr
    return _NO_PICTURE


def _unexpected(output: QueuedOutput, error: Exception) -> OutputError:
    return OutputError(f"The output {output.name} ended: {error}.", "Switch it on again.")
