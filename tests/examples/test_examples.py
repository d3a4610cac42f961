"""Every program in examples/ runs, as a user starts it, and does what its first line says."""

import csv
import io
import os
import runpy
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from fer_live.core.labels import FER2013
from fer_live.outputs.websocket import WebSocketSender
from fer_live.training.data.class_folders import load_folder
from fer_live.training.data.dataset import SPLITS
from tests.batch.videos import steady_ms, write_video
from tests.outputs.support import face, outputs_of, result, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TESTED = {
    "annotate_folder", "fer2013_folders", "flask_route", "own_source", "print_labels", "qt_widget",
    "table_and_plot", "video_timeline", "webcam_to_csv", "websocket_client",
}  # fmt: skip


def run(name, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("holiday")
    Image.fromarray(data.astronaut()).save(folder / "astronaut.jpg", quality=95)
    Image.new("RGB", (160, 120), "gray").save(folder / "wall.png")
    (folder / "broken.png").write_bytes(b"no image")
    return folder


def test_every_example_has_a_test():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == TESTED


def test_print_labels(folder):
    done = run("print_labels", folder / "astronaut.jpg", folder / "broken.png")
    assert "astronaut.jpg: happy" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert "broken.png: This is not a picture" in done.stderr


@pytest.mark.parametrize("numbered", [False, True])
def test_fer2013_folders(tmp_path, numbered):
    rng = np.random.default_rng(1)
    faces = {(c, n): rng.integers(0, 256, 48 * 48) for c in range(7) for n in range(6)}
    lines = [f"{c},{' '.join(map(str, face))},Training" for (c, _), face in faces.items()]
    table = "\n".join(["emotion,pixels,Usage", *lines, f"0,{' '.join(['9'] * 2304)},PublicTest"])
    (tmp_path / "fer2013.csv").write_text(table)
    options = ["--numbered"] if numbered else []
    out = tmp_path / "faces"
    run("fer2013_folders", tmp_path / "fer2013.csv", out, "--per-class", 5, *options)
    loaded = load_folder(out, size=48)
    names = loaded.targets["fer2013"].labels.labels
    assert len(loaded) == 35
    written = {bytes(f.astype(np.uint8)): FER2013.labels[c] for (c, _), f in faces.items()}
    for image, row in zip(loaded.images, loaded.targets["fer2013"].probabilities, strict=True):
        assert written[image.tobytes()] == names[int(row.argmax())]
    assert (loaded.split == SPLITS.index("test")).sum() >= 7


def test_annotate_folder(folder, tmp_path):
    run("annotate_folder", folder, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"astronaut.png", "wall.png"}
    with Image.open(tmp_path / "out" / "astronaut.png") as drawn:
        assert drawn.size == (512, 512)
        assert drawn.tobytes() != data.astronaut().tobytes()


def test_webcam_to_csv(tmp_path):
    run("webcam_to_csv", tmp_path / "faces.csv", "--source", "demo?faces=2", "--seconds", 8)
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["face"] for row in rows} == {"1", "2"}
    for row in rows:
        probabilities = [float(row[label]) for label in list(row)[4:]]
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)
    assert 0 < float(rows[-1]["time_s"]) < 9


def test_qt_widget():
    done = run("qt_widget", "--source", "demo", "--seconds", 10, QT_QPA_PLATFORM="offscreen")
    assert "the last one: ['" in done.stdout
    assert not done.stderr


def test_flask_route(folder):
    client = runpy.run_path(str(EXAMPLES / "flask_route.py"))["create_app"]().test_client()
    upload = {"file": (io.BytesIO((folder / "astronaut.jpg").read_bytes()), "a.jpg")}
    answer = client.post("/faces", data=upload)
    assert answer.status_code == 200
    (face,) = answer.get_json()
    assert face["label"] == "happy"
    assert len(face["box_xyxy"]) == 4
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert client.post("/faces").status_code == 400
    broken = {"file": (io.BytesIO(b"no image"), "b.png")}
    answer = client.post("/faces", data=broken)
    assert answer.status_code == 415
    assert "not a picture" in answer.get_json()["error"]


def test_table_and_plot(folder, tmp_path):
    done = run("table_and_plot", folder, tmp_path / "labels.png", MPLBACKEND="agg")
    row = next(line for line in done.stdout.splitlines() if line.startswith("happy"))
    assert row.split()[1] == "1.0"
    with Image.open(tmp_path / "labels.png") as chart:
        assert chart.size == (700, 300)


def test_video_timeline(tmp_path):
    clip = write_video(tmp_path / "clip.mp4", steady_ms(25), sound=None)
    lines = run("video_timeline", clip).stdout.splitlines()
    assert lines
    assert "face 1: " in lines[0]


def test_own_source(folder):
    lines = run("own_source", folder / "astronaut.jpg", 30).stdout.splitlines()
    assert any("1 happy" in line for line in lines)


def test_websocket_client(capsys):
    faces = [face(1, "happy"), face(2, "sad")]
    main = runpy.run_path(str(EXAMPLES / "websocket_client.py"))["main"]
    with outputs_of(WebSocketSender("127.0.0.1", 0)) as (live, output):
        reader = threading.Thread(target=main, args=(output.place,))
        reader.start()
        wait_until(lambda: output.clients == 1)
        live.submit(result(0, faces))
        live.mark(1, "not a face")
        wait_until(lambda: output.sent == 1)
        live.stop()
        reader.join()
    assert capsys.readouterr().out == "0.00 s  #1  happy\n0.00 s  #2  sad\n"
