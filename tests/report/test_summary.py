"""The report's figures against results by hand and by an independent computation."""

import csv
import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame
from fer_live.report.page import render
from fer_live.report.summary import summarise
from fer_live.session_log.reader import read_log
from tests.session_log.logs import BEGAN, IMAGE, LABELS, face, result, session_log, write_log

HAPPY, SAD = ("happy", (0.7, 0.2, 0.1)), ("sad", (0.1, 0.8, 0.1))
UNSURE, NEW = ("unsure", (0.3, 0.3, 0.4)), (None, None)


def summary_of(tmp_path: Path, results, **options):
    write_log(tmp_path / "s.csv", results, **options)
    return summarise(read_log(tmp_path / "s.csv"))


def one_face(*shown, step_s=0.1):
    """A frame for each entry; None is without a face."""
    return [
        result(i, i * step_s, [] if one is None else [face(1, *one)]) for i, one in enumerate(shown)
    ]


def test_shares_changes_and_dwell_times_by_hand(tmp_path):
    results = one_face(NEW, HAPPY, HAPPY, SAD, SAD, SAD, None, SAD, UNSURE, HAPPY)
    found = summary_of(tmp_path, results)
    (one,) = found.faces
    assert found.frames == 10
    assert found.duration_s == pytest.approx(1.0)
    assert found.rate_fps == pytest.approx(10.0)
    assert found.frames_without_face == 1
    assert found.without_face_s == pytest.approx(0.1)
    assert one.seen_s == pytest.approx(0.9)
    assert one.shares == {
        "sad": pytest.approx(4 / 9),
        "happy": pytest.approx(3 / 9),
        "unsure": pytest.approx(1 / 9),
        None: pytest.approx(1 / 9),
    }
    # happy to sad, sad to unsure, unsure to happy; not: classified at last, back after a gap
    assert one.changes == found.changes == 3
    spells = [(s.label, round(s.start_s, 6), round(s.end_s, 6)) for s in one.spells]
    assert spells == [
        (None, 0.0, 0.1), ("happy", 0.1, 0.3), ("sad", 0.3, 0.6), ("sad", 0.7, 0.8),
        ("unsure", 0.8, 0.9), ("happy", 0.9, 1.0),
    ]  # fmt: skip
    dwell = one.dwell["sad"]
    assert (dwell.times, dwell.median_s, dwell.longest_s) == pytest.approx((2, 0.2, 0.3))
    assert one.means["sad"] == pytest.approx((3 * 0.2 + 4 * 0.8 + 0.3) / 8)
    assert found.flags["unsure"] == pytest.approx(1 / 9)
    assert found.flags["unclassified"] == pytest.approx(1 / 9)
    assert one.face_px == 80
    assert (found.began - BEGAN).total_seconds() == 0
    assert (found.ended - BEGAN).total_seconds() == pytest.approx(1.0)


def test_time_counts_and_not_frames(tmp_path):
    # 1 s at 20 frames per second, then 1 s at 4
    times = [i / 20 for i in range(20)] + [1 + i / 4 for i in range(4)] + [2.0]
    results = [result(i, t, [face(1, *(HAPPY if t < 1 else SAD))]) for i, t in enumerate(times)]
    shares = summary_of(tmp_path, results).shares
    assert shares["happy"] == pytest.approx(1 / 2.05, abs=1e-6)
    assert shares["sad"] == pytest.approx(1.05 / 2.05, abs=1e-6)


def test_a_gap_counts_as_nothing_seen(tmp_path):
    results = [result(i, i / 10 + (60 if i >= 5 else 0), [face(1, *HAPPY)]) for i in range(10)]
    found = summary_of(tmp_path, results)
    assert found.seen_s == pytest.approx(1.0)
    assert found.outages_s == pytest.approx(60.0)
    assert found.duration_s == pytest.approx(61.0)
    assert len(found.faces[0].spells) == 2
    assert found.changes == 0


def test_images_far_apart_are_no_gaps(tmp_path):
    found = summary_of(tmp_path, one_face(HAPPY, HAPPY, SAD, step_s=2.0))
    assert found.outages_s == 0
    assert found.shares == {"happy": pytest.approx(2 / 3), "sad": pytest.approx(1 / 3)}


def test_frames_left_out_and_dropped(tmp_path):
    numbers = [0, 1, 4, 5, 0, 1]  # two left out, then reopened
    results = [result(n, i / 10) for i, n in enumerate(numbers)]
    found = summary_of(tmp_path, results)
    assert (found.frames, found.frames_skipped, found.frames_dropped) == (6, 2, 0)


def test_a_marker_has_the_labels_shown_then(tmp_path):
    log, clock = session_log(tmp_path / "s.csv")
    log.start()
    for index in range(10):
        two = [face(1, *(HAPPY if index < 5 else SAD)), face(3, *UNSURE)]
        log.submit(result(index, index / 10, two))
        clock.now_s = 1000.0 + index / 10
        if index == 5:
            log.mark(2, "here")
    log.recording(tmp_path / "v.mp4", Frame(IMAGE, 2, 1000.2), 0.0)
    log.stop()
    found = summarise(read_log(tmp_path / "s.csv"))
    (marker,) = found.markers
    assert (marker.event.time_s, marker.event.text) == (0.5, "here")
    assert marker.shown == {1: "sad", 3: "unsure"}
    assert marker.video == (tmp_path / "v.mp4", pytest.approx(0.3))
    assert [event.kind for event in found.events] == ["session", "recording", "end"]


def test_frames_missing_in_the_video_are_counted(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    for index in range(10):
        log.submit(result(index, index / 10, [face(1, *HAPPY)]))
    frames = [Frame(IMAGE, i, 1000.0 + i / 10) for i in range(10)]
    for first, last, dropped in ((0, 3, 2), (5, 9, 1)):
        log.recording(tmp_path / "v.mp4", frames[first], first / 10)
        log.recording_off(frames[last], dropped)
    log.stop()
    table = read_log(tmp_path / "s.csv")
    assert [e.count for e in table.events if e.kind == "recording_off"] == [2, 1]
    found = summarise(table)
    assert found.frames_not_recorded == 3
    assert (found.frames, found.frames_dropped) == (10, 0)
    text = render(found, BEGAN).replace("\u00a0", " ")
    assert "<th>Frames not in the video</th><td>3 frames</td>" in text
    assert "2 frames missing in the video" in text


def test_without_a_video_no_video_is_mentioned(tmp_path):
    found = summary_of(tmp_path, one_face(HAPPY, SAD))
    assert found.frames_not_recorded is None
    assert "in the video" not in render(found, BEGAN)


def test_faces_with_a_chart_are_those_seen_longest(tmp_path):
    results, index = [], 0
    for who in range(1, 16):  # the later ones are seen longer
        for _ in range(who):
            results.append(result(index, index / 10, [face(who, *HAPPY)]))
            index += 1
    found = summary_of(tmp_path, results)
    assert [one.identity for one in found.faces] == list(range(1, 16))
    assert sorted(found.traces) == list(range(4, 16))


def test_one_frame_and_no_face_and_nothing(tmp_path):
    (tmp_path / "one").mkdir()
    one = summary_of(tmp_path / "one", one_face(HAPPY))
    assert (one.frames, one.shares, one.faces[0].shares) == (1, {}, {})
    (tmp_path / "none").mkdir()
    none = summary_of(tmp_path / "none", one_face(None, None, None))
    assert (none.faces, none.shares, none.frames_without_face) == ((), {}, 3)
    assert none.flags["unsure"] == 0
    log, _ = session_log(tmp_path / "empty.csv")
    log.start()
    log.mark(1)
    log.stop()
    with pytest.raises(RecordingError, match="has no frame"):
        summarise(read_log(tmp_path / "empty.csv"))


def random_session(seed):
    """Several faces that come, go and change, at a rate that jumps."""
    rng = np.random.default_rng(seed)
    time_s, states, results = 0.0, {}, []
    for index in range(400):
        time_s += float(rng.choice([0.033, 0.06, 0.125])) + (3.0 if rng.random() < 0.01 else 0)
        for identity in (1, 2, 5):
            if rng.random() < 0.06:
                states.pop(identity, None)
            elif rng.random() < 0.15:
                states[identity] = [HAPPY, SAD, UNSURE, NEW][rng.integers(4)]
        faces = [face(i, *shown) for i, shown in sorted(states.items())]
        results.append(result(index, round(time_s, 6), faces))
    return results


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_agree_with_plain_arithmetic_on_the_file(tmp_path, seed):
    write_log(tmp_path / "s.csv", random_session(seed))
    found = summarise(read_log(tmp_path / "s.csv"))
    # Computed without the package: the csv module, dictionaries and loops.
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in ("face", "frame")]
    frames = [
        (float(time_s), {row["identity"]: row["label"] for row in group if row["identity"]})
        for time_s, group in itertools.groupby(rows, key=lambda row: row["time_s"])
    ]
    steps = [b[0] - a[0] for a, b in itertools.pairwise(frames)]
    usual = sorted(steps)[len(steps) // 2]
    lasting = [usual if step > 0.5 else step for step in steps] + [usual]
    seen, changes, empty = defaultdict(lambda: defaultdict(float)), defaultdict(int), 0
    for place, (_, faces) in enumerate(frames):
        empty += not faces
        for identity, label in faces.items():
            seen[identity][label] += lasting[place]
            before = frames[place - 1][1].get(identity) if place and steps[place - 1] <= 0.5 else ""
            changes[identity] += bool(before and label and before != label)
    assert found.frames == len(frames) == 400
    assert found.frames_without_face == empty
    assert sorted(map(str, (p.identity for p in found.faces))) == sorted(seen)
    assert found.changes == sum(changes.values()) > 20
    for one in found.faces:
        times = seen[str(one.identity)]
        assert one.seen_s == pytest.approx(sum(times.values()))
        assert one.changes == changes[str(one.identity)]
        for label, time_s in times.items():
            assert one.shares[label or None] == pytest.approx(time_s / sum(times.values()))
        assert sum(spell.duration_s for spell in one.spells) == pytest.approx(one.seen_s)
    total = sum(sum(times.values()) for times in seen.values())
    for label in (*LABELS[:2], "unsure", ""):
        time_s = sum(times[label] for times in seen.values())
        assert found.shares[label or None] == pytest.approx(time_s / total)


def test_the_charts_average_what_was_in_each_step(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_live.report.summary.MAX_BINS", 5)
    shown = [HAPPY] * 4 + [SAD] * 2 + [None] * 2 + [HAPPY, SAD]
    found = summary_of(tmp_path, one_face(*shown))
    sad = found.traces[1][:, 1]
    np.testing.assert_allclose(sad, [0.2, 0.2, 0.8, np.nan, 0.5])
    assert found.edges_s.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_the_chart_of_all_faces_is_their_mean_at_each_moment(tmp_path):
    both = [face(1, *HAPPY), face(2, *SAD)]
    results = [result(i, i / 10, both if i < 5 else both[1:]) for i in range(10)]
    write_log(tmp_path / "s.csv", results)
    sad = summarise(read_log(tmp_path / "s.csv")).trace[:, 1]
    np.testing.assert_allclose(sad, [0.5] * 5 + [0.8] * 5)


def test_uneven_frames_leave_no_holes_in_a_chart(tmp_path):
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.01, 0.2, 100)).round(6).tolist()
    found = summary_of(tmp_path, [result(i, t, [face(1, *HAPPY)]) for i, t in enumerate(times)])
    np.testing.assert_allclose(found.traces[1], np.tile([0.7, 0.2, 0.1], (100, 1)))
