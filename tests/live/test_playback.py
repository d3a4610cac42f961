"""Pause, steps, speed, positions and repetition of a file, in a running engine."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import ConfigError
from fer_live.live.playback import LATE_S, Playback, Seek
from fer_live.live.states import State
from fer_live.recording.recorder import VideoRecorder
from fer_live.session_log.log import SessionLog
from fer_live.session_log.reader import read_log
from fer_live.session_log.schema import POSITION, SEEK, SessionAbout
from tests.capture.conftest import FPS, picture, write_video
from tests.live.fakes import BLACK, WAIT_S, Parts
from tests.live.test_engine import Run, file_of
from tests.recording.videos import read_video
from tests.scripted_source import Pictures, ScriptedSource

FRAMES = 40


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """1.6 s at 25 per second."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", list(range(FRAMES)))


class PausedRun(Run):
    """A file held before its first frame; every frame that is let through is analysed."""

    def __init__(self, source, parts=None, **options):
        super().__init__(source, parts, lossless=True, **options)
        self.play = self.engine.playback
        self.play.set_paused(True)

    def places(self):
        """Numbers of the shown frames in the file."""
        return [round(r.frame.position_s * FPS) for r in self.seen.results]

    def show(self, wish, count=1):
        """Asks for something and waits for so many frames more."""
        before = len(self.seen.results)
        wish()
        self.until_results(before + count)


def test_a_paused_file_is_searched_and_stepped_exactly(clip):
    with PausedRun(VideoFileSource(clip)) as run:
        play = run.play
        run.show(lambda: play.seek(31 / FPS))
        run.show(lambda: play.step(1))
        run.show(lambda: play.step(-1))
        run.show(lambda: play.step(-1))
        run.show(lambda: play.step(2), 2)
        run.show(lambda: play.seek(3.4 / FPS))
        run.show(lambda: play.step(-3), 3)
        assert run.places() == [31, 32, 31, 30, 31, 32, 3, 2, 1, 0]
        for place, result in zip(run.places(), run.seen.results, strict=True):
            assert abs(int(result.frame.image_bgr[-1, 0, 0]) - int(picture(place)[-1, 0, 0])) <= 4
        assert run.engine.state is State.STREAMING


def test_time_rises_steadily_however_one_jumps(clip):
    parts = Parts()
    with PausedRun(VideoFileSource(clip), parts) as run:
        run.show(lambda: run.play.seek(1.2))
        run.show(lambda: run.play.step(1))
        run.show(lambda: run.play.seek(0.2))
        run.show(lambda: run.play.step(1))
        run.show(lambda: run.play.seek(1.5))
        times = [r.frame.time_s for r in run.seen.results]
        assert np.diff(times) == pytest.approx([1 / FPS] * 4)
        assert [r.frame.index for r in run.seen.results] == [0, 1, 2, 3, 4]


def test_faces_are_followed_afresh_after_a_jump_and_not_after_a_pause(clip):
    parts = Parts()
    with PausedRun(VideoFileSource(clip), parts) as run:
        run.show(lambda: run.play.step(2), 2)
        first = parts.tracker.resets
        run.play.set_paused(False)
        run.play.set_paused(True)
        run.show(lambda: run.play.step(1))
        assert parts.tracker.resets == first
        run.show(lambda: run.play.seek(1.0))
        assert parts.tracker.resets == first + 1


def test_the_last_frame_is_held_while_paused_and_one_can_go_back(clip):
    with PausedRun(VideoFileSource(clip)) as run:
        run.show(lambda: run.play.seek(100.0))
        run.play.step(1)
        assert not run.engine.wait(0.3)
        run.show(lambda: run.play.step(-1))
        assert run.places() == [FRAMES - 1, FRAMES - 2]
        run.play.set_paused(False)
        assert run.engine.wait(WAIT_S)
        assert run.engine.state is State.ENDED


def test_a_file_plays_on_from_where_one_went(clip):
    with PausedRun(VideoFileSource(clip)) as run:
        run.play.seek((FRAMES - 4) / FPS)
        run.play.set_paused(False)
        assert run.engine.wait(WAIT_S)
        run.until_results(4)
        assert run.places() == [FRAMES - 4, FRAMES - 3, FRAMES - 2, FRAMES - 1]


def test_a_repeated_file_starts_again_and_its_time_goes_on(clip):
    with PausedRun(VideoFileSource(clip)) as run:
        run.play.set_loop(True)
        run.play.seek((FRAMES - 2) / FPS)
        run.play.set_paused(False)
        run.until_results(2 * FRAMES + 4)
        places = run.places()[: FRAMES + 4]
        assert places[:4] == [FRAMES - 2, FRAMES - 1, 0, 1]
        assert places[FRAMES + 1 : FRAMES + 4] == [FRAMES - 1, 0, 1]
        times = [r.frame.time_s for r in run.seen.results]
        assert np.diff(times) == pytest.approx([1 / FPS] * (len(times) - 1))
        run.play.set_loop(False)
        assert run.engine.wait(WAIT_S)


def test_pictures_go_back_and_forth_by_name(folder_of_pictures):
    with PausedRun(ImageFolderSource(folder_of_pictures)) as run:
        for frames in (1, 1, -1, 1):
            run.show(lambda n=frames: run.play.step(n))
        names = [r.frame.file for r in run.seen.results]
        assert names == ["face 1.png", "face 2.png", "face 1.png", "face 2.png"]


@pytest.fixture
def folder_of_pictures(tmp_path):
    import cv2

    for n in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"face {n}.png"), picture(n))
    return tmp_path


def test_what_cannot_be_searched_is_paused_all_the_same():
    with PausedRun(file_of(3)) as run:
        run.play.seek(0.0)
        run.until_results(1)
        run.play.set_paused(False)
        assert run.engine.wait(WAIT_S)
        run.until_results(3)


def test_a_live_source_has_no_playback():
    with Run(ScriptedSource([Pictures(BLACK, None)], live=True)) as run:
        assert run.engine.playback is None


def test_a_stop_ends_a_paused_file_at_once(clip):
    with PausedRun(VideoFileSource(clip)) as run:
        run.until_state(State.STREAMING)
    with PausedRun(VideoFileSource(clip)) as run:
        run.show(lambda: run.play.seek(100.0))


def test_a_recording_holds_what_was_shown_and_its_times_rise(clip, tmp_path):
    recorder = VideoRecorder(tmp_path / "out.mp4", wait=True)
    recorder.start()
    with PausedRun(VideoFileSource(clip)) as run:
        run.engine.add_sink(recorder)
        run.show(lambda: run.play.step(3), 3)
        run.show(lambda: run.play.seek(1.0))
        run.show(lambda: run.play.step(2), 2)
        run.play.set_speed(4.0)
        run.show(lambda: run.play.seek(0.4))
        run.show(lambda: run.play.step(1))
        run.engine.remove_sink(recorder)
    summary = recorder.stop()
    assert len(summary.paths) == 1
    video = read_video(summary.paths[0])
    assert video.decoded == 8
    # A pause, a jump or another speed leaves neither a hole nor a step back.
    assert np.diff(video.times) == pytest.approx([1 / FPS] * 7, abs=1e-3)


def test_the_log_says_where_one_went(clip, tmp_path):
    about = SessionAbout(clip.name, path=clip)
    log = SessionLog(tmp_path / "log.csv", about=about, wait=True)
    log.start()
    with PausedRun(VideoFileSource(clip)) as run:
        run.engine.add_sink(log)
        run.show(lambda: run.play.seek(1.2))
        run.show(lambda: run.play.step(1))
        run.show(lambda: run.play.seek(0.2))
        run.engine.remove_sink(log)
    log.stop()
    table = read_log(tmp_path / "log.csv")
    seeks = [event for event in table.events if event.kind == SEEK]
    places = [event for event in table.events if event.kind == POSITION]
    assert [e.video_time_s for e in places] == pytest.approx([1.2, 0.2])
    assert [e.text for e in seeks] == ["from 1.24 s to 0.20 s"]
    assert seeks[0].time_s == places[1].time_s == pytest.approx(2 / FPS, abs=1e-4)
    # Every row is found in the video: the frame 1.24 s, then the one 0.2 s.
    assert table.time_s.tolist() == pytest.approx([0.0, 1 / FPS, 2 / FPS])


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def playback(**options):
    clock = Clock()
    return clock, Playback(threading.Event(), paced=True, clock=clock, **options)


def waits(play, clock, position_s):
    """How long a frame waits for its turn, seconds of the clock."""
    begun_s = clock.now_s
    done = threading.Event()
    answers = []

    def ask():
        answers.append(play.wait(position_s))
        done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    while not done.wait(0.002):
        clock.now_s += 0.01
    thread.join()
    assert answers == [True]
    return clock.now_s - begun_s


@pytest.mark.parametrize("speed", [0.25, 1.0, 2.0, 4.0])
def test_speed_divides_the_distance_of_frames(speed):
    clock, play = playback()
    play.set_speed(speed)
    assert play.wait(7.0)
    for n in (1, 2, 3):
        waits(play, clock, 7.0 + n)
    # Three seconds of the file, as the clock counted; it ran on while the last turn was noticed.
    assert 3 / speed <= clock.now_s - 100.0 < 3 / speed + 2.0


def test_a_new_speed_counts_from_the_present_frame():
    clock, play = playback()
    assert play.wait(0.0)
    clock.now_s += 1.0
    assert play.wait(1.0)
    play.set_speed(4.0)
    assert play.wait(1.04)
    clock.now_s += 0.25
    assert play.wait(2.04)


def test_a_late_frame_makes_no_rush():
    clock, play = playback()
    assert play.wait(0.0)
    clock.now_s += LATE_S + 5.0
    assert play.wait(0.04)
    clock.now_s += 0.05
    assert play.wait(0.08)


@pytest.mark.parametrize("speed", [0.0, 0.1, 5.0, -1.0, float("nan")])
def test_impossible_speeds_are_refused(speed):
    _, play = playback()
    with pytest.raises(ConfigError, match=r"0\.25 to 4"):
        play.set_speed(speed)
    assert play.speed == 1.0


def test_only_the_newest_of_many_wishes_counts():
    _, play = playback()
    for position_s in (1.0, 2.0, 3.0, float("nan")):
        play.seek(position_s)
    assert not play.wait(0.0)
    assert play.take_seek() == Seek(3.0)
    assert play.take_seek() is None


def test_times_of_a_whole_file_are_unchanged(clip):
    with Run(VideoFileSource(clip), lossless=True) as run:
        assert run.engine.wait(WAIT_S)
        run.until_results(FRAMES)
        assert all(r.frame.time_s == r.frame.position_s for r in run.seen.results)
        assert all(a.frame.index + 1 == b.frame.index for a, b in pairwise(run.seen.results))
