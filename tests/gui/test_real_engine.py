"""The window on the real engine and sources."""

import re
import threading
import time

import cv2
import numpy as np
import pytest

from fer_live.core.labels import UNSURE
from fer_live.core.settings import Settings
from fer_live.gui.controllers import services as gui_services
from fer_live.gui.main_window import MainWindow
from fer_live.live.assembly import assemble
from fer_live.live.states import State
from fer_live.session_log.reader import read_log, video_position
from tests.capture.conftest import write_video
from tests.gui.driver import close_and_delete
from tests.gui.waiting import wait_for
from tests.live.fakes import FakeClassifier
from tests.recording.videos import read_video


def test_demo_snapshot_and_recording(window, tmp_path):
    window.begin()
    wait_for(lambda: window.view.result is not None, "a picture")
    wait_for(lambda: window.cards.cards, "a card")
    window.commands["snapshot"].trigger()
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    wait_for(lambda: window.outputs.recording.sink.frames_written > 3, "frames in the file")
    window.commands["record"].trigger()
    wait_for(lambda: len(window.notices.notices) == 2, "both notices")
    assert {notice.kind for notice in window.notices.notices} == {"done"}
    made = sorted(
        path.name.partition("-")[0] + path.suffix for path in (tmp_path / "out").iterdir()
    )
    assert made == ["recording.mp4", "snapshot.json", "snapshot.png"]


def test_tuning_changes_the_label_at_once_and_leaves_source_chart_and_recording_alone(
    window, monkeypatch, tmp_path
):
    monkeypatch.setattr(
        "fer_live.live.assembly.processor_for", lambda *_: assemble(FakeClassifier())
    )
    window.begin()

    def labels():
        return {shown.label for shown in window.view.result.faces} if window.view.result else set()

    wait_for(lambda: labels() == {"happy"}, "the label")
    window.commands["record"].trigger()
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.recording.sink and window.outputs.log.sink, "the outputs")
    recorder, engine = window.outputs.recording.sink, window.bridge.engine
    wait_for(lambda: recorder.frames_written > 3, "frames in the file")
    (face,) = window.view.result.faces
    before = len(window.faces.history.curves(face.track_id, time.perf_counter())[0])
    # The classifier is 75% sure.
    window.change(unsure_below=0.9, smoothing_s=0.5)
    wait_for(lambda: labels() == {UNSURE}, "the new limit")
    window.change(unsure_below=0.3)
    wait_for(lambda: labels() == {"happy"}, "the old limit")
    written = recorder.frames_written
    wait_for(lambda: recorder.frames_written > written + 3, "more frames in the file")
    assert window.bridge.engine is engine
    assert window.outputs.recording.sink is recorder
    assert recorder.part == 1
    after = len(window.faces.history.curves(face.track_id, time.perf_counter())[0])
    assert after > before
    assert {shown.track_id for shown in window.view.result.faces} == {face.track_id}
    window.commands["record"].trigger()
    window.commands["log"].trigger()
    wait_for(lambda: len(window.notices.notices) == 2, "both notices")
    names = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert names == [".csv", ".mp4"]
    (log,) = (tmp_path / "out").glob("*.csv")
    table = read_log(log)
    assert sum(event.kind == "session" for event in table.events) == 1
    assert {table.names[label] for label in table.label if label >= 0} == {"happy", UNSURE}


def test_sources_one_after_another_leave_no_thread(window, tmp_path):
    window.begin()
    for _ in range(3):
        window.choose_source("demo?width=160&height=120&faces=2")
        window.choose_source(str(tmp_path / "missing.mp4"))
    window.choose_source("demo?width=320&height=240")
    wait_for(lambda: window.view.result is not None, "a picture")
    assert window.view.result.frame.width == 320
    window.stop_source()
    wait_for(
        lambda: not [t for t in threading.enumerate() if t.name.startswith("fer-live-")], "end"
    )


def test_a_missing_file_and_a_folder_of_pictures(window, tmp_path):
    window.choose_source(str(tmp_path / "missing.mp4"))
    wait_for(lambda: window.notices.notices, "the notice")
    assert "missing.mp4" in window.notices.notices[0].message
    assert window.notices.notices[0].hint
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((60, 80, 3), 80 * number, np.uint8))
    window.choose_source(str(folder))
    wait_for(lambda: window._state is State.ENDED, "the end of the folder")
    assert window.view.message.title == "Finished"
    assert window.view.result.frame.image_bgr[0, 0, 0] == 160
    window.choose_source(str(folder / "1.png"))
    wait_for(lambda: window._state is State.ENDED, "the end of the picture")
    assert window.view.result.frame.image_bgr[0, 0, 0] == 80


def test_a_video_that_is_cut_off_says_so_at_its_end(window, tmp_path):
    front = {"movflags": "faststart"}  # With the index at the front.
    whole = write_video(tmp_path / "whole.mp4", list(range(40)), options=front)
    cut = tmp_path / "cut.mp4"
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    window.choose_source(str(cut))
    wait_for(lambda: window._state is State.ENDED, "the end of the video")
    (notice,) = window.notices.notices
    assert notice.kind == "warning"
    assert re.fullmatch(
        r"cut.mp4 ended early, after \d+ of 40 frames: it may be damaged or cut off.",
        notice.message,
    )
    window.choose_source(str(whole))
    wait_for(lambda: window._state is State.ENDED, "the end of the whole one")
    assert window.notices.notices == ()


def test_pictures_that_cannot_be_read_are_told_with_their_number_and_reasons(window, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 3, 5):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((60, 80, 3), 90, np.uint8))
    for number in (2, 4, 6):
        (folder / f"{number}.jpg").write_bytes(b"no picture")
    window.choose_source(str(folder))
    wait_for(lambda: window._state is State.ENDED, "the end of the folder")
    wait_for(lambda: "3\N{NO-BREAK SPACE}left out" in window.status.state.text(), "the status")
    (notice,) = window.notices.notices
    assert notice.message == "3\N{NO-BREAK SPACE}pictures cannot be read and are left out."
    assert [line.partition(":")[0] for line in notice.hint.splitlines()] == ["2.jpg", "4.jpg"]
    reasons = notice.details.splitlines()
    assert [line.partition(":")[0] for line in reasons] == ["2.jpg", "4.jpg", "6.jpg"]
    assert all("cannot be read" in line or "damaged" in line for line in reasons)
    window.choose_source(str(folder / "1.png"))
    wait_for(lambda: window._state is State.ENDED, "the end of the picture")
    assert window.notices.notices == ()
    assert "left out" not in window.status.state.text()


def test_without_a_model_it_says_what_to_do(app, tmp_path, monkeypatch):
    monkeypatch.setattr("fer_live.gui.controllers.services._list_cameras", lambda: ())
    settings = Settings(source="demo", model="no-such-model", first_start_done=True)
    window = MainWindow(settings, gui_services.real_services())
    window.show()
    window.begin()
    wait_for(lambda: window.notices.notices, "the notice", 60.0)
    assert "no-such-model" in window.notices.notices[0].message
    assert window.notices.notices[0].hint
    close_and_delete(window)


def test_recording_log_markers_and_report_agree(window, tmp_path, opened):
    window.change(marker_texts=("smile",), privacy="blur")
    window.begin()
    wait_for(lambda: window.view.result is not None, "a picture")
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.log.sink, "the log")
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    recorder, log = window.outputs.recording.sink, window.outputs.log.sink
    wait_for(lambda: recorder.frames_written > 5, "frames before the pause")
    window.commands["pause"].trigger()
    before = log.frames_written
    wait_for(lambda: log.frames_written > before + 5, "frames in the pause")
    window.commands["pause"].trigger()
    before = recorder.frames_written
    wait_for(lambda: recorder.frames_written > before + 5, "frames after the pause")
    window.markers.set(1)
    before = recorder.frames_written
    wait_for(lambda: recorder.frames_written > before + 5, "frames after the marker")
    window.stop_source()
    wait_for(lambda: len(window.notices.notices) == 2, "both notices")
    assert {notice.kind for notice in window.notices.notices} == {"done"}

    videos = sorted((tmp_path / "out").glob("*.mp4"))
    (path,) = (tmp_path / "out").glob("*.csv")
    assert len(videos) == 1
    video, table = read_video(videos[0]), read_log(path)
    assert video.decoded == recorder.frames_written
    assert video.tags["privacy"] == "blur"
    assert table.complete
    times = np.unique(table.time_s)
    assert len(times) == log.frames_written > recorder.frames_written
    places = [video_position(table, time_s) for time_s in times]
    seconds = [place[1] for place in places if place is not None]
    # Whatever was analysed and not in the pause is in the video, to the millisecond.
    assert len(seconds) == recorder.frames_written + recorder.frames_dropped
    gaps = [min(abs(time - t) for t in seconds) for time in video.times]
    assert max(gaps) < 1e-3
    kinds = [event.kind for event in table.events]
    assert kinds.count("recording") == kinds.count("recording_off") == 2
    marker = next(event for event in table.events if event.kind == "marker")
    assert (marker.marker, marker.text) == (1, "smile")
    (chapter,) = [start for start, title in video.chapters if title == "smile"]
    assert video_position(table, marker.time_s)[1] == pytest.approx(chapter, abs=0.3)

    bars = [bar for bar in window.notices.bars if "Create a report" in bar.action_buttons]
    bars[0].action_buttons["Create a report"].click()
    wait_for(lambda: opened, "the browser")
    page = path.with_suffix(".html").read_text("utf-8")
    assert opened == [path.with_suffix(".html")]
    assert "smile" in page


def test_another_source_makes_a_new_part_of_recording_and_log(window, tmp_path):
    window.begin()
    wait_for(lambda: window.view.result is not None, "a picture")
    window.commands["record"].trigger()
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.recording.sink and window.outputs.log.sink, "both")
    recorder = window.outputs.recording.sink
    wait_for(lambda: recorder.frames_written > 3, "frames")
    before = recorder.frames_written
    window.choose_source("demo?width=160&height=120&faces=2")
    wait_for(lambda: recorder.part == 2, "the second part")
    wait_for(lambda: recorder.frames_written > before + 3, "its frames")
    window.close()
    wait_for(lambda: window.ended, "the end")
    videos = sorted((tmp_path / "out").glob("*.mp4"), key=lambda path: len(path.name))
    sizes = [read_video(path).size for path in videos]
    assert sizes == [(320, 180), (160, 120)]
    (path,) = (tmp_path / "out").glob("*.csv")
    table = read_log(path)
    assert table.complete
    named = [event.file for event in table.events if event.kind == "recording"]
    assert named == [path.name for path in videos]


def test_a_full_disk_closes_the_file_and_the_window_goes_on(window, tmp_path, monkeypatch):
    free = [10_000_000_000]
    monkeypatch.setattr("fer_live.recording.disk.free_bytes", lambda _folder: free[0])
    window.begin()
    wait_for(lambda: window.view.result is not None, "a picture")
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    recorder = window.outputs.recording.sink
    wait_for(lambda: recorder.frames_written > 5, "frames")
    wait_for(lambda: "10 GB free" in window.session_bar.recording.text(), "the free space")
    free[0] = 1_000_000
    wait_for(lambda: window.notices.notices, "the notice")
    notice = window.notices.notices[0]
    assert notice.kind == "error"
    assert "is full" in notice.message
    (path,) = (tmp_path / "out").iterdir()
    assert path.name in notice.hint
    assert read_video(path).decoded == recorder.frames_written > 5
    shown = window.view.result
    wait_for(lambda: window.view.result is not shown, "the next picture")
    assert not window.commands["record"].isChecked()


def test_the_replay_key_saves_what_was_before(window, tmp_path):
    window.change(replay=True, replay_s=5.0)
    window.begin()
    wait_for(lambda: window.outputs.replay.runner.sink, "the replay")
    replay = window.outputs.replay.runner.sink
    wait_for(lambda: replay.kept_s > 0.5, "some frames")
    window.stop_source()
    kept_s = replay.kept_s
    window.commands["save_replay"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].kind == "done"
    (path,) = (tmp_path / "out").iterdir()
    assert path.name.startswith("replay-")
    video = read_video(path)
    assert video.decoded == len(video.times) > 3
    assert video.times[-1] >= kept_s - 1e-3
