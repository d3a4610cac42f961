"""Logs read back: whole, cut off, damaged, and beside their video."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame
from fer_live.report.summary import summarise
from fer_live.session_log import parser as log_parse
from fer_live.session_log.files import journal_of
from fer_live.session_log.parser import NEEDED
from fer_live.session_log.reader import NO_LABEL, read_log, video_position

from .logs import BEGAN, IMAGE, LABELS, face, raw_rows, result, session_log, write_log

FORMATS = pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
RESULTS = [
    result(0, 0.0, [face(1, None, None), face(2, "sad", (0.1, 0.8, 0.1), missed_s=0.1)]),
    result(1, 0.1),
    result(2, 0.2, [face(1, "unsure", (0.4, 0.3, 0.3), (1, 0, 0))]),
]


@FORMATS
@pytest.mark.parametrize("chunk_rows", [1, 3, 10_000])
def test_every_column_comes_back(tmp_path, suffix, chunk_rows, monkeypatch):
    monkeypatch.setattr(log_parse, "CHUNK_ROWS", chunk_rows)
    write_log(tmp_path / f"s{suffix}", RESULTS)
    table = read_log(tmp_path / f"s{suffix}")
    assert table.labels == LABELS
    assert table.names == (*LABELS, "unsure")
    assert table.time_s.tolist() == [0.0, 0.0, 0.1, 0.2]
    assert table.frame.tolist() == [0, 0, 1, 2]
    assert table.identity.tolist() == [1, 2, 0, 1]
    assert table.label.tolist() == [NO_LABEL, 1, NO_LABEL, 3]
    np.testing.assert_allclose(table.wall_s - BEGAN.timestamp(), table.time_s, atol=1e-6)
    np.testing.assert_allclose(table.probabilities[[1, 3]], [[0.1, 0.8, 0.1], [0.4, 0.3, 0.3]])
    np.testing.assert_allclose(table.raw_probabilities[3], [1, 0, 0])
    assert np.isnan(table.probabilities[[0, 2]]).all()
    assert np.isnan(table.box_xywh[2]).all()
    assert table.box_xywh[0].tolist() == [50, 60, 80, 90]
    assert table.has("coasting").tolist() == [False, True, False, False]
    assert table.has("unclassified").tolist() == [True, False, False, False]
    assert table.has("unsure").tolist() == [False, False, False, True]
    assert [event.kind for event in table.events] == ["session", "end"]
    assert table.about["model"] == "test model"
    assert table.complete
    assert table.damaged == 0


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_log_cut_off_anywhere_is_read_up_to_its_last_whole_row(tmp_path, suffix):
    write_log(tmp_path / f"s{suffix}", RESULTS)
    data = (tmp_path / f"s{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    for size in range(len(data)):
        path.write_bytes(data[:size])
        table = read_log(path)
        whole = data[:size].count(b"\n") - (suffix == ".csv")
        assert len(table) + len(table.events) == max(whole, 0), size
        assert table.damaged == 0
    assert not table.complete


def test_a_parquet_log_cut_off_is_read_from_its_journal(tmp_path):
    write_log(tmp_path / "s.jsonl", RESULTS)
    path = tmp_path / "s.parquet"
    path.write_bytes(b"PAR1 and no end")
    with pytest.raises(RecordingError, match="damaged"):
        read_log(path)
    (tmp_path / "s.jsonl").rename(journal_of(path))
    assert len(read_log(path)) == 4


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_damaged_lines_are_counted_and_left_out(tmp_path, suffix):
    path = tmp_path / f"s{suffix}"
    write_log(path, RESULTS)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3:3] = [b"\x00\xff garbage\n", lines[3].replace(b"0.1", b"zero", 1)]
    path.write_bytes(b"".join(lines))
    table = read_log(path)
    assert table.damaged == 2
    assert table.time_s.tolist() == [0.0, 0.0, 0.1, 0.2]
    assert table.complete


def test_what_is_no_log_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("path,label\nx,y\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"path": "x"}) + "\n")
    (tmp_path / "c.txt").write_text("")
    for name in ("a.csv", "b.jsonl", "c.txt"):
        with pytest.raises(RecordingError, match="not a session log"):
            read_log(tmp_path / name)
    for name in ("missing.csv", "missing.jsonl", "missing.parquet"):
        with pytest.raises(RecordingError, match="cannot be read"):
            read_log(tmp_path / name)


@pytest.mark.parametrize("missing", NEEDED)
def test_a_log_without_a_column_is_refused_by_name(tmp_path, missing):
    path = tmp_path / "s.csv"
    write_log(path, RESULTS)
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    place = rows[0].index(missing)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(row[:place] + row[place + 1 :] for row in rows)
    says = "not a session log" if missing in ("kind", "time_s") else f"lacks the columns {missing}"
    with pytest.raises(RecordingError, match=says):
        read_log(path)


def test_a_torn_quote_costs_one_line(tmp_path):
    path = tmp_path / "s.csv"
    many = [result(i, i / 10, [face(1)]) for i in range(3000)]  # more than csv takes as one cell
    write_log(path, many)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[10] = lines[10].replace("Webcam", '"Webcam')
    lines[20] = lines[20].replace("Webcam", "Web\rcam")
    lines[30] = lines[30].replace("Webcam", "W" * 200_000)  # csv's own limit
    path.write_text("".join(lines), "utf-8", newline="")
    table = read_log(path)
    assert (len(table), table.damaged, table.complete) == (2997, 3, True)


@pytest.mark.parametrize(
    "cells",
    [
        {"time_s": ""}, {"time_s": "nan"}, {"time_s": "1e300"}, {"frame": "9" * 30},
        {"wall_time": "0001-01-01T00:00:00"}, {"wall_time": "noon"},
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_costs_its_row(tmp_path, cells):
    path = tmp_path / "s.csv"
    write_log(path, RESULTS)
    rows = raw_rows(path)
    rows[2] |= cells
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    table = read_log(path)
    assert (len(table), table.damaged) == (3, 1)


@pytest.mark.parametrize(
    "cells",
    [{"flags": 5}, {"label": ["x"]}, {"frame": float("inf")}, {"source": 7, "kind": "marker"}],
)
def test_json_of_other_types_gives_no_traceback(tmp_path, cells):
    path = tmp_path / "s.jsonl"
    write_log(path, RESULTS)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[2] |= cells
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert summarise(read_log(path)).frames == 3


def test_a_csv_saved_by_a_spreadsheet_is_read(tmp_path):
    path = tmp_path / "s.csv"
    write_log(path, RESULTS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_log(path).time_s.tolist() == [0.0, 0.0, 0.1, 0.2]


def same(table, expected):
    assert table.damaged == 0
    assert table.complete
    for name in ("time_s", "wall_s", "frame", "identity", "box_xywh", "label", "confidence",
                 "probabilities", "raw_probabilities", "flags"):  # fmt: skip
        np.testing.assert_allclose(
            getattr(table, name), getattr(expected, name), atol=1e-6, err_msg=name
        )
    assert [(e.kind, e.time_s, e.marker, e.count) for e in table.events] == [
        (e.kind, e.time_s, e.marker, e.count) for e in expected.events
    ]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("layout", ["fer_live", "openface"])
def test_a_log_that_pandas_has_rewritten_is_read(tmp_path, suffix, layout):
    path = tmp_path / "s.csv"
    write_log(path, RESULTS, layout=layout)
    expected, frame = read_log(path), pd.read_csv(path)
    prefix = "fer_" if layout == "openface" else ""
    assert str(frame[f"{prefix}identity"].dtype) == "float64"  # 1 becomes 1.0
    labels = [name for name in frame.columns if "probability_" in name]
    frame = frame[[*sorted(set(frame.columns) - set(labels)), *labels]]
    other = tmp_path / f"other{suffix}"
    if suffix == ".csv":
        frame.to_csv(other)  # with its index as the first column
    elif layout == "openface":
        pytest.skip("OpenFace's layout is for CSV")
    elif suffix == ".jsonl":
        frame.to_json(other, orient="records", lines=True)
    else:
        frame["wall_time"] = pd.to_datetime(frame["wall_time"])
        frame.to_parquet(other)
    same(read_log(other), expected)


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_log_that_a_spreadsheet_has_rewritten_is_read(tmp_path, separator, decimal, encoding):
    path, other = tmp_path / "s.csv", tmp_path / "other.csv"
    write_log(path, RESULTS)
    frame = pd.read_csv(path)
    frame = frame[[*frame.columns[5:], *frame.columns[:5]]]
    frame["wall_time"] = frame["wall_time"].str.replace("T", " ")
    how = {"index": False, "encoding": encoding, "lineterminator": "\r\n"}
    frame.to_csv(other, sep=separator, decimal=decimal, **how)
    same(read_log(other), read_log(path))


@pytest.mark.parametrize(
    ("column", "value"),
    [("wall_time", "04.05.2026 12:00"), ("time_s", "1. Mai"), ("frame", "one"), ("score", "n/a")],
)
def test_the_column_that_is_the_trouble_is_named(tmp_path, column, value):
    path = tmp_path / "s.csv"
    write_log(path, RESULTS)
    rows = [row | {column: value} for row in raw_rows(path) if row["kind"] == "face"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(RecordingError, match=f"the trouble is the column {column}") as caught:
        read_log(path)
    assert value in str(caught.value)


def test_a_moment_of_the_session_is_found_in_its_video(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()

    def at(time_s):
        return Frame(IMAGE, int(time_s * 10), 1000.0 + time_s)

    for index in range(100):
        log.submit(result(index, index / 10))
    log.recording(tmp_path / "a.mp4", at(1.0), 0.0)
    log.recording_off(at(2.0))  # a pause
    log.recording(tmp_path / "a.mp4", at(5.0), 1.1)
    log.recording(tmp_path / "a-2.mp4", at(7.0), 0.0)  # split
    log.recording_off(at(8.0))
    log.stop()
    table = read_log(tmp_path / "s.csv")

    def found(time_s):
        place = video_position(table, time_s)
        return place and (place[0].name, pytest.approx(place[1]))

    assert found(0.9) is None
    assert found(1.0) == ("a.mp4", 0.0)
    assert found(2.0) == ("a.mp4", 1.0)
    assert found(3.0) is None
    assert found(5.0) == ("a.mp4", 1.1)
    assert found(6.9) == ("a.mp4", 3.0)
    assert found(7.5) == ("a-2.mp4", 0.5)
    assert found(8.1) is None
    assert video_position(table, 1.0)[0] == tmp_path / "a.mp4"


def test_a_video_that_ran_before_the_log_began(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    log.submit(result(50, 5.0))
    log.recording(tmp_path / "a.mp4", Frame(IMAGE, 49, 1004.9), 4.9)
    log.submit(result(51, 5.1))
    log.stop()
    place = video_position(read_log(tmp_path / "s.csv"), 0.1)
    assert place == (tmp_path / "a.mp4", pytest.approx(5.1))


def test_json_that_is_nested_too_deeply_is_a_damaged_line(tmp_path):
    path = tmp_path / "s.jsonl"
    write_log(path, RESULTS)
    deep = "[" * 100_000 + "]" * 100_000
    first, *others = path.read_text("utf-8").splitlines(keepends=True)
    row = json.loads(first)
    assert row["kind"] == "session"
    path.write_text("".join([json.dumps({**row, "text": deep}) + "\n", deep + "\n", *others]))
    table = read_log(path)
    assert (len(table), table.damaged, table.about) == (4, 1, {})
