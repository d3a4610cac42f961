"""Whether memory stays flat: a clip over and over through the whole engine, an hour of its time.

    python benchmarks/hour.py [--minutes 60] [--clip FILE]

The clip is read again and again, frame after frame as fast as they are analysed; the frames'
own times go on, so that nothing knows it is no live hour. Prints the resident memory, MiB, after
each simulated minute and, at the end, how much the last minute holds more than the fifth.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clips import write
from fer_live.capture.source import SourceInfo
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.machine import peak_mb, rss_mb
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import Frame, FrameResult
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine

SETTLED_MINUTE = 5


class Repeated(VideoFileSource):
    """A video file that begins again at its end until a time is over."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(path)
        self._left_s, self._past_s, self._now_s = seconds, 0.0, 0.0

    def open(self) -> SourceInfo:
        self._info = super().open()
        return self._info

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None:
            self._past_s = self._now_s + 1 / self._info.fps
            self.open()
            frame = super().read()
        if frame is None or frame.position_s is None:
            return None
        self._now_s = self._past_s + frame.position_s
        return None if self._now_s > self._left_s else replace(frame, position_s=self._now_s)


class Watch:
    """Notes the memory once a simulated minute."""

    def __init__(self) -> None:
        self.minutes: list[float] = []

    def submit(self, result: FrameResult) -> None:
        """A frame was analysed."""
        at_s = result.frame.position_s
        if at_s is not None and at_s >= 60 * (len(self.minutes) + 1):
            self.minutes.append(rss_mb() or 0.0)
            print(len(self.minutes), self.minutes[-1], flush=True)


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clip", type=Path, default=Path("/tmp/fer-live-clips/four.mp4"))
    given = parser.parse_args()
    if not given.clip.is_file():
        write(given.clip.stem, given.clip.parent)
    source = Repeated(given.clip, given.minutes * 60)
    settings = Settings().with_values({"device": "cpu"})
    engine = Engine(source, lambda: processor_for(settings, source), paced=False, lossless=True)
    watch = Watch()
    engine.add_sink(watch)
    begun_s = time.process_time()
    engine.start()
    engine.wait()
    engine.stop()
    if engine.error is not None:
        raise engine.error
    report = engine.report()
    if not watch.minutes:
        raise SystemExit("less than a minute says nothing: ask for more")
    settled = watch.minutes[min(SETTLED_MINUTE, len(watch.minutes)) - 1]
    print(
        json.dumps(
            {
                "minutes": len(watch.minutes),
                "frames": report["frames_analysed"],
                "identities": report["tracks"],
                "grown_mb": round(watch.minutes[-1] - settled, 1),
                "peak_mb": peak_mb(),
                "cpu_ms_per_frame": round(
                    (time.process_time() - begun_s) * 1e3 / report["frames_analysed"], 2
                ),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
