"""Options that several commands share: a flag takes the same values wherever it is."""

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
