"""Snapshots and reports."""

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from fer_live.core.errors import RecordingError
from fer_live.gui.window import source_messages
from tests.gui.driver import logging, notice_messages, streaming
from tests.gui.waiting import wait_for


def test_a_snapshot_is_of_what_is_shown(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "Saved snapshot.png."
    assert list(window.notices.bars[0].action_buttons) == ["Open", "Show in folder", "Copy path"]
    assert services.snapshots[0][0] is window.view.result
    assert services.snapshots[0][2] == "default"


def test_a_snapshot_that_fails_says_why(open_window, services):
    services.snapshot_error = RecordingError("/x cannot be written: disk full.", "Free some space.")
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "/x cannot be written: disk full."
    assert window.notices.notices[0].kind == "error"


@pytest.mark.parametrize("name", ["snapshot", "record"])
def test_without_a_picture_there_is_nothing_to_save(open_window, services, name):
    services.engines.error = source_messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == source_messages.no_camera(), "the message")
    window.commands[name].trigger()
    assert window.notices.notices[0].kind == "warning"
    assert not window.commands["record"].isChecked()


def test_one_snapshot_at_a_time_and_no_repetition(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert len(services.snapshots) == 1
    window.commands["snapshot"].trigger()
    wait_for(lambda: len(services.snapshots) == 2, "another one")
    assert not any(action.autoRepeat() for action in window.commands.values())


def test_a_log_shows_its_figures_and_offers_its_report(open_window, services, opened):
    window = open_window()
    streaming(window, services)
    logging(window)
    assert window.commands["log"].isChecked()
    services.log.rows, services.log.markers = 1234, 1
    words = "1,234\u00a0rows · 1\u00a0marker"
    wait_for(lambda: window.session_bar.log.text() == words, "the figures")
    window.commands["log"].trigger()
    wait_for(lambda: window.notices.bars, "the notice")
    bar = window.notices.bars[0]
    assert notice_messages(window) == ["Logged session.csv."]
    assert list(bar.action_buttons) == ["Create a report", "Open", "Show in folder", "Copy path"]
    bar.action_buttons["Create a report"].click()
    wait_for(lambda: opened, "the browser")
    assert services.reports == [services.folder / "session.csv"]
    assert opened == [services.folder / "session.html"]
    assert notice_messages(window) == ["Saved the report session.html."]
    assert window.notices.notices[0].hint == str(services.folder)
    assert not window.commands["log"].isChecked()


def test_a_log_or_report_that_fails_says_why(open_window, services):
    services.log.start_error = RecordingError("Parquet needs pyarrow.", "Install it.")
    window = open_window()
    streaming(window, services)
    window.commands["log"].trigger()
    wait_for(lambda: notice_messages(window) == ["Parquet needs pyarrow."], "the notice")
    assert not window.commands["log"].isChecked()
    services.log.start_error = None
    logging(window)
    services.log.error = RecordingError("session.csv cannot be written.")
    wait_for(lambda: len(notice_messages(window)) == 2, "the second notice")
    services.report_error = RecordingError("There is nothing to report.")
    window.outputs.files.open_report(Path("x.csv"))
    wait_for(lambda: notice_messages(window)[0] == "There is nothing to report.", "the third")


def test_a_written_file_can_be_opened_found_and_named_elsewhere(open_window, services, opened):
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.bars, "the notice")
    bar, path = window.notices.bars[0], services.folder / "snapshot.png"
    bar.action_buttons["Copy path"].click()
    assert QGuiApplication.clipboard().text() == str(path)
    bar.action_buttons["Open"].click()
    wait_for(lambda: opened == [path], "the file")
    bar.action_buttons["Show in folder"].click()
    wait_for(lambda: opened == [path, path.parent], "the folder")
    assert window.notices.bars[0] is bar


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="xdg-open is of Linux desktops")
@pytest.mark.parametrize(("code", "told"), [(3, True), (0, False)])
def test_a_desktop_that_opens_nothing_is_told(open_window, monkeypatch, tmp_path, code, told):
    command = tmp_path / "xdg-open"
    command.write_text(f"#!/bin/sh\necho \"$1\" > '{tmp_path}/asked'\nexit {code}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    window = open_window(begin=False)
    window.commands["output"].trigger()
    wait_for(lambda: (tmp_path / "asked").exists(), "the command")
    wait_for(lambda: not window.tasks.running, "its end")
    folder = str(window.settings.output_dir)
    assert (tmp_path / "asked").read_text().strip() == folder
    assert [notice.hint for notice in window.notices.notices] == [folder] * told
