"""Many pictures as a Parquet dataset: few files, resumed, replaced, by one process or several."""

import hashlib
import json
import multiprocessing
import os
import signal
import sys
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fer_live.batch.cluster import open_cluster
from fer_live.batch.dataset import image_parts, image_queue
from fer_live.batch.dataset.dataset import Dataset
from fer_live.batch.images import ImageOptions
from fer_live.capture.demo import render_demo
from fer_live.cli.main import app
from fer_live.core.errors import FerLiveError, RecordingError
from tests.batch.videos import steady_ms, write_video

GREY = np.full((60, 100, 3), 90, np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Two people, nobody three times, and a file that is no picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "1 two=%.png"), render_demo(2.0, (640, 360), 2))
    for number in (2, 3, 4):
        cv2.imwrite(str(folder / f"{number}.png"), GREY)
    (folder / "5.jpg").write_bytes(b"not a picture")
    return folder


@pytest.fixture
def options(checkpoint):
    return ImageOptions(model=str(checkpoint), device="cpu")


def predict(checkpoint, *arguments):
    words = ["predict", "--model", checkpoint, "--device", "cpu", "--workers", 1, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words])


def statuses(done):
    return [json.loads(line)["status"] for line in done.stdout.splitlines()]


def parts(out):
    return sorted(path.name for path in (out / "file=pictures").iterdir())


def add(paths, options, out, runner=image_queue.in_this_process, **more):
    """Adds pictures to a dataset; returns the records."""
    dataset = Dataset(out)
    images = dataset.open_images()
    try:
        return list(image_queue.predict_images(paths, options, images, runner, **more))
    finally:
        images.close()
        dataset.close()


def test_pictures_and_videos_are_one_table(folder, checkpoint, tmp_path):
    video = write_video(tmp_path / "clip.mp4", steady_ms(6), sound=None)
    out = tmp_path / "set"
    done = predict(checkpoint, folder, video, "--out", out, "--dataset")
    assert done.exit_code == 1  # 5.jpg
    assert statuses(done) == ["done"] * 4 + ["failed", "done"]
    assert "1 of 5 pictures could not be read" in done.stderr
    table = pd.read_parquet(out)
    assert set(table["file"].astype(str)) == {"clip.mp4", "pictures"}
    pictures = table[table["file"] == "pictures"]
    assert pictures.groupby("source")["kind"].agg(list).to_dict() == {
        str(folder / "1 two=%.png"): ["face", "face"],
        **{str(folder / f"{n}.png"): ["frame"] for n in (2, 3, 4)},
    }
    faces = pictures[pictures["kind"] == "face"]
    assert list(faces["identity"]) == [1, 2]
    assert faces.filter(regex="^probability_").sum(axis=1).round(3).eq(1).all()
    assert set(zip(faces["image_width_px"], faces["image_height_px"], strict=True)) == {(640, 360)}
    clip = table[table["file"] == "clip.mp4"]
    assert set(zip(clip["image_width_px"], clip["image_height_px"], strict=True)) == {(320, 240)}
    manifest = json.loads((out / "_manifest.json").read_text("utf-8"))
    assert set(table.columns) - {"file"} == set(manifest["columns"])
    assert all(manifest["columns"].values())
    (part,) = manifest["pictures"]
    assert (out / part["partition"]).is_file()
    assert part["rows"] == len(pictures) == 5
    assert part["made_with"]["model"]["sha256"] == manifest["model"]["sha256"]
    two = part["files"][0]
    content = (folder / "1 two=%.png").read_bytes()
    assert (two["path"], two["faces"]) == (str(folder / "1 two=%.png"), 2)
    assert (two["sha256"], two["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert [failed["path"] for failed in manifest["failed"]] == [str(folder / "5.jpg")]


def test_every_file_has_the_same_columns_which_polars_and_duckdb_need(folder, checkpoint, tmp_path):
    out = tmp_path / "set"
    video = write_video(tmp_path / "clip.mp4", steady_ms(6), sound=None)
    predict(checkpoint, folder, video, "--out", out, "--dataset")
    video, pictures = sorted(out.glob("file=*/*.parquet"))
    assert pq.read_schema(video).equals(pq.read_schema(pictures), check_metadata=False)


def test_a_later_run_does_what_is_new_or_changed_and_keeps_the_rest(folder, checkpoint, tmp_path):
    out = tmp_path / "set"
    predict(checkpoint, folder, "--out", out, "--dataset")
    again = predict(checkpoint, folder, "--out", out, "--dataset")
    assert statuses(again) == ["skipped"] * 4 + ["failed"]
    assert "4 of the pictures skipped" in again.stderr
    # The face goes, another one comes; one picture is new.
    cv2.imwrite(str(folder / "1 two=%.png"), GREY)
    cv2.imwrite(str(folder / "3.png"), render_demo(2.0, (640, 360), 1))
    cv2.imwrite(str(folder / "6.png"), GREY)
    changed = predict(checkpoint, folder, "--out", out, "--dataset")
    assert sorted(statuses(changed)) == ["done"] * 3 + ["failed"] + ["skipped"] * 2
    table = pd.read_parquet(out)
    assert table.set_index("source")["kind"].to_dict() == {
        str(folder / "1 two=%.png"): "frame", str(folder / "2.png"): "frame",
        str(folder / "3.png"): "face", str(folder / "4.png"): "frame",
        str(folder / "6.png"): "frame",
    }  # fmt: skip
    assert len(table) == 5
    assert parts(out) == ["part-00000.parquet"]
    forced = predict(checkpoint, folder / "2.png", "--out", out, "--dataset", "--force")
    assert statuses(forced) == ["done"]
    manifest = json.loads((out / "_manifest.json").read_text("utf-8"))
    assert sum(len(part["files"]) for part in manifest["pictures"]) == 5
    assert len(pd.read_parquet(out)) == 5


def test_other_settings_analyse_again_and_replace_the_rows(folder, options, tmp_path):
    out = tmp_path / "set"
    add([folder], options, out)
    whole = add([folder], replace(options, detect=False), out)
    assert [record["status"] for record in whole] == ["done"] * 4 + ["failed"]
    table = pd.read_parquet(out)
    assert list(table["kind"]) == ["face"] * 4
    # A file of a dataset has one model and one set of settings.
    assert parts(out) == ["part-00000.parquet"]
    add([folder / "2.png"], options, out)
    assert parts(out) == ["part-00000.parquet", "part-00001.parquet"]
    assert sorted(pd.read_parquet(out)["kind"]) == ["face"] * 3 + ["frame"]


def test_a_picture_that_is_given_twice_counts_once(folder, options, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    near = folder.relative_to(folder) / "2.png"
    records = add([near, folder / "2.png", folder], options, tmp_path / "set")
    assert [record["path"] for record in records][:2] == ["2.png", str(folder / "1 two=%.png")]
    assert len(records) == 5
    assert (pd.read_parquet(tmp_path / "set")["source"] == "2.png").sum() == 1


def test_many_pictures_are_few_files(folder, options, tmp_path, monkeypatch):
    monkeypatch.setattr(image_queue, "CHUNK_IMAGES", 1)
    monkeypatch.setattr(image_parts, "FLUSH_IMAGES", 1)
    monkeypatch.setattr(image_parts, "PART_IMAGES", 2)
    add([folder], options, tmp_path / "set")
    assert parts(tmp_path / "set") == ["part-00000.parquet", "part-00001.parquet"]
    assert len(pd.read_parquet(tmp_path / "set")) == 5


def test_a_run_that_is_broken_off_keeps_what_it_has(folder, options, tmp_path, monkeypatch):
    monkeypatch.setattr(image_queue, "CHUNK_IMAGES", 1)

    def stop(progress):
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add([folder], options, tmp_path / "set", on_progress=stop)
    assert len(pd.read_parquet(tmp_path / "set")) == 3
    again = add([folder], options, tmp_path / "set")
    assert [record["status"] for record in again] == ["skipped"] * 2 + ["done"] * 2 + ["failed"]


def test_two_runs_do_not_write_the_same_pictures(options, tmp_path):
    first = Dataset(tmp_path / "set").open_images()
    with pytest.raises(RecordingError, match="Another run is adding pictures"):
        Dataset(tmp_path / "set").open_images()
    first.close()
    Dataset(tmp_path / "set").open_images().close()


def test_a_damaged_part_is_named_before_any_work(folder, options, tmp_path):
    add([folder], options, tmp_path / "set")
    part = tmp_path / "set" / "file=pictures" / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(RecordingError, match=r"part-00000\.parquet is no part of a dataset"):
        Dataset(tmp_path / "set")


def figures(out):
    table = pd.read_parquet(out).drop(columns="wall_time")
    return table.sort_values(["source", "identity"]).reset_index(drop=True)


def test_several_processes_give_the_results_of_one(folder, options, tmp_path, monkeypatch):
    monkeypatch.setattr(image_queue, "CHUNK_IMAGES", 2)
    add([folder], options, tmp_path / "one")
    records = add([folder], options, tmp_path / "two", image_queue.in_processes(2))
    assert sorted(record["status"] for record in records) == ["done"] * 4 + ["failed"]
    pd.testing.assert_frame_equal(figures(tmp_path / "one"), figures(tmp_path / "two"))
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_picture_that_kills_its_worker_costs_itself_alone(folder, options, tmp_path, monkeypatch):
    monkeypatch.setattr(image_queue, "_prepare", dies_at_three)
    records = add([folder], options, tmp_path / "set", image_queue.in_processes(1))
    found = {record["path"][-5:]: record for record in records}
    assert found["3.png"]["status"] == "failed"
    assert "ended unexpectedly" in found["3.png"]["error"]
    assert [found[name]["status"] for name in ("%.png", "2.png", "4.png")] == ["done"] * 3
    assert len(records) == 5


def dies_at_three(threads, send, options):
    """In a worker: a function that the third picture kills."""
    analyser = image_queue.ImageAnalyser(options)

    def do(chunk):
        if any(job.path.name == "3.png" for job in chunk):
            os.kill(os.getpid(), signal.SIGKILL)
        return image_queue._analyse(analyser, chunk)

    return do


def test_a_model_that_no_process_can_load_ends_the_run(folder, options, tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no model")
    wrong = replace(options, model=str(broken))
    with pytest.raises(FerLiveError, match=r"broken\.safetensors"):
        add([folder], wrong, tmp_path / "set", image_queue.in_processes(2))
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_cluster_gives_the_results_of_one_process(folder, options, tmp_path, monkeypatch):
    monkeypatch.setattr(image_queue, "CHUNK_IMAGES", 2)
    add([folder], options, tmp_path / "one")
    with open_cluster("local", 2) as client:
        records = add([folder], options, tmp_path / "two", image_queue.on_cluster(client))
        assert sorted(record["status"] for record in records) == ["done"] * 4 + ["failed"]
        pd.testing.assert_frame_equal(figures(tmp_path / "one"), figures(tmp_path / "two"))
        wrong = replace(options, prior="no-such-prior")
        with pytest.raises(FerLiveError, match="class shares"):
            add([folder], wrong, tmp_path / "two", image_queue.on_cluster(client))
