"""Hidden faces on screen and in saved files."""

import threading
from dataclasses import replace

import av
import cv2
import numpy as np

from fer_live.core.settings import Settings
from fer_live.gui.controllers import services as gui_services
from tests.gui.driver import drawn, notice_messages, recording, streaming
from tests.gui.fakes import result
from tests.gui.waiting import wait_for

FOUND = (200.0, 120.0, 260.0, 180.0)
"""A detection that is shown as no face."""


PLACE = slice(125, 175), slice(205, 255)


def noisy(index=0, time_s=0.0, **values):
    """A picture of which every pixel tells what was hidden."""
    shown = result(index, at_s=100.0 + time_s, size=(320, 240))
    pixels = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    return replace(shown, frame=replace(shown.frame, image_bgr=pixels), **values)


def fineness(picture, place=(slice(None), slice(None))):
    grey = picture[..., 1] if picture.ndim == 3 else picture
    return float(np.median(np.abs(np.diff(grey[place].astype(int), axis=1))))


def decoded(path):
    with av.open(str(path)) as video:
        return [picture.to_ndarray(format="gray") for picture in video.decode(video=0)]


def test_faces_hidden_on_screen_are_hidden_in_all_that_is_kept(open_window, services, tmp_path):
    """Real files; the face is lost for half a second when the snapshot is taken."""
    services.make_recorder = gui_services._make_recorder
    services._make_replay = gui_services._make_replay
    services.save_replay = gui_services._save_replay
    services._snapshot = gui_services._save_snapshot
    settings = Settings(
        source="demo", first_start_done=True, output_dir=tmp_path, privacy_on_screen=True,
        record_pictures="clean", record_quality="high", replay=True, clean_snapshot=True,
    )  # fmt: skip
    window = open_window(settings=settings)
    engine = streaming(window, services, noisy(found=(FOUND,)))
    window.commands["record"].trigger()
    wait_for(
        lambda: window.outputs.recording.sink and window.outputs.replay.runner.sink, "both sinks"
    )
    replay = window.outputs.replay.runner.sink
    for index in range(1, 20):
        shown = noisy(index, index / 30, found=(FOUND,) if index < 5 else ())
        for sink in tuple(engine.sinks):
            sink.submit(shown)
        # A sink that is behind leaves frames out, as it should.
        wait_for(lambda i=index: replay.newest_s == 100 + i / 30, "the replay")
        if index < 5 or index == 19:
            engine.results.append(shown)
            wait_for(lambda i=index: window.view.result.frame.index == i, "the picture")
    assert fineness(drawn(window), PLACE) < 5 < fineness(drawn(window))
    for command, name in (("snapshot", "snapshot"), ("save_replay", "replay")):
        window.commands[command].trigger()
        wait_for(lambda n=name: any(f"Saved {n}" in m for m in notice_messages(window)), name)
    window.commands["record"].trigger()
    wait_for(lambda: any("Recorded" in m for m in notice_messages(window)), "the recording")
    (clean,) = tmp_path.glob("snapshot-*-clean.png")
    kept = {"snapshot": [cv2.imread(str(clean))]}
    for name in ("recording", "replay"):
        (path,) = tmp_path.glob(f"{name}-*.mp4")
        kept[name] = decoded(path)
    assert {name: len(pictures) for name, pictures in kept.items()} == {
        "snapshot": 1,
        "recording": 19,
        "replay": 19,
    }
    for name, pictures in kept.items():
        assert max(fineness(picture, PLACE) for picture in pictures) < 5, name
        assert min(map(fineness, pictures)) > 20, name


def test_hiding_on_screen_is_switched_by_one_key(open_window, services):
    window = open_window()
    streaming(window, services, noisy(found=(FOUND,)))
    assert fineness(drawn(window), PLACE) > 20
    window.commands["screen_privacy"].trigger()
    assert fineness(drawn(window), PLACE) < 5
    assert (window.settings.hiding, window.bridge.only_searched) == ("blur", True)
    window.commands["screen_privacy"].trigger()
    assert fineness(drawn(window), PLACE) > 20
    assert (window.settings.hiding, window.bridge.only_searched) == ("none", False)


def test_faces_hidden_from_now_on_are_hidden_in_the_recording_that_runs(open_window, services):
    window = open_window()
    recording(window, services)
    line = window.session_bar.recording
    wait_for(line.text, "the figures")
    assert "faces hidden" not in line.text()
    window.commands["screen_privacy"].trigger()
    assert services.recorder.privacy == "blur"
    assert notice_messages(window) == ["The recording hides faces from now on, in a new part."]
    window.session.show()
    assert "faces hidden" in line.text()
    window.commands["screen_privacy"].trigger()
    assert services.recorder.privacy == "blur"
    assert notice_messages(window)[0] == "The running recording keeps hiding faces."
    window.session.show()
    assert "faces hidden" in line.text()
    window.commands["record"].trigger()
    wait_for(lambda: not window.outputs.recording.active, "the end of the recording")
    assert "The running recording keeps hiding faces." not in notice_messages(window)


def test_hiding_that_is_switched_on_while_a_recording_opens_holds_for_it(open_window, services):
    gate = threading.Event()
    made = services.make_recorder
    services.make_recorder = lambda request: gate.wait(10) and made(request)
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    window.commands["screen_privacy"].trigger()
    gate.set()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    assert services.recorder.privacy == "blur"


def test_an_unsearched_frame_is_neither_shown_nor_saved_with_visible_faces(open_window, services):
    settings = Settings(source="demo", first_start_done=True, privacy_on_screen=True)
    window = open_window(settings=settings)
    assert window.bridge.only_searched
    streaming(window, services, replace(noisy(), found=None))
    assert fineness(drawn(window)) < 5
    window.commands["snapshot"].trigger()
    assert "not been searched for faces" in notice_messages(window)[0]
    assert services.snapshots == []
    services.engines.made[0].results.append(noisy(1, 0.1))
    wait_for(lambda: window.view.result.frame.index == 1, "the next picture")
    assert fineness(drawn(window)) > 20
    window.commands["snapshot"].trigger()
    wait_for(lambda: services.snapshots, "the snapshot")
