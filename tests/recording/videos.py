"""Reads recordings back with another program: ffprobe, or PyAV in its own process."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PYAV = """
import json, sys, av
with av.open(sys.argv[1]) as video:
    stream = video.streams.video[0]
    size = (stream.width, stream.height)
    packets = [p for p in video.demux(stream) if p.pts is not None]
    times = [float(p.pts * p.time_base) for p in packets]
    last = packets[-1]
    chapters = [[float(c["start"] * c["time_base"]), c["metadata"]["title"]]
                for c in video.chapters()]
    tags = dict(video.metadata)
    seconds = times[-1] + float(last.duration * last.time_base)
with av.open(sys.argv[1]) as video:
    decoded = sum(1 for _ in video.decode(video=0))
print(json.dumps([times, seconds, tags, chapters, size, decoded]))
"""

FFPROBE = ("ffprobe", "-v", "error", "-of", "json", "-count_frames", "-show_format")
SHOWN = ("-show_chapters", "-show_streams", "-show_packets")


@dataclass(frozen=True)
class Video:
    """What another program finds in a file.

    Args:
        times: Of its pictures, seconds.
        duration_s: Of the pictures.
        tags: Its notes.
        chapters: Begin in seconds and title.
        size: Width and height, pixels.
        decoded: Pictures that could be decoded.
    """

    times: list[float]
    duration_s: float
    tags: dict[str, str]
    chapters: list[tuple[float, str]]
    size: tuple[int, int]
    decoded: int


def read_video(path: Path) -> Video:
    """Reads a file; fails if ffprobe reports a fault."""
    if shutil.which("ffprobe"):
        return _by_ffprobe(path)
    done = subprocess.run(
        [sys.executable, "-c", PYAV, str(path)], capture_output=True, check=True, timeout=60
    )
    times, seconds, tags, chapters, size, decoded = json.loads(done.stdout)
    return Video(times, seconds, tags, [tuple(c) for c in chapters], tuple(size), decoded)


def _by_ffprobe(path: Path) -> Video:
    done = subprocess.run(
        [*FFPROBE, *SHOWN, str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == b"", done.stderr.decode()
    found = json.loads(done.stdout)
    (stream,) = found["streams"]
    packets = found["packets"]
    last = packets[-1]
    return Video(
        [float(p["pts_time"]) for p in packets],
        float(last["pts_time"]) + float(last.get("duration_time", 0)),
        found["format"]["tags"],
        [(float(c["start_time"]), c["tags"]["title"]) for c in found["chapters"]],
        (stream["width"], stream["height"]),
        int(stream["nb_read_frames"]),
    )
