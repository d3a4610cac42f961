import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.camera_access import CameraAccess
from fer_live.core.errors import (
    FerLiveError,
    ModelError,
    SourceBusyError,
    SourceError,
    SourceLostError,
)
from fer_live.live.engine import Engine
from fer_live.live.states import EngineOptions, State
from fer_live.tracking.smoothing import SmoothingOptions
from tests.capture.fake import FakeCapture, FakeMachine
from tests.scripted_source import End, Lost, Pictures, Raise, ScriptedSource, Stall

from .fakes import BLACK, WAIT_S, FakeDetector, FedSource, GatedDetector, Parts, Recorder, boxes

LIMIT_S = 2.0
"""An engine stops, fails or recovers within this time."""

QUICK = EngineOptions(stall_timeout_s=0.15, retry_first_s=0.01, retry_max_s=0.02, poll_s=0.02)
FOREVER = Pictures(BLACK, None)


class Run:
    """An engine with a listener and a sink; stopped, and its accounts checked, at the end."""

    def __init__(self, source, parts=None, make=None, **options):
        self.source = source
        self.parts = parts or Parts()
        self.seen = Recorder()
        options.setdefault("options", QUICK)
        options.setdefault("paced", False)
        self.engine = Engine(
            source, make or self.parts.build, on_event=self.seen.on_event, **options
        )
        self.engine.add_sink(self.seen)

    def __enter__(self):
        self.engine.start()
        return self

    def __exit__(self, kind, *_):
        begun_s = time.monotonic()
        ended = self.engine.stop(LIMIT_S)
        if kind is None:
            assert ended, "a thread is left"
            assert time.monotonic() - begun_s < LIMIT_S
            self.check_accounts()

    def check_accounts(self):
        report = self.engine.report()
        total = report["frames_analysed"] + report["frames_dropped"]
        assert report["frames_captured"] == total
        assert report["frames_analysed"] == len(self.seen.results) or self.seen_is_partial

    seen_is_partial = False

    def until_state(self, state):
        self.seen.wait_for(lambda seen: state in seen.states)

    def until_results(self, count):
        self.seen.wait_for(lambda seen: len(seen.results) >= count)

    def event(self, state):
        return next(event for event in self.seen.events if event.state is state)


def file_of(count, **options):
    return ScriptedSource([Pictures(BLACK, count)], live=False, **options)


def live(*steps, fps=200.0, **options):
    return ScriptedSource(steps, live=True, fps=fps, **options)


def test_a_file_is_played_to_its_end():
    with Run(file_of(20), lossless=True) as run:
        assert run.engine.wait(WAIT_S)
    assert run.seen.states == [State.OPENING, State.STREAMING, State.ENDED]
    assert [r.frame.index for r in run.seen.results] == list(range(20))
    assert run.engine.state is State.ENDED
    assert run.engine.newest(-1).frame.index == 19
    assert run.engine.report()["frames_dropped"] == 0
    assert run.source.opens == 1
    assert run.source.closes >= 1


def test_the_engine_says_what_runs():
    with Run(file_of(1)) as run:
        assert run.engine.wait(WAIT_S)
        assert run.engine.device_name == "fake device"
        assert run.engine.model_name == "fake model"
        assert run.engine.labels == ("happy", "sad")
        assert (run.engine.source_info.width, run.engine.source_info.height) == (64, 48)


def test_an_empty_file_ends():
    with Run(ScriptedSource([End()], live=False)) as run:
        assert run.engine.wait(WAIT_S)
    assert run.engine.state is State.ENDED
    assert run.engine.newest() is None


def test_no_frame_of_a_file_is_read_before_the_model_is_loaded():
    loading, load = threading.Event(), threading.Event()
    parts = Parts()

    def make():
        loading.set()
        assert load.wait(WAIT_S)
        return parts.build()

    with Run(file_of(3), make=make, lossless=True) as run:
        assert loading.wait(WAIT_S)
        assert run.source.reads == 0
        load.set()
        assert run.engine.wait(WAIT_S)
    assert len(run.seen.results) == 3


def test_a_camera_is_shown_while_the_model_is_loading():
    load = threading.Event()
    parts = Parts()

    def make():
        assert load.wait(WAIT_S)
        return parts.build()

    with Run(live(FOREVER), make=make) as run:
        run.until_state(State.STREAMING)
        deadline_s = time.monotonic() + WAIT_S
        shown = None
        while shown is None and time.monotonic() < deadline_s:
            shown = run.engine.newest()
        assert shown.faces == ()
        assert not shown.stage_ms
        load.set()
        run.until_results(1)


def test_the_latest_wins_and_nothing_queues():
    detector, source = GatedDetector(), FedSource()
    with Run(source, Parts(detector=detector), options=EngineOptions()) as run:
        source.feed()
        assert detector.busy.acquire(timeout=WAIT_S)
        assert run.engine.newest() is None  # it is worth waiting for its own faces
        source.feed(4)  # the camera is never held up by the analysis
        shown = run.engine.newest()
        assert (shown.frame.index, shown.stage_ms) == (4, {})
        assert run.engine.newest(4) is None
        detector.let(1)
        assert detector.busy.acquire(timeout=WAIT_S)
        assert run.engine.newest(4) is None
        source.feed(1)
        carried = run.engine.newest(4)
        assert carried.frame.index == 5
        assert [face.label for face in carried.faces] == ["happy"]
        detector.let(2)
        run.until_results(3)
        assert run.engine.newest(4).frame.index == 5
    assert [r.frame.index for r in run.seen.results] == [0, 4, 5]
    assert run.engine.report()["frames_dropped"] == 3


def test_each_analysis_begins_with_the_newest_frame_there_is():
    detector, source = GatedDetector(), FedSource()
    with Run(source, Parts(detector=detector), options=EngineOptions()) as run:
        source.feed()
        assert detector.busy.acquire(timeout=WAIT_S)
        expected = [0]
        for _ in range(5):
            source.feed(7)  # seven frames arrive during each analysis
            expected.append(source.reads - 1)
            detector.let(1)
            assert detector.busy.acquire(timeout=WAIT_S)
        detector.let(1)
        run.until_results(6)
    assert [r.frame.index for r in run.seen.results] == expected


def test_a_lossless_run_analyses_every_frame_however_slow():
    detector = GatedDetector()
    detector.let(30)
    with Run(file_of(30), Parts(detector=detector), lossless=True) as run:
        assert run.engine.wait(WAIT_S)
    assert len(run.seen.results) == 30
    assert run.engine.report()["frames_dropped"] == 0


class HastySource(ScriptedSource):
    """A camera of whose pictures only each third is fetched in time."""

    def read(self):
        frame = super().read()
        return frame and replace(frame, index=3 * frame.index)


def test_pictures_that_nobody_fetched_are_counted():
    with Run(HastySource([Pictures(BLACK, 5)], live=False), lossless=True) as run:
        assert run.engine.wait(WAIT_S)
        report = run.engine.report()
    assert (report["frames_analysed"], report["frames_dropped"]) == (5, 8)


def test_a_paced_file_keeps_its_own_time():
    begun_s = time.monotonic()
    with Run(file_of(6, fps=0.0), paced=True, lossless=True) as run:
        assert run.engine.wait(WAIT_S)
    # Six frames at 30 per second end 5 / 30 s after the first.
    assert time.monotonic() - begun_s >= 5 / 30
    times_s = [r.frame.captured_s for r in run.seen.results]
    steps_s = np.diff(times_s)
    assert steps_s.mean() >= 0.9 / 30
    assert np.median(steps_s) == pytest.approx(1 / 30, rel=0.5)  # one late frame is the machine's


@pytest.mark.parametrize(
    "error", [SourceError("No such thing.", "Look."), SourceBusyError("Taken.")]
)
@pytest.mark.parametrize("is_live", [True, False])
def test_a_source_that_cannot_be_opened_fails(error, is_live):
    with Run(ScriptedSource([FOREVER], live=is_live, open_errors=[error])) as run:
        assert run.engine.wait(LIMIT_S)
        assert run.engine.error is error
    event = run.event(State.FAILED)
    assert event.error is error
    assert event.details == ""


def test_a_file_that_breaks_fails_and_closes():
    source = ScriptedSource([Pictures(BLACK, 2), Raise(SourceError("Damaged."))], live=False)
    with Run(source, lossless=True) as run:
        assert run.engine.wait(LIMIT_S)
    assert run.event(State.FAILED).message == "Damaged."
    assert source.closes


@pytest.mark.parametrize("is_live", [True, False])
def test_an_unforeseen_error_in_the_source_fails_with_its_traceback(is_live):
    source = ScriptedSource([Pictures(BLACK, 2), Raise(ZeroDivisionError("oh"))], live=is_live)
    with Run(source) as run:
        assert run.engine.wait(LIMIT_S)
    event = run.event(State.FAILED)
    assert "oh" in event.message
    assert "ZeroDivisionError" in event.details


def test_an_unforeseen_error_while_opening_fails_with_its_traceback():
    with Run(ScriptedSource([], open_errors=[OSError("boom")])) as run:
        assert run.engine.wait(LIMIT_S)
    assert "OSError" in run.event(State.FAILED).details


@pytest.mark.parametrize(
    ("error", "details"), [(ModelError("No model.", "Get one."), False), (ImportError("dll"), True)]
)
@pytest.mark.parametrize("source", [live(FOREVER), file_of(9)], ids=["live", "file"])
def test_a_model_that_cannot_be_loaded_fails_and_closes_the_source(error, details, source):
    def make():
        raise error

    with Run(source, make=make) as run:
        assert run.engine.wait(LIMIT_S)
    event = run.event(State.FAILED)
    assert isinstance(event.error, FerLiveError)
    assert str(error) in event.message
    assert bool(event.details) == details
    assert source.closes >= source.opens


@pytest.mark.parametrize("stage", ["detector", "tracker", "classifier"])
def test_one_bad_frame_is_told_once_and_survived(stage):
    parts = Parts()
    getattr(parts, stage).error = ZeroDivisionError("bad frame")
    options = EngineOptions(max_failures=10**9, poll_s=0.02)
    with Run(live(FOREVER), parts, options=options) as run:
        run.seen.wait_for(lambda seen: any(e.details for e in seen.events))
        deadline_s = time.monotonic() + WAIT_S
        while run.engine.statistics().frames_failed < 3 and time.monotonic() < deadline_s:
            time.sleep(0.005)
        getattr(parts, stage).error = None
        run.until_results(1)
    told = [event for event in run.seen.events if event.details]
    assert len(told) == 1
    assert told[0].state is State.STREAMING
    assert "ZeroDivisionError" in told[0].details
    assert run.engine.error is None


@pytest.mark.parametrize("stage", ["detector", "tracker", "classifier"])
@pytest.mark.parametrize("error", [ZeroDivisionError("always"), ModelError("always")])
def test_a_stage_that_always_fails_ends_the_run(stage, error):
    parts = Parts()
    getattr(parts, stage).error = error
    with Run(live(FOREVER), parts) as run:
        assert run.engine.wait(LIMIT_S)
    assert "always" in run.event(State.FAILED).message
    assert run.engine.statistics().frames_failed == QUICK.max_failures


class BadSink:
    calls = 0

    def submit(self, result):
        self.calls += 1
        raise OSError("disk full")


def test_a_sink_that_raises_is_removed_and_the_engine_goes_on():
    run = Run(live(FOREVER))
    bad = BadSink()
    run.engine.add_sink(bad)
    with run:
        run.seen.wait_for(lambda seen: any("disk full" in e.message for e in seen.events))
        run.until_results(len(run.seen.results) + 3)
    assert bad.calls == 1


def test_a_removed_sink_gets_nothing_more():
    run = Run(live(FOREVER))
    run.seen_is_partial = True
    with run:
        run.until_results(1)
        run.engine.remove_sink(run.seen)
        run.engine.remove_sink(run.seen)
        other = Recorder()
        run.engine.add_sink(other)
        other.wait_for(lambda seen: seen.results)
        count = len(run.seen.results)
        other.wait_for(lambda seen: len(seen.results) > 3)
        assert len(run.seen.results) <= count + 1


def test_unplugged_and_back():
    source = live(Pictures(BLACK, 3), Lost(failed_opens=3), Pictures(BLACK, 3), Stall())
    options = EngineOptions(retry_first_s=0.01, retry_max_s=0.02, poll_s=0.02)
    with Run(source, options=options) as run:
        run.seen.wait_for(lambda seen: any(r.frame.index == 5 for r in seen.results))
        assert run.engine.state is State.STREAMING
    assert run.seen.states == [
        State.OPENING,
        State.STREAMING,
        State.RECONNECTING,
        State.STREAMING,
        State.STOPPED,
    ]
    assert isinstance(run.event(State.RECONNECTING).error, SourceLostError)
    assert source.opens == 2
    assert run.parts.tracker.resets == 2  # at the start and on its return


def test_a_stall_is_noticed_and_the_source_reopened():
    source = live(Pictures(BLACK, 2), Stall(), FOREVER)
    with Run(source) as run:
        run.seen.wait_for(lambda seen: any(r.frame.index >= 2 for r in seen.results), LIMIT_S)
    assert State.RECONNECTING in run.seen.states
    assert "no picture" in run.event(State.RECONNECTING).message
    assert source.opens == 2


def test_a_driver_that_hangs_is_told_and_does_not_hold_up_the_stop():
    source = live(Pictures(BLACK, 1), Stall(deaf=True))
    run = Run(source)
    run.engine.start()
    run.until_state(State.RECONNECTING)
    begun_s = time.monotonic()
    assert not run.engine.stop(0.2)
    assert time.monotonic() - begun_s < LIMIT_S
    assert run.engine.state is State.STOPPED
    source.release()
    assert run.engine.stop(LIMIT_S)
    run.check_accounts()


def camera(*captures, **options):
    return CameraSource(
        0,
        settings=CameraSettings(64, 48),
        factory=FakeMachine(*captures),
        probe=lambda index: CameraAccess.PRESENT,
        lister=lambda backends: (),
        **options,
    )


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (camera(), ["capture Camera 0", "fer-live-inference", "fer-live-watchdog"]),
        (live(FOREVER), ["fer-live-capture", "fer-live-inference", "fer-live-watchdog"]),
    ],
)
def test_one_thread_captures_one_watches_and_one_analyses(source, names):
    before = set(threading.enumerate())
    with Run(source) as run:
        run.until_results(1)
        assert sorted(t.name for t in set(threading.enumerate()) - before) == names


def test_a_camera_that_is_unplugged_comes_back():
    with Run(camera(FakeCapture(reads=[True] * 3, then=False), FakeCapture())) as run:
        run.seen.wait_for(lambda seen: State.RECONNECTING in seen.states)
        run.seen.wait_for(lambda seen: seen.states[-1] is State.STREAMING)
        count = len(run.seen.results)
        run.until_results(count + 3)
        assert run.parts.tracker.resets == 2
    assert run.seen.states == [
        State.OPENING, State.STREAMING, State.RECONNECTING, State.STREAMING, State.STOPPED,
    ]  # fmt: skip
    indices = [r.frame.index for r in run.seen.results]
    assert indices == sorted(set(indices))


def test_a_listener_may_stop_the_engine_on_the_thread_of_its_camera():
    def on_event(event):
        if event.state is State.STREAMING:
            begun_s = time.monotonic()
            assert not engine.stop(LIMIT_S)
            waits_s.append(time.monotonic() - begun_s)

    waits_s = []
    engine = Engine(camera(), Parts().build, on_event=on_event, options=QUICK)
    engine.start()
    assert engine.wait(LIMIT_S)
    assert engine.stop(LIMIT_S)
    assert waits_s[0] < LIMIT_S / 2


def hung_camera(hang, reads, **options):
    capture = FakeCapture(reads=[*reads, hang])
    return camera(capture, **options), capture


@pytest.mark.parametrize(
    ("reads", "stall_s", "state"),
    [
        ([], 9.0, State.OPENING),
        ([True], 9.0, State.STREAMING),
        ([True], 0.05, State.RECONNECTING),
    ],
)
def test_a_camera_whose_read_hangs_does_not_hold_up_the_stop(reads, stall_s, state):
    hang = threading.Event()
    source, capture = hung_camera(hang, reads, stall_s=stall_s)
    try:
        with Run(source) as run:
            run.until_state(state)
            assert capture.hanging.wait(WAIT_S)
        assert not capture.released.is_set()
    finally:
        hang.set()
    assert capture.released.wait(WAIT_S)


def test_a_source_with_a_limit_of_its_own_is_given_that():
    hang = threading.Event()
    source, _ = hung_camera(hang, [True], stall_s=0.4)
    try:
        with Run(source) as run:  # whose own limit is 0.15 s
            run.until_state(State.RECONNECTING)
        assert "gave no picture for 0.4 seconds" in run.event(State.RECONNECTING).message
    finally:
        hang.set()


@pytest.mark.parametrize(
    "step", [FOREVER, Stall(), Lost(failed_opens=10**6)], ids=["full", "stalled", "unplugged"]
)
def test_stop_at_any_time(step):
    with Run(live(Pictures(BLACK, 2), step)) as run:
        run.until_state(State.STREAMING)
    assert run.engine.state is State.STOPPED


def test_stop_while_a_lossless_slot_is_full():
    detector = GatedDetector()
    run = Run(file_of(9), Parts(detector=detector), lossless=True)
    with run:
        assert detector.busy.acquire(timeout=WAIT_S)
        stopper = threading.Thread(target=run.engine.stop)
        stopper.start()
        detector.let(1)
        stopper.join(WAIT_S)
    assert run.engine.state is State.STOPPED


class SlowOpening(ScriptedSource):
    """Opens only when it is interrupted, and then fails."""

    def __init__(self):
        super().__init__([FOREVER])
        self.opening = threading.Event()

    def open(self):
        self.opening.set()
        assert self._interrupted.wait(WAIT_S)
        return super().open()


def test_stop_while_opening():
    source = SlowOpening()
    with Run(source) as run:
        assert source.opening.wait(WAIT_S)
    assert run.engine.state is State.STOPPED
    assert run.seen.states == [State.OPENING, State.STOPPED]


def test_stop_while_the_model_is_loading_ends_after_it():
    loading, load = threading.Event(), threading.Event()
    parts = Parts()

    def make():
        loading.set()
        assert load.wait(WAIT_S)
        return parts.build()

    run = Run(live(FOREVER), make=make)
    run.engine.start()
    assert loading.wait(WAIT_S)
    assert not run.engine.stop(0.05)
    load.set()
    assert run.engine.stop(LIMIT_S)
    run.check_accounts()
    assert run.parts.detector.calls == 0


def test_stop_before_start_and_twice():
    run = Run(file_of(1))
    assert run.engine.stop()
    assert run.engine.stop()
    assert run.engine.state is State.STOPPED
    with pytest.raises(RuntimeError, match="once"):
        run.engine.start()


def test_a_listener_may_stop_the_engine_and_a_bad_one_does_no_harm():
    def on_event(event):
        if event.state is State.STREAMING:
            assert not engine.stop()
            raise ValueError("listener")

    engine = Engine(live(FOREVER), Parts().build, on_event=on_event, options=QUICK)
    engine.start()
    assert engine.wait(LIMIT_S)
    assert engine.stop(LIMIT_S)
    assert engine.state is State.STOPPED


def test_a_listener_may_stop_the_engine_before_it_opens_anything():
    source = live(FOREVER)
    engine = Engine(source, Parts().build, on_event=lambda _: engine.stop(), options=QUICK)
    engine.start()
    assert engine.state is State.STOPPED
    assert engine.stop(LIMIT_S)
    assert source.opens == 0


def test_a_source_can_be_used_again_after_a_failure():
    source, parts = live(FOREVER), Parts()
    parts.detector.error = ModelError("always")
    with Run(source, parts) as run:
        assert run.engine.wait(LIMIT_S)
    with Run(source) as run:
        run.until_results(1)


def test_a_source_can_be_used_by_the_next_engine():
    source = live(FOREVER)
    for _ in range(2):
        with Run(source) as run:
            run.until_results(1)
    assert source.opens == 2


def test_mirror_flips_and_follows_the_faces_afresh():
    picture = BLACK.copy()
    picture[:, :32] = 200
    with Run(live(Pictures(picture, None)), mirror=True) as run:
        run.until_results(1)
        assert run.seen.results[0].frame.image_bgr[0, -1, 0] == 200
        run.engine.set_mirror(False)
        run.seen.wait_for(lambda seen: seen.results[-1].frame.image_bgr[0, 0, 0] == 200)
        assert run.parts.tracker.resets == 2
    assert not run.seen.results[-1].frame.image_bgr.flags.writeable


def test_faces_are_in_the_results_and_the_report():
    detector = FakeDetector(boxes((0, 0, 20, 20), (30, 0, 50, 20)))
    with Run(file_of(5), Parts(detector=detector), lossless=True) as run:
        assert run.engine.wait(WAIT_S)
    report = run.engine.report()
    assert report["faces"] == {"mean": 2.0, "max": 2}
    assert report["tracks"] == 2
    assert report["device"] == "fake device"
    assert report["source"]["kind"] == "scripted"


def test_a_file_that_is_held_gives_no_frame_until_it_plays_on():
    held, played = Run(file_of(5)), Run(file_of(5))
    held.engine.playback.set_paused(True)
    with held, played:
        # As long as another file of that length takes to its end.
        assert played.engine.wait(WAIT_S)
        assert held.engine.report()["frames_captured"] == 0
        held.engine.playback.set_paused(False)
        assert held.engine.wait(WAIT_S)
        assert held.engine.report()["frames_captured"] == 5


def test_smoothing_is_tuned_while_the_source_runs():
    parts = Parts()
    with Run(ScriptedSource([FOREVER], live=True), parts) as run:
        run.seen.wait_for(lambda seen: seen.results)
        run.engine.set_smoothing(SmoothingOptions(1.5, 0.6))
        before = len(run.seen.results)
        run.seen.wait_for(lambda seen: len(seen.results) > before + 1)
        assert parts.smoother.options == SmoothingOptions(1.5, 0.6)
        assert run.engine.state is State.STREAMING
