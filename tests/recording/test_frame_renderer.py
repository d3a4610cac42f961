"""Recordings with hidden faces: every detection is hidden from the moment hiding is on."""

import threading
from dataclasses import replace

import av
import numpy as np
import pytest

from fer_live.core.settings import Settings
from fer_live.core.types import Frame, FrameResult
from fer_live.overlay.privacy import BEFORE_S
from fer_live.recording import frame_renderer as renderer_module
from fer_live.recording.frame_renderer import FrameRenderer, QueuedFrame, annotated_images
from fer_live.recording.options import RecordingOptions
from fer_live.recording.replay import InstantReplay
from fer_live.recording.snapshot import save_snapshot
from tests.recording.test_recorder import FACE, LABELS
from tests.recording.test_recording import recording
from tests.recording.videos import read_video

NOISE = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
FOUND = (200.0, 120.0, 260.0, 180.0)
"""A detection that is shown as no face."""
PLACE = slice(125, 175), slice(205, 255)
OPEN = slice(0, 60), slice(0, 100)
HIDING = RecordingOptions(pictures="clean", privacy="pixelate", quality="high")


def seen(index, time_s, faces=(), found=()):
    frame = Frame(NOISE.copy(), index, 100.0 + time_s)
    return FrameResult(frame, tuple(faces), LABELS, {}, 100.0 + time_s, found)


def rough(picture, place=PLACE):
    grey = picture[..., 1] if picture.ndim == 3 else picture
    return float(np.median(np.abs(np.diff(grey[place].astype(int), axis=1))))


def pictures(path):
    with av.open(str(path)) as video:
        return [picture.to_ndarray(format="gray") for picture in video.decode(video=0)]


def test_what_is_found_just_before_the_end_is_hidden(tmp_path):
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        for index in range(30):
            recorder.submit(seen(index, index / 30, found=(FOUND,) if index >= 25 else ()))
    shown = pictures(tmp_path / "x.mp4")
    assert len(shown) == 30
    assert [index for index, picture in enumerate(shown) if rough(picture) > 5] == list(range(7))
    assert min(rough(picture, OPEN) for picture in shown) > 20


@pytest.mark.parametrize("after", [1, 2, 5])
def test_after_a_cut_just_before_the_end_frames_are_hidden_whole(tmp_path, after):
    """The detector has not searched the new scene yet, or only a part of it."""
    other = np.clip(NOISE // 4 + np.uint8(180), 0, 255)
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        for index in range(30):
            result = seen(index, index / 30)
            if index >= 30 - after:
                result = replace(result, frame=replace(result.frame, image_bgr=other))
            recorder.submit(result)
    shown = pictures(tmp_path / "x.mp4")
    assert len(shown) == 30
    clear = [index for index, picture in enumerate(shown) if rough(picture, OPEN) > 5]
    assert clear == list(range(30 - after))


def test_after_an_earlier_cut_the_new_scene_is_shown_once_it_is_searched(tmp_path):
    other = np.clip(NOISE // 4 + np.uint8(180), 0, 255)
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        for index in range(30):
            result = seen(index, index / 30, found=(FOUND,) if index >= 17 else ())
            if index >= 15:
                result = replace(result, frame=replace(result.frame, image_bgr=other))
            recorder.submit(result)
    shown = pictures(tmp_path / "x.mp4")
    assert min(rough(picture, OPEN) for picture in shown) > 5
    assert max(rough(picture) for picture in shown[15:]) < 5


def test_pictures_that_follow_slowly_are_no_cuts(tmp_path):
    """At this rate the detector searches every frame as a whole."""
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        for index in range(4):
            result = seen(index, index / 2)
            image = np.clip(NOISE // 4 + np.uint8(180 - 60 * (index % 2)), 0, 255)
            recorder.submit(replace(result, frame=replace(result.frame, image_bgr=image)))
    assert min(rough(picture, OPEN) for picture in pictures(tmp_path / "x.mp4")) > 5


def test_a_face_found_once_in_a_while_is_hidden_in_between(tmp_path):
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        for index in range(60):
            recorder.submit(seen(index, index / 30, found=() if index % 20 else (FOUND,)))
    assert max(map(rough, pictures(tmp_path / "x.mp4"))) < 5


def test_at_one_frame_a_second_the_first_frame_of_a_face_is_hidden(tmp_path):
    with recording(tmp_path / "x.mp4", HIDING) as recorder:
        recorder.submit(seen(0, 0.0, found=(FOUND,)))
        recorder.submit(seen(1, 1.0, [replace(FACE, box_xyxy=FOUND)], (FOUND,)))
    assert max(map(rough, pictures(tmp_path / "x.mp4"))) < 5


@pytest.mark.parametrize("raw_bytes", [10**9, 10**6])
def test_frames_are_held_by_time_alone_and_few_of_them_as_they_are(monkeypatch, raw_bytes):
    monkeypatch.setattr(renderer_module, "RAW_BYTES", raw_bytes)
    renderer = FrameRenderer(HIDING, lambda: None, lambda: None)
    first, held = [], 0
    for index in range(240):
        result = seen(index, index / 240, found=(FOUND,) if index >= 130 else ())
        for queued in renderer.ready(QueuedFrame(result, None, 0, privacy="pixelate")):
            first.append((queued.result.frame.index, rough(renderer.render(queued.result)[0])))
        held = max(held, renderer.held_bytes)
    first += [(s.result.frame.index, rough(renderer.render(s.result)[0])) for s in renderer.drain()]
    assert [index for index, _ in first] == list(range(240))
    # First found in frame 130, hidden from BEFORE_S before; 40 frames would be a sixth of a second.
    clear = [index for index, roughness in first if roughness > 5]
    assert clear == list(range(130 - int(240 * BEFORE_S)))[: len(clear)]
    assert held > 140 * NOISE.nbytes if raw_bytes > 10**8 else held < 0.6 * 140 * NOISE.nbytes
    assert renderer.held_bytes == 0


def test_hiding_that_is_switched_on_begins_a_new_part(tmp_path):
    options = replace(HIDING, privacy="none")
    with recording(tmp_path / "x.mp4", options) as recorder:
        for index in range(60):
            if index == 30:
                recorder.privacy = "blur"
            # The face is lost in the moment in which hiding begins.
            recorder.submit(seen(index, index / 30, found=(FOUND,) if index < 30 else ()))
        summary = recorder.stop()
    assert (summary.frames_written, len(summary.parts)) == (60, 2)
    before, after = summary.paths
    assert [read_video(path).tags["privacy"] for path in summary.paths] == ["none", "blur"]
    assert len(pictures(before)) == len(pictures(after)) == 30
    assert min(map(rough, pictures(before))) > 20
    assert max(map(rough, pictures(after))) < 5


def test_a_replay_hides_what_was_found(tmp_path):
    replay = InstantReplay(5.0)
    replay.start()
    for index in range(20):
        replay.submit(seen(index, index / 30, found=(FOUND,) if index >= 15 else ()))
        while replay.newest_s is None or replay.newest_s < 100 + index / 30:
            threading.Event().wait(0.002)
    replay.save(tmp_path / "x.mp4", recording=HIDING)
    replay.stop()
    shown = pictures(tmp_path / "x.mp4")
    assert len(shown) == 20
    assert max(map(rough, shown)) < 5


def test_a_snapshot_hides_what_was_found_and_a_image_never_searched_whole(tmp_path):
    import cv2

    kept = {
        name: cv2.imread(str(save_snapshot(shown, tmp_path, clean=True, privacy="blur").clean))
        for name, shown in {
            "found": seen(0, 0.0, found=(FOUND,)),
            "unsearched": seen(0, 0.0, found=None),
        }.items()
    }
    assert rough(kept["found"]) < 5 < rough(kept["found"], OPEN)
    assert rough(kept["unsearched"], (slice(None), slice(None))) < 5


def test_images_for_other_programs_are_annotated_and_come_at_once():
    render = annotated_images(lambda: Settings(show_fps=False), lambda: None)
    (image,) = render(seen(0, 0.0, faces=(FACE,)))
    assert image.shape == NOISE.shape
    assert not np.array_equal(image, NOISE)
    assert len(list(render(seen(1, 0.1)))) == 1


def test_images_for_other_programs_come_late_where_faces_are_hidden_and_then_hide_them():
    settings = [Settings(privacy="pixelate", show_fps=False)]
    render = annotated_images(lambda: settings[0], lambda: None)
    images = []
    for index in range(60):
        found = (FOUND,) if index >= 25 else ()
        images += [(index, image) for image in render(seen(index, index / 30, found=found))]
    late = [index - number for number, (index, _) in enumerate(images)]
    assert {18, 19} >= set(late)  # frames within `BEFORE_S`, 0.6 s at 30 per second
    visible = [number for number, (_, image) in enumerate(images) if rough(image) > 5]
    assert visible == list(range(7))
    settings[0] = Settings(show_fps=False)
    rest = list(render(seen(60, 2.0)))
    assert len(rest) == 60 - len(images) + 1
