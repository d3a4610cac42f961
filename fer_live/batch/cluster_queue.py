"""Analyses a queue of videos on a Dask cluster: a task is a video, or a span of a long one.

A worker writes the log of a whole video where it belongs. The spans of a long video, and all videos
whose results are to be collected, are sent back and written by the process that called.
"""

import dataclasses
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fer_live.batch.cluster import FETCH_S, POLL_S, RETRIES, TURN, has_died, ignore_lost
from fer_live.batch.spans import SPAN_S, FrameFaces, Span, SpanJoiner, spans_of
from fer_live.batch.video_job import (
    OnProgress,
    Progress,
    about_of,
    analyse_span,
    write_results,
)
from fer_live.batch.video_queue import (
    DONE,
    FAILED,
    SKIPPED,
    Claimed,
    Records,
    VideoOptions,
    VideoQueue,
    load_for,
    name_groups,
)
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import FerLiveError
from fer_live.session_log.schema import SessionAbout

TOPIC = "fer-live-progress"
"""Topic of Dask's events under which workers report progress."""

_REPORT_S = 1.0
"""Time between two reports of a task, seconds."""


@dataclass(frozen=True, eq=False)
class Part:
    """What a worker sends back of a span.

    Args:
        frames: The results from `Span.from_s` on.
        about: Video, model and device.
        problems: What was survived.
        error: Why there are no results, or None.
    """

    frames: tuple[FrameFaces, ...] = ()
    about: SessionAbout = field(default_factory=SessionAbout)
    problems: tuple[str, ...] = ()
    error: FerLiveError | None = None


@dataclass(frozen=True)
class Refused:
    """A worker cannot analyse any video: model or device is not available."""

    error: FerLiveError


WholeTask = Callable[[Path, VideoOptions], "dict[str, Any] | Refused"]


def predict_videos_on_cluster(
    videos: Sequence[Path],
    options: VideoOptions,
    client: Any,
    on_progress: OnProgress = lambda _: None,
    notify: Callable[[str], None] = lambda _: None,
    *,
    collect: bool = False,
    span_s: float = SPAN_S,
    whole_task: "WholeTask | None" = None,
) -> Records:
    """One record per video, as `predict_videos` gives them, in the order in which they end.

    The videos must have the same paths on all machines. A worker that dies costs the video or span
    it was at, which another worker does again.

    Args:
        videos, options, on_progress, notify: As for `predict_videos`.
        client: From `cluster.open_cluster`.
        collect: The workers write nothing: all results are sent back and written here.
        span_s: Least length of a span of a long video, seconds.
        whole_task: Analyses a whole video on a worker; None is `analyse_whole`.

    Raises:
        FerLiveError: The model or device is not available, or the cluster is lost.
    """
    run = _Run(videos, options, client, on_progress, notify, collect, span_s)
    run.whole_task = whole_task or analyse_whole
    try:
        yield from run.records()
    finally:
        run.close()


def analyse_whole(video: Path, options: VideoOptions) -> "dict[str, Any] | Refused":
    """On a worker: analyses a video and writes its outputs; returns its record."""
    with TURN:
        try:
            classifier = _classifier(options)
            report = _Reporter(video)
            work = VideoQueue(
                [video], options, report.show, report.tell, alone=False, classifier=classifier
            )
            return work.do(0)
        except FerLiveError as error:
            return Refused(FerLiveError(error.message, error.hint))


def analyse_part(video: Path, span: Span, options: VideoOptions) -> Part:
    """On a worker: analyses a span of a video and writes nothing."""
    with TURN:
        report, problems = _Reporter(video), list[str]()
        began_s = time.monotonic()
        try:
            classifier = _classifier(options)
            frames = []
            for result in analyse_span(
                video, span, classifier, options.settings, options.how, problems.append
            ):
                frames.append(FrameFaces.of(result))
                done_s = max(0.0, result.frame.time_s - span.start_s)
                passed_s = time.monotonic() - began_s
                report.show(Progress(video, len(frames), done_s, None, passed_s), span.start_s)
        except FerLiveError as error:
            return Part(error=FerLiveError(error.message, error.hint))
        about = about_of(video, classifier)
        return Part(tuple(frames), about, tuple(problems))


_models: dict[tuple[str, str, str], FaceClassifier] = {}


def _classifier(options: VideoOptions) -> FaceClassifier:
    """The model, loaded once in each worker. Raises FerLiveError."""
    settings = options.settings
    key = (str(settings.model), settings.device, settings.prior)
    if key not in _models:
        _models.clear()
        _models[key] = load_for(options)
    return _models[key]


class _Reporter:
    """Sends the progress of a task to the client."""

    def __init__(self, video: Path) -> None:
        from distributed import get_worker

        self._video = str(video)
        self._told_s = time.monotonic()
        try:
            self._worker: Any = get_worker()
        except ValueError:  # not on a worker
            self._worker = None

    def show(self, progress: Progress, span_from_s: float = 0.0) -> None:
        if time.monotonic() - self._told_s >= _REPORT_S:
            self._told_s = time.monotonic()
            values = {**dataclasses.asdict(progress), "path": self._video}
            self._send({"progress": values, "span": span_from_s})

    def tell(self, sentence: str) -> None:
        self._send({"sentence": sentence})

    def _send(self, message: dict[str, Any]) -> None:
        if self._worker is not None:
            self._worker.log_event(TOPIC, message)


@dataclass
class _Job:
    """A video that is being analysed on the cluster.

    Args:
        number: Its number in the queue.
        claimed: The exclusive right to write its outputs; None if its worker has it.
        spans: Its spans, if it is written here.
        parts: What has come back of them.
        began_s: When it was given to the scheduler.
        reached: Frames and seconds analysed, by the beginning of the span.
    """

    number: int
    claimed: Claimed | None = None
    spans: list[Span] = field(default_factory=list)
    parts: dict[int, Part] = field(default_factory=dict)
    began_s: float = field(default_factory=time.monotonic)
    reached: dict[float, tuple[int, float]] = field(default_factory=dict)


class _Run:
    """One run, seen from the client. One thread uses it."""

    def __init__(
        self,
        videos: Sequence[Path],
        options: VideoOptions,
        client: Any,
        on_progress: OnProgress,
        notify: Callable[[str], None],
        collect: bool,
        span_s: float,
    ) -> None:
        self.whole_task: WholeTask = analyse_whole
        self._videos = videos
        self._options = options
        self._client = client
        self._on_progress = on_progress
        self._notify = notify
        self._collect = collect
        self._span_s = span_s
        self._queue = VideoQueue(videos, options, on_progress, notify, alone=False)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._groups = deque(deque(group) for group in name_groups(videos))
        self._jobs: dict[int, _Job] = {}
        self._group_of: dict[int, deque[int]] = {}
        self._futures: dict[Any, tuple[int, int]] = {}
        self._numbers = {str(video): number for number, video in enumerate(videos)}
        self._total_s = self._queue.total_s()
        client.subscribe_topic(TOPIC, lambda event: self._inbox.put(event[1]))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yields records until every video has one."""
        while True:
            yield from self._fill()
            if not self._futures:
                return
            try:
                message = self._inbox.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if isinstance(message, dict):
                self._show(message)
            elif message in self._futures:
                yield from self._take(message)

    def close(self) -> None:
        """Cancels what is not finished and gives back the claims."""
        self._client.unsubscribe_topic(TOPIC)
        if self._futures:
            ignore_lost(self._client, list(self._futures))
        for job in self._jobs.values():
            if job.claimed is not None:
                job.claimed.lock.give_up()

    def _fill(self) -> Iterator[dict[str, Any]]:
        """Gives the scheduler a task for each worker; yields what needs no analysis.

        No more: Dask blames the death of a worker on every task that waits for it.
        """
        most = max(1, sum(self._client.nthreads().values()))
        while self._groups and len(self._futures) < most:
            yield from self._begin(self._groups.popleft())

    def _begin(self, group: deque[int]) -> Iterator[dict[str, Any]]:
        """Starts the first video of a group that has to be analysed."""
        while group:
            number = group.popleft()
            record = self._queue.finished(number)
            if record is None:
                record = self._submit(number)
            if record is None:
                self._group_of[number] = group
                return
            yield record

    def _submit(self, number: int) -> dict[str, Any] | None:
        """Gives a video to the scheduler; returns a record if another run has it."""
        video, options = self._videos[number], self._options
        options = replace(options, how=replace(options.how, threads=1))
        job = _Job(number)
        if options.annotate_dir is None:
            job.spans = spans_of(video, self._span_s)
        more: dict[str, Any] = {"retries": RETRIES, "priority": -number, "pure": False}
        if len(job.spans) > 1 or self._collect:
            claimed = self._queue.claim(number)
            if isinstance(claimed, dict):
                return claimed
            if claimed.lock.ready is not None:
                return self._queue.complete(claimed, dict)
            job.claimed = claimed
            futures = [
                self._client.submit(analyse_part, video, span, options, **more)
                for span in job.spans
            ]
        else:
            futures = [self._client.submit(self.whole_task, video, options, **more)]
        self._jobs[number] = job
        for place, future in enumerate(futures):
            self._futures[future] = (number, place)
            future.add_done_callback(self._inbox.put)
        return None

    def _take(self, future: Any) -> Iterator[dict[str, Any]]:
        """Takes the result of a task."""
        number, place = self._futures[future]
        job = self._jobs[number]
        result = self._result(number, future)
        if result is None:
            future.add_done_callback(self._inbox.put)
            return
        del self._futures[future]
        if isinstance(result, Refused):
            raise result.error
        if isinstance(result, Part) and result.error is None:
            job.parts[place] = result
            if len(job.parts) < len(job.spans):
                return
            result = self._written(job)
        elif isinstance(result, Part):
            result = self._failed(number, str(result.error))
        elif result["status"] == SKIPPED:
            # Its record was lost with a worker, and the next one found it finished.
            result = {**result, "status": DONE}
        if job.claimed is not None:
            job.claimed.lock.give_up()
        del self._jobs[number]
        for other in [f for f, (owner, _) in self._futures.items() if owner == number]:
            ignore_lost(self._client, [other])
            del self._futures[other]
        yield result
        self._groups.appendleft(self._group_of.pop(number))

    def _result(self, number: int, future: Any) -> Any:
        """What a task returned, or the record of its video if it failed; None: not ready."""
        if future.status == "finished":
            try:
                return future.result(timeout=FETCH_S)
            except TimeoutError:
                return None
            except Exception as error:
                return self._failed(number, f"Its results were lost: {error}.")
        if future.status in ("pending", "lost"):
            return None
        if future.status == "error":
            failure = future.exception()
            if has_died(failure):
                why = (
                    "The processes that analysed this video ended unexpectedly, perhaps for lack "
                    "of memory. Run again, with fewer workers on each machine."
                )
            else:
                why = f"Unexpected error on a worker: {failure}."
            return self._failed(number, why)
        return self._failed(number, "The connection to the cluster was lost. Run again.")

    def _written(self, job: _Job) -> dict[str, Any]:
        """Joins the parts of a video and writes its outputs; returns its record."""
        assert job.claimed is not None
        claimed, joiner = job.claimed, SpanJoiner()
        job.claimed = None  # given back by the queue
        problems = [problem for place in sorted(job.parts) for problem in job.parts[place].problems]
        about = job.parts[0].about

        def results() -> Iterator[Any]:
            for place, span in enumerate(job.spans):
                frames = job.parts.pop(place).frames
                yield from joiner.join(span, (frame.result() for frame in frames))

        def make() -> dict[str, Any]:
            seen = write_results(
                claimed.outputs, results(), about, self._options.settings, lambda _: None, problems
            )
            took_s = round(time.monotonic() - job.began_s, 3)
            return self._queue.summary(claimed, {**seen, "took_s": took_s}, about)

        return self._queue.complete(claimed, make)

    def _failed(self, number: int, error: str) -> dict[str, Any]:
        path = str(self._videos[number])
        return {"path": path, "width": None, "height": None, "status": FAILED, "error": error}

    def _show(self, message: dict[str, Any]) -> None:
        """Shows what a worker reports; that of other runs on the same cluster is ignored."""
        if "sentence" in message:
            self._notify(message["sentence"])
            return
        values = message["progress"]
        number = self._numbers.get(values["path"])
        job = self._jobs.get(-1 if number is None else number)
        if number is None or job is None:
            return
        job.reached[message["span"]] = (values["frames"], values["position_s"])
        length_s = self._queue.length_s(number)
        self._on_progress(
            Progress(
                self._videos[number],
                sum(frames for frames, _ in job.reached.values()),
                sum(done_s for _, done_s in job.reached.values()),
                length_s or None,
                time.monotonic() - job.began_s,
                number + 1,
                len(self._videos),
                self._total_s,
            )
        )
