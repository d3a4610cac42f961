"""The real parts together, on the built-in demo, with a model whose answers mean nothing."""

import json
import subprocess
import sys

import pytest

from fer_live.batch.headless import run_source
from fer_live.capture import factory
from fer_live.capture.camera import CameraSource
from fer_live.capture.demo import render_demo
from fer_live.capture.factory import make_source, mirrored, source_for
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.core.errors import DeviceError, ModelError, SourceNotFoundError
from fer_live.core.labels import FER2013, UNSURE
from fer_live.core.settings import Settings
from fer_live.live.assembly import build_processor, processor_for

from .fakes import frame

DEMO = "demo?faces=2&width=640&height=360&fps=30"


def test_faces_of_the_demo_are_followed_and_classified(checkpoint):
    processor = build_processor(checkpoint, "cpu")
    assert processor.labels == FER2013.labels
    assert processor.model_name == "tiny"
    assert processor.device_name == "CPU"
    ids = set()
    for index in range(20):
        t_s = 1 + index / 15
        picture = render_demo(t_s, (640, 360), 2)
        result = processor.process(frame(index, t_s, image_bgr=picture))
        ids.update(face.track_id for face in result.faces)
    assert len(result.faces) == len(ids) == 2
    for face in result.faces:
        assert face.label in (*FER2013.labels, UNSURE)
        assert face.probabilities.sum() == pytest.approx(1.0, abs=1e-4)
        assert face.raw_probabilities.shape == (7,)


def test_a_file_gives_the_same_faces_at_any_speed(checkpoint):
    def boxes_at(speed):
        processor = build_processor(checkpoint, "cpu")
        found = []
        for index in range(12):
            position_s = index / 15
            picture = render_demo(1 + position_s, (640, 360), 2)
            one = frame(index, 50.0 + position_s / speed, position_s, picture)
            found.append([face.box_xyxy for face in processor.process(one).faces])
        return found

    assert boxes_at(1.0) == boxes_at(40.0)


def test_each_picture_of_a_folder_stands_alone(checkpoint, tmp_path):
    settings = Settings(model=str(checkpoint), device="cpu")
    processor = processor_for(settings, ImageFolderSource(tmp_path))
    picture = render_demo(1.0, (640, 360), 2)
    ids = [
        [face.track_id for face in processor.process(frame(n, n, float(n), picture)).faces]
        for n in range(2)
    ]
    assert [len(seen) for seen in ids] == [2, 2]  # at once, without holding over time
    assert not set(ids[0]) & set(ids[1])


@pytest.mark.parametrize(
    ("mirror", "text", "flipped"),
    [(True, "0", True), (False, "0", False), (True, "demo", False), (True, "clip.mp4", False)],
)
def test_only_cameras_are_mirrored(mirror, text, flipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").touch()
    source = CameraSource(0) if text == "0" else make_source(text)
    assert mirrored(Settings(mirror=mirror), source) is flipped


def test_what_the_user_chose_is_used(checkpoint):
    processor = processor_for(Settings(model=str(checkpoint), device="cpu", unsure_below=1.0))
    for index in range(20):
        picture = render_demo(1 + index / 15, (640, 360), 1)
        result = processor.process(frame(index, index / 15, image_bgr=picture))
    assert [face.label for face in result.faces] == [UNSURE]


def test_what_cannot_be_loaded_is_told(checkpoint, tmp_path):
    with pytest.raises(ModelError):
        build_processor(tmp_path / "none.safetensors")
    with pytest.raises(ModelError, match="no head"):
        build_processor(checkpoint, head="eight")
    with pytest.raises(DeviceError):
        build_processor(checkpoint, "abacus")


def test_the_source_is_the_named_one_then_the_chosen_one_then_the_first_camera(monkeypatch):
    assert source_for(Settings(source="7"), "demo").open().kind == "demo"
    assert source_for(Settings(source="demo")).open().kind == "demo"
    monkeypatch.setattr(factory, "list_cameras", tuple)
    with pytest.raises(SourceNotFoundError, match="no camera"):
        source_for(Settings())


def test_a_headless_run_of_the_demo(checkpoint, tmp_path):
    settings = Settings(model=str(checkpoint), device="cpu")
    path = tmp_path / "stats.json"
    report = run_source(settings, DEMO, duration_s=1.0, stats_path=path)
    assert json.loads(path.read_text("utf-8")) == report
    assert report["source"]["kind"] == "demo"
    assert (report["source"]["width"], report["source"]["height"]) == (640, 360)
    assert (report["device"], report["model"]) == ("CPU", "tiny")
    assert report["frames_captured"] == report["frames_analysed"] + report["frames_dropped"]
    assert report["frames_analysed"] > 1
    assert report["faces"]["max"] == 2
    assert report["tracks"] == 2


def test_a_headless_run_can_be_recorded(checkpoint, tmp_path):
    settings = Settings(model=str(checkpoint), device="cpu")
    video = tmp_path / "out.mp4"
    report = run_source(settings, DEMO, duration_s=0.5, record=video)
    assert report["frames_analysed"] >= 1
    assert video.stat().st_size > 0


def test_the_window_can_start_without_torch():
    code = "import sys, fer_live.live.assembly, fer_live.live.engine\nprint('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
