import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime

import pytest

from fer_live.core.errors import OutputError, RecordingError
from fer_live.outputs.json_lines import JsonLines, ReaderLeftError

from .support import FakeSender, face, lines, outputs_of, result, wait_until


def test_a_file_has_a_session_then_a_line_for_each_frame_and_event(tmp_path):
    path = tmp_path / "new" / "out.jsonl"
    with outputs_of(JsonLines(str(path))) as (live, output):
        live.submit(result(0, [face(1), face(2)]))
        live.mark(2, "näch")
        live.submit(result(1))
        wait_until(lambda: output.sent == 2)
        # Each line is there at once, not only at the end.
        found = lines(path.read_text("utf-8"))
    assert [m["kind"] for m in found] == ["session", "frame", "marker", "frame"]
    assert [f["id"] for f in found[1]["faces"]] == [1, 2]
    assert found[2]["text"] == "näch"
    assert lines(path.read_text("utf-8")) == found


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("mine")
    with pytest.raises(RecordingError, match=r"exists already\. Choose another name"):
        JsonLines(str(path)).open()
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        JsonLines(str(tmp_path / "file" / "below.jsonl")).open()


def test_in_a_folder_the_file_is_named_by_time(tmp_path):
    def now():
        return datetime(2026, 3, 1, 9, 8, 7)

    for name in ("faces-20260301-090807.jsonl", "faces-20260301-090807-2.jsonl"):
        with outputs_of(JsonLines(str(tmp_path), now)) as (live, output):
            assert output.place == str(tmp_path / name)
            live.submit(result())
        assert [m["kind"] for m in lines((tmp_path / name).read_text())] == ["session", "frame"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_needs_a_reader_and_ends_with_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match=r"No program reads from the pipe.*Start the reader"):
        JsonLines(str(pipe)).open()
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with outputs_of(JsonLines(str(pipe)), other := FakeSender(capacity=64)) as (live, output, _):
        live.submit(result(0))
        wait_until(lambda: output.sent == 1)
        assert [m["kind"] for m in lines(os.read(reader, 1 << 16).decode())] == ["session", "frame"]
        os.close(reader)
        live.submit(result(1))
        wait_until(lambda: output.error)
        live.submit(result(2))
        wait_until(lambda: len(other.frames) == 3)
    assert isinstance(output.error, ReaderLeftError)
    assert (output.sent, output.dropped) == (1, 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_reader_that_stalls_costs_only_its_own_frames(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with outputs_of(JsonLines(str(pipe)), other := FakeSender(capacity=2000)) as (live, output, _):
        for index in range(1500):  # far more than a pipe and the queue hold
            live.submit(result(index, [face()]))
        wait_until(lambda: len(other.frames) == 1500)
        assert output.error is None
        assert output.dropped > 500
        text = bytearray()

        def read():
            with suppress(BlockingIOError):
                text.extend(os.read(reader, 1 << 16))

        def all_done(count):
            read()
            return output.sent + output.dropped == count

        wait_until(lambda: all_done(1500))
        live.submit(result(1500))
        wait_until(lambda: all_done(1501))
        read()
    os.close(reader)
    frames = [m for m in lines(text.decode()) if m["kind"] == "frame"]
    assert len(frames) == output.sent
    assert frames[-1]["frame"] == 1500
    assert frames[-1]["dropped"] == output.dropped


def test_standard_output_is_written_past_pythons_own_buffer():
    code = (
        "from tests.outputs.support import *\n"
        "from fer_live.outputs.json_lines import JsonLines\n"
        "with outputs_of(JsonLines('-')) as (live, output):\n"
        "    live.submit(result(0, [face()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert [m["kind"] for m in lines(done.stdout)] == ["session", "frame"]
    assert done.stderr == ""
