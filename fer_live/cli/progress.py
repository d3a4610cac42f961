"""Progress of a queue of videos on standard error: a bar on a terminal, else occasional lines."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_live.report.formatting import clock

if TYPE_CHECKING:
    from fer_live.batch.video_job import Progress

LINE_INTERVAL_S = 30.0
"""Seconds between lines of progress where a bar cannot be drawn (a log file, a pipe)."""


class VideoProgress:
    """Shows progress and the outcome of each video. Used by one thread.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._clock = clock
        self._told_s: float | None = None
        self._bar: Any = None
        self._tasks: dict[Path, Any] = {}

    def show(self, progress: "Progress") -> None:
        """Shows the progress of the current video."""
        if self._console.is_terminal:
            self._draw(progress)
            return
        now_s = self._clock()
        if self._told_s is None:
            self._told_s = now_s
        elif now_s - self._told_s >= LINE_INTERVAL_S:
            self._told_s = now_s
            self.tell(f"{_place(progress)}: {_figures(progress)}")

    def tell(self, sentence: str) -> None:
        """Writes one line after removing the bar."""
        self.clear()
        typer.echo(sentence, err=True)

    def clear(self) -> None:
        """Removes the bar; the next `show` draws it again."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()

    def _draw(self, progress: "Progress") -> None:
        total = progress.length_s
        if self._bar is None:
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bar

            # Standard output is for results only and is not redirected.
            self._bar = Bar(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[figures]}", markup=False),
                console=self._console,
                transient=True,
                redirect_stdout=False,
            )
            self._tasks = {}
            self._bar.start()
        if progress.path not in self._tasks:
            self._tasks[progress.path] = self._bar.add_task("", total=total, figures="")
        position_s = progress.position_s if total is None else min(progress.position_s, total)
        self._bar.update(
            self._tasks[progress.path],
            description=_place(progress),
            total=total,
            completed=position_s,
            figures=_figures(progress),
        )


def _place(progress: "Progress") -> str:
    number = f"[{progress.number}/{progress.count}] " if progress.count > 1 else ""
    return f"{number}{progress.path.name}"


def _figures(progress: "Progress") -> str:
    if not progress.frames or progress.elapsed_s <= 0:
        return "starting"
    said = [f"{progress.frames / progress.elapsed_s:.0f} frames/s"]
    if progress.length_s:
        share = min(1.0, progress.position_s / progress.length_s)
        said.insert(0, f"{share:.0%}")
    else:
        said.insert(0, f"{progress.frames} frames")
    if progress.length_s and progress.position_s > 0:
        per_s = progress.elapsed_s / progress.position_s
        left_s = max(0.0, progress.length_s - progress.position_s)
        said.append(f"{clock(round(left_s * per_s))} left")
        if progress.later_s:
            said.append(f"{clock(round((left_s + progress.later_s) * per_s))} for all")
    return ", ".join(said)
