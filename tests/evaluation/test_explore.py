"""Exploring a data set whose copies, classes and votes are known."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_live.cli.main import app
from fer_live.core.errors import DataError
from fer_live.core.labels import FERPLUS
from fer_live.evaluation.duplicates import find_duplicates, group
from fer_live.evaluation.explore import describe, explore
from fer_live.evaluation.explore_page import render
from tests.training.support import tiny_data


def images_of(count, seed=0, side=48):
    """Smooth random images, each unlike the others."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 6, 6), np.uint8)
    return np.stack([cv2.resize(p, (side, side), interpolation=cv2.INTER_CUBIC) for p in coarse])


def test_copies_of_every_kind_are_found_and_no_other():
    images = images_of(30)
    images[10] = images[3]
    images[11] = images[3]
    noise = np.random.default_rng(1).normal(0, 4, (48, 48))
    images[20] = np.clip(images[5] * 0.7 + 30 + noise, 0, 255)  # other light, and compression
    images[21] = images[7][:, ::-1]
    found = {(c.first, c.second): c.kind for c in find_duplicates(images)}
    assert found == {(3, 10): "exact", (3, 11): "exact", (5, 20): "near", (7, 21): "mirrored"}
    groups = group(find_duplicates(images), 30)
    assert groups[3] == groups[10] == groups[11]
    assert len(set(groups)) == 26


def test_colour_large_and_flat_images():
    gray = images_of(6, side=100)
    images = np.repeat(gray[..., None], 3, axis=3)
    images[1] = images[0]
    images[2], images[3] = 100, 101  # flat ones are like everything, and like nothing
    assert [(c.first, c.second, c.kind) for c in find_duplicates(images)] == [(0, 1, "exact")]
    assert find_duplicates(images[:0]) == []
    assert find_duplicates(images[:1]) == []
    assert len(set(group([], 3))) == 3


def known_data():
    """Rows 0-63 training, 64-84 validation, 85-95 test, with three leaks."""
    data = tiny_data()
    images = images_of(len(data), side=16)
    images[64] = images[0]
    images[90] = images[0]
    images[91] = images[70]
    votes = data.classes("ferplus").copy()
    votes[:10] = -1
    return replace(data, images=images, truth={"ferplus": votes}, names=np.zeros(0, np.str_))


def test_leaks_are_counted_by_split():
    data = known_data()
    report = describe(data, find_duplicates(data.images))
    leaks = report["copies"]["leaks"]
    assert leaks["val_in_train"] == {"exact": 1, "all": 1, "of": 21}
    assert leaks["test_in_train"] == {"exact": 1, "all": 1, "of": 11}
    # Picture 90 is a copy of 64 too, though both are listed as copies of 0.
    assert leaks["test_in_val"] == {"exact": 2, "all": 2, "of": 11}
    assert report["copies"]["pairs"]["exact"] == 3
    assert (report["copies"]["groups"], report["copies"]["superfluous_faces"]) == (2, 3)
    first = report["copies"]["list"][0]
    assert first["names"] == ["image 0", "image 64"]
    assert first["splits"] == ["train", "val"]
    assert first["same_label"] == (0 % 7 == 64 % 7)


def test_figures_are_those_of_the_pixels_and_labels():
    data = known_data()
    report = describe(data, [])
    overall = report["pixels"]["overall"]
    assert overall["mean"] == pytest.approx(data.images.mean(), abs=1e-3)
    assert overall["std"] == pytest.approx(data.images.std(), abs=1e-3)
    assert overall["p50"] == pytest.approx(np.median(data.images), abs=1)
    assert sum(overall["histogram"]) == pytest.approx(1, abs=1e-4)
    sad = data.images[data.classes("fer2013") == report["labels"].index("sad")]
    assert report["pixels"]["by_class"]["sad"]["mean"] == pytest.approx(sad.mean(), abs=1e-3)
    counts = report["counts"]["train"]
    assert sum(counts.values()) == 64
    weights = report["class_weights"]["weights"]
    assert sum(weights[k] * n for k, n in counts.items()) == pytest.approx(64, abs=0.01)
    votes = report["votes"]
    assert votes["agreement"] == 1
    clear = np.flatnonzero(data.truth["ferplus"] >= 0)
    assert 10 < votes["faces_without_majority"] == len(data) - len(clear)
    assert np.sum(votes["counts"]) == len(clear)
    assert votes["counts"][3][FERPLUS.index("happy")] > 0
    wrong = data.truth["ferplus"].copy()
    wrong[clear[:10]] = FERPLUS.index("contempt")
    worse = describe(replace(data, truth={"ferplus": wrong}), [])["votes"]
    assert worse["agreement"] == pytest.approx(1 - 10 / len(clear), abs=1e-4)


def test_the_page_needs_nothing_else_and_escapes_names():
    data = known_data()
    data = replace(data, names=np.array([f"<b>{i}</b>" for i in range(len(data))]))
    copies = find_duplicates(data.images)
    text = render(describe(data, copies), data, copies)
    assert "&lt;b&gt;64&lt;/b&gt;" in text
    assert "<b>64" not in text
    assert text.count("data:image/png;base64,") == 5
    assert "http" not in text.replace("http-equiv", "")
    for word in ("Classes and splits", "suggested weight", "test in train", "FER+ votes"):
        assert word in text


def test_a_folder_is_explored_by_the_command(tmp_path):
    images = images_of(40, side=30)
    for number, image in enumerate(images):
        split, label = ("train", "test")[number % 2], ("happy", "sad")[number // 2 % 2]
        folder = tmp_path / "set" / split / label
        folder.mkdir(parents=True, exist_ok=True)
        if number == 5:
            image = images[0]
        cv2.imwrite(str(folder / f"{number}.png"), image)
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app, ["explore", "--data", str(tmp_path / "set"), "--out", str(out), "--color"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["faces"] == 40
    report = json.loads((out / "explore.json").read_text("utf-8"))
    (copy,) = report["copies"]["list"]
    assert {n.replace("\\", "/") for n in copy["names"]} == {
        "train/happy/0.png",
        "test/happy/5.png",
    }
    assert report["votes"] is None
    assert (out / "explore.html").read_text("utf-8").startswith("<!doctype html>")
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(DataError, match="cannot be written"):
        explore(tmp_path / "set", None, blocked)
