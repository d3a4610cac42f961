"""The list of sessions, recordings and snapshots."""

import json
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox

from fer_live.gui.review.library_window import LibraryWindow
from fer_live.review.library import library
from tests.gui.waiting import settle, wait_for
from tests.review.sessions import frames, played, session_in, write_video
from tests.session_log.logs import session_log


@pytest.fixture
def folder(tmp_path):
    """A session with its recording, a lone recording, a snapshot, and files of no concern."""
    log, _ = session_log(tmp_path / "session-1.csv", wait=True)
    shown = frames(*[{1: "happy"}] * 20)
    log.start()
    for one in shown:
        log.submit(one)
    log.recording(tmp_path / "video-1.mp4", shown[0].frame, 0.0)
    log.stop()
    write_video(tmp_path / "video-1.mp4")
    write_video(tmp_path / "video-1-clean.mp4")
    write_video(tmp_path / "lone.mp4", 10)
    QImage(64, 48, QImage.Format.Format_RGB888).save(str(tmp_path / "snapshot-1.png"))
    taken = {"taken_at": "2026-05-04T12:30:00.000+02:00"}
    (tmp_path / "snapshot-1.json").write_text(json.dumps(taken))
    QImage(64, 48, QImage.Format.Format_RGB888).save(str(tmp_path / "holiday.png"))
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "notes.txt").write_text("")
    return tmp_path


@pytest.fixture
def listed(app, folder):
    windows = []

    def make():
        window = LibraryWindow(folder)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        windows.append(window)
        window.show()
        wait_for(lambda: window.entries, "the entries")
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    settle()


def row(window, name):
    (item,) = window.list.findItems(name, Qt.MatchFlag.MatchExactly)
    return item


def visible(window):
    items = [window.list.topLevelItem(i) for i in range(window.list.topLevelItemCount())]
    return {item.text(0) for item in items if not item.isHidden()}


def test_entries_and_the_files_that_belong_to_them(folder):
    found = {entry.path.name: entry for entry in library(folder)}
    assert {name: entry.kind for name, entry in found.items()} == {
        "session-1.csv": "session",
        "lone.mp4": "recording",
        "snapshot-1.png": "snapshot",
    }
    names = [path.name for path in found["session-1.csv"].files]
    assert names == ["session-1.csv", "video-1.mp4", "video-1-clean.mp4"]
    assert [path.name for path in found["snapshot-1.png"].files] == [
        "snapshot-1.png",
        "snapshot-1.json",
    ]


def test_the_video_that_was_analysed_is_never_deleted_with_its_session(tmp_path):
    log = played(tmp_path)
    (session,) = [entry for entry in library(tmp_path) if entry.kind == "session"]
    assert session.files == (log,)
    assert session.video == tmp_path / "clip.mp4"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_logs_of_every_format_are_listed(tmp_path, suffix):
    session_in(tmp_path, *[{1: "happy"}] * 5, name=f"s{suffix}")
    assert [entry.path.suffix for entry in library(tmp_path)] == [suffix]


def test_kind_date_length_and_thumbnail_are_shown(listed):
    window = listed()
    wait_for(lambda: row(window, "lone.mp4").text(3), "the length of the recording")
    assert row(window, "lone.mp4").text(3) == "0:01"
    wait_for(lambda: row(window, "session-1.csv").text(3), "the length of the session")
    assert row(window, "session-1.csv").text(1) == "session"
    assert row(window, "session-1.csv").text(2).startswith("2026-05-04")

    def thumbnail(name):
        return row(window, name).icon(0).pixmap(112, 63).toImage()

    wait_for(lambda: thumbnail("session-1.csv").pixelColor(40, 30).alpha() == 255, "the picture")


def test_search_hides_what_does_not_match(listed):
    window = listed()
    window.search.setText("recording lone")
    assert visible(window) == {"lone.mp4"}
    window.search.setText("2026-05-04 session-1")
    assert visible(window) == {"session-1.csv"}
    window.search.setText("nothing")
    assert window.hint.text() == "Nothing matches the search."


def test_a_session_opens_in_review_and_a_recording_plays(listed):
    window = listed()
    reviewed, shown = [], []
    window.review_wanted.connect(reviewed.append)
    window.play_wanted.connect(shown.append)
    window.list.itemActivated.emit(row(window, "session-1.csv"), 0)
    window.list.itemActivated.emit(row(window, "lone.mp4"), 0)
    assert [path.name for path in reviewed] == ["session-1.csv"]
    assert [path.name for path in shown] == ["lone.mp4"]
    row(window, "snapshot-1.png").setSelected(True)
    assert not window.review_button.isEnabled()
    window.play_button.click()
    assert shown[-1].name == "snapshot-1.png"


def test_deleting_asks_then_moves_everything_to_the_bin(listed, folder, monkeypatch):
    binned = []
    monkeypatch.setattr(
        "fer_live.gui.review.library_window._to_bin",
        lambda path: binned.append(path.name) or path.unlink() or True,
    )
    window = listed()
    row(window, "session-1.csv").setSelected(True)
    window.delete_button.click()
    (box,) = window.findChildren(QMessageBox)
    assert "to the bin" in box.text()
    assert "video-1-clean.mp4" in box.informativeText()
    box.button(QMessageBox.StandardButton.Cancel).click()
    settle()
    assert binned == []
    window.delete_button.click()
    box = window.findChildren(QMessageBox)[-1]
    next(b for b in box.buttons() if b.text() == "Move to the bin").click()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "Moved 3\u00a0files to the bin."
    assert sorted(binned) == ["session-1.csv", "video-1-clean.mp4", "video-1.mp4"]
    wait_for(lambda: visible(window) == {"lone.mp4", "snapshot-1.png"}, "the new list")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bin is found by its folder")
def test_files_are_in_the_bin_afterwards(listed, folder, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data" / "home"))
    window = listed()
    window.delete([folder / "lone.mp4"])
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "Moved 1\u00a0file to the bin."
    assert not (folder / "lone.mp4").exists()
    assert (folder / "data" / "home" / "Trash" / "files" / "lone.mp4").exists()


def test_a_file_that_cannot_go_to_the_bin_stays_and_is_named(listed, folder, monkeypatch):
    monkeypatch.setattr("fer_live.gui.review.library_window._to_bin", lambda _path: False)
    window = listed()
    row(window, "lone.mp4").setSelected(True)
    window.delete([folder / "lone.mp4"])
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "Can't move lone.mp4 to the bin."
    assert (folder / "lone.mp4").exists()


def test_an_empty_or_missing_folder_says_so(app, tmp_path):
    window = LibraryWindow(tmp_path / "none")
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    window.show()
    wait_for(lambda: "Nothing was recorded" in window.hint.text(), "the hint")
    window.close()
    window.deleteLater()
    settle()


def test_the_main_window_opens_list_and_review(open_window, services, tmp_path):
    log = played(tmp_path)
    window = open_window(begin=False)
    window.reviews.open(log)
    wait_for(lambda: window.reviews.windows, "the review")
    assert Path(window.reviews.windows[0].session.log) == log
    window.reviews.open(log)
    settle()
    assert len(window.reviews.windows) == 1
    window.reviews.open(tmp_path / "missing.csv")
    wait_for(lambda: window.notices.notices, "the notice")
    assert "cannot be read" in window.notices.notices[0].message
    window.commands["library"].trigger()
    assert window.reviews.library.isVisible()


def test_a_log_asked_for_twice_while_it_is_read_opens_once(open_window, tmp_path):
    video = write_video(tmp_path / "s.mp4")
    log = session_in(tmp_path, {1: "happy"}, {1: "sad"}).log
    window = open_window(begin=False)
    for path in (log, log, video, tmp_path / ".." / tmp_path.name / log.name):
        window.reviews.open(path)
    wait_for(lambda: not window.tasks.running, "the readings")
    assert [review.session.log for review in window.reviews.windows] == [log]


@pytest.mark.parametrize("state", [Qt.WindowState.WindowMaximized, Qt.WindowState.WindowFullScreen])
def test_a_review_that_is_opened_again_comes_back_in_the_size_it_had(open_window, tmp_path, state):
    window, log = open_window(begin=False), played(tmp_path)
    window.reviews.open(log)
    wait_for(lambda: window.reviews.windows, "the review")
    (review,) = window.reviews.windows
    for hidden in (Qt.WindowState.WindowNoState, Qt.WindowState.WindowMinimized):
        review.setWindowState(state | hidden)
        window.reviews.open(log)
        assert review.windowState() & ~Qt.WindowState.WindowActive == state


def test_a_review_that_is_still_read_when_the_program_ends_does_not_open(open_window, tmp_path):
    window = open_window(begin=False)
    told = []
    window.reviews.all_closed.connect(lambda: told.append(True))
    window.reviews.open(played(tmp_path))
    window.close()
    # A program that is a review alone ends by it.
    assert told
    wait_for(lambda: window.ended and not window.tasks.running, "the end")
    assert window.reviews.windows == []


def test_an_error_of_a_log_shows_although_the_review_that_asked_is_closed(open_window, tmp_path):
    window = open_window(begin=False)
    window.reviews.open(played(tmp_path))
    wait_for(lambda: window.reviews.windows, "the review")
    (review,) = window.reviews.windows
    review.commands["open"].trigger()
    (dialog,) = review.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "missing.csv"))
    review.close()
    settle()
    wait_for(lambda: window.notices.notices, "the notice")
    assert "missing.csv" in window.notices.notices[0].message
