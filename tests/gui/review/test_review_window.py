"""The review window, used as a user does, on real logs and videos."""

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLabel

from fer_live.gui.review import review_actions
from fer_live.gui.review.timeline import Selection
from fer_live.gui.review.window import ReviewWindow, no_video
from fer_live.gui.window.dialogs import ShortcutsDialog
from fer_live.overlay.draw import OverlayOptions, label_texts
from fer_live.review.corrections import MarkerNote
from fer_live.review.session import open_session
from fer_live.review.sidecar import load_corrections
from fer_live.review.spans import Span
from fer_live.session_log.reader import read_log
from tests.gui.waiting import settle, wait_for
from tests.review.sessions import frame_number, played, session_in, write_video

TWO = [{1: "happy", 2: "sad"}] * 6 + [{1: "sad"}] * 6 + [{3: "sad"}] * 8


@pytest.fixture
def review(app):
    windows = []

    def make(log, size=(900, 640)):
        window = ReviewWindow(*open_session(log))
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        windows.append(window)
        window.resize(*size)
        window.show()
        settle()
        return window

    yield make
    for window in windows:
        window.close()
        window.close()
        window.deleteLater()
    settle()


def row_point(window, face, time_s):
    rect = window.timeline.row_rect(face)
    return QPoint(round(window.timeline.x_of(time_s)), rect.top() + 6)


def drag(widget, start, end):
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(widget, (start + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def shown_number(window):
    result = window.view.result
    return None if result is None else frame_number(result.frame.image_bgr)


def texts(window):
    result = window.view.result
    return [label_texts(face, OverlayOptions())[0] for face in result.faces] if result else []


def corrected_labels(window, face):
    table = window.session.table
    return [table.names[i] for i in table.label[table.identity == face]]


def test_the_cursor_and_the_frame_of_the_video_are_at_the_same_time(review, tmp_path):
    window = review(played(tmp_path))
    for number in (0, 13, 4, 19, 5):
        window.go_to(number / 10 + 0.02)
        wait_for(lambda n=number: shown_number(window) == n, f"frame {number}")
        assert window.timeline.cursor_s == pytest.approx(number / 10 + 0.02)
        faces = window.view.result.faces
        assert [one.label for one in faces] == ["happy" if number < 10 else "sad"]


def test_a_click_goes_there_and_a_click_near_a_change_goes_to_the_change(review, tmp_path):
    window = review(played(tmp_path))
    QTest.mouseClick(window.timeline, Qt.MouseButton.LeftButton, pos=row_point(window, 1, 0.6))
    assert window.position_s == pytest.approx(0.6, abs=0.01)
    near = row_point(window, 1, 1.0) + QPoint(3, 0)
    QTest.mouseClick(window.timeline, Qt.MouseButton.LeftButton, pos=near)
    assert window.position_s == pytest.approx(1.0, abs=1e-9)
    wait_for(lambda: shown_number(window) == 10, "the frame of the change")


def test_keys_go_to_changes_and_frames(review, tmp_path):
    window = review(played(tmp_path))
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N)
    assert window.position_s == pytest.approx(1.0)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Right)
    assert window.position_s == pytest.approx(1.1)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_P)
    assert window.position_s == pytest.approx(1.0)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N)
    assert "no further change" in window.statusBar().currentMessage()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_End)
    assert window.position_s == pytest.approx(2.0)


def test_playing_moves_the_cursor_to_the_end_and_stops(review, tmp_path):
    window = review(played(tmp_path))
    window.commands["faster"].trigger()
    window.commands["faster"].trigger()
    window.commands["play"].trigger()
    assert window.playing
    assert window.commands["play"].text() == "Pause"
    wait_for(lambda: not window.playing, "the end")
    assert window.position_s == pytest.approx(window.session.end_s)
    wait_for(lambda: shown_number(window) == 19, "the last frame")


def test_a_label_over_a_span_is_corrected_saved_and_undone(review, tmp_path):
    log = played(tmp_path)
    before = log.read_bytes()
    window = review(log)
    drag(window.timeline, row_point(window, 1, 0.3), row_point(window, 1, 0.7))
    face, span = window.timeline.selection
    assert face == 1
    assert (span.start_s, span.end_s) == pytest.approx((0.3, 0.7), abs=1e-6)
    window.set_label("neutral")
    assert corrected_labels(window, 1)[:9] == ["happy"] * 3 + ["neutral"] * 4 + ["happy"] * 2
    wait_for(lambda: load_corrections(log)[0].labels, "the saved corrections")
    assert log.read_bytes() == before
    # The model's probability says nothing about a label that a person gave.
    window.go_to(0.0)
    wait_for(lambda: texts(window)[:1] == ["happy 70%  #1"], "the label")
    window.go_to(0.5)
    wait_for(lambda: texts(window)[:1] == ["neutral  #1"], "the corrected label")
    window.commands["undo"].trigger()
    assert "neutral" not in corrected_labels(window, 1)
    wait_for(lambda: not load_corrections(log)[0].labels, "the saved undoing")
    window.commands["redo"].trigger()
    assert "neutral" in corrected_labels(window, 1)
    window.commands["as_logged"].trigger()
    assert "neutral" not in corrected_labels(window, 1)


def test_without_a_selection_the_whole_spell_at_the_cursor_is_labelled(review, tmp_path):
    window = review(played(tmp_path))
    window.go_to(0.5)
    window.set_label("unsure")
    assert corrected_labels(window, 1) == ["unsure"] * 10 + ["sad"] * 10


def test_a_double_click_selects_a_spell(review, tmp_path):
    window = review(played(tmp_path))
    QTest.mouseDClick(window.timeline, Qt.MouseButton.LeftButton, pos=row_point(window, 1, 1.5))
    assert window.timeline.selection.span == pytest.approx((1.0, 2.0))


def test_faces_are_named_and_merged_unless_seen_together(review, tmp_path):
    log = session_in(tmp_path, *TWO).log
    window = review(log)
    assert window.view.message == no_video()
    window.timeline.choose_face(3)
    window.commands["rename"].trigger()
    (dialog,) = window.findChildren(QInputDialog)
    dialog.setTextValue("Ann")
    dialog.accept()
    assert window.session.name_of(3) == "Ann"
    window.timeline.select(Selection(3, Span(1.2, 1.5)))
    window.merge(1)
    assert window.timeline.selection is None, "a span of a face that is no longer there"
    assert window.session.identities == (1, 2)
    assert window.timeline.face == 1
    assert [track.name for track in window.timeline.data.tracks] == ["Ann", "Face 2"]
    window.merge(2)
    assert "are in the picture together" in window.notices.notices[0].message
    assert window.session.identities == (1, 2)
    assert window.timeline.face == 1
    window.commands["split"].trigger()
    assert window.session.identities == (1, 2, 3)


def test_a_face_is_chosen_and_named_in_the_picture(review, tmp_path):
    window = review(played(tmp_path, shown=[{1: "happy", 2: "sad"}] * 20))
    wait_for(lambda: window.view.result is not None, "the picture")
    left, top, width, height = window.view.image_rect_px()
    ratio = window.view.devicePixelRatioF()
    box = window.view.result.faces[1].box_xywh
    size = window.view.result.frame
    x = left + (box[0] + 5) * width / size.width
    y = top + (box[1] + 5) * height / size.height
    at = QPoint(round(x / ratio), round(y / ratio))
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=at)
    assert window.timeline.face == 2
    QTest.mouseDClick(window.view, Qt.MouseButton.LeftButton, pos=at)
    (dialog,) = window.findChildren(QInputDialog)
    dialog.setTextValue("Bo")
    dialog.accept()
    assert window.session.names == {2: "Bo"}


def test_the_faces_above_and_below_are_chosen_by_keys(review, tmp_path):
    window = review(session_in(tmp_path, *TWO).log)
    chosen = []
    for name in ("down", "down", "down", "down", "up", "up", "up"):
        window.commands[name].trigger()
        chosen.append(window.timeline.face)
    assert chosen == [1, 2, 3, 3, 2, 1, 1]


def test_markers_are_set_moved_changed_and_deleted(review, tmp_path):
    window = review(played(tmp_path))
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    window.go_to(0.5)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_4)
    assert window.session.markers == (MarkerNote(0.5, 4),)
    at, line = round(window.timeline.x_of(0.5)), 6
    end = round(window.timeline.x_of(1.5))
    drag(window.timeline, QPoint(at, line), QPoint(end, line))
    (moved,) = window.session.markers
    assert moved.time_s == pytest.approx(1.5, abs=0.01)
    assert window.timeline.marker == moved
    window.commands["note"].trigger()
    (dialog,) = window.findChildren(QInputDialog)
    dialog.setTextValue("look here")
    dialog.accept()
    assert window.session.markers[0].text == "look here"
    window.timeline.choose_marker(window.session.markers[0])
    window.commands["delete"].trigger()
    assert window.session.markers == ()
    for _ in range(4):
        window.commands["undo"].trigger()
    assert not window.edits.stack.canUndo()
    assert window.session.markers == ()


def test_a_span_is_left_out_and_taken_back(review, tmp_path):
    window = review(played(tmp_path))
    window.timeline.select(Selection(None, Span(0.5, 1.5)))
    window.commands["leave_out"].trigger()
    assert len(window.session.table) == 10
    window.timeline.select(None)
    window.go_to(1.0)
    window.commands["take_in"].trigger()
    assert len(window.session.table) == 20
    window.commands["leave_out"].trigger()
    assert "select a span first" in window.statusBar().currentMessage()


@pytest.mark.parametrize("name", ["csv", "html", "vtt", "eaf"])
def test_exports_are_named_in_a_notice(review, tmp_path, name):
    window = review(played(tmp_path))
    window.timeline.select(Selection(1, Span(0.0, 0.5)))
    window.set_label("neutral")
    window.commands[name].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == f"Saved clip-reviewed.{name}."
    assert "Show in folder" in window.notices.bars[0].action_buttons
    text = (tmp_path / f"clip-reviewed.{name}").read_text("utf-8")
    assert "neutral" in text
    if name == "csv":
        assert read_log(tmp_path / "clip-reviewed.csv").has("corrected").sum() == 5


def test_closing_saves_the_last_correction(review, tmp_path):
    log = played(tmp_path)
    window = review(log)
    window.set_marker(2, "last")
    window.close()
    assert [one.text for one in load_corrections(log)[0].markers_added] == ["last"]


def test_damaged_corrections_are_told_and_kept(review, tmp_path):
    log = played(tmp_path)
    (tmp_path / "clip.review.json").write_text("{")
    window = review(log)
    assert "can't be read" in window.notices.notices[0].message
    window.set_marker(1)
    wait_for(lambda: (tmp_path / "clip.review.json.bad").exists(), "the kept file")
    wait_for(lambda: (tmp_path / "clip.review.json").exists(), "the new file")
    assert json.loads((tmp_path / "clip.review.json").read_text("utf-8"))["markers_added"]


def test_corrections_that_cannot_be_saved_are_told_and_the_window_stays_once(
    review, tmp_path, monkeypatch
):
    window = review(played(tmp_path))

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fer_live.review.sidecar.atomic_write", refuse)
    window.set_marker(1)
    wait_for(lambda: window.notices.notices, "the notice")
    assert "No space left on device" in window.notices.notices[0].message
    window.notices.clear()
    window.close()
    assert window.isVisible()
    assert "can't be saved" in window.notices.notices[0].message
    window.close()
    assert not window.isVisible()


def test_a_video_that_cannot_be_read_leaves_the_timeline(review, tmp_path):
    log = played(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"no video" * 100)
    window = review(log)
    wait_for(lambda: window.view.message is not None, "the message")
    assert window.view.message.title == "Can't show clip.mp4"
    window.edits.choose_video(str(write_video(tmp_path / "other.mp4")))
    wait_for(lambda: shown_number(window) == 0, "the other video")
    assert window.view.message is None


def test_what_is_under_the_mouse_is_told(review, tmp_path):
    window = review(played(tmp_path))
    text = window.timeline.text_at(row_point(window, 1, 0.55))
    assert text.startswith("Face 1 · 0:00.5")
    assert "happy, 70%" in text


def test_zooming_keeps_the_place_and_playing_takes_the_view_along(review, tmp_path):
    window = review(played(tmp_path))
    window.go_to(1.0)
    window.timeline.zoom(4.0)
    view = window.timeline.view
    assert view.end_s - view.start_s == pytest.approx(0.5)
    assert window.timeline.x_of(1.0) == pytest.approx(
        (window.timeline.x_of(view.start_s) + window.timeline.x_of(view.end_s)) / 2, abs=2
    )
    window.go_to(1.9)
    view = window.timeline.view
    assert view.start_s <= 1.9 <= view.end_s
    window.commands["whole"].trigger()
    assert window.timeline.view == pytest.approx((0.0, 2.0))


def test_the_keys_of_the_window_are_listed_and_none_is_used_twice(review, tmp_path):
    window = review(played(tmp_path))
    keys = [key for spec in review_actions.ACTIONS for key in spec.keys]
    keys += [key for name in ("undo", "redo") for key in
             (one.toString() for one in window.commands[name].shortcuts())]  # fmt: skip
    keys += [str(n) for n in range(1, 10)] + [f"Ctrl+{n}" for n in range(1, 10)]
    assert len(keys) == len(set(keys))
    window.commands["keys"].trigger()
    (dialog,) = window.findChildren(ShortcutsDialog)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    assert {spec.tip for spec in review_actions.ACTIONS} <= shown
    dialog.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_rows_are_painted_in_the_themes_colours(review, tmp_path, app, theme):
    from fer_live.core.labels import colour_rgb
    from fer_live.gui.widgets.theme import apply_theme, resolve_theme

    apply_theme(app, resolve_theme(theme))
    window = review(session_in(tmp_path, *TWO).log)
    image = window.timeline.grab().toImage()
    ratio = image.devicePixelRatio()
    at = row_point(window, 1, 0.02) * ratio
    assert image.pixelColor(at).getRgb()[:3] == colour_rgb("happy")
    rect = window.timeline.row_rect(2)
    unseen = QPoint(round(window.timeline.x_of(1.5)), rect.top() + rect.height() // 2) * ratio
    assert image.pixelColor(unseen).name() == resolve_theme(theme).surface
