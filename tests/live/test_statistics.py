import json

import numpy as np
import pytest

from fer_live.capture.source import SourceInfo
from fer_live.core.machine import rss_mb
from fer_live.core.types import Face
from fer_live.live.histogram import Histogram
from fer_live.live.statistics import RATE_WINDOW_S, Statistics

from .fakes import result

INFO = SourceInfo("camera", "Front", 1280, 720, 30.0, True)


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def face(track_id):
    return Face(track_id, (0, 0, 1, 1))


def play(statistics, clock, count, fps, faces=()):
    for index in range(count):
        statistics.captured()
        statistics.analysed(result(index, clock.now_s, faces, clock.now_s + 0.02))
        clock.now_s += 1 / fps


def test_before_the_first_frame_all_is_zero(clock):
    statistics = Statistics(clock, lambda: 50.0)
    snapshot = statistics.snapshot()
    assert (snapshot.frames_captured, snapshot.duration_s, snapshot.capture_fps) == (0, 0, 0)
    assert snapshot.latency_ms.p95 == 0
    assert statistics.report(None, None, None) == {
        "source": None,
        "device": None,
        "model": None,
        "duration_s": 0.0,
        "frames_captured": 0,
        "frames_analysed": 0,
        "frames_dropped": 0,
        "fps_analysed": 0.0,
        "latency_ms": {"p50": 0.0, "p95": 0.0, "max": 0.0},
        "stage_ms": {
            "detect": {"p50": 0.0, "p95": 0.0},
            "classify": {"p50": 0.0, "p95": 0.0},
            "track": {"p50": 0.0, "p95": 0.0},
        },
        "faces": {"mean": 0.0, "max": 0},
        "tracks": 0,
        "rss_mb": {"start": 50.0, "peak": 50.0, "end": 50.0},
    }


def test_the_report_of_a_run(clock):
    memory = iter([50.0, 90.0, *[60.0] * 99])
    statistics = Statistics(clock, lambda: next(memory))
    play(statistics, clock, 30, 30, (face(1),))
    play(statistics, clock, 30, 30, (face(1), face(2)))
    statistics.captured()
    statistics.dropped()
    statistics.captured()
    statistics.failed()
    statistics.finished()
    clock.now_s += 50  # what comes after the end does not count
    report = statistics.report(INFO, "CPU", "best")
    json.dumps(report)
    assert report["source"]["width"] == 1280
    assert report["source"]["height"] == 720
    assert report["source"]["fps"] == 30.0
    assert (report["device"], report["model"]) == ("CPU", "best")
    assert report["duration_s"] == pytest.approx(2.0)
    assert report["frames_captured"] == 62
    assert report["frames_analysed"] + report["frames_dropped"] == 62
    assert report["fps_analysed"] == pytest.approx(30.0)
    assert report["latency_ms"]["p50"] == pytest.approx(20.0, rel=0.01)
    assert report["stage_ms"]["classify"]["p95"] == pytest.approx(3.0, rel=0.01)
    assert report["faces"] == {"mean": 1.5, "max": 2}
    assert report["tracks"] == 2
    assert report["rss_mb"] == {"start": 50.0, "peak": 90.0, "end": 60.0}


def test_what_passes_before_the_first_analysed_frame_is_not_counted_as_not_analysed(clock):
    statistics = Statistics(clock, lambda: 50.0)
    for _ in range(9):  # while the model is loaded
        statistics.captured()
        statistics.dropped()
    assert statistics.snapshot().frames_not_analysed == 0
    play(statistics, clock, 4, 30)
    assert statistics.snapshot().frames_not_analysed == 0
    statistics.captured()
    statistics.dropped()
    statistics.captured()
    statistics.failed()
    statistics.missed(3)
    shown = statistics.snapshot()
    assert (shown.frames_not_analysed, shown.frames_failed) == (5, 1)
    assert shown.frames_dropped == 9 + shown.frames_not_analysed
    assert shown.frames_captured == shown.frames_analysed + shown.frames_dropped == 18


@pytest.mark.parametrize("fps", [5, 30, 120])
def test_rates_are_exact_and_fall_when_the_frames_stop(clock, fps):
    statistics = Statistics(clock)
    play(statistics, clock, 4 * fps, fps)
    assert statistics.snapshot().capture_fps == pytest.approx(fps, rel=0.01)
    clock.now_s += RATE_WINDOW_S / 2
    assert 0 < statistics.snapshot().capture_fps < fps
    clock.now_s += RATE_WINDOW_S
    assert statistics.snapshot().capture_fps == 0


def test_the_latency_of_a_snapshot_is_the_recent_one(clock):
    statistics = Statistics(clock)
    statistics.captured()
    statistics.analysed(result(0, clock.now_s - 5, finished_s=clock.now_s))
    clock.now_s += RATE_WINDOW_S + 1
    play(statistics, clock, 10, 30)
    assert statistics.snapshot().latency_ms.max == pytest.approx(20.0)
    assert statistics.report(INFO, None, None)["latency_ms"]["max"] == pytest.approx(5000.0)


def test_identities_count_once_and_afresh_after_a_reset(clock):
    statistics = Statistics(clock)
    play(statistics, clock, 5, 30, (face(1), face(2)))
    play(statistics, clock, 5, 30, (face(2),))
    assert statistics.snapshot().tracks == 2
    statistics.restarted()
    play(statistics, clock, 5, 30, (face(1),))
    assert statistics.snapshot().tracks == 3


def test_an_hour_takes_no_more_memory_than_a_minute(clock):
    import pickle

    def size(statistics):
        state = {k: v for k, v in vars(statistics).items() if k not in ("_lock", "_clock", "_rss")}
        return len(pickle.dumps(state))

    statistics = Statistics(clock)
    play(statistics, clock, 600, 30, (face(1),))
    before = size(statistics)
    play(statistics, clock, 6000, 30, (face(1),))
    assert size(statistics) == pytest.approx(before, rel=0.02)


def test_percentiles_agree_with_numpy():
    values = np.random.default_rng(3).lognormal(3.0, 1.0, 5000)
    histogram = Histogram()
    for value in values:
        histogram.add(float(value))
    assert len(histogram) == 5000
    for share in (0.05, 0.5, 0.95, 1.0):
        assert histogram.quantile(share) == pytest.approx(np.quantile(values, share), rel=0.015)
    assert histogram.largest == values.max()


@pytest.mark.parametrize("value", [0.0, -1.0, 0.001, 1e9])
def test_extreme_durations_are_kept(value):
    histogram = Histogram()
    histogram.add(value)
    assert histogram.quantile(0.5) == histogram.largest == max(value, 0.0)


def test_this_process_holds_memory():
    assert rss_mb() is None or rss_mb() > 5
