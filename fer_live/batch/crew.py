"""Worker processes that do the items of a queue, each with a model of its own."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from fer_live.classification.runtime.loading import may_have_gpu
from fer_live.core.errors import FerLiveError
from fer_live.core.machine import available_memory_mb, usable_cores

WORKER_MB = 600
"""Memory of one worker, MiB, with room to spare: 310 with the released model and a 720p video, 525
with an annotated copy, more with larger frames."""

END_S = 10.0
"""Longest wait for the workers when the run ends early; a video stops within a tenth of that."""

Send = Callable[[object], None]
"""Sends a message of a worker, such as its progress, to the parent."""

Prepare = Callable[..., Callable[[Any], Any]]
"""Makes, in a worker, the function that does an item: ``prepare(threads, send, *arguments)``. A
function of a module; it and the function that it makes may raise FerLiveError, which ends the
run."""


@dataclass(frozen=True)
class _Done:
    """The result of an item."""

    result: Any


@dataclass(frozen=True)
class _Refused:
    """No item can be done: model or device is not available."""

    error: FerLiveError


@dataclass(frozen=True)
class _Ready:
    """The worker waits for its next item."""


class _ParentEnded(BaseException):
    """Nobody listens any more. No `Exception`, which would count as a failure of the item."""


@dataclass
class _Worker:
    """A process and the items that it was given.

    Args:
        process: The process.
        pipe: The parent's end: items go out, messages come in.
        items: What it still has to do; the first is in hand while `busy`.
        busy: It has been sent an item.
    """

    process: Any
    pipe: Connection
    items: deque[Any] = field(default_factory=deque)
    busy: bool = False


def default_workers(device: str) -> int:
    """Number of workers that cores and free memory allow, at least 1.

    A GPU is shared badly: there it is one.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    """
    if device not in ("auto", "cpu") or (device == "auto" and may_have_gpu()):
        return 1
    free_mb = available_memory_mb()
    fit = usable_cores() if free_mb is None else int(free_mb // WORKER_MB)
    return max(1, min(usable_cores(), fit))


class Crew:
    """The worker processes, seen from the parent. One thread uses it.

    The cores are divided among the workers. A worker that dies, as one that runs out of memory,
    costs only the item in hand; another worker takes its place. When the parent ends, also by being
    killed, the workers end.

    Args:
        groups: The items; those of a group are done by one worker, one after the other.
        workers: Most processes.
        prepare, arguments: What a worker does, see `Prepare`.
        on_message: Receives what the workers send.
        on_lost: Receives the item at which a worker died; returns its results, and groups of items
            to be done after all.
    """

    def __init__(
        self,
        groups: Iterable[Sequence[Any]],
        workers: int,
        prepare: Prepare,
        arguments: tuple[Any, ...],
        *,
        on_message: Callable[[Any], None],
        on_lost: Callable[[Any], tuple[list[Any], list[list[Any]]]],
    ) -> None:
        self._pending = deque(list(group) for group in groups)
        self._count = min(workers, len(self._pending))
        self._prepare = prepare
        self._arguments = arguments
        self._on_message = on_message
        self._on_lost = on_lost
        self._workers: list[_Worker] = []

    def run(self) -> Iterator[Any]:
        """Yields results, in the order in which they come, until every item is done.

        Raises:
            FerLiveError: No item can be done, or a worker cannot start.
        """
        self._workers = [self._start() for _ in range(self._count)]
        while self._workers:
            for pipe in wait([worker.pipe for worker in self._workers]):
                worker = next(w for w in self._workers if w.pipe is pipe)
                try:
                    message = worker.pipe.recv()
                except (EOFError, OSError):
                    yield from self._lost(worker)
                    continue
                if isinstance(message, _Done):
                    worker.items.popleft()
                    worker.busy = False
                    yield message.result
                elif isinstance(message, _Refused):
                    raise message.error
                elif isinstance(message, _Ready):
                    self._give(worker)
                else:
                    self._on_message(message)

    def close(self) -> None:
        """Ends every worker: one that reports to nobody stops by itself."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(END_S)
            worker.process.kill()
            worker.process.join()

    def _start(self) -> _Worker:
        # Not a copy of this process, whose threads and locks a copy would share.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        threads = max(1, usable_cores() // self._count)
        arguments = (theirs, threads, self._prepare, self._arguments)
        process = context.Process(target=_work, args=arguments, name="fer-live-worker", daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker) -> None:
        """Gives a worker its next item, or lets it end."""
        if not worker.items and self._pending:
            worker.items.extend(self._pending.popleft())
        if worker.items:
            worker.busy = True
            with suppress(OSError):  # it has just died, which the next message shows
                worker.pipe.send(worker.items[0])
        else:
            self._end(worker)

    def _lost(self, worker: _Worker) -> Iterator[Any]:
        """A worker has died: reports the item in hand and replaces the worker if need be."""
        self._end(worker)
        if worker.busy:
            results, again = self._on_lost(worker.items.popleft())
            self._pending.extendleft(again)
            yield from results
        if worker.items:
            self._pending.appendleft(list(worker.items))
        if not worker.busy and self._pending:
            raise FerLiveError(
                "A worker process could not start.", "Run again with --workers 1, to see why."
            )
        if self._pending:
            self._workers.append(self._start())

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()


def _work(pipe: Connection, threads: int, prepare: Prepare, arguments: tuple[Any, ...]) -> None:
    """Body of a worker process: does the items it is sent until the pipe closes."""
    # Ctrl-C reaches every process of a terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        os.environ.setdefault(variable, str(threads))

    def send(message: object) -> None:
        try:
            pipe.send(message)
        except OSError as error:
            raise _ParentEnded from error

    with suppress(_ParentEnded, EOFError, OSError):
        try:
            do = prepare(threads, send, *arguments)
            while True:
                send(_Ready())
                item = pipe.recv()
                send(_Done(do(item)))
        except FerLiveError as error:
            send(_Refused(FerLiveError(error.message, error.hint)))
