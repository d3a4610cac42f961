"""Progress of a queue of videos on standard error: bars on a terminal, else occasional lines."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_live.report.formatting import clock

if TYPE_CHECKING:
    from fer_live.batch.dataset.image_queue import ImageProgress
    from fer_live.batch.video_job import Progress

LINE_INTERVAL_S = 30.0
"""Seconds between lines of progress where bars cannot be drawn (a log file, a pipe)."""


class _Display:
    """Bars that are removed before a line is written.

    Used by one thread.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._clock = clock
        self._bar: Any = None

    def tell(self, sentence: str) -> None:
        """Writes one line after removing the bars."""
        self.clear()
        self._say(sentence)

    def clear(self) -> None:
        """Removes the bars; the next `show` draws them again."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()

    def _say(self, text: str) -> None:
        typer.echo(text, err=True)


class VideoProgress(_Display):
    """Shows the progress of every video in hand and of all, and the outcome of each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._told_s: float | None = None
        self._began_s: float | None = None
        self._in_hand: dict[Path, Progress] = {}
        self._done_s = 0.0
        self._tasks: dict[Path | None, Any] = {}

    def show(self, progress: "Progress") -> None:
        """Shows the progress of a video in hand."""
        now_s = self._clock()
        if self._began_s is None:
            self._began_s = now_s - progress.elapsed_s
        self._in_hand[progress.path] = progress
        if self._console.is_terminal:
            self._draw(progress)
            return
        if self._told_s is None:
            self._told_s = now_s
        elif now_s - self._told_s >= LINE_INTERVAL_S:
            self._told_s = now_s
            lines = [f"{_place(p)}: {_figures(p)}" for p in self._in_hand.values()]
            if progress.count > 1:
                lines.append(f"All {progress.count} videos: {self._figures_of_all(progress)}")
            self._say("\n".join(lines))

    def end(self, path: Path, sentence: str) -> None:
        """Writes the outcome of a video in one line."""
        last = self._in_hand.pop(path, None)
        if last is not None:
            self._done_s += last.length_s or last.position_s
        self.tell(sentence)

    def _draw(self, progress: "Progress") -> None:
        if self._bar is None:
            self._bar = _bars(self._console)
            self._tasks = {}
            self._bar.start()
        self._draw_task(
            progress.path, _place(progress), progress.position_s, progress.length_s,
            _figures(progress),
        )  # fmt: skip
        if progress.count > 1:
            self._draw_task(
                None, f"All {progress.count} videos", self._reached_s(), progress.total_s or None,
                self._figures_of_all(progress),
            )  # fmt: skip

    def _draw_task(
        self, key: Path | None, name: str, reached_s: float, total_s: float | None, figures: str
    ) -> None:
        if key not in self._tasks:
            self._tasks[key] = self._bar.add_task("", total=total_s, figures="")
        reached_s = reached_s if total_s is None else min(reached_s, total_s)
        self._bar.update(
            self._tasks[key], description=name, total=total_s, completed=reached_s, figures=figures
        )

    def _reached_s(self) -> float:
        return self._done_s + sum(p.position_s for p in self._in_hand.values())

    def _figures_of_all(self, progress: "Progress") -> str:
        assert self._began_s is not None
        elapsed_s, reached_s = self._clock() - self._began_s, self._reached_s()
        if elapsed_s <= 0 or reached_s <= 0:
            return "starting"
        rate = reached_s / elapsed_s
        said = [_times(rate)]
        if progress.total_s:
            share = min(1.0, reached_s / progress.total_s)
            left_s = max(0.0, progress.total_s - reached_s)
            said = [f"{share:.0%}", *said, f"{clock(round(left_s / rate))} left"]
        return ", ".join(said)


class PictureProgress(_Display):
    """Shows the progress of many pictures: a bar on a terminal, else occasional lines."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._told_s = clock()

    def show(self, progress: "ImageProgress") -> None:
        """Shows how many pictures are done."""
        rate = progress.done / progress.elapsed_s if progress.elapsed_s > 0 else 0.0
        said = [f"{progress.done} of {progress.count} pictures"]
        if rate:
            left_s = (progress.count - progress.done) / rate
            said += [f"{rate:.1f} pictures/s", f"{clock(round(left_s))} left"]
        if self._console.is_terminal:
            self._draw(progress, ", ".join(said))
        elif self._clock() - self._told_s >= LINE_INTERVAL_S:
            self._told_s = self._clock()
            self._say(", ".join(said))

    def _draw(self, progress: "ImageProgress", said: str) -> None:
        if self._bar is None:
            self._bar = _bars(self._console)
            self._task = self._bar.add_task("", total=progress.count, figures="")
            self._bar.start()
        self._bar.update(self._task, completed=progress.done, figures=said)


def _bars(console: Any) -> Any:
    """Bars of rich on standard error, each with a description and ``figures``."""
    from rich.progress import BarColumn, Progress, TextColumn

    # Standard output is for results only and is not redirected.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
        console=console,
        transient=True,
        redirect_stdout=False,
    )


def _place(progress: "Progress") -> str:
    number = f"[{progress.number}/{progress.count}] " if progress.count > 1 else ""
    return f"{number}{progress.path.name}"


def _figures(progress: "Progress") -> str:
    if not progress.frames or progress.elapsed_s <= 0:
        return "starting"
    rate = progress.position_s / progress.elapsed_s
    said = [f"{progress.frames / progress.elapsed_s:.0f} frames/s", _times(rate)]
    if not progress.length_s:
        return ", ".join([f"{progress.frames} frames", *said])
    share = min(1.0, progress.position_s / progress.length_s)
    said.insert(0, f"{share:.0%}")
    if rate > 0:
        left_s = max(0.0, progress.length_s - progress.position_s)
        said.append(f"{clock(round(left_s / rate))} left")
    return ", ".join(said)


def _times(rate: float) -> str:
    """How many seconds of video one second does."""
    return f"{rate:.1f} \N{MULTIPLICATION SIGN} real time"
