"""Many videos as one Parquet dataset: read in one line, with a manifest that can be cited."""

import hashlib
import json
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from fer_live import __version__
from fer_live.cli.main import app
from tests.batch.videos import steady_ms, write_video

SIZE = (480, 360)


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Two videos of one name and one with spaces and an equals sign; and no video."""
    folder = tmp_path_factory.mktemp("videos")
    for name in ("a", "b"):
        (folder / name).mkdir()
    made = [
        write_video(folder / "a" / "clip.mp4", steady_ms(12), size=SIZE, sound=None),
        write_video(folder / "b" / "clip.mp4", steady_ms(8), face=False, sound=None),
        write_video(folder / "x = 1 %.mp4", steady_ms(10), size=SIZE, sound=None),
    ]
    (folder / "words.mp4").write_text("These are words, not images. " * 40, "utf-8")
    return [*made, folder / "words.mp4"]


def predict(checkpoint, *arguments):
    words = ["predict", "--model", checkpoint, "--device", "cpu", "--workers", 1, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_dataset_has_all_rows_and_a_manifest_of_what_made_them(videos, checkpoint, tmp_path):
    out = tmp_path / "set"
    done = predict(checkpoint, *videos, "--out", out, "--dataset")
    assert done.exit_code == 1  # words.mp4
    table = pd.read_parquet(out)
    assert set(table["file"].astype(str)) == {"clip.mp4", "clip-2.mp4", "x = 1 %.mp4"}
    assert table.groupby("file", observed=True)["frame"].nunique().to_dict() == {
        "clip.mp4": 12, "clip-2.mp4": 8, "x = 1 %.mp4": 10,
    }  # fmt: skip
    assert set(table["kind"]) == {"face", "frame"}
    faces = table[table["kind"] == "face"]
    sums = faces.filter(regex="^probability_").sum(axis=1)
    assert sums.round(3).eq(1).all()
    manifest = json.loads((out / "_manifest.json").read_text("utf-8"))
    assert manifest["fer_live"] == __version__
    assert manifest["model"] == {
        "name": "tiny", "sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
    }  # fmt: skip
    assert manifest["settings"]["detector"] == "auto"
    by_path = {entry["path"]: entry for entry in manifest["files"]}
    assert set(by_path) == {str(video) for video in videos[:3]}
    for video in videos[:3]:
        entry = by_path[str(video)]
        assert entry["sha256"] == hashlib.sha256(video.read_bytes()).hexdigest()
        assert (out / entry["partition"]).is_file()
    assert sum(entry["rows"] for entry in manifest["files"]) == len(table)
    assert [failed["path"] for failed in manifest["failed"]] == [str(videos[3])]
    assert set(table.columns) - {"file"} == set(manifest["columns"])


def test_a_later_run_adds_to_the_dataset_and_analyses_nothing_twice(videos, checkpoint, tmp_path):
    out = tmp_path / "set"
    assert predict(checkpoint, videos[0], "--out", out, "--dataset").exit_code == 0
    again = predict(checkpoint, videos[0], videos[2], "--out", out, "--dataset")
    assert [json.loads(line)["status"] for line in again.stdout.splitlines()] == ["skipped", "done"]
    assert predict(checkpoint, videos[2], "--out", out, "--dataset").exit_code == 0
    manifest = json.loads((out / "_manifest.json").read_text("utf-8"))
    assert [entry["path"] for entry in manifest["files"]] == [str(videos[0]), str(videos[2])]
    assert pd.read_parquet(out)["file"].nunique() == 2


def test_a_dataset_needs_a_folder_and_pyarrow(videos, checkpoint, tmp_path, monkeypatch):
    done = predict(checkpoint, videos[0], "--dataset")
    assert done.exit_code == 2
    assert "--dataset needs --out" in " ".join(done.stderr.split())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = predict(checkpoint, videos[0], "--out", tmp_path / "set", "--dataset")
    assert "fer-live[parquet]" in str(done.exception or done.stderr)
