"""``fer-live run --record`` with its flags."""

import csv

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_live.cli.main import app
from tests.recording.videos import read_video


def fer_live(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["run", "--headless", *map(str, words)])
    said = f"{done.output} {done.exception or ''}"
    return done.exit_code, " ".join(said.replace("│", " ").split())


@pytest.fixture
def pictures(tmp_path):
    """A folder of images, which the program plays as a video."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(12):
        picture = np.full((120, 160, 3), 20 * number, np.uint8)
        cv2.imwrite(str(folder / f"{number:02}.png"), picture)
    return folder


def test_all_flags_at_once(tmp_path, pictures):
    code, said = fer_live(
        *("--source", pictures, "--record", tmp_path / "out", "--record-pictures", "both"),
        *("--record-name", "lab {date}", "--quality", "small", "--privacy", "blur"),
        *("--split-mb", 5, "--split-minutes", 60),
        *("--log", tmp_path / "log.csv", "--stats", tmp_path / "stats.json"),
    )
    assert code == 0, said
    paths = sorted((tmp_path / "out").iterdir())
    assert [path.name[:4] for path in paths] == ["lab ", "lab "]
    videos = [read_video(path) for path in paths]
    assert videos[0].times == videos[1].times
    assert videos[0].decoded == 12
    assert {video.tags["privacy"] for video in videos} == {"blur"}
    with (tmp_path / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    started = next(row for row in rows if row["kind"] == "recording")
    logged = [float(row["time_s"]) for row in rows if row["kind"] in ("frame", "face")]
    shift_s = float(started["video_time_s"]) - float(started["time_s"])
    assert [t + shift_s for t in logged] == pytest.approx(videos[0].times, abs=1e-3)


def test_a_recording_hides_faces_where_the_setting_cannot_be_read(tmp_path, pictures, monkeypatch):
    monkeypatch.setenv("FER_LIVE_PRIVACY", "blurr")
    code, said = fer_live("--source", pictures, "--record", tmp_path / "a.mp4")
    assert code == 0, said
    assert read_video(tmp_path / "a.mp4").tags["privacy"] == "blur"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--quality", "high"), "--quality needs --record"),
        (("--record", "x.avi"), "ending in .mp4"),
        (("--record", "out", "--record-pictures", "none"), "name a --log"),
        (("--record", "out", "--split-minutes", "0"), "too short"),
        (("--record", "out", "--split-mb", "0.1"), "too small"),
        (("--record", "out", "--record-name", "a/b"), "not every system"),
        (("--record", "x.mp4", "--record-name", "a"), "needs a folder"),
        (("--record", "out", "--privacy", "hat"), "not one of"),
    ],
)
def test_wrong_usage_is_reported_before_anything_begins(tmp_path, monkeypatch, words, why):
    monkeypatch.chdir(tmp_path)
    code, said = fer_live("--source", "demo", *words)
    assert code == 2
    assert why in said
    assert list(tmp_path.iterdir()) == []
