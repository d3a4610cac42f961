"""A log in OpenFace's layout, for scripts that read OpenFace's files, and for our own."""

import csv
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from fer_live.core.errors import RecordingError
from fer_live.session_log import openface
from fer_live.session_log.log import SessionLog
from fer_live.session_log.reader import read_log
from tests.outputs.support import ABOUT, LABELS, face, result

SHOWN = (
    (result(0, captured_s=10.0), ()),
    (result(1, captured_s=10.1), (face(1),)),
    (result(4, captured_s=10.4), (face(1, "sad", 0.5), face(2, missed_s=0.2))),
)

BEGAN = datetime(2026, 3, 1, 9, 8, 7).astimezone()


def write(path, **more):
    # Two logs of the same frames say the same times.
    log = SessionLog(path, about=ABOUT, clock=lambda: 11.0, now=lambda: BEGAN, **more)
    log.start()
    for number, (empty, faces) in enumerate(SHOWN):
        log.submit(result(empty.frame.index, faces, captured_s=empty.frame.captured_s))
        if number == 1:
            log.mark(3, "smile, please")
    summary = log.stop()
    assert summary.error is None
    return path


@pytest.fixture
def both(tmp_path):
    return write(tmp_path / "own.csv"), write(tmp_path / "of.csv", layout="openface")


def test_a_script_for_openface_finds_its_columns_and_the_faces(both):
    table = pd.read_csv(both[1])
    assert list(table.columns[:714]) == list(openface.COLUMNS)
    found = table[table.success == 1]
    assert found.frame.tolist() == [2, 5]
    assert found.face_id.tolist() == [1, 1]
    assert found.timestamp.tolist() == [0.1, 0.4]
    assert found.fer_label.tolist() == ["happy", "sad"]
    assert found[f"fer_probability_{LABELS[3]}"].tolist() == pytest.approx([0.9, 0.5 / 6], abs=1e-6)


def test_what_is_not_measured_is_empty(both):
    table = pd.read_csv(both[1])
    filled = {name for name in table.columns[:714] if table[name].notna().any()}
    assert filled == {"frame", "face_id", "timestamp", "success"}


def test_a_frame_without_a_face_and_a_face_carried_over_are_no_success(both):
    table = pd.read_csv(both[1])
    rows = table[["frame", "face_id", "success", "fer_kind"]]
    assert rows[rows.fer_kind == "frame"].values.tolist() == [[1, 0, 0, "frame"]]
    assert rows[rows.face_id == 2].success.tolist() == [0]
    assert set(rows[rows.fer_kind == "marker"].success) == {0}


def test_nothing_is_lost(both):
    own, other = map(read_log, both)
    assert len(own) == len(other) == 4
    for name in ("time_s", "frame", "identity", "box_xywh", "label", "confidence", "flags"):
        assert np.array_equal(getattr(own, name), getattr(other, name), equal_nan=True), name
    assert np.array_equal(own.probabilities, other.probabilities, equal_nan=True)
    assert np.array_equal(own.raw_probabilities, other.raw_probabilities, equal_nan=True)
    assert own.labels == other.labels
    assert other.about == own.about
    assert other.complete
    kept = [(e.kind, e.text, e.marker) for e in other.events]
    assert ("marker", "smile, please", 3) in kept
    assert kept == [(e.kind, e.text, e.marker) for e in own.events]


def test_each_cell_of_our_own_stands_in_the_file_as_in_ours(both):
    own, other = (list(csv.reader(path.read_text("utf-8").splitlines())) for path in both)
    assert [[cell.removeprefix("fer_") for cell in row[714:]] for row in other[:1]] == own[:1]
    assert [row[714:] for row in other[1:]] == own[1:]


def test_a_file_of_openface_itself_is_no_session_log(tmp_path):
    path = tmp_path / "of.csv"
    path.write_text(",".join(openface.COLUMNS) + "\n")
    with pytest.raises(RecordingError, match="is not a session log"):
        read_log(path)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_only_csv_has_columns_to_lay_out(tmp_path, suffix):
    for target, more in ((tmp_path / f"x{suffix}", {}), (tmp_path, {"suffix": suffix})):
        with pytest.raises(RecordingError, match=r"layout openface.*Choose a name ending in \.csv"):
            SessionLog(target, layout="openface", **more).start()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["d.csv", "d.jsonl", "d.parquet"])
def test_derived_figures_are_columns_when_they_are_wanted(tmp_path, name):
    plain = write(tmp_path / f"plain-{name}")
    rich = write(tmp_path / name, derived=True)
    assert "valence" not in columns(plain)
    table = columns(rich)
    valences = [value for value in table["valence"] if not np.isnan(value)]
    assert valences[0] == pytest.approx(0.9 - 0.1 / 6, abs=1e-6)
    assert valences[1] == pytest.approx(0.5 / 6 - 0.5, abs=1e-6)
    assert sum(np.isnan(table["valence"])) == len(table["valence"]) - 3
    assert table["entropy_bits"].dropna().iloc[0] == pytest.approx(0.7275, abs=1e-3)
    assert len(read_log(rich)) == len(read_log(plain)) == 4


def columns(path):
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_json(path, lines=True)


def test_both_go_together(tmp_path):
    path = write(tmp_path / "d.csv", layout="openface", derived=True)
    table = pd.read_csv(path)
    assert table.columns[-2:].tolist() == ["fer_valence", "fer_entropy_bits"]
    assert table[table.success == 1].fer_valence.notna().all()
