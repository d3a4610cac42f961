import json

import pytest

from fer_live import __version__

from .support import ABOUT, LABELS, SIZE, FakeSender, face, outputs_of, result, wait_until


def messages(*results, **more):
    sender = FakeSender(capacity=64)
    with outputs_of(sender, **more) as (live, _):
        for one in results:
            live.submit(one)
        wait_until(lambda: len(sender.frames) == len(results))
    return sender


def test_a_frame_says_when_what_and_who():
    kept = messages(result(7, [face(3, missed_s=0.25)], captured_s=100.0))
    frame = json.loads(kept.frames[0].json(5))
    assert frame.pop("wall_time").count(":") >= 2
    (seen,) = frame.pop("faces")
    assert frame == {
        "kind": "frame",
        "time_s": 0.0,
        "frame": 7,
        "width_px": SIZE[0],
        "height_px": SIZE[1],
        "latency_ms": 10.0,
        "dropped": 5,
    }
    assert seen["probabilities"].keys() == set(LABELS)
    assert sum(seen.pop("probabilities").values()) == pytest.approx(1, abs=0.001)
    assert seen == {
        "id": 3,
        "box_xywh": [100.0, 50.0, 100.0, 120.0],
        "label": "happy",
        "confidence": 0.9,
        "missed_s": 0.25,
        "flags": ["coasting"],
    }


def test_a_frame_without_a_face_is_a_frame():
    kept = messages(result())
    assert json.loads(kept.frames[0].json(0))["faces"] == []


def test_a_session_says_version_labels_and_source():
    session = json.loads(messages(result()).sessions[0].json)
    assert session["kind"] == "session"
    assert session["format"] == 1
    assert session["fer_live"] == __version__
    assert session["labels"] == list(LABELS)
    assert (session["source"], session["model"], session["device"]) == (
        ABOUT.source,
        ABOUT.model,
        ABOUT.device,
    )
    assert session["live"] is True
    assert session["colours"]["happy"] == "#f0e442"
    assert session["derived"] == []


def test_derived_figures_come_only_when_they_are_wanted():
    shown = result(faces=[face(label="happy", confidence=0.9)])
    plain = json.loads(messages(shown).frames[0].json(0))["faces"][0]
    assert not {"valence", "entropy_bits"} & plain.keys()
    kept = messages(shown, derived=lambda: True)
    rich = json.loads(kept.frames[0].json(0))["faces"][0]
    assert rich["valence"] == pytest.approx(0.9 - 0.1 / 6, abs=1e-4)
    assert rich["entropy_bits"] == pytest.approx(0.7275, abs=1e-3)
    assert json.loads(kept.sessions[0].json)["derived"] == ["valence", "entropy_bits"]


def test_a_new_session_begins_with_other_labels_or_a_file_instead_of_a_camera():
    kept = messages(
        result(0),
        result(1),
        result(2, labels=("happy", "sad")),
        result(3, labels=("happy", "sad"), position_s=0.1),
    )
    assert [s.labels for s in kept.sessions] == [LABELS, ("happy", "sad"), ("happy", "sad")]
    assert [s.live for s in kept.sessions] == [True, True, False]
