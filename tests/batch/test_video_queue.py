"""Videos analysed offline: every frame, its time, the sound, and a queue that continues."""

import csv
import json
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from fer_live.batch.analysis import AnalysisOptions
from fer_live.batch.video_queue import (
    BUSY,
    DONE,
    FAILED,
    SKIPPED,
    VideoOptions,
    predict_videos,
    split_inputs,
)
from fer_live.capture.factory import source_for
from fer_live.core.errors import ModelError
from fer_live.core.settings import Settings
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine
from tests.batch.videos import (
    VARYING_MS,
    heard,
    packets,
    portrait,
    steady_ms,
    times_s,
    write_video,
)
from tests.children import start_child
from tests.live.fakes import Recorder

SIZE = (480, 360)
"""Large enough for the detector to find the face."""


@pytest.fixture(scope="module")
def varying(tmp_path_factory):
    """A real face, a varying frame rate, sound."""
    return write_video(tmp_path_factory.mktemp("videos") / "varying.mp4", VARYING_MS, size=SIZE)


@pytest.fixture
def options(checkpoint, tmp_path):
    settings = Settings(model=str(checkpoint), device="cpu", unsure_below=0.0)
    return VideoOptions(settings, tmp_path / "logs", tmp_path / "annotated")


def do(videos, options, **values):
    values = {name: getattr(options, name) for name in options.__dataclass_fields__} | values
    return list(predict_videos(videos, VideoOptions(**values)))


def rows_of(answer, *kinds):
    with Path(answer["log"]).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] in kinds]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def headless(video, settings):
    """The outcome of a run without a window on the same file."""
    source, seen = source_for(settings, str(video)), Recorder()
    engine = Engine(source, lambda: processor_for(settings, source), paced=False, lossless=True)
    engine.add_sink(seen)
    engine.start()
    assert engine.wait(60)
    engine.stop()
    assert engine.error is None
    return seen.results


def test_rows_are_those_of_a_run_without_a_window(varying, options):
    (answer,) = do([varying], options, how=AnalysisOptions(thorough=True))
    expected = [
        (result.frame.index, face.track_id, face.label, round(face.box_xywh[0], 2))
        for result in headless(varying, options.settings)
        for face in result.faces
    ]
    found = [
        (int(row["frame"]), int(row["identity"]), row["label"], float(row["left_px"]))
        for row in rows_of(answer, "face")
    ]
    assert found == expected
    assert len(found) > len(VARYING_MS) / 2
    shares = answer["expression_shares"]
    labels = [row["label"] for row in rows_of(answer, "face") if row["label"]]
    assert shares == {x: pytest.approx(labels.count(x) / len(labels), abs=1e-4) for x in shares}
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)


def test_every_frame_has_its_row_and_its_place_in_the_annotated_video(varying, options):
    (answer,) = do([varying], options)
    assert (answer["status"], answer["error"], answer["problems"]) == (DONE, None, [])
    assert (answer["frames"], answer["width"], answer["height"]) == (len(VARYING_MS), *SIZE)
    rows = rows_of(answer, "face", "frame")
    assert sorted({int(row["frame"]) for row in rows}) == list(range(len(VARYING_MS)))
    annotated = Path(answer["annotated"])
    moments = [t / 1000 for t in VARYING_MS]
    assert times_s(varying) == pytest.approx(moments, abs=1e-3)
    assert times_s(annotated) == pytest.approx(times_s(varying), abs=1e-3)
    by_frame = {int(row["frame"]): float(row["time_s"]) for row in rows}
    assert [by_frame[n] for n in range(len(moments))] == pytest.approx(moments, abs=1e-3)
    (begins,) = rows_of(answer, "recording")
    assert (begins["file"], float(begins["video_time_s"])) == (str(annotated), 0.0)
    assert packets(annotated) == packets(varying)
    np.testing.assert_array_equal(heard(annotated)[0], heard(varying)[0])
    summary = json.loads(Path(answer["log"]).with_suffix(".json").read_text("utf-8"))
    assert {key: summary[key] for key in answer} == answer


def test_the_overlay_is_on_the_image_and_the_rest_is_the_video(varying, options):
    (answer,) = do([varying], options)
    pictures = []
    for path in (varying, answer["annotated"]):
        with av.open(str(path)) as video:
            pictures.append([f.to_ndarray(format="bgr24") for f in video.decode(video=0)])
    last = len(VARYING_MS) - 1
    (row,) = [row for row in rows_of(answer, "face") if int(row["frame"]) == last]
    left, top, width, height = (
        round(float(row[f"{side}_px"])) for side in ("left", "top", "width", "height")
    )
    change = np.abs(pictures[0][last].astype(int) - pictures[1][last].astype(int)).max(-1)
    edge = change[top + 4 : top + height - 4, left - 1 : left + 2]
    assert edge.max(1).mean() > 40
    plain = change[:, : left - 20] if left > SIZE[0] - left - width else change[:, -20:]
    assert np.median(plain) < 10


def turned(video, path):
    """The video with a display matrix that turns it by 90 degrees clockwise."""
    data = bytearray(video.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, SIZE[1] << 16, 0, 1 << 30
    )
    path.write_bytes(data)
    return path


def test_a_turned_video_is_upright_in_the_annotated_one(varying, options, tmp_path):
    video = turned(varying, tmp_path / "turned.mp4")
    (answer,) = do([video], options)
    assert (answer["width"], answer["height"]) == SIZE[::-1]
    with av.open(answer["annotated"]) as out:
        picture = next(out.decode(video=0))
        assert (picture.width, picture.height) == SIZE[::-1]
        assert not picture.rotation
        shown = picture.to_ndarray(format="bgr24")
    upright = np.rot90(portrait(0, SIZE), -1)
    assert np.abs(shown.astype(int) - upright).mean() < 12
    assert times_s(Path(answer["annotated"])) == pytest.approx(times_s(varying), abs=1e-3)


def test_odd_sides_no_sound_and_no_face(options, tmp_path):
    video = write_video(
        tmp_path / "odd.mkv", steady_ms(9), size=(321, 241), sound=None, face=False,
        pixels="yuv444p",
    )  # fmt: skip
    (answer,) = do([video], options)
    assert (answer["width"], answer["height"]) == (321, 241)
    assert (answer["frames"], answer["frames_with_face"], answer["identities"]) == (9, 0, 0)
    assert answer["expression_shares"] == {}
    assert [row["label"] for row in rows_of(answer, "frame")] == [""] * 9
    with av.open(answer["annotated"]) as out:
        assert (out.streams.video[0].width, out.streams.video[0].height) == (320, 240)
        assert not out.streams.audio
    assert times_s(Path(answer["annotated"])) == pytest.approx(times_s(video), abs=1e-3)


def test_images_that_begin_later_than_the_sound_stay_with_it(options, tmp_path):
    video = write_video(tmp_path / "late.mkv", [t + 400 for t in steady_ms(10)])
    (answer,) = do([video], options)
    annotated = Path(answer["annotated"])
    assert times_s(annotated) == pytest.approx(times_s(video), abs=1e-3)
    assert heard(annotated)[1] == pytest.approx(heard(video)[1], abs=1e-3)
    (begins,) = rows_of(answer, "recording")
    assert float(begins["video_time_s"]) == pytest.approx(0.4, abs=1e-3)


def test_a_video_that_was_cut_off_gives_what_it_has_and_says_so(options, tmp_path):
    whole = write_video(tmp_path / "w.mp4", steady_ms(60), size=SIZE, sound=None, faststart=True)
    data = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 6 // 10])
    (answer,) = do([cut], options)
    assert answer["status"] == DONE, answer
    assert 0 < answer["frames"] < 54
    (problem,) = answer["problems"]
    assert "cut.mp4 ended early" in problem
    assert "of 60 frames" in problem
    assert len({row["frame"] for row in rows_of(answer, "face", "frame")}) == answer["frames"]
    assert len(times_s(Path(answer["annotated"]))) == answer["frames"]


def test_one_bad_video_does_not_stop_the_queue(varying, options, tmp_path):
    text, empty, sound = (tmp_path / name for name in ("text.mp4", "empty.mp4", "sound.mp4"))
    text.write_text("These are words, not pictures. " * 40, "utf-8")
    empty.touch()
    with av.open(str(sound), "w") as out:
        stream = out.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    answers = do([text, empty, sound, tmp_path / "missing.mp4", varying], options)
    assert [answer["status"] for answer in answers] == [*[FAILED] * 4, DONE]
    for answer, words in zip(
        answers, ("not a video", "empty", "sound.mp4", "no file"), strict=False
    ):
        assert words in answer["error"]
    assert names(options.out_dir) == ["varying.fer.csv", "varying.fer.json"]
    assert names(options.annotate_dir) == ["varying.fer.mp4"]


def test_finished_videos_are_skipped_until_a_change(varying, options, tmp_path, checkpoint):
    told = []

    def again(**values):
        values = {name: getattr(options, name) for name in options.__dataclass_fields__} | values
        (answer,) = predict_videos([varying], VideoOptions(**values), notify=told.append)
        return answer

    first = again()
    log = Path(first["log"])
    before = log.stat().st_mtime_ns, log.read_bytes()
    skipped = again()
    assert {**skipped, "status": DONE} == first
    assert skipped["status"] == SKIPPED
    assert (log.stat().st_mtime_ns, log.read_bytes()) == before
    assert told == []
    assert again(force=True)["status"] == DONE
    other = tmp_path / "other.safetensors"
    other.write_bytes(checkpoint.read_bytes())
    same = Settings(model=str(other), device="cpu", unsure_below=0.0)
    assert again(settings=same)["status"] == SKIPPED  # another name for the same model
    sure = Settings(model=str(checkpoint), device="cpu", unsure_below=0.9)
    assert again(settings=sure)["status"] == DONE
    assert [word for word, line in zip(("force", "settings"), told, strict=True) if word in line]
    assert names(options.out_dir) == ["varying.fer.csv", "varying.fer.json"]


def test_a_log_that_is_open_elsewhere_costs_no_second_analysis(options, tmp_path, monkeypatch):
    video = write_video(tmp_path / "small.mp4", steady_ms(3, 20), size=(64, 48))
    blocked = options.out_dir / "small.fer.csv"
    blocked.mkdir(parents=True)
    monkeypatch.setattr("fer_live.batch.job_files.may_exist", lambda path: path.is_file())
    (answer,) = do([video], options)
    assert (answer["status"], blocked.is_dir()) == (FAILED, True)
    assert "cannot be replaced" in answer["error"]
    blocked.rmdir()

    def no_second_time(*_):
        raise AssertionError("analysed again")

    monkeypatch.setattr("fer_live.batch.video_queue.analyse_video", no_second_time)
    (answer,) = do([video], options)
    assert (answer["status"], answer["frames"]) == (DONE, 3)
    assert names(options.out_dir) == ["small.fer.csv", "small.fer.json"]
    assert names(options.annotate_dir) == ["small.fer.mp4"]
    assert do([video], options)[0]["status"] == SKIPPED


def test_results_stand_beside_the_video_by_default(varying, options, tmp_path):
    video = tmp_path / "videos" / "a b.mp4"
    video.parent.mkdir()
    video.write_bytes(varying.read_bytes())
    (answer,) = do([video], options, out_dir=None, annotate_dir=None, log_suffix=".jsonl")
    assert names(video.parent) == ["a b.fer.json", "a b.fer.jsonl", "a b.mp4"]
    lines = [json.loads(x) for x in Path(answer["log"]).read_text("utf-8").splitlines()]
    assert sum(line["kind"] == "face" for line in lines) > 0
    assert answer["annotated"] is None


def test_two_videos_of_one_name_do_not_mix(options, tmp_path):
    videos = []
    for folder, count in (("one", 8), ("two", 12)):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "clip.mp4"
        videos.append(write_video(path, steady_ms(count), face=False))
    for _ in range(2):
        answers = do(videos, options)
        assert [answer["frames"] for answer in answers] == [8, 12]
        assert [len(times_s(Path(answer["annotated"]))) for answer in answers] == [8, 12]
    assert [answer["status"] for answer in answers] == [SKIPPED, SKIPPED]


def test_an_unfit_place_is_reported_for_each_video(varying, options, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    for name in ("out_dir", "annotate_dir"):
        (answer,) = do([varying], options, **{name: tmp_path / "file" / "x"})
        assert answer["status"] == FAILED
        assert "cannot be written" in answer["error"]
    assert not options.out_dir.exists() or names(options.out_dir) == []


def test_a_missing_model_is_reported_at_once(varying, options):
    with pytest.raises(ModelError):
        do([varying], options, settings=Settings(model="no-such-model"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_costs_one_video_and_leaves_nothing_of_it(varying, options, tmp_path):
    import resource

    small = write_video(tmp_path / "small.mp4", steady_ms(3), face=False, sound=None)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, limits[1]))
    try:
        answers = do([varying, small], options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [answer["status"] for answer in answers] == [FAILED, DONE]
    assert "cannot be written: File too large" in answers[0]["error"]
    assert names(options.out_dir) == ["small.fer.csv", "small.fer.json"]
    assert names(options.annotate_dir) == ["small.fer.mp4"]


def command(*arguments):
    return [sys.executable, "-m", "fer_live", "predict", *map(str, arguments)]


def start_and_wait_for(part, arguments):
    """The real program, once it has written some of its log."""
    process = start_child(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline_s = time.monotonic() + 90
    while not (part.exists() and part.stat().st_size > 2000):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    return process


@pytest.fixture(scope="module")
def long_video(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return write_video(path, steady_ms(500, 20), size=SIZE, codec="mpeg4")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_killed_run_is_begun_again_and_finished(long_video, options, checkpoint):
    out, annotate = options.out_dir, options.annotate_dir
    arguments = [long_video, "--model", checkpoint, "--out", out, "--annotate", annotate]
    process = start_and_wait_for(out / "long.fer.part.csv", arguments)
    if hasattr(signal, "SIGSTOP"):
        process.send_signal(signal.SIGSTOP)  # it cannot finish while we look
    busy = do([long_video], options)
    process.kill()
    process.communicate()
    assert [answer["status"] for answer in busy] == [BUSY]
    assert names(out) == ["long.fer.part.csv", "long.fer.part.json"]
    assert names(annotate) == ["long.fer.part-silent.mp4"]
    (answer,) = do([long_video], options)
    assert (answer["status"], answer["frames"]) == (DONE, 500)
    assert names(out) == ["long.fer.csv", "long.fer.json"]
    assert names(annotate) == ["long.fer.mp4"]
    assert times_s(Path(answer["annotated"])) == pytest.approx(times_s(long_video), abs=1e-3)
    assert do([long_video], options)[0]["status"] == SKIPPED


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_ctrl_c_leaves_nothing_half_written(long_video, options, checkpoint):
    out, annotate = options.out_dir, options.annotate_dir
    arguments = [long_video, "--model", checkpoint, "--out", out, "--annotate", annotate]
    process = start_and_wait_for(out / "long.fer.part.csv", arguments)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert stdout == ""
    assert names(out) == names(annotate) == []


def test_inputs_are_sorted_into_images_and_videos(tmp_path, varying):
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name in ("a.png", "b.MP4", "c.mkv", "b.fer.mp4", "b.fer.csv", "notes.txt", ".hidden.mp4"):
        (folder / name).write_bytes(b"")
    videos_only, nothing = tmp_path / "videos", tmp_path / "nothing"
    for empty in (videos_only, nothing):
        empty.mkdir()
    (videos_only / "d.webm").write_bytes(b"")
    missing = tmp_path / "missing.png"
    pictures, videos = split_inputs(
        [folder, videos_only, nothing, folder / "b.MP4", missing, folder / "b.fer.mp4"]
    )
    assert pictures == [folder, nothing, missing]
    assert videos == [
        folder / "b.MP4",
        folder / "c.mkv",
        videos_only / "d.webm",
        folder / "b.fer.mp4",
    ]


def test_progress_rises_to_the_end_and_counts_what_comes_later(varying, options, tmp_path):
    later = write_video(tmp_path / "later.mp4", steady_ms(50), sound=None)
    seen = []
    options = VideoOptions(options.settings, options.out_dir)
    list(predict_videos([varying, later], options, seen.append))
    first = [progress for progress in seen if progress.path == varying]
    assert {(p.number, p.count) for p in first} == {(1, 2)}
    total_s = VARYING_MS[-1] / 1000 + 2.0
    assert [p.total_s for p in seen] == pytest.approx([total_s] * len(seen), abs=0.2)
    assert first[0].length_s == pytest.approx(VARYING_MS[-1] / 1000, abs=0.2)
    assert [p.frames for p in first] == sorted(p.frames for p in first)
    assert first[-1].frames == len(VARYING_MS)
