"""``fer-live report`` on good and bad files."""

import json
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from fer_live.cli.main import app
from fer_live.core.errors import FerLiveError
from tests.session_log.logs import write_log

from .test_summary import HAPPY, one_face

NOISE = bytes(range(256)) * 2000


def fer_live(*words):
    """Exit code and all output; anything but a `FerLiveError` is a traceback."""
    done = CliRunner().invoke(app, ["report", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, (FerLiveError, SystemExit)):
        raise done.exception
    return done.exit_code, f"{done.output} {done.exception or ''}"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "has no frame"),
        ("empty.jsonl", b"", "has no frame"),
        ("empty.parquet", b"", "damaged"),
        ("noise.csv", NOISE, "not a session log"),
        ("noise.jsonl", NOISE, "has no frame"),
        ("noise.parquet", NOISE, "damaged"),
        ("one-line.csv", NOISE.replace(b"\n", b""), "has no frame"),
        ("other.csv", b"a,b\n1,2\n", "not a session log"),
        ("other.jsonl", b'{"a": 1}\n[1]\n5\n', "not a session log"),
        ("like.jsonl", b'{"kind": "face", "time_s": 1}\n', "the trouble is the column wall_time"),
        ("notes.txt", b"hello", "not a session log"),
        ("no-ending", b"hello", "not a session log"),
    ],
)
def test_what_is_no_log_gives_one_sentence(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    code, said = fer_live(tmp_path / name)
    assert code == 1
    assert says in said
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_another_parquet_file_gives_one_sentence(tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2]}), tmp_path / "a.parquet")
    assert "not a session log" in fer_live(tmp_path / "a.parquet")[1]
    times = {"kind": [["face"]], "time_s": ["x"]}
    pyarrow.parquet.write_table(pyarrow.table(times), tmp_path / "b.parquet")
    assert "lacks the columns" in fer_live(tmp_path / "b.parquet")[1]


@pytest.mark.parametrize("name", ["folder", "folder.csv", "folder.jsonl", "folder.parquet"])
def test_a_folder_gives_one_sentence(tmp_path, name):
    (tmp_path / name).mkdir()
    code, said = fer_live(tmp_path / name)
    assert code == 1
    assert name in said


@pytest.mark.parametrize(
    ("out", "says"),
    [(".", "exists already"), ("file/x.html", "cannot be written"), ("n" * 300, "be written")],
)
def test_a_place_that_cannot_be_written_gives_one_sentence(tmp_path, out, says):
    write_log(tmp_path / "s.csv", one_face(HAPPY))
    (tmp_path / "file").write_bytes(b"")
    code, said = fer_live(tmp_path / "s.csv", "--out", tmp_path / out)
    assert code == 1
    assert says in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "s.csv"]


def test_a_log_whose_names_are_no_text_has_a_report(tmp_path):
    write_log(tmp_path / "s.jsonl", one_face(HAPPY))
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text("utf-8").splitlines()]
    rows[0]["source"] = "clip\udce9.mp4"
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert fer_live(tmp_path / "s.jsonl")[0] == 0
    assert "clip?.mp4" in (tmp_path / "s.html").read_text("utf-8")


def test_the_program_prints_no_traceback(tmp_path):
    (tmp_path / "a.csv").write_text("kind,time_s\nface,1\n")
    done = subprocess.run(
        [sys.executable, "-m", "fer_live", "report", str(tmp_path / "a.csv")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "lacks the columns wall_time" in done.stderr
    assert "Traceback" not in done.stderr
