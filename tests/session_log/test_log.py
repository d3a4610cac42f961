"""Session log files, read without the package's own reader."""

import json
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame
from fer_live.session_log import files as log_files
from fer_live.session_log.log import QUEUE_FRAMES, SessionLog
from fer_live.session_log.reader import read_log
from fer_live.session_log.schema import SessionAbout

from .logs import (
    ABOUT,
    BEGAN,
    IMAGE,
    LABELS,
    Clock,
    face,
    raw_rows,
    result,
    session_log,
    write_log,
)

FORMATS = pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])


def kinds(path):
    return [row["kind"] for row in raw_rows(path)]


@FORMATS
def test_a_row_per_face_and_frame_with_every_figure(tmp_path, suffix):
    path = tmp_path / f"new/s{suffix}"
    two = (face(1, "happy"), face(4, "sad", (0.1, 0.8, 0.1), (0.25, 0.5, 0.25), (5, 6, 105, 86)))
    summary = write_log(path, [result(7, 0.0, two), result(8, 0.04), result(9, 0.08, two[:1])])
    rows = raw_rows(path)
    assert [row["kind"] for row in rows] == ["session", "face", "face", "frame", "face", "end"]
    assert (summary.path, summary.rows, summary.frames_written) == (path, 6, 3)
    assert summary.duration_s == pytest.approx(0.08)
    row = rows[2]
    assert (int(row["frame"]), int(row["identity"]), row["label"]) == (7, 4, "sad")
    assert (float(row["time_s"]), row["source"]) == (0.0, "Webcam")
    box = [float(row[x]) for x in ("left_px", "top_px", "width_px", "height_px")]
    assert box == [5.0, 6.0, 100.0, 80.0]
    assert [float(row[f"probability_{x}"]) for x in LABELS] == [0.1, 0.8, 0.1]
    assert [float(row[f"raw_probability_{x}"]) for x in LABELS] == [0.25, 0.5, 0.25]
    assert (float(row["confidence"]), float(row["score"])) == (0.8, 9.5)
    assert not rows[3].get("identity")
    assert not rows[3].get("label")
    wall = datetime.fromisoformat(rows[4]["wall_time"])
    assert wall - BEGAN == timedelta(seconds=0.08)
    assert wall.utcoffset() == BEGAN.utcoffset()


@FORMATS
def test_source_and_model_are_logged_at_the_start_and_at_every_change(tmp_path, suffix):
    path, about = tmp_path / f"s{suffix}", [ABOUT]
    log, _ = session_log(path, about=lambda: about[0])
    log.start()
    log.submit(result(0, 0.0))
    about[0] = SessionAbout("video.mp4", "other", "CUDA")
    log.submit(result(0, 1.0, position_s=0.0))
    log.stop()
    told = [json.loads(row["text"]) for row in raw_rows(path) if row["kind"] == "session"]
    assert [t["source"] for t in told] == ["Webcam", "video.mp4"]
    assert told[0]["model"] == "test model"
    assert [t["live"] for t in told] == [True, False]
    assert told[0]["labels"] == list(LABELS)
    assert (told[0]["width_px"], told[0]["height_px"]) == (320, 240)


@pytest.mark.parametrize(
    ("shown", "flags"),
    [
        (face(), ""),
        (face(label="unsure", row=(0.34, 0.33, 0.33)), "unsure"),
        (face(label=None, row=None), "unclassified"),
        (face(missed_s=0.2), "coasting"),
        (face(quality=("small",)), "small"),
        (
            face(label="unsure", missed_s=0.1, quality=("dark", "turn_unknown")),
            "unsure coasting dark turn_unknown",
        ),
    ],
)
def test_quality_flags_of_a_row(tmp_path, shown, flags):
    write_log(tmp_path / "s.csv", [result(0, 0.0, [shown])])
    assert raw_rows(tmp_path / "s.csv")[1]["flags"] == flags


def test_a_file_has_its_own_time(tmp_path):
    results = [result(i, i * 9.0, position_s=5.0 + i / 25) for i in range(3)]
    write_log(tmp_path / "s.csv", results)
    times = [float(row["time_s"]) for row in raw_rows(tmp_path / "s.csv") if row["kind"] == "frame"]
    assert times == [0.0, 0.04, 0.08]


def test_another_source_continues_after_the_time_that_passed(tmp_path):
    path = tmp_path / "s.csv"
    camera = [result(i, i / 10) for i in range(3)]
    video = [result(i, 1.2 + i * 9, position_s=i / 10) for i in range(3)]
    again = [result(i, 40.2 + i * 9, position_s=i / 10) for i in range(2)]
    write_log(path, camera + video + again)
    times = [float(row["time_s"]) for row in raw_rows(path) if row["kind"] == "frame"]
    assert times == pytest.approx([0, 0.1, 0.2, 1.2, 1.3, 1.4, 22.4, 22.5])


def test_markers_and_notes_have_the_time_they_were_made(tmp_path):
    log, clock = session_log(tmp_path / "s.csv")
    log.start()
    log.mark(1, "before the first frame")
    log.submit(result(0, 0.0))
    clock.now_s += 2.5
    log.mark(9, ' two\nlines, "quoted", ü ')
    log.note("source_lost", "Unplugged.")
    summary = log.stop()
    rows = raw_rows(tmp_path / "s.csv")
    assert [row["kind"] for row in rows] == [
        "marker", "session", "frame", "marker", "source_lost", "end",
    ]  # fmt: skip
    assert [(row["marker"], row["time_s"], row["text"]) for row in rows if row["marker"]] == [
        ("1", "0.0", "before the first frame"),
        ("9", "2.5", 'two lines, "quoted", ü'),
    ]
    assert summary.markers == 2


def test_a_marker_in_a_file_belongs_to_its_newest_frame(tmp_path):
    log, clock = session_log(tmp_path / "s.csv")
    log.start()
    log.submit(result(0, 0.0, position_s=0.0))
    log.submit(result(1, 5.0, position_s=0.04))
    clock.now_s += 60
    log.mark(2)
    log.stop()
    assert raw_rows(tmp_path / "s.csv")[-2]["time_s"] == "0.04"


@pytest.mark.parametrize("key", [0, 10])
def test_markers_have_keys_1_to_9(tmp_path, key):
    with pytest.raises(ValueError, match="1 to 9"):
        session_log(tmp_path / "s.csv")[0].mark(key)


def test_a_note_of_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="face"):
        session_log(tmp_path / "s.csv")[0].note("face")


def test_drops_are_counted_and_written_where_they_were(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    for index in range(QUEUE_FRAMES + 5):  # not started: nobody takes frames
        log.submit(result(index, index / 30))
    assert log.frames_dropped == 5
    log.start()
    while log.frames_written < QUEUE_FRAMES:
        pass
    log.submit(result(QUEUE_FRAMES + 5, 30.0))
    summary = log.stop()
    assert (summary.frames_written, summary.frames_dropped) == (QUEUE_FRAMES + 1, 5)
    rows = raw_rows(tmp_path / "s.csv")
    assert [(row["kind"], row["count"]) for row in rows[-3:]] == [
        ("dropped", "5"), ("frame", ""), ("end", str(QUEUE_FRAMES + 1)),
    ]  # fmt: skip


def test_a_waiting_log_drops_nothing(tmp_path):
    results = [result(i, i / 30) for i in range(3 * QUEUE_FRAMES)]
    summary = write_log(tmp_path / "s.csv", results)
    assert (summary.frames_written, summary.frames_dropped) == (3 * QUEUE_FRAMES, 0)


def test_images_do_not_wait_in_the_queue(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    one = result(0, 0.0)
    log.submit(one)
    import gc

    assert not [
        r for r in gc.get_referrers(one.frame) if r is not one.__dict__ and isinstance(r, dict)
    ]


@FORMATS
def test_nothing_is_overwritten(tmp_path, suffix):
    path = tmp_path / f"s{suffix}"
    path.write_bytes(b"mine")
    with pytest.raises(RecordingError, match="exists already"):
        session_log(path)[0].start()
    assert path.read_bytes() == b"mine"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@FORMATS
@pytest.mark.parametrize("folder", ["", "new/2026.11"])
def test_a_folder_gets_a_file_named_by_time(tmp_path, suffix, folder):
    for _ in range(2):
        write_log(tmp_path / folder, [result(0, 0.0)], suffix=suffix)
    names = sorted(p.name for p in (tmp_path / folder).iterdir())
    stem = "session-20260504-120000-000"
    assert names == [f"{stem}-2{suffix}", f"{stem}{suffix}"]
    assert len(read_log(tmp_path / folder / names[0])) == 1


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(RecordingError, match=r"\.parquet"):
        session_log(tmp_path, suffix=".txt")[0].start()


@pytest.mark.parametrize("jump_s", [3600.0, -90.0])
def test_wall_times_are_right_after_the_computer_has_slept(tmp_path, jump_s):
    wall_s, clock = [0.0], Clock()
    log = SessionLog(
        tmp_path / "s.csv",
        about=ABOUT,
        clock=clock,
        now=lambda: BEGAN + timedelta(seconds=wall_s[0]),
    )
    log.start()

    def frame(index, time_s, wall):
        clock.now_s, wall_s[0] = 1000.0 + time_s, wall
        log.submit(result(index, time_s))

    frame(0, 0.0, 0.0)
    frame(1, 1.0, 1.4)  # trimmed clocks drift
    frame(2, 2.0, 2.0 + jump_s)  # the clock of the frames stood still
    frame(3, 3.0, 3.0 + jump_s)
    log.mark(1)
    log.stop()
    rows = raw_rows(tmp_path / "s.csv")
    assert [row["kind"] for row in rows] == [
        *("session", "frame", "frame", "clock", "frame", "frame", "marker", "end")
    ]
    assert f"{jump_s:+.1f} s" in rows[3]["text"]
    walls = [datetime.fromisoformat(row["wall_time"]) - BEGAN for row in rows]
    expected = [0, 0, 1, *[2 + jump_s] * 2, *[3 + jump_s] * 3]
    assert [wall.total_seconds() for wall in walls] == expected
    assert [float(row["time_s"]) for row in rows] == [0, 0, 1, 2, 2, 3, 3, 3]


@FORMATS
def test_names_that_are_no_text_or_break_lines_cost_no_row(tmp_path, suffix):
    path, about = tmp_path / f"s{suffix}", SessionAbout("video\n\udce9.mp4", "m", "CPU")
    write_log(path, [result(i, i / 10) for i in range(3)], about=about)
    table = read_log(path)
    assert (len(table), table.damaged) == (3, 0)
    assert table.events[0].source == "video??.mp4"


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RecordingError, match="cannot be written"):
        session_log(tmp_path / "file" / "s.csv")[0].start()


def test_without_the_library_parquet_is_refused_with_the_way_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(RecordingError, match=r"fer-live\[parquet\]"):
        session_log(tmp_path / "s.parquet")[0].start()
    assert list(tmp_path.iterdir()) == []


@FORMATS
def test_no_frame_and_no_marker_leave_no_file(tmp_path, suffix):
    assert write_log(tmp_path / f"s{suffix}", []).path is None
    assert list(tmp_path.iterdir()) == []


def test_a_marker_alone_is_kept(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    log.mark(3, "nothing to see")
    assert log.stop().path is not None
    assert kinds(tmp_path / "s.csv") == ["marker", "end"]


def test_fewer_classes_fit_and_others_end_the_log_with_a_reason(tmp_path):
    told = threading.Event()
    log, _ = session_log(tmp_path / "s.csv", wait=True, on_error=lambda _: told.set())
    log.start()
    log.submit(result(0, 0.0, [face()]))
    log.submit(result(1, 0.1, labels=("sad", "happy")))
    log.submit(result(2, 0.2, labels=("happy", "pain")))
    assert told.wait(5)
    log.submit(result(3, 0.3))
    summary = log.stop()
    assert "start a new log" in str(summary.error)
    assert summary.frames_written + summary.frames_dropped == 4
    assert kinds(tmp_path / "s.csv")[-1] != "end"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_at_once_ends_the_log_with_a_reason(tmp_path):
    errors = []
    log, _ = session_log(tmp_path / "s.csv", on_error=errors.append)
    log.start()
    (tmp_path / "s.csv").unlink()
    (tmp_path / "s.csv").symlink_to("/dev/full")
    for index in range(5):
        log.submit(result(index, index / 10))
    summary = log.stop()
    assert "No space left" in str(summary.error)
    assert errors == [summary.error]
    assert (summary.path, summary.rows) == (None, 0)
    assert (summary.frames_written, summary.frames_dropped) == (0, 5)


LIMITED = """
    import resource, signal, sys, time
    from pathlib import Path
    from tests.session_log.logs import face, result, session_log

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    log, _ = session_log(Path(sys.argv[1]), wait=True)
    log.start()
    for i in range(4000):
        log.submit(result(i, i / 30, [face()]))
        if i % 20 == 0:
            time.sleep(0.05)
        if log.error is not None:
            break
    summary = log.stop()
    print(summary.rows, type(summary.error).__name__, summary.error)
"""


@FORMATS
def test_a_disk_that_fills_up_leaves_whole_rows(tmp_path, suffix):
    path = tmp_path / f"s{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rows, kind, message = done.stdout.strip().split(" ", 2)
    assert kind == "RecordingError"
    assert "cannot be written" in message
    table = read_log(path)
    assert len(table) + len(table.events) == int(rows) > 20
    assert not table.complete
    assert table.damaged == 0
    assert table.time_s.tolist() == pytest.approx([i / 30 for i in range(len(table))], abs=1e-6)


LOGGED = """
    import sys, time
    from pathlib import Path
    from fer_live.session_log.log import SessionLog
    from tests.session_log.logs import IMAGE, LABELS, face
    from fer_live.core.types import Frame, FrameResult

    log = SessionLog(Path(sys.argv[1]))
    log.start()
    first_s = time.perf_counter()
    for i in range(10_000):
        now_s = time.perf_counter()
        log.submit(FrameResult(Frame(IMAGE, i, now_s), (face(),), LABELS, {}, now_s))
        print(now_s - first_s, flush=True)
        time.sleep(1 / 30)
"""


@FORMATS
def test_a_killed_program_loses_a_second_at_most(tmp_path, suffix):
    path = tmp_path / f"s{suffix}"
    program = [sys.executable, "-c", textwrap.dedent(LOGGED), str(path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last_s = 0.0
        while last_s < 2.3:
            last_s = float(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        last_s = [*map(float, process.stdout.read().splitlines()), last_s][-1]
    table = read_log(path)
    assert last_s - table.time_s[-1] <= 1.0
    assert table.time_s[0] == 0.0
    assert table.frame.tolist() == list(range(len(table)))
    assert not table.complete


def test_a_parquet_log_is_finished_without_its_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(log_files, "GROUP_ROWS", 10)
    results = [result(i, i / 30, [face()]) for i in range(35)]
    write_log(tmp_path / "s.parquet", results)
    assert [p.name for p in tmp_path.iterdir()] == ["s.parquet"]
    assert len(raw_rows(tmp_path / "s.parquet")) == 37


def test_recordings_are_reported_by_name_and_time(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    for index in range(3):
        log.submit(result(index, index / 10))
    log.recording(tmp_path / "v.mp4", Frame(IMAGE, 1, 1000.1), 0.0)
    log.recording_off(Frame(IMAGE, 2, 1000.2))
    log.recording(tmp_path / "other/v.mp4", Frame(IMAGE, 2, 1000.2), 7.5)
    log.stop()
    rows = [row for row in raw_rows(tmp_path / "s.csv") if row["kind"].startswith("recording")]
    assert [(r["time_s"], r["file"], r["video_time_s"]) for r in rows] == [
        ("0.1", "v.mp4", "0.0"),
        ("0.2", "", ""),
        ("0.2", str(tmp_path / "other/v.mp4"), "7.5"),
    ]


def test_stop_may_be_called_twice_and_later_frames_are_not_taken(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    log.submit(result(0, 0.0))
    first = log.stop()
    log.submit(result(1, 0.1))
    log.mark(1)
    assert log.stop() == first
    assert kinds(tmp_path / "s.csv") == ["session", "frame", "end"]


def test_the_log_says_where_its_source_file_is(tmp_path):
    about = SessionAbout("clip.mp4", "test model", "CPU", tmp_path / "clip.mp4")
    # The file is read from 2 s on, then again from its beginning.
    positions_s = [2.0, 2.1, 2.2, 0.0, 0.1]
    results = [
        result(i, 0.5 * i, [face()], position_s=position_s)
        for i, position_s in enumerate(positions_s)
    ]
    write_log(tmp_path / "s.csv", results, about=about)
    rows = raw_rows(tmp_path / "s.csv")
    found = [row for row in rows if row["kind"] == "position"]
    assert [(row["file"], float(row["video_time_s"])) for row in found] == [
        ("clip.mp4", 2.0),
        ("clip.mp4", 0.0),
    ]
    times_s = [float(row["time_s"]) for row in rows if row["kind"] == "face"]
    assert [float(row["time_s"]) for row in found] == [times_s[0], times_s[3]]


def test_a_source_file_in_another_folder_is_named_by_its_path(tmp_path):
    video = tmp_path / "videos" / "clip.mp4"
    about = SessionAbout("clip.mp4", path=video)
    write_log(tmp_path / "s.csv", [result(0, 0.0, position_s=0.0)], about=about)
    (row,) = [row for row in raw_rows(tmp_path / "s.csv") if row["kind"] == "position"]
    assert row["file"] == str(video)
