"""Analyses a queue of videos in several processes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer_live.batch.crew import Crew, Send
from fer_live.batch.video_job import OnProgress, Progress
from fer_live.batch.video_queue import (
    FAILED,
    Records,
    VideoOptions,
    VideoQueue,
    name_groups,
)


def predict_videos_in_processes(
    videos: Sequence[Path],
    options: VideoOptions,
    workers: int,
    on_progress: OnProgress = lambda _: None,
    notify: Callable[[str], None] = lambda _: None,
) -> Records:
    """One record per video, as `predict_videos` gives them, in the order in which they end.

    A worker that dies costs only the video in hand, whose record says so. When the caller ends,
    also by being killed, the workers end and leave no part files.

    Args:
        videos, options, on_progress, notify: As for `predict_videos`.
        workers: Number of processes, 1 or more.

    Raises:
        FerLiveError: The model or device is not available.
    """
    # Checks the model before any process starts.
    queue = VideoQueue(videos, options, on_progress, notify)
    total_s = queue.total_s()

    def hear(message: Progress | str) -> None:
        if isinstance(message, str):
            notify(message)
        else:
            on_progress(replace(message, total_s=total_s))

    def lost(number: int) -> tuple[list[dict[str, Any]], list[list[int]]]:
        record = {
            "path": str(videos[number]),
            "width": None,
            "height": None,
            "status": FAILED,
            "error": "The process that analysed this video ended unexpectedly, perhaps for "
            "lack of memory. Run again, with fewer workers.",
        }
        return [record], []

    arguments = (tuple(videos), options)
    crew = Crew(name_groups(videos), workers, _prepare, arguments, on_message=hear, on_lost=lost)
    try:
        yield from crew.run()
    finally:
        crew.close()


def _prepare(
    threads: int, send: Send, videos: tuple[Path, ...], options: VideoOptions
) -> Callable[[int], dict[str, Any]]:
    """In a worker: the function that analyses the video with a number."""
    options = replace(options, how=replace(options.how, threads=threads))
    return VideoQueue(videos, options, send, send, alone=False).do
