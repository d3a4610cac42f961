"""The analysis of archives: what a video costs, and what a cluster adds.

    python benchmarks/archive.py video [--clip FILE] [--turns 3] [--beside fer]
    python benchmarks/archive.py cluster [--workers 4] [--videos 40] [--sleep 2]

`video` analyses a clip of one face, 1280x720 in H.264 as encoders make it, in turns: in the
default way, thoroughly and at 5 frames a second. It prints the CPU time of a second of video, all
threads together, and how many times real time two cores are that share nothing else; a busy machine
changes neither much. `decode` is the decoding alone. `--beside fer` takes turns with the `fer`
package in its default, in an environment of its own: 15 frames of the clip each turn, all of which
it searches, as it does by itself; its decoding is not counted.

`cluster` gives a local cluster short videos whose analysis is a worker that sleeps. It prints how
much longer the run takes than the sleeping alone, and when the first video was done.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clips, compare_fer
from fer_live.batch.analysis import AnalysisOptions
from fer_live.batch.cluster import open_cluster
from fer_live.batch.cluster_queue import predict_videos_on_cluster
from fer_live.batch.video_queue import DONE, VideoOptions, VideoQueue, load_for
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings

FPS = 30
NOISE = 1.0
"""Spread of the sensor's noise, grey levels, before the camera's encoder, which removes most."""

WAYS = {
    "default": AnalysisOptions(threads=1),
    "thorough": AnalysisOptions(thorough=True, threads=1),
    "fps 5": AnalysisOptions(fps=5.0, threads=1),
}


def write_clip(path: Path) -> Path:
    """One face, twenty seconds, in the quality that encoders have by default."""
    clips.NOISE = NOISE
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = clips.WIDTH, clips.HEIGHT, "yuv420p"
        stream.options = {"crf": "23", "preset": "medium", "threads": "1"}
        for image, _ in clips.frames(*clips.FACES["one"]):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def video(clip: Path | None, turns: int, beside: str | None, environment: Path) -> dict[str, Any]:
    """CPU time of a second of video."""
    share_cores()
    with tempfile.TemporaryDirectory() as folder:
        path = clip or write_clip(Path(folder) / "clip.mp4")
        options = VideoOptions(Settings().with_values({"device": "cpu"}))
        classifier = load_for(options)
        costs: dict[str, list[float]] = {name: [] for name in ("decode", *WAYS)}
        length_s, fer_ms = 0.0, list[float]()
        if beside is not None:
            fer = compare_fer.Worker(compare_fer.environment(environment), beside, set())
            chunks = fer.play(path, turns * compare_fer.CHUNK_FRAMES)
        for turn in range(turns):
            costs["decode"].append(_cpu_s(lambda: _decode(path)))
            for name, how in WAYS.items():
                out = Path(folder) / f"{name}-{turn}"
                options = VideoOptions(options.settings, out, how=how)
                queue = VideoQueue([path], options, _quiet, print, classifier=classifier)
                record: dict[str, Any] = {}
                costs[name].append(_cpu_s(lambda q=queue, r=record: r.update(q.do(0))))  # type: ignore[misc]
                assert record["status"] == DONE, record
                length_s = max(length_s, record["length_s"])
            if beside is not None:
                fer_ms += next(chunks)["cpu_ms"]
        if beside is not None:
            next(chunks, None)
            fer.close()
    if beside is not None:
        costs[beside] = [statistics.mean(fer_ms) / 1e3 * FPS * length_s]
    cores = 2
    return {
        "load": os.getloadavg()[0],
        "length_s": length_s,
        **{
            name: {
                "cpu_s_per_video_s": round(statistics.median(values) / length_s, 4),
                "times_real_time_on_two_cores": round(
                    cores * length_s / statistics.median(values), 1
                ),
            }
            for name, values in costs.items()
        },
    }


def _quiet(progress: object) -> None:
    """Progress is of no interest here."""


def _decode(video: Path) -> None:
    source = VideoFileSource(video, threads=1)
    source.open()
    while source.read() is not None:
        pass
    source.close()


def _cpu_s(work: Callable[[], object]) -> float:
    begun_s = time.process_time()
    work()
    return time.process_time() - begun_s


def sleeping(video: Path, options: VideoOptions) -> dict[str, Any]:
    """A task that takes its time and no CPU."""
    time.sleep(float(os.environ["FER_LIVE_BENCHMARK_SLEEP"]))
    return {"path": str(video), "width": None, "height": None, "status": DONE, "error": None}


def cluster(workers: int, count: int, sleep_s: float) -> dict[str, Any]:
    """How much longer a run takes than its videos."""
    os.environ["FER_LIVE_BENCHMARK_SLEEP"] = str(sleep_s)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = folder / "video-0.mp4"
        with av.open(str(first), "w") as container:
            stream = container.add_stream("libx264", rate=Fraction(FPS))
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for _ in range(10):
                container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
            container.mux(stream.encode())
        videos = [first]
        for number in range(1, count):
            videos.append(folder / f"video-{number}.mp4")
            videos[-1].write_bytes(first.read_bytes())
        with open_cluster("local", workers) as client:
            client.wait_for_workers(workers)
            options = VideoOptions(Settings(), folder / "logs")
            begun_s, ends_s = time.perf_counter(), []
            for record in predict_videos_on_cluster(videos, options, client, whole_task=sleeping):
                assert record["status"] == DONE
                ends_s.append(time.perf_counter() - begun_s)
    ideal_s = sleep_s * -(-count // workers)
    return {
        "load": os.getloadavg()[0],
        "workers": workers,
        "videos": count,
        "ideal_s": ideal_s,
        "took_s": round(ends_s[-1], 2),
        "first_after_s": round(ends_s[0], 2),
        "overhead_percent": round(100 * (ends_s[-1] / ideal_s - 1), 1),
    }


def main() -> None:
    """Runs one of the two and prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("video")
    one.add_argument("--clip", type=Path)
    one.add_argument("--turns", type=int, default=3)
    one.add_argument("--beside", choices=["fer"])
    one.add_argument("--environment", type=Path, default=Path("/tmp/fer-environment"))
    one = commands.add_parser("cluster")
    one.add_argument("--workers", type=int, default=4)
    one.add_argument("--videos", dest="count", type=int, default=40)
    one.add_argument("--sleep", dest="sleep_s", type=float, default=2.0)
    given = vars(parser.parse_args())
    runs: dict[str, Callable[..., Any]] = {"video": video, "cluster": cluster}
    run = runs[given.pop("command")]
    print(json.dumps(run(**given), indent=2))


if __name__ == "__main__":
    main()
