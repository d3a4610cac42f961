"""The review window on a long session: opening, following, seeking, memory.

    python benchmarks/review.py [--minutes 10] [--faces 4] [--log FILE]

Without `--log` it makes a session: a 1280x720 recording with the program's own encoder, its key
frames and clip of benchmarks/clips.py, repeated to the asked length, and a log of it with a row
for each face and frame. A process of its own opens it on the present screen (where there is none,
put `xvfb-run` before it). Prints JSON: seconds from the call that opens the log until the window
shows the first frame (imports are done before), frames and cursor positions painted per second
while it plays, seconds from a request until the frame is painted for random places, CPU time of
each, and peak memory.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PLAY_S = 10.0
SEEKS = 40
CLIP_S = 20.0


def make_session(folder: Path, minutes: float, faces: int) -> Path:
    """A recording of the asked length and its log; returns the log."""
    import numpy as np

    from benchmarks.clips import main as make_clips
    from fer_live.capture.video_file import VideoFileSource
    from fer_live.core.labels import FERPLUS
    from fer_live.core.types import Face, Frame, FrameResult
    from fer_live.recording.options import RecordingOptions
    from fer_live.recording.recorder import VideoRecorder
    from fer_live.session_log.log import SessionLog
    from fer_live.session_log.schema import SessionAbout

    clip = Path(tempfile.gettempdir()) / "fer-live-clips" / "four.mp4"
    if not clip.exists():
        sys.argv[1:] = ["four"]
        make_clips()
    source = VideoFileSource(clip)
    source.open()
    recorder = VideoRecorder(
        folder / "part.mp4",
        recording=RecordingOptions(pictures="clean", encoder="software"),
        wait=True,
    )
    recorder.start()
    while (frame := source.read()) is not None:
        recorder.submit(FrameResult(frame, (), (), {}, 0.0))
    recorder.stop()
    source.close()
    repeat(folder / "part.mp4", folder / "session.mp4", round(minutes * 60 / CLIP_S))
    (folder / "part.mp4").unlink()

    random_numbers = np.random.default_rng(1)
    state = np.zeros((faces, len(FERPLUS)))
    blank = np.zeros((720, 1280, 3), np.uint8)
    log = SessionLog(
        folder / "session.csv", about=SessionAbout("Camera", "default", "CPU"), wait=True
    )
    log.start()
    for index in range(round(minutes * 60 * 30)):
        state = 0.98 * state + random_numbers.normal(0, 0.35, state.shape)
        found = []
        for number, row in enumerate(state):
            shares = np.exp(row) / np.exp(row).sum()
            label = FERPLUS.labels[int(shares.argmax())]
            left, top = 60.0 + 280 * (number % 4), 60.0 + 160 * (number // 4)
            box, values = (left, top, left + 150, top + 150), shares.astype(np.float32)
            found.append(
                Face(number + 1, box, 0.9, label, float(values.max()), values, values, 1.0)
            )
        frame = Frame(blank, index, index / 30)
        log.submit(FrameResult(frame, tuple(found), FERPLUS.labels, {}, 0.0))
        if index == 0:
            log.recording(folder / "session.mp4", frame, 0.0)
    log.stop()
    return folder / "session.csv"


def repeat(clip: Path, out: Path, times: int) -> None:
    """Joins a video to itself, without decoding it."""
    import av

    with av.open(str(clip)) as first, av.open(str(out), "w") as joined:
        stream = first.streams.video[0]
        target = joined.add_stream_from_template(stream)
        data = [
            (bytes(p), p.pts, p.dts, p.is_keyframe, p.time_base)
            for p in first.demux(stream)
            if p.pts is not None and p.dts is not None
        ]
        step = data[1][1] - data[0][1] if len(data) > 1 else 1
        length = max(pts for _, pts, *_ in data) + abs(step)
        for number in range(times):
            for content, pts, dts, key, base in data:
                packet = av.Packet(content)
                packet.pts, packet.dts = pts + number * length, dts + number * length
                packet.time_base, packet.is_keyframe = base, key
                packet.stream = target
                joined.mux(packet)


def watched(log: Path) -> None:
    """Opens the session and measures; prints JSON."""
    from fer_live.gui.display import restore_environment

    restore_environment(os.environ)
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    import fer_live.capture.video_file
    import fer_live.overlay.draw  # noqa: F401
    from fer_live.gui.launch import configure
    from fer_live.gui.review.window import ReviewWindow
    from fer_live.gui.widgets.theme import apply_theme, resolve_theme
    from fer_live.review.session import open_session

    app = QApplication([])
    configure(app)
    apply_theme(app, resolve_theme("dark"))

    painted: list[tuple[float, float]] = []
    cursors: list[float] = []

    # Wakes the loop below. With a deadline, `processEvents` would not wait, and its busy core
    # would count among those of the player.
    awake = QTimer(interval=5)
    awake.start()

    def run(until_s: float, ready: Any = lambda: False) -> None:
        while time.perf_counter() < until_s and not ready():
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    session, problem = open_session(log)
    read_s = time.perf_counter() - begun_s
    window = ReviewWindow(session, problem)
    window.resize(1280, 800)

    def note(_latency: float) -> None:
        frame = window.view.result
        if frame is not None and frame.frame.position_s is not None:
            painted.append((time.perf_counter(), frame.frame.position_s))

    window.view.painted.connect(note)
    paint = window.timeline.paintEvent

    def cursor(event: Any) -> None:
        paint(event)
        cursors.append(window.timeline.cursor_s)

    window.timeline.paintEvent = cursor  # type: ignore[method-assign]
    window.show()
    run(begun_s + 60, lambda: painted)
    opened_s, opened_cpu_s = painted[0][0] - begun_s, time.process_time() - begun_cpu_s

    window.go_to(60.0)
    run(time.perf_counter() + 2)
    painted.clear()
    cursors.clear()
    window.play(True)
    played_s, played_cpu_s = time.perf_counter(), time.process_time()
    run(played_s + PLAY_S)
    played_s = time.perf_counter() - played_s
    cores = (time.process_time() - played_cpu_s) / played_s
    window.play(False)
    rates = {
        "frames_painted_per_s": len({at for _, at in painted}) / played_s,
        "cursors_painted_per_s": len(set(cursors)) / played_s,
    }

    numbers = random.Random(1)
    waited_s, seek_cpu_s = [], time.process_time()
    for _ in range(SEEKS):
        target_s = numbers.uniform(session.start_s, session.end_s - 1)
        painted.clear()
        asked_s = time.perf_counter()
        window.go_to(target_s)
        run(asked_s + 30, lambda at=target_s: painted and abs(painted[-1][1] - at) < 0.05)
        waited_s.append(time.perf_counter() - asked_s)
    seek_cpu_s = (time.process_time() - seek_cpu_s) / SEEKS
    waited_s.sort()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    figures = {
        "rows": len(session.table),
        "length_s": round(session.end_s - session.start_s, 1),
        "log_read_s": round(read_s, 3),
        "opened_s": round(opened_s, 3),
        "opened_cpu_s": round(opened_cpu_s, 3),
        **{name: round(value, 1) for name, value in rates.items()},
        "cores_while_playing": round(cores, 2),
        "seek_cpu_s": round(seek_cpu_s, 3),
        "seek_s": {
            "median": round(waited_s[len(waited_s) // 2], 3),
            "p95": round(waited_s[int(len(waited_s) * 0.95)], 3),
            "max": round(waited_s[-1], 3),
        },
        "peak_memory_mb": round(peak_mb),
    }
    print(json.dumps(figures, indent=2))
    window.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--faces", type=int, default=4)
    parser.add_argument("--log", type=Path, help="a session that exists already")
    parser.add_argument("--keep", type=Path, help="make the session in this folder and keep it")
    parser.add_argument("--watched", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.watched:
        watched(given.watched)
        return
    with tempfile.TemporaryDirectory() as folder:
        where = given.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        log = given.log or make_session(where, given.minutes, given.faces)
        subprocess.run([sys.executable, __file__, "--watched", str(log)], check=True)


if __name__ == "__main__":
    main()
