"""Arguments of several commands: a flag takes the same values wherever it is; none is empty."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from fer_live.cli.main import app

COMMANDS = typer.main.get_command(app).commands
CHOICES = ("--device", "--detector", "--precision")
SHARED = [
    (name, flag)
    for name, command in COMMANDS.items()
    for flag in CHOICES
    if any(flag in parameter.opts for parameter in command.params)
]


def test_several_commands_have_each():
    for flag in CHOICES:
        assert sum(flag == one for _, one in SHARED) >= 2


@pytest.mark.parametrize(("command", "flag"), SHARED)
def test_a_value_that_is_no_choice_is_wrong_usage(command, flag):
    done = CliRunner().invoke(app, [command, flag, "bogus"])
    assert done.exit_code == 2
    assert f"Invalid value for '{flag}'" in done.stderr


@pytest.mark.parametrize(
    ("words", "which"),
    [
        (["predict", ""], "argument after predict"),
        (["run", "--source", "demo", "--record", ""], "argument after --record"),
        ([""], "first argument"),
        (["predict", "--out=", "face.png"], "value of --out"),
    ],
)
def test_an_empty_argument_does_not_mean_the_current_folder(words, which, tmp_path):
    command = [sys.executable, "-m", "fer_live", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"fer-live: The {which} is empty. ")
    assert not done.stdout
    assert not list(tmp_path.iterdir())
