"""Analyses the pictures of a dataset: here, in several processes, or on a Dask cluster.

A task is a chunk of pictures. Its results are sent back and written by the process that called.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.batch.cluster import FETCH_S, POLL_S, RETRIES, TURN, has_died, ignore_lost
from fer_live.batch.crew import Crew, Send
from fer_live.batch.dataset.image_parts import AnalysedImage, ImageParts, absolute
from fer_live.batch.images import ImageAnalyser, ImageOptions, images_in
from fer_live.batch.job_files import digest_of, models_digest
from fer_live.batch.predictions import ImageResult
from fer_live.batch.video_queue import DONE, FAILED, SKIPPED
from fer_live.core.errors import FerLiveError
from fer_live.core.paths import find_models

CHUNK_IMAGES = 32
"""Pictures of a task: about a second of work, beside which sending it costs nothing."""

_LOST = (
    "The process that analysed this picture ended unexpectedly, perhaps for lack of memory. "
    "Run again, with fewer workers."
)


@dataclass(frozen=True)
class ImageJob:
    """A picture to be analysed.

    Args:
        path: As it was given.
        place: Its absolute path, which means the same in every process.
        problem: What is wrong with it, a sentence, or None.
    """

    path: Path
    place: Path
    problem: str | None = None


@dataclass(frozen=True)
class ImageProgress:
    """Progress of the pictures of a dataset.

    Args:
        done: Number of pictures analysed so far, those that cannot be read included.
        count: Number of pictures to be analysed.
        elapsed_s: Time since the first was begun, seconds.
    """

    done: int
    count: int
    elapsed_s: float


Chunk = tuple[ImageJob, ...]
Runner = Callable[[Sequence[Chunk], ImageOptions], Generator[list[AnalysedImage], None, None]]
"""Analyses chunks; yields the results of each, in the order in which they end."""


def predict_images(
    paths: Iterable[Path],
    options: ImageOptions,
    parts: ImageParts,
    runner: Runner,
    on_progress: Callable[[ImageProgress], None] = lambda _: None,
    *,
    force: bool = False,
) -> Generator[dict[str, Any], None, None]:
    """One record per picture, each picture once; adds them to a dataset.

    Args:
        paths: Pictures and folders of pictures.
        options: How they are analysed.
        parts: The pictures of the dataset.
        runner: Who analyses them: `in_this_process`, `in_processes` or `on_cluster`.
        on_progress: Called when a chunk has ended.
        force: Analyse also what the dataset has.

    Yields:
        First the pictures that need no analysis, then the others as they end: what
        `ImageResult.to_dict` gives and ``status``; one that is skipped has the number of its
        ``faces`` only in the dataset.

    Raises:
        FerLiveError: Model, device or detector is not available, or the dataset cannot be written.
    """
    parts.begin(made_with(options))
    jobs: list[ImageJob] = []
    for job in _each_once(paths):
        entry = None if job.problem or force else _finished(parts, job)
        if entry is None:
            jobs.append(job)
        else:
            yield {
                "path": str(job.path),
                "width": entry["width"],
                "height": entry["height"],
                "status": SKIPPED,
                "error": None,
            }
    chunks = [tuple(jobs[at : at + CHUNK_IMAGES]) for at in range(0, len(jobs), CHUNK_IMAGES)]
    if not chunks:
        return
    began_s, done = time.monotonic(), 0
    results = runner(chunks, options)
    try:
        for images in results:
            for image in images:
                failed = image.result.error is not None
                if not failed:
                    parts.add(image)
                yield {**image.result.to_dict(), "status": FAILED if failed else DONE}
            done += len(images)
            on_progress(ImageProgress(done, len(jobs), time.monotonic() - began_s))
    finally:
        results.close()


def made_with(options: ImageOptions) -> dict[str, Any]:
    """What the results depend on: model and settings. Raises ModelError."""
    models = find_models(options.model)
    settings: dict[str, Any] = {
        "fer_live": __version__,
        "detector": options.detector,
        "min_face_px": options.min_face_px,
        "detect": options.detect,
        "prior": options.prior,
        "max_pixels": options.max_pixels,
    }
    if options.annotate_dir is not None:
        settings |= {"annotate_dir": str(absolute(options.annotate_dir))}
        settings |= {"privacy": options.privacy}
    name = "+".join(path.stem for path in models)
    return {"model": {"name": name, "sha256": models_digest(models)}, "settings": settings}


def in_this_process(
    chunks: Sequence[Chunk], options: ImageOptions
) -> Generator[list[AnalysedImage], None, None]:
    """A `Runner` without other processes."""
    analyser = ImageAnalyser(options)
    for chunk in chunks:
        yield _analyse(analyser, chunk)


def in_processes(workers: int) -> Runner:
    """A `Runner` with several processes.

    A worker that dies costs the picture at which it dies, which is found by halving the chunk.
    """

    def run(
        chunks: Sequence[Chunk], options: ImageOptions
    ) -> Generator[list[AnalysedImage], None, None]:
        crew = Crew(
            [[chunk] for chunk in chunks], workers, _prepare, (options,),
            on_message=lambda _: None, on_lost=_after_loss,
        )  # fmt: skip
        try:
            yield from crew.run()
        finally:
            crew.close()

    return run


def on_cluster(client: Any) -> Runner:
    """A `Runner` with the workers of a cluster, from `cluster.open_cluster`.

    The pictures must have the same absolute paths on all machines. A chunk whose workers die is
    halved until the picture is found.
    """

    def run(
        chunks: Sequence[Chunk], options: ImageOptions
    ) -> Generator[list[AnalysedImage], None, None]:
        import distributed

        wait: Any = distributed.wait
        pending, futures = deque(chunks), dict[Any, Chunk]()
        try:
            while pending or futures:
                # No more tasks than workers: Dask blames the death of a worker on all that wait.
                most = max(1, sum(client.nthreads().values()))
                while pending and len(futures) < most:
                    chunk = pending.popleft()
                    more: dict[str, Any] = {"retries": RETRIES, "pure": False}
                    futures[client.submit(_analyse_on_worker, chunk, options, **more)] = chunk
                try:
                    ended = wait(list(futures), timeout=POLL_S, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    continue
                except CancelledError as error:
                    raise FerLiveError(
                        "The connection to the cluster was lost.", "Run again."
                    ) from error
                for future in ended:
                    results, again = _taken(future, futures.pop(future))
                    pending.extendleft(again)
                    yield from results
        finally:
            ignore_lost(client, list(futures))

    return run


def _taken(future: Any, chunk: Chunk) -> tuple[list[list[AnalysedImage]], list[Chunk]]:
    """Results of a task that has ended, and chunks to be done after all. Raises FerLiveError."""
    if future.status == "finished":
        try:
            found = future.result(timeout=FETCH_S)
        except TimeoutError:  # its worker died before it had sent them
            return [], [chunk]
        except Exception as error:
            return [_failed(chunk, f"Its results were lost: {error}.")], []
        if isinstance(found, FerLiveError):
            raise found
        return [found], []
    failure = future.exception()
    if has_died(failure):
        results, groups = _after_loss(chunk)
        return results, [group[0] for group in groups]
    return [_failed(chunk, f"Unexpected error on a worker: {failure}.")], []


def _after_loss(chunk: Chunk) -> tuple[list[list[AnalysedImage]], list[list[Chunk]]]:
    """After the death of a worker: the halves of its chunk, or the failure of its picture."""
    if len(chunk) == 1:
        return [_failed(chunk, _LOST)], []
    half = len(chunk) // 2
    return [], [[chunk[:half]], [chunk[half:]]]


def _failed(chunk: Chunk, error: str) -> list[AnalysedImage]:
    now = datetime.now(UTC).astimezone()
    return [
        AnalysedImage(
            ImageResult(job.path, None, None, (), (), error), job.place, None, None, None, now
        )
        for job in chunk
    ]


def _prepare(
    _threads: int, _send: Send, options: ImageOptions
) -> Callable[[Chunk], list[AnalysedImage]]:
    """In a worker: the function that analyses a chunk."""
    analyser = ImageAnalyser(options)
    return lambda chunk: _analyse(analyser, chunk)


_loaded: list[tuple[ImageOptions, ImageAnalyser]] = []
"""On a worker of a cluster: what its tasks share."""


def _analyse_on_worker(chunk: Chunk, options: ImageOptions) -> list[AnalysedImage] | FerLiveError:
    """On a worker of a cluster: the results of a chunk, or why nothing can be analysed."""
    with TURN:
        try:
            if not _loaded or _loaded[0][0] != options:
                _loaded[:] = [(options, ImageAnalyser(options))]
            return _analyse(_loaded[0][1], chunk)
        except FerLiveError as error:
            return FerLiveError(error.message, error.hint)


def _analyse(analyser: ImageAnalyser, chunk: Chunk) -> list[AnalysedImage]:
    return [_analyse_one(analyser, job) for job in chunk]


def _analyse_one(analyser: ImageAnalyser, job: ImageJob) -> AnalysedImage:
    now = datetime.now(UTC).astimezone()
    about, sha256, problem = None, None, job.problem
    try:
        # Before it is read: if it changes meanwhile, a later run analyses it again.
        about = None if problem else job.place.stat()
    except OSError as error:
        problem = f"It cannot be read: {error.strerror or error}."
    result = replace(analyser.analyse(job.place, problem), path=job.path)
    if about is None or result.error is not None:
        return AnalysedImage(result, job.place, None, None, None, now)
    try:
        sha256 = digest_of(job.place)
    except OSError as error:
        lost = f"It cannot be read any more: {error.strerror or error}."
        result = replace(result, faces=(), error=lost)
    return AnalysedImage(result, job.place, about.st_size, about.st_mtime_ns, sha256, now)


def _each_once(paths: Iterable[Path]) -> Iterator[ImageJob]:
    known = set()
    for path, problem in images_in(list(paths)):
        place = absolute(path)
        if place not in known:
            known.add(place)
            yield ImageJob(path, place, problem)


def _finished(parts: ImageParts, job: ImageJob) -> dict[str, Any] | None:
    try:
        return parts.finished(job.place)
    except OSError:
        return None  # reported when it is read
