"""The command `predict` on videos and folders: what it prints where, and its exit codes."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import cv2
import pytest
from PIL import Image
from typer.testing import CliRunner

from fer_live.batch.dataset.image_queue import ImageProgress
from fer_live.batch.video_job import Progress
from fer_live.capture.demo import render_demo
from fer_live.cli import progress as cli_progress
from fer_live.cli.main import app
from fer_live.cli.progress import PictureProgress, VideoProgress
from fer_live.detection.haar import HaarDetector
from tests.batch.videos import steady_ms, write_video

TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
def mixed(tmp_path, monkeypatch):
    """A folder with a picture of two people, a video and a file that is no video."""
    monkeypatch.setenv("FER_LIVE_CONFIG_DIR", str(tmp_path / "config"))
    folder = tmp_path / "mixed"
    folder.mkdir()
    cv2.imwrite(str(folder / "two.png"), render_demo(2.0, (640, 360), 2))
    write_video(folder / "video.mp4", steady_ms(6), sound=None)
    (folder / "words.mp4").write_text("These are words, not pictures. " * 40, "utf-8")
    return folder


def predict(checkpoint, *arguments):
    # Records come in the order of the videos only from one worker.
    words = ["predict", "--model", checkpoint, "--device", "cpu", "--workers", 1, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_mixed_folder_gives_a_line_for_each_file_and_goes_on_past_a_bad_one(mixed, checkpoint):
    done = predict(checkpoint, mixed)
    assert done.exit_code == 1
    picture, video, words = map(json.loads, done.stdout.splitlines())
    assert len(picture["faces"]) == 2
    assert (video["status"], video["frames"], video["error"]) == ("done", 6, None)
    assert words["status"] == "failed"
    assert "words.mp4 is not a video" in words["error"]
    assert f"1 of 2 videos could not be analysed: {mixed / 'words.mp4'}" in done.stderr
    again = predict(checkpoint, mixed / "video.mp4")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["status"] == "skipped"
    assert "video.mp4: skipped, it is finished" in again.stderr
    forced = predict(checkpoint, mixed / "video.mp4", "--force")
    assert json.loads(forced.stdout)["status"] == "done"
    assert "analysed again: --force was given" in forced.stderr


def test_csv_on_standard_output_stays_a_table(mixed, checkpoint):
    done = predict(checkpoint, mixed, "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(bool(row["label"]), bool(row["error"])) for row in rows] == [
        (True, False),
        (True, False),
        (False, False),
        (False, True),
    ]
    assert (rows[2]["path"], rows[2]["width"]) == (str(mixed / "video.mp4"), "320")


def test_logs_go_where_they_are_wanted_in_the_format_wanted(mixed, checkpoint, tmp_path):
    out = tmp_path / "logs"
    predict(checkpoint, mixed / "video.mp4", "--out", out, "--format", "jsonl")
    assert sorted(path.name for path in out.iterdir()) == ["video.fer.json", "video.fer.jsonl"]
    assert not list(mixed.glob("*.fer.*"))


def test_options_for_videos_are_told_to_do_nothing_for_pictures(mixed, checkpoint, tmp_path):
    words = (mixed / "two.png", "--out", tmp_path / "logs", "--fps", 5)
    done = predict(checkpoint, *words)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)
    assert "--out and --fps only apply to videos, and no video is named" in done.stderr
    beside_a_video = predict(checkpoint, *words, mixed / "video.mp4")
    assert "only apply" not in beside_a_video.stderr
    as_dataset = predict(checkpoint, mixed / "two.png", "--out", tmp_path / "set", "--dataset")
    assert "only appl" not in as_dataset.stderr


@pytest.mark.parametrize("fps", ["0", "nan", "inf"])
def test_a_rate_that_cannot_be_is_wrong_usage(mixed, checkpoint, fps):
    done = predict(checkpoint, mixed / "video.mp4", "--fps", fps)
    assert done.exit_code == 2
    assert "--fps" in done.stderr
    assert not list(mixed.glob("*.fer.*"))


def test_a_video_cannot_be_taken_for_one_face(mixed, checkpoint):
    done = predict(checkpoint, mixed, "--no-detect")
    assert done.exit_code == 2
    assert "--no-detect is for pictures" in " ".join(done.stderr.split())
    assert predict(checkpoint, mixed / "two.png", "--no-detect").exit_code == 0


def progress(**values):
    known = {"frames": 100, "position_s": 4.0, "length_s": 10.0, "elapsed_s": 2.0}
    return Progress(Path("clip [a].mp4"), **{**known, **values})


def test_off_a_terminal_progress_is_a_line_now_and_then(capsys):
    now_s = [0.0]
    screen = VideoProgress(clock=lambda: now_s[0])
    for now_s[0] in (0.0, 10.0, 29.9, 30.0, 45.0, 61.0):
        screen.show(progress(number=2, count=7, total_s=100.0))
    # All of them began two seconds before the first report, and 4 s of 100 s are done.
    expected = [
        line
        for rate, left in (("0.1", "12:48"), ("0.1", "25:12"))
        for line in (
            f"[2/7] clip [a].mp4: 40%, 50 frames/s, 2.0 {TIMES} real time, 0:03 left",
            f"All 7 videos: 4%, {rate} {TIMES} real time, {left} left",
        )
    ]
    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()) == ("", expected)


def test_off_a_terminal_progress_of_pictures_is_a_line_now_and_then(capsys):
    now_s = [0.0]
    screen = PictureProgress(clock=lambda: now_s[0])
    for now_s[0], done in ((10.0, 100), (30.0, 300), (45.0, 450), (61.0, 610)):
        screen.show(ImageProgress(done, 1200, now_s[0]))
    assert capsys.readouterr().err.splitlines() == [
        "300 of 1200 pictures, 10.0 pictures/s, 1:30 left",
        "610 of 1200 pictures, 10.0 pictures/s, 0:59 left",
    ]


def test_the_progress_of_all_counts_every_video_in_hand_and_those_that_ended(capsys, monkeypatch):
    monkeypatch.setattr(cli_progress, "LINE_INTERVAL_S", 1.0)
    now_s = [2.0]
    screen = VideoProgress(clock=lambda: now_s[0])
    screen.show(progress(count=3, total_s=30.0))
    screen.end(Path("clip [a].mp4"), "clip [a].mp4: done")
    for now_s[0], name in ((4.0, "b.mp4"), (6.0, "c.mp4")):
        screen.show(replace(progress(count=3, total_s=30.0), path=Path(name), position_s=2.5))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "clip [a].mp4: done"
    # 10 s are done, and of each other video 2.5 s.
    assert lines[-1] == f"All 3 videos: 50%, 2.5 {TIMES} real time, 0:06 left"


def test_a_video_of_unknown_length_counts_frames(capsys, monkeypatch):
    monkeypatch.setattr(cli_progress, "LINE_INTERVAL_S", 0.0)
    screen = VideoProgress()
    screen.show(progress())
    screen.show(progress(length_s=None))
    screen.show(progress(frames=0))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"clip [a].mp4: 100 frames, 50 frames/s, 2.0 {TIMES} real time",
        "clip [a].mp4: starting",
    ]


def test_on_a_terminal_a_bar_shows_what_is_left_and_makes_room_for_lines(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    screen = VideoProgress()
    screen.show(progress())
    screen.tell("a sentence")
    screen.clear()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "clip [a].mp4" in captured.err
    assert f"40%, 50 frames/s, 2.0 {TIMES} real time, 0:03 left" in captured.err
    assert captured.err.endswith("a sentence\n")


def faces_found(pictures):
    detector = HaarDetector()
    return [bool((detector.detect(picture).scores >= detector.sure_score).any())
            for picture in pictures]  # fmt: skip


def frames(path):
    with av.open(str(path)) as video:
        return [picture.to_ndarray(format="bgr24") for picture in video.decode(video=0)]


def test_faces_are_hidden_in_annotated_pictures_and_videos(mixed, checkpoint, tmp_path):
    video = write_video(tmp_path / "face.mp4", steady_ms(6), size=(480, 360), sound=None)
    paths = mixed / "two.png", video
    assert predict(checkpoint, *paths, "--annotate", tmp_path / "a").exit_code == 0
    shown = [cv2.imread(str(tmp_path / "a" / "two.png")), *frames(tmp_path / "a" / "face.fer.mp4")]
    assert all(faces_found(shown))
    hidden = predict(checkpoint, *paths, "--annotate", tmp_path / "b", "--privacy", "pixelate")
    assert hidden.exit_code == 0
    assert "analysed again" in hidden.stderr
    made = [cv2.imread(str(tmp_path / "b" / "two.png")), *frames(tmp_path / "b" / "face.fer.mp4")]
    assert len(made) == 7
    assert not any(faces_found(made))


def test_how_an_annotated_video_was_hidden_decides_whether_it_is_finished(mixed, checkpoint):
    def once(*more):
        return predict(checkpoint, mixed / "video.mp4", "--annotate", mixed / "a", *more)

    assert json.loads(once("--privacy", "blur").stdout)["status"] == "done"
    assert json.loads(once("--privacy", "blur").stdout)["status"] == "skipped"
    again = once()
    assert "other settings were used" in again.stderr
    assert json.loads(again.stdout)["status"] == "done"


def test_privacy_is_for_what_is_annotated(mixed, checkpoint):
    refused = predict(checkpoint, mixed, "--privacy", "blur")
    assert refused.exit_code == 2
    assert "--privacy needs --annotate" in refused.stderr


def test_what_is_no_picture_ends_quickly_with_its_reason_and_the_rest_goes_on(
    mixed, checkpoint, monkeypatch
):
    os.mkfifo(mixed / "pipe.png")
    (mixed / "huge.png").touch()
    os.truncate(mixed / "huge.png", 10_000_000_000)
    (mixed / "loop.mp4").symlink_to(mixed / "loop.mp4")
    picture = mixed / "two.png"
    # An unreadable path, also for a test that runs as root.
    monkeypatch.setattr("click.types.os.access", lambda path, mode: str(path) != str(picture))
    paths = (mixed / "pipe.png", "/dev/zero", mixed / "huge.png", mixed / "loop.mp4", picture)
    done = predict(checkpoint, *paths)
    assert done.exit_code == 1, done.stderr
    errors = {
        Path(record["path"]).name: record["error"]
        for record in map(json.loads, done.stdout.splitlines())
    }
    assert "is not a file" in errors["pipe.png"]
    assert "is not a file" in errors["zero"]
    assert "has more than the 1.1 GB" in errors["huge.png"]
    assert "no file" in errors["loop.mp4"]
    assert errors["two.png"] is None


def test_what_a_folder_holds_besides_is_named_and_counted(mixed, checkpoint):
    for name in ("a.psd", "b.psd", "notes.txt", ".hidden"):
        (mixed / name).touch()
    (mixed / "more").mkdir()
    (mixed / "two.jfif").write_bytes((mixed / "two.png").read_bytes())
    done = predict(checkpoint, mixed)
    assert f"in {mixed} are left out (.psd: 2, .txt: 1, folder: 1)" in done.stderr
    paths = [json.loads(line)["path"] for line in done.stdout.splitlines()]
    assert str(mixed / "two.jfif") in paths


@pytest.mark.parametrize("address", ["http://host/picture.jpg", "rtsp://host:554/clip.mp4"])
def test_an_address_is_refused_and_the_command_for_it_named(checkpoint, address):
    done = predict(checkpoint, address)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "fer-live run --headless --source" in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_is_one_sentence(mixed, checkpoint):
    command = [sys.executable, "-m", "fer_live", "predict", "--no-detect", "--device", "cpu"]
    command += ["--model", str(checkpoint), str(mixed / "two.png")]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("fer-live: The results cannot be written to standard output: ")


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no text")
def test_a_name_that_the_output_cannot_encode_ends_nothing(mixed, checkpoint):
    names = (os.fsdecode(b"a\xff.png"), "\u4e8c.png", "z.png")
    for name in names:
        shutil.copy(mixed / "two.png", mixed / name)
    command = [sys.executable, "-m", "fer_live", "predict", "--csv", "--no-detect"]
    command += ["--model", str(checkpoint), "--device", "cpu", *(mixed / name for name in names)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1 + len(names)


def test_the_most_pixels_of_a_picture_can_be_set(mixed, checkpoint, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)
    Image.new("RGB", (640, 400)).save(mixed / "two.tif")
    picture = mixed / "two.tif"
    done = predict(checkpoint, picture, "--max-megapixels", "0.2")
    assert done.exit_code == 1
    assert "--max-megapixels" in json.loads(done.stdout)["error"]
    done = predict(checkpoint, picture, "--max-megapixels", "200")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["width"] == 640
    assert Image.MAX_IMAGE_PIXELS == 200_000_000  # Pillow's readers of TIFF keep to it
