"""Commands of a user without a home folder and without a passwd entry, as in `docker --user`."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("pwd", reason="Windows has no passwd entries")

HOMELESS = """
import pwd, sys

def no_entry(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = no_entry
from fer_live.cli.main import app
app(sys.argv[1:])
"""
"""Stands in for a user identity that the system does not know: tests may not take another one."""

COMMANDS = {
    "the window": ["run", "--source", "demo", "--duration", "0.5", "--device", "cpu"],
    "no window": ["run", "--source", "demo", "--duration", "0.5", "--device", "cpu", "--headless"],
    "bench": ["bench", "--seconds", "1", "--device", "cpu"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_user_without_a_home_can_run_it(command, tmp_path):
    places = ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    environment = {k: v for k, v in os.environ.items() if k not in places}
    done = subprocess.run(
        [sys.executable, "-c", HOMELESS, *command],
        env={**environment, "QT_QPA_PLATFORM": "offscreen"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
