"""The flags of the command, with the real program."""

import json
import os
import signal
import socket
import subprocess
import sys

import pandas as pd
import pytest
from websockets.sync.client import connect

from .support import WAIT_S, lines, wait_until

RUN = [sys.executable, "-m", "fer_live", "run", "--headless", "--source", "demo"]
START_S = 60
"""Longest wait for the program to load its libraries and model."""


def command(*more, **options):
    arguments = [*RUN, *map(str, more)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def tiny(checkpoint):
    """Flags for a model that loads quickly."""
    return "--model", checkpoint


def test_json_lines_and_nothing_else_go_to_standard_output(tiny, tmp_path):
    log = tmp_path / "log.csv"
    done = command(*tiny, "--duration", 1.5, "--json", "-", "--log", log, "--derived")
    assert done.returncode == 0, done.stderr
    found = lines(done.stdout)
    assert found[0]["kind"] == "session"
    assert found[0]["source"]
    frames = [m for m in found if m["kind"] == "frame"]
    assert len(frames) > 3
    assert any(m["faces"] and "valence" in m["faces"][0] for m in frames)
    # Output and log can be joined.
    table = pd.read_csv(log)
    rows = table[table.kind.isin(["face", "frame"])].drop_duplicates("frame")
    kept = {
        frame: (time_s, wall)
        for frame, time_s, wall in rows[["frame", "time_s", "wall_time"]].values
    }
    shared = [m for m in frames if m["frame"] in kept]
    assert len(shared) > 3
    for message in shared:
        assert message["time_s"] == pytest.approx(kept[message["frame"]][0], abs=2e-6)
        apart = pd.Timestamp(message["wall_time"]) - pd.Timestamp(kept[message["frame"]][1])
        assert abs(apart.total_seconds()) < 0.05
    assert "valence" in table.columns


def test_who_has_read_enough_ends_the_run_without_a_word(tiny):
    done = subprocess.run(
        [
            "bash",
            "-c",
            'set -o pipefail; "$@" | head -3',
            "bash",
            *RUN,
            *map(str, tiny),
            "--json",
            "-",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == "JSON lines: standard output\n"
    assert done.returncode == 1


def test_a_file_loses_no_frame_on_the_way_to_its_reader(tiny, tmp_path):
    import cv2
    import numpy as np

    video = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 30, (96, 64))
    for shade in range(90):
        writer.write(np.full((64, 96, 3), shade, np.uint8))
    writer.release()
    out = tmp_path / "out.jsonl"
    done = subprocess.run(
        [
            *RUN[:-1],
            str(video),
            *map(str, tiny),
            "--json",
            str(out),
            "--stats",
            str(tmp_path / "s.json"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [m["frame"] for m in lines(out.read_text()) if m["kind"] == "frame"] == list(range(90))


def test_a_client_of_the_running_program(tiny, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "FER_LIVE_WEBSOCKET_TOKEN": "secret"}
    # What the window has switched on is not switched on here.
    environment |= {"FER_LIVE_OSC": "1", "FER_LIVE_OSC_ADDRESS": "not an address"}
    process = subprocess.Popen(
        [*RUN, *map(str, tiny), "--ws", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stderr.readline() == f"WebSocket: ws://127.0.0.1:{port}\n"
        with connect(f"ws://127.0.0.1:{port}/?token=secret") as client:
            assert json.loads(client.recv(timeout=START_S))["kind"] == "session"
            assert json.loads(client.recv(timeout=WAIT_S))["kind"] == "frame"
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: process.poll() is not None)
    finally:
        process.kill()
        rest = process.communicate()
    assert process.returncode == 0, rest[1]
    assert json.loads(rest[0])["frames_analysed"] > 0


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--ws", "nowhere"], "--ws: 'nowhere' is not an address"),
        (["--osc", "9000"], "--osc: '9000' is not an address. Write HOST:PORT"),
        (["--log", "x.jsonl", "--log-layout", "openface"], "openface is for CSV logs"),
        (["--log-layout", "other"], "openface"),
    ],
)
def test_wrong_use_is_told_before_anything_is_loaded(flags, words, tmp_path):
    done = command(*flags, cwd=tmp_path)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_opened_ends_the_run_before_it_begins(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        out = tmp_path / "out.jsonl"
        done = command("--model", "no-such-model", "--json", out, "--ws", port)
    assert done.returncode == 1
    assert f"Port {port} is already in use" in done.stderr


def test_a_name_for_lsl_may_be_left_out():
    import typer
    from typer.testing import CliRunner

    from fer_live.cli.live_outputs import LslOption, RunCommand

    app = typer.Typer()
    seen = []

    @app.command(cls=RunCommand)
    def run(lsl: LslOption = None, paced: bool = False) -> None:
        seen.append((lsl, paced))

    for flags in ([], ["--lsl"], ["--lsl", "lab"], ["--lsl", "--paced"], ["--lsl=lab", "--paced"]):
        assert CliRunner().invoke(app, flags).exit_code == 0
    assert seen == [(None, False), ("", False), ("lab", False), ("", True), ("lab", True)]
