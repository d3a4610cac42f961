"""The public interface, as a program of somebody else uses it."""

import doctest
import gc
import importlib
import inspect
import json
import subprocess
import sys
import threading
import time
import typing

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

import fer_live
from fer_live import api
from fer_live.core.settings import Settings
from fer_live.live.states import THREAD_PREFIX
from tests.batch.videos import steady_ms, write_video
from tests.scripted_source import Pictures, Raise, ScriptedSource

ASTRONAUT_RGB = data.astronaut()
ASTRONAUT = np.ascontiguousarray(ASTRONAUT_RGB[:, :, ::-1])
NOBODY = np.full((240, 320, 3), 90, np.uint8)
FRAMES = 12


def engine_threads():
    return [t.name for t in threading.enumerate() if t.name.startswith(THREAD_PREFIX)]


@pytest.fixture(scope="module")
def analyzer(checkpoint):
    with fer_live.Analyzer(checkpoint, "cpu") as made:
        yield made


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "astronaut.png"
    Image.fromarray(ASTRONAUT_RGB).save(path)
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    return write_video(path, steady_ms(FRAMES), sound=None)


def same(faces, expected):
    assert [face.box_xyxy for face in faces] == [face.box_xyxy for face in expected]
    for face, other in zip(faces, expected, strict=True):
        assert face.probabilities == pytest.approx(other.probabilities, abs=1e-5)
        assert (face.track_id, face.label) == (other.track_id, other.label)


def test_import_is_light_and_names_are_loaded_when_they_are_used():
    code = (
        "import sys, fer_live\n"
        "slow = {'torch', 'cv2', 'PySide6', 'pandas', 'numpy', 'PIL', 'onnxruntime', 'av'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)\n"
        "from fer_live import FerLiveError\n"
        "assert not slow & set(sys.modules)\n"
        "fer_live.Face\n"
        "assert not (slow - {'numpy'}) & set(sys.modules)\n"
        "fer_live.predict\n"
        "assert not {'torch', 'PySide6', 'pandas'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_public_name_is_there_and_documented():
    assert set(fer_live.__all__) == {*fer_live._MODULE_OF, "__version__"}
    assert set(fer_live.__all__) <= set(dir(fer_live))
    assert fer_live.__all__ == sorted(fer_live.__all__)
    for name in set(fer_live.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(fer_live, name)), name
    with pytest.raises(AttributeError, match="nothing"):
        fer_live.nothing  # noqa: B018


def test_the_options_of_stream_are_those_of_the_analyzer():
    parameters = inspect.signature(fer_live.Analyzer.stream).parameters.values()
    options = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert set(typing.get_type_hints(api.StreamOptions)) == options


@pytest.mark.parametrize("module", ["fer_live.api"])
def test_the_examples_in_the_docstrings(module):
    done = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert done.attempted >= 5
    assert not done.failed


def test_an_image_in_every_form_has_the_same_face(analyzer, photo):
    expected = analyzer.predict(ASTRONAUT)
    (face,) = expected
    assert face.track_id == 1
    assert face.label in analyzer.labels
    assert face.confidence == max(face.probability_by_label.values())
    assert face.probability_by_label[face.label] == face.confidence
    assert face.probabilities.sum() == pytest.approx(1, abs=1e-5)
    left, top, right, bottom = face.box_xyxy
    assert 150 < left < right < 300
    assert 50 < top < bottom < 220
    forms = [photo, str(photo), photo.read_bytes(), Image.open(photo), ASTRONAUT_RGB[:, :, ::-1]]
    opaque = np.dstack([ASTRONAUT, np.full(ASTRONAUT.shape[:2], 255, np.uint8)])
    for form in [*forms, opaque]:
        same(analyzer.predict(form), expected)
    same(analyzer.predict(ASTRONAUT_RGB, color="rgb"), expected)
    same(analyzer.predict(ASTRONAUT[::-1][::-1]), expected)
    gray = cv2.cvtColor(ASTRONAUT, cv2.COLOR_BGR2GRAY)
    assert len(analyzer.predict(gray)) == len(analyzer.predict(gray[:, :, None])) == 1


def test_no_face_is_an_empty_list_and_no_detect_takes_the_whole_image(analyzer):
    assert analyzer.predict(NOBODY) == []
    (face,) = analyzer.predict(NOBODY, detect=False)
    assert face.box_xyxy == (0, 0, 320, 240)


def test_what_is_handed_in_is_never_changed(analyzer):
    mine = ASTRONAUT.copy()
    rgb = Image.fromarray(ASTRONAUT_RGB)
    turned = Image.fromarray(ASTRONAUT_RGB)
    turned.getexif()[0x0112] = 6
    faces = analyzer.predict(mine)
    analyzer.annotate(mine, faces, show_bars=True, privacy="blur")
    source = ScriptedSource([Pictures(mine, 3)], live=False)
    for result in analyzer.stream(source, every_frame=True):
        assert not result.frame.image_bgr.flags.writeable
    analyzer.predict(rgb)
    analyzer.predict(turned)
    assert mine.flags.writeable
    assert (mine == ASTRONAUT).all()
    assert (np.asarray(rgb) == ASTRONAUT_RGB).all()
    assert turned.size == (512, 512)
    assert turned.getexif()[0x0112] == 6


def test_no_global_setting_is_changed(checkpoint, photo):
    """In a program of its own: the tests' own process has set OMP_NUM_THREADS."""
    code = f"""
import os, warnings
os.environ.pop("OMP_NUM_THREADS", None)
import cv2, torch, PIL.Image
cv2.setNumThreads(2)
torch.set_num_threads(2)
def settings():
    return (
        dict(os.environ), cv2.getNumThreads(), torch.get_num_threads(), PIL.Image.MAX_IMAGE_PIXELS,
        cv2.ocl.useOpenCL(), torch.get_default_dtype(), torch.is_grad_enabled(),
        torch.get_float32_matmul_precision(), torch.backends.cudnn.benchmark, os.getcwd(),
        list(warnings.filters),
    )
before = settings()
import fer_live
faces = fer_live.predict({str(photo)!r}, model={str(checkpoint)!r})
assert len(faces) == 1
assert settings() == before, ("predict", settings()[1:], before[1:])
for result in fer_live.stream("demo", model={str(checkpoint)!r}):
    during = settings()
    if result.faces:
        break
assert during == before, ("while streaming", during[1:], before[1:])
assert settings() == before, ("stream", settings()[1:], before[1:])
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("nothing.jpg", "There is no file nothing.jpg"),
        ("a\0b", "There is no file"),
        (".", "is a folder"),
        (b"no image", "not a picture"),
        ([1, 2], "list is no image"),
        (np.zeros((4, 4, 3), np.float32), "float32"),
        (np.zeros((4, 4, 2), np.uint8), "(4, 4, 2)"),
        (np.zeros((0, 4, 3), np.uint8), "(0, 4, 3)"),
        (np.zeros(4, np.uint8), "(4,)"),
        (np.array(5, np.uint8), "()"),
    ],
)
def test_what_is_no_image_is_one_clear_error(analyzer, image, words):
    with pytest.raises(fer_live.SourceError) as caught:
        analyzer.predict(image)
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_video_is_for_stream(analyzer, clip):
    with pytest.raises(fer_live.SourceError, match="Use stream"):
        analyzer.predict(clip)


def test_bad_options_are_errors_of_the_package(analyzer, checkpoint):
    with pytest.raises(fer_live.ModelError, match="no model"):
        fer_live.predict(NOBODY, model="none-such")
    with pytest.raises(fer_live.ConfigError, match="device"):
        fer_live.predict(NOBODY, model=checkpoint, device="abacus")
    with pytest.raises(fer_live.ConfigError, match="colour"):
        analyzer.predict(NOBODY, color="bgra")
    with pytest.raises(fer_live.ConfigError, match="privacy"):
        analyzer.annotate(NOBODY, [], privacy="hide")
    with pytest.raises(fer_live.ConfigError, match="smoothing_s"):
        analyzer.stream("demo", smoothing_s=-1)
    with pytest.raises(fer_live.ConfigError, match="duration"):
        analyzer.stream("demo", duration=0)
    with pytest.raises(fer_live.ConfigError, match="live source"):
        analyzer.stream("demo", every_frame=True)
    with pytest.raises(fer_live.SourceNotFoundError, match=r"nothing\.mp4"):
        analyzer.stream("nothing.mp4")


def test_a_closed_analyzer_says_so_and_closes_its_streams(checkpoint, photo):
    analyzer = fer_live.Analyzer(checkpoint, "cpu")
    results = analyzer.stream("demo")
    next(results)
    many = analyzer.predict_many([photo, photo])
    next(many)
    analyzer.close()
    assert not engine_threads()
    assert list(results) == []
    with pytest.raises(fer_live.FerLiveError, match="closed"):
        next(many)
    for use in (analyzer.predict, analyzer.predict_many, analyzer.stream):
        with pytest.raises(fer_live.FerLiveError, match="closed"):
            use(str(photo))
    assert analyzer.labels


def test_many_images_are_the_lines_of_the_command(analyzer, checkpoint, photo, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    cv2.imwrite(str(tmp_path / "nobody.png"), NOBODY)
    paths = [photo, tmp_path, tmp_path / "gone.png"]
    results = list(analyzer.predict_many(paths))
    assert [r.path.name for r in results] == [
        "astronaut.png",
        "bad.jpg",
        "nobody.png",
        "gone.png",
    ]
    assert [len(r.faces) for r in results] == [1, 0, 0, 0]
    assert [r.error is None for r in results] == [True, False, True, False]
    command = [sys.executable, "-m", "fer_live", "predict", *map(str, paths)]
    command += ["--model", str(checkpoint), "--device", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert analyzer.predict_many(paths).to_dicts() == lines
    assert analyzer.predict_many(str(photo)).to_dicts() == lines[:1]


def test_a_table_has_a_row_per_face_and_per_image_without_one(analyzer, photo, tmp_path):
    cv2.imwrite(str(tmp_path / "nobody.png"), NOBODY)
    results = analyzer.predict_many([photo, tmp_path, "gone.png"])
    (face,) = next(results).faces
    table = results.to_pandas()
    assert list(table["path"].map(lambda path: path.split("/")[-1])) == ["nobody.png", "gone.png"]
    table = analyzer.predict_many([photo, tmp_path, "gone.png"]).to_pandas()
    assert list(table.columns[-len(analyzer.labels) - 1 : -1]) == list(analyzer.labels)
    assert list(table["label"].isna()) == [False, True, True]
    assert table["error"][2] == "There is no file gone.png. Check its name and folder."
    row = table.iloc[0]
    assert (row["left"], row["top"], row["box_width"], row["box_height"]) == face.box_xywh
    assert row[face.label] == row["confidence"] == pytest.approx(face.confidence)
    assert analyzer.predict_many([]).to_pandas().empty


def test_a_table_without_pandas_says_what_to_install(analyzer, photo, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(fer_live.ConfigError, match="pip install pandas"):
        analyzer.predict_many(photo).to_pandas()


def test_the_drawing_is_the_one_on_screen(analyzer, photo):
    from fer_live.overlay.draw import OverlayOptions, draw_overlay

    for result in analyzer.stream(photo):
        drawn = analyzer.annotate(result.frame.image_bgr, result)
        screen = draw_overlay(
            result.frame.image_bgr,
            result.faces,
            result.labels,
            OverlayOptions.from_settings(Settings()),
        )
        assert (drawn == screen).all()
        assert (drawn != ASTRONAUT).any()
    faces = analyzer.predict(photo)
    drawn = fer_live.annotate(photo, faces)
    assert (fer_live.annotate(ASTRONAUT_RGB, faces, color="rgb") == drawn[:, :, ::-1]).all()
    (result,) = analyzer.predict_many(photo)
    assert (fer_live.annotate(photo, result) == drawn).all()
    hidden = fer_live.annotate(photo, faces, privacy="pixelate")
    left, top, right, bottom = map(round, faces[0].box_xyxy)
    inside = slice(top + 20, bottom - 20), slice(left + 20, right - 20)
    assert (drawn[inside] == ASTRONAUT[inside]).all()
    assert (hidden[inside] != drawn[inside]).mean() > 0.5
    assert (fer_live.annotate(NOBODY, []) == NOBODY).all()


def test_leaving_a_loop_closes_the_source(analyzer):
    for result in analyzer.stream("demo"):
        assert result.labels == analyzer.labels
        assert engine_threads()
        break
    assert not engine_threads()

    def fail():
        for _ in analyzer.stream("demo"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    gc.collect()
    assert not engine_threads()
    with analyzer.stream("demo") as results:
        assert not engine_threads()
        first = next(results)
        assert results.source_info.live
        assert next(results).frame.index > first.frame.index
        assert results.statistics()["frames_analysed"] >= 2
    assert not engine_threads()
    assert next(results, None) is None


def test_every_frame_of_a_file_comes_in_order(analyzer, clip):
    results = []
    for result in analyzer.stream(clip, every_frame=True):
        time.sleep(0.01)
        results.append(result)
    assert [result.frame.index for result in results] == list(range(FRAMES))
    assert [result.frame.position_s for result in results] == pytest.approx(
        [0.04 * n for n in range(FRAMES)], abs=0.002
    )
    assert results[-1].faces[0].track_id == results[3].faces[0].track_id == 1
    assert not engine_threads()


def test_a_folder_gives_each_of_its_images(analyzer, tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), ASTRONAUT if number != 1 else NOBODY)
    assert [len(result.faces) for result in analyzer.stream(tmp_path)] == [1, 0, 1]


def test_a_file_named_like_a_source_is_a_file_when_it_is_a_path(analyzer, tmp_path, monkeypatch):
    cv2.imwrite(str(tmp_path / "demo.png"), NOBODY)
    (tmp_path / "demo.png").rename(tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    stream = analyzer.stream((tmp_path / "demo").relative_to(tmp_path))
    assert not stream.source_info
    assert "demo" in str(stream._engine._source.path)


def test_a_slow_program_gets_the_newest_result(analyzer):
    source = ScriptedSource([Pictures(NOBODY, None)], fps=50)
    with analyzer.stream(source) as results:
        first = next(results)
        time.sleep(1.0)
        second = next(results)
        age_s = time.perf_counter() - second.frame.captured_s
    assert second.frame.index - first.frame.index > 10
    assert age_s < 0.9


def test_a_duration_ends_the_stream(analyzer):
    begun_s = time.monotonic()
    assert list(analyzer.stream("demo", duration=0.5))
    assert 0.5 <= time.monotonic() - begun_s < 60
    assert len(list(analyzer.stream("demo", duration=1e-9))) == 1, "it counts from the first result"


def test_errors_of_the_source_are_raised_once_and_close_it(analyzer):
    gone = fer_live.SourceNotFoundError("There is no such camera.", "Plug it in.")
    source = ScriptedSource([NOBODY], open_errors=[gone], live=True)
    results = analyzer.stream(source)
    with pytest.raises(fer_live.SourceNotFoundError, match="Plug it in"):
        next(results)
    assert not engine_threads()
    assert next(results, None) is None
    results = analyzer.stream(ScriptedSource([NOBODY, Raise(RuntimeError("oh"))], live=False))
    with pytest.raises(fer_live.FerLiveError, match="oh"):
        list(results)
    assert not engine_threads()


def test_an_image_can_be_analysed_while_a_stream_runs(analyzer):
    with analyzer.stream("demo") as results:
        next(results)
        assert len(analyzer.predict(ASTRONAUT)) == 1
        with analyzer.stream("demo") as others:
            assert next(others).labels == next(results).labels


def test_a_program_that_ends_in_the_middle_leaves_no_thread_behind(checkpoint):
    code = (
        "import fer_live\n"
        f"results = fer_live.stream('demo', model={str(checkpoint)!r})\n"
        "print(len(next(results).labels))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "7\n", "")


def test_the_detector_and_the_smallest_face_can_be_chosen(checkpoint, analyzer):
    with fer_live.Analyzer(checkpoint, "cpu", detector="haar") as by_cascade:
        (face,) = by_cascade.predict(ASTRONAUT)
        with by_cascade.stream(ScriptedSource([Pictures(ASTRONAUT, 3)], live=False)) as results:
            assert next(results).found
    (other,) = analyzer.predict(ASTRONAUT)
    assert face.box_xyxy != other.box_xyxy
    assert not fer_live.predict(ASTRONAUT, model=checkpoint, device="cpu", min_face=300)


def test_the_expected_shares_move_the_probabilities(tmp_path):
    shares = tmp_path / "shares.json"
    shares.write_text(json.dumps({"sad": 1.0}))
    assert fer_live.predict(ASTRONAUT, device="cpu")[0].label == "happy"
    assert fer_live.predict(ASTRONAUT, device="cpu", prior=str(shares))[0].label == "sad"
    with fer_live.stream(
        ScriptedSource([Pictures(ASTRONAUT, 6)], live=False),
        device="cpu",
        prior=str(shares),
        every_frame=True,
    ) as results:
        named = [face for result in results for face in result.faces if len(face.probabilities)]
    sad = named[0].labels.index("sad")
    assert {np.argmax(face.probabilities) for face in named} == {sad}


@pytest.mark.parametrize(
    "wrong",
    [{"detector": "dlib"}, {"min_face": -1}, {"min_face": np.nan}, {"prior": "everyday"}],
)
def test_options_of_an_analyzer_are_checked(checkpoint, wrong):
    with pytest.raises(fer_live.ConfigError):
        fer_live.predict(ASTRONAUT, model=checkpoint, **wrong)
