"""Analyses a queue of videos in several processes, each with a model of its own."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from fer_live.batch.video_job import OnProgress, Progress
from fer_live.batch.video_queue import (
    FAILED,
    Records,
    VideoOptions,
    VideoQueue,
    name_groups,
)
from fer_live.classification.runtime.loading import may_have_gpu
from fer_live.core.errors import FerLiveError
from fer_live.core.machine import available_memory_mb, usable_cores

WORKER_MB = 600
"""Memory of one worker, MiB, with room to spare: 310 with the released model and a 720p video, 525
with an annotated copy, more with larger frames."""

END_S = 10.0
"""Longest wait for the workers when the run ends early; a video stops within a tenth of that."""


@dataclass(frozen=True)
class _Done:
    """The record of a video."""

    record: dict[str, Any]


@dataclass(frozen=True)
class _Refused:
    """No video can be analysed: model or device is not available."""

    error: FerLiveError


@dataclass(frozen=True)
class _Ready:
    """The worker waits for its next video."""


class _ParentEnded(BaseException):
    """Nobody listens any more. No `Exception`, which would count as a failure of the video."""


@dataclass
class _Worker:
    """A process and the videos that it was given.

    Args:
        process: The process.
        pipe: The parent's end: numbers of videos go out, messages come in.
        numbers: Videos it still has to do; the first is in hand while `busy`.
        busy: It has been sent a number.
    """

    process: Any
    pipe: Connection
    numbers: deque[int] = field(default_factory=deque)
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


def predict_videos_in_processes(
    videos: Sequence[Path],
    options: VideoOptions,
    workers: int,
    on_progress: OnProgress = lambda _: None,
    notify: Callable[[str], None] = lambda _: None,
) -> Records:
    """One record per video, as `predict_videos` gives them, in the order in which they end.

    The cores are divided among the workers. A worker that dies, as one that runs out of memory,
    costs only the video in hand, whose record says so; another worker takes its place. When the
    caller ends, also by being killed, the workers end and leave no part files.

    Args:
        videos, options, on_progress, notify: As for `predict_videos`.
        workers: Number of processes, 1 or more.

    Raises:
        FerLiveError: The model or device is not available.
    """
    # Checks the model before any process starts.
    queue = VideoQueue(videos, options, on_progress, notify)
    total_s = queue.total_s()

    def show(progress: Progress) -> None:
        on_progress(replace(progress, total_s=total_s))

    crew = _Crew(videos, options, workers, show, notify)
    try:
        yield from crew.run()
    finally:
        crew.close()


class _Crew:
    """The worker processes, seen from the parent."""

    def __init__(
        self,
        videos: Sequence[Path],
        options: VideoOptions,
        workers: int,
        on_progress: OnProgress,
        notify: Callable[[str], None],
    ) -> None:
        self._videos = videos
        self._options = options
        self._on_progress = on_progress
        self._notify = notify
        self._pending = deque(name_groups(videos))
        self._count = min(workers, len(self._pending))
        self._workers: list[_Worker] = []

    def run(self) -> Iterator[dict[str, Any]]:
        """Yields records until every video has one."""
        self._workers = [self._start() for _ in range(self._count)]
        while self._workers:
            for pipe in wait([worker.pipe for worker in self._workers]):
                worker = next(w for w in self._workers if w.pipe is pipe)
                try:
                    message = worker.pipe.recv()
                except (EOFError, OSError):
                    yield from self._lost(worker)
                    continue
                if isinstance(message, Progress):
                    self._on_progress(message)
                elif isinstance(message, str):
                    self._notify(message)
                elif isinstance(message, _Done):
                    worker.numbers.popleft()
                    worker.busy = False
                    yield message.record
                elif isinstance(message, _Refused):
                    raise message.error
                else:
                    self._give(worker)

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
        arguments = (theirs, tuple(self._videos), self._options, threads)
        process = context.Process(target=_work, args=arguments, name="fer-live-worker", daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker) -> None:
        """Gives a worker its next video, or lets it end."""
        if not worker.numbers and self._pending:
            worker.numbers.extend(self._pending.popleft())
        if worker.numbers:
            worker.busy = True
            with suppress(OSError):  # it has just died, which the next message shows
                worker.pipe.send(worker.numbers[0])
        else:
            self._end(worker)

    def _lost(self, worker: _Worker) -> Iterator[dict[str, Any]]:
        """A worker has died: reports the video in hand and replaces the worker if need be."""
        self._end(worker)
        if worker.busy:
            yield {
                "path": str(self._videos[worker.numbers.popleft()]),
                "width": None,
                "height": None,
                "status": FAILED,
                "error": "The process that analysed this video ended unexpectedly, perhaps for "
                "lack of memory. Run again, with fewer workers.",
            }
        if worker.numbers:
            self._pending.appendleft(list(worker.numbers))
        if not worker.busy and self._pending:
            raise FerLiveError(
                "A worker process could not start.", "Run again without --workers, to see why."
            )
        if self._pending:
            self._workers.append(self._start())

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()


def _work(pipe: Connection, videos: tuple[Path, ...], options: VideoOptions, threads: int) -> None:
    """Body of a worker process: analyses the videos it is sent until the pipe closes."""
    # Ctrl-C reaches every process of a terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        os.environ.setdefault(variable, str(threads))

    def send(message: object) -> None:
        try:
            pipe.send(message)
        except OSError as error:
            raise _ParentEnded from error

    options = replace(options, how=replace(options.how, threads=threads))
    queue = VideoQueue(videos, options, send, send, alone=False)
    with suppress(_ParentEnded, EOFError, OSError):
        while True:
            send(_Ready())
            number = pipe.recv()
            try:
                record = queue.do(number)
            except FerLiveError as error:
                send(_Refused(FerLiveError(error.message, error.hint)))
                return
            send(_Done(record))
