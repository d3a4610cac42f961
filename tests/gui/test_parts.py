"""The window's parts on their own."""

from fnmatch import fnmatch

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QKeySequence
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from fer_live.core.errors import SourceError
from fer_live.core.formats import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fer_live.core.labels import colour_rgb
from fer_live.core.settings import Settings
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.display import DisplayError, check_display, missing_libraries, restore_environment
from fer_live.gui.settings.dialog import SettingsDialog
from fer_live.gui.widgets import icons, theme
from fer_live.gui.widgets.chart import Chart
from fer_live.gui.widgets.elide import cut
from fer_live.gui.widgets.face_cards import MOST_CARDS, FaceCards
from fer_live.gui.widgets.history import STEP_S, WINDOW_S, History
from fer_live.gui.widgets.notice import MOST_NOTICES, Notice, NoticeArea, NoticeBar, notice_for
from fer_live.gui.widgets.video_view import PANE_WIDTH_PX, Message, VideoView, fitted
from fer_live.gui.window import actions
from fer_live.gui.window.dialogs import ShortcutsDialog, ask_file
from fer_live.gui.window.geometry import geometry_text, restore_geometry
from fer_live.gui.window.messages import state_text
from fer_live.gui.window.output_messages import recording_words, size_text
from fer_live.gui.window.source_menu import camera_source, source_title
from fer_live.gui.window.status_bar import Latency
from fer_live.live.states import State
from tests.gui.fakes import LABELS, Camera, face, result
from tests.gui.waiting import settle, wait_for


@pytest.mark.parametrize(
    ("frame", "view", "expected"),
    [
        ((1280, 720), (1280, 720), (0, 0, 1280, 720)),
        ((1280, 720), (1000, 1000), (0, 219, 1000, 562)),
        ((640, 480), (1280, 480), (320, 0, 640, 480)),
        ((480, 640), (100, 100), (12, 0, 75, 100)),
        ((4000, 10), (100, 100), (0, 49, 100, 1)),
    ],
)
def test_a_frame_is_fitted_and_centred(frame, view, expected):
    assert fitted(frame, view) == expected


class Dense(VideoView):
    """A view on a screen with this many device pixels per logical pixel."""

    ratio = 1.0

    def devicePixelRatioF(self) -> float:  # noqa: N802
        return self.ratio


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_picture_keeps_its_aspect_and_uses_every_device_pixel(app, ratio):
    view = Dense()
    view.ratio = ratio
    view.resize(400, 400)
    shown = result(size=(160, 90))
    picture = np.full((90, 160, 3), 255, np.uint8)
    view.show_result(shown, picture)
    place = view.picture_rect_px()
    assert place == (
        0,
        (round(400 * ratio) - round(225 * ratio)) // 2,
        round(400 * ratio),
        round(225 * ratio),
    )
    side = round(400 * ratio)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    view.render(image, QPoint(0, 0))
    rows = [QColor(image.pixel(side // 2, y)).lightness() > 200 for y in range(side)]
    assert sum(rows) == pytest.approx(place[3], abs=1)
    assert rows.index(True) == pytest.approx(place[1], abs=1)


def test_the_picture_is_shown_in_its_own_colours(app):
    view = VideoView()
    view.resize(320, 240)
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[:] = (200, 100, 50)
    view.show_result(result(size=(320, 240)), picture)
    colour = QColor(view.grab().toImage().pixel(160, 120))
    assert (colour.red(), colour.green(), colour.blue()) == (50, 100, 200)


def test_the_latency_is_reported_once_per_picture(app):
    view, seen = VideoView(), []
    view.painted.connect(seen.append)
    view.show_result(result(), np.zeros((120, 160, 3), np.uint8))
    view.grab()
    view.grab()
    assert len(seen) == 1
    assert seen[0] >= 0


def test_a_message_hides_the_picture_unless_it_keeps_it(app):
    view = VideoView()
    view.show_result(result(), np.zeros((120, 160, 3), np.uint8))
    view.show_message(Message("Lost", keep_frame=True))
    assert view.result is not None
    view.show_message(Message("Gone"))
    assert view.result is None
    assert view.picture_rect_px() is None
    view.grab()


def test_cards_begin_empty_are_stable_and_are_reused(app):
    cards = FaceCards()
    cards.show_faces((), LABELS, None)
    assert cards.cards == ()
    assert not cards.empty.isHidden()
    cards.show_faces([face(1), face(2, top=4)], LABELS, 2)
    first = cards.cards
    assert [c.track_id for c in first] == [1, 2]
    assert [c.label.text() for c in first] == ["happy", "sad"]
    assert first[1].property("selected") is True
    cards.show_faces([face(2, top=5)], LABELS, None)
    assert cards.cards == first[:1]
    assert cards.cards[0].accessibleName() == "Face 2: surprise 70 %"
    cards.show_faces([face(2), face(7)], LABELS, None)
    assert cards.cards == first
    cards.show_faces([face(n) for n in range(1, MOST_CARDS + 4)], LABELS, None)
    assert len(cards.cards) == MOST_CARDS
    assert cards.more.text() == "and 3 more"


def test_a_face_without_a_classification_has_a_card_too(app):
    from fer_live.core.types import Face

    cards = FaceCards()
    cards.show_faces([Face(1, (0, 0, 5, 5))], LABELS, None)
    assert cards.cards[0].label.text() == "looking…"
    cards.grab()


def test_history_is_thinned_bounded_and_has_gaps():
    history = History()
    times, values = history.curves(1, 0.0)
    assert times.shape == (0,)
    taken = [history.add(result(faces=[face(1)], at_s=n / 100)) for n in range(100)]
    assert sum(taken) == pytest.approx(1 / STEP_S, abs=1)
    history.add(result(faces=[face(1)], at_s=5.0))
    times, values = history.curves(1, 5.0)
    assert values.shape == (len(times), len(LABELS))
    assert np.isnan(values).any(axis=1).sum() == 1
    assert times[-1] == 0
    history.add(result(faces=[face(2)], at_s=5.0 + WINDOW_S))
    assert len(history.curves(1, 5.0 + WINDOW_S)[0]) == 1


def test_the_chart_has_a_curve_per_class_in_its_colour(app):
    theme.apply(app, theme.DARK)
    chart, history = Chart(), History()
    chart.show_face(history, None, (), 0.0)
    for n in range(5):
        history.add(result(faces=[face(1)], at_s=float(n)))
    chart.show_face(history, 1, LABELS, 4.0)
    assert tuple(chart.curves) == LABELS
    xs, ys = chart.curves["happy"].getData()
    assert xs[-1] == 0
    assert ys[-1] == pytest.approx(0.7)
    shown = chart.curves["happy"].opts["pen"].color()
    assert (shown.red(), shown.green(), shown.blue()) == colour_rgb("happy")
    chart.show_face(history, None, LABELS, 4.0)
    assert (
        len(
            chart.curves["happy"].getData()[0]
            if chart.curves["happy"].getData()[0] is not None
            else ()
        )
        == 0
    )


def test_the_chart_is_drawn_four_times_a_second_and_at_once_for_another_face(app):
    chart, history = Chart(), History()

    def samples():
        return len(chart.curves["happy"].getData()[0])

    drawn = []
    for n in range(4):
        history.add(result(faces=[face(1), face(2)], at_s=n * 0.125))
        chart.show_face(history, 1, LABELS, n * 0.125)
        drawn.append(samples())
    assert drawn == [1, 1, 3, 3]
    chart.show_face(history, 2, LABELS, 0.375)
    assert samples() == 4


def test_notices_are_few_and_not_repeated(app):
    area = NoticeArea()
    for number in range(MOST_NOTICES + 2):
        area.show_notice(Notice(f"message {number}"))
    assert len(area.notices) == MOST_NOTICES
    assert area.notices[0].message == f"message {MOST_NOTICES + 1}"
    area.show_notice(area.notices[1])
    assert len(area.notices) == MOST_NOTICES
    done = []
    bar = area.show_notice(Notice("Saved.", action_text="Open", action=lambda: done.append(1)))
    bar.action_button.click()
    assert done == [1]
    area.clear()
    assert area.isHidden()


def test_an_error_keeps_its_cause_and_a_fault_its_traceback():
    error = SourceError("It broke.", "Mend it.")
    error.__cause__ = OSError("no space")
    assert notice_for(error).details == "OSError('no space')"
    fault = notice_for(ZeroDivisionError("by zero"))
    assert "ZeroDivisionError" in fault.details
    assert "by zero" not in fault.message


def test_settings_go_through_the_dialog_unchanged(app, tmp_path):
    settings = Settings(
        source="2", device="cpu", model=str(tmp_path / "m.safetensors"), mirror=False, width=800,
        height=600, fps=25.0, smoothing_s=0.4, unsure_below=0.45, show_bars=True, show_fps=False,
        show_ids=False, show_heat=True, output_dir=tmp_path, theme="light", clean_snapshot=True,
        first_start_done=True, window_geometry="abc", record_pictures="both",
        record_quality="small", record_encoder="software", record_name="lab {date}",
        split_minutes=2.5, split_mb=700.0, privacy="pixelate", privacy_on_screen=True,
        replay=True, replay_s=45.0, log_format="jsonl", marker_texts=("", "smile"),
    )  # fmt: skip
    dialog = SettingsDialog(settings)
    assert dialog.values() == settings
    heard = []
    dialog.applied.connect(heard.append)
    dialog.unsure.setValue(50)
    dialog.theme.setCurrentIndex(0)
    dialog._accept()
    assert heard[0].unsure_below == 0.5
    assert heard[0].theme == "system"
    assert heard[0].source == "2"


def test_a_name_that_cannot_be_used_keeps_the_settings_open_and_says_why(app):
    dialog, heard = SettingsDialog(Settings()), []
    dialog.applied.connect(heard.append)
    dialog.recording.name.setText("a/b")
    dialog._accept()
    assert heard == []
    assert "not every system" in dialog.trouble.text()
    assert dialog.pages.currentWidget() is dialog.recording
    dialog.recording.name.setText("")
    dialog._accept()
    assert heard[0].record_name == ""


def test_numbers_only_needs_no_video_settings_and_parquet_its_library(app, monkeypatch):
    page = SettingsDialog(Settings(record_pictures="none")).recording
    assert not page.quality.isEnabled()
    assert not page.replay.isEnabled()
    assert page.format.model().item(2).isEnabled()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    page = SettingsDialog(Settings()).recording
    assert page.quality.isEnabled()
    assert not page.format.model().item(2).isEnabled()
    assert "not installed" in page.format.itemText(2)


def test_sizes_are_said_as_on_a_disk():
    sizes = (0, 999, 1000, 12_400_000, 1_250_000_000, 85_200_000_000, 3e15)
    said = ["0 B", "999 B", "1.0 kB", "12 MB", "1.2 GB", "85 GB", "3000 TB"]
    assert [size_text(size) for size in sizes] == said


def test_the_list_of_shortcuts_matches_the_actions(open_window):
    window = open_window(begin=False)
    listed = dict(row for rows in actions.shortcut_groups().values() for row in rows)
    native = QKeySequence.SequenceFormat.NativeText
    used = []
    for spec in actions.SPECS:
        action = window.commands[spec.name]
        keys = [key.toString(native) for key in action.shortcuts()]
        assert keys, f"{spec.name} has no shortcut"
        assert listed[" or ".join(keys)] == spec.tip
        assert f"({keys[0]})" in action.toolTip()
        used += keys
    assert len(used) == len(set(used)), "two actions share a shortcut"
    shown = {label.text() for label in ShortcutsDialog(window).findChildren(QLabel)}
    assert set(listed) <= shown


def test_every_button_of_the_tool_bar_has_a_name_and_a_tooltip(open_window):
    window = open_window(begin=False)
    for button in [
        window.source_button,
        *map(window.tool_bar.widgetForAction, window.tool_bar.actions()),
    ]:
        if hasattr(button, "defaultAction") and button is not window.source_button:
            if button.defaultAction() is None:
                continue
            assert button.accessibleName()
            assert button.toolTip()


def test_the_tool_bar_drops_its_words_for_room_and_shows_that_more_is_there(open_window):
    window = open_window(begin=False)
    bar, settings = window.tool_bar, window.commands["settings"]

    def shown():
        settle()
        return bar.toolButtonStyle().name, bar.widgetForAction(settings).isVisible()

    window.resize(1280, 600)
    assert shown() == ("ToolButtonTextBesideIcon", True)
    window.source_button.show_source("/films/" + "long" * 9 + ".mp4")
    bar.show_replay(True)
    assert shown() == ("ToolButtonIconOnly", True)
    window.source_button.show_source("demo")
    bar.show_replay(False)
    assert shown() == ("ToolButtonTextBesideIcon", True)
    window.resize(500, 600)
    assert shown() == ("ToolButtonIconOnly", False)
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    ground = more.grab().toImage()
    colours = {ground.pixel(x, y) for x in range(ground.width()) for y in range(ground.height())}
    assert len(colours) > 1, "its sign can be seen"


def test_a_short_message_at_the_edge_stays_on_one_line(app):
    view = VideoView()
    view.resize(900, 500)
    button = QPushButton("Start")
    view.set_offers((("again", button),))
    view.show()
    view.show_message(Message("The end", "", ("again",), aside=True))
    settle()
    title = view.pane.title
    assert title.width() >= title.fontMetrics().horizontalAdvance("The end")
    view.close()


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_text_can_be_read_in_both_themes(look):
    def rgb(name):
        return theme.rgb_of(QColor(getattr(look, name)))

    for ground in ("window", "surface", "raised", "stage"):
        assert theme.contrast(rgb("text"), rgb(ground)) >= 7
        assert theme.contrast(rgb("muted"), rgb(ground)) >= 4.5
    assert theme.contrast(rgb("on_accent"), rgb("accent")) >= 4.5
    assert theme.contrast(rgb("on_danger"), rgb("danger")) >= 4.5
    for label in LABELS:
        seen = theme.readable(colour_rgb(label), rgb("surface"))
        assert theme.contrast(seen, rgb("surface")) >= theme.GRAPHIC_CONTRAST


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_icon_draws_something(app, name):
    image = icons.pixmap(name, "#ff0000", 20, 2.0).toImage()
    assert image.width() == 40
    assert any(QColor(image.pixelColor(x, y)).alpha() for x in range(40) for y in range(40))


def test_sources_are_called_by_their_names():
    cameras = [Camera(0, "Webcam"), Camera(1, "Webcam HD"), Camera(2, "7")]
    assert source_title("") == "First camera"
    assert source_title("demo?faces=4") == "Demo"
    assert source_title("1", cameras) == "Webcam HD"
    assert source_title("3", cameras) == "Camera 3"
    assert source_title("/films/one.mp4") == "one.mp4"
    # A name that is part of another one, or looks like an index, would open the wrong camera.
    assert [camera_source(c, cameras) for c in cameras] == ["0", "Webcam HD", "2"]


def test_the_latency_is_the_median_of_the_last_second():
    latency = Latency()
    assert latency.median_ms(0.0) is None
    for at, value in ((0.0, 500.0), (1.5, 10.0), (1.8, 30.0), (2.0, 20.0)):
        latency.add(value, at)
    assert latency.median_ms(2.0) == 20.0
    assert latency.median_ms(9.0) is None


def test_geometry_goes_through_text_and_damage_is_harmless(app):
    widget, other = QWidget(), QWidget()
    widget.resize(432, 321)
    assert restore_geometry(other, geometry_text(widget))
    assert (other.width(), other.height()) == (432, 321)
    assert not restore_geometry(other, "ä not base64")
    assert not restore_geometry(other, "")


def test_recording_words():
    assert recording_words(0, 0) == "0:00"
    assert recording_words(3725.9, 0) == "1:02:05"
    assert recording_words(61, 3) == "1:01 · 3 dropped"


def test_tasks_bring_answers_and_errors_to_this_thread(app):
    import threading

    tasks, heard = Tasks(), []
    tasks.run(
        "good", lambda: 7, lambda v: heard.append((v, threading.current_thread())), heard.append
    )
    wait_for(lambda: heard, "the answer")
    assert heard == [(7, threading.main_thread())]
    tasks.run("bad", lambda: 1 / 0, heard.append, heard.append)
    wait_for(lambda: len(heard) == 2, "the error")
    assert isinstance(heard[1], ZeroDivisionError)
    assert tasks.close(2.0)


def test_opencv_variables_are_dropped_and_others_kept():
    environment = {
        "QT_QPA_PLATFORM_PLUGIN_PATH": "/x/site-packages/cv2/qt/plugins",
        "QT_QPA_FONTDIR": "/usr/share/fonts",
    }
    restore_environment(environment)
    assert environment == {"QT_QPA_FONTDIR": "/usr/share/fonts"}


def test_what_would_make_qt_abort_is_found_beforehand():
    assert missing_libraries({"libno-such-thing.so.9": "libno9"}) == ["libno9"]
    check_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    check_display({}, "win32")
    with pytest.raises(DisplayError, match="no screen"):
        check_display({}, "linux")


def test_the_file_dialog_lists_every_image_and_video(app, tmp_path):
    names = [f"file{suffix}" for suffix in (*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)]
    parent = QWidget()
    dialog = ask_file(parent, lambda _: None)
    filters = dialog.nameFilters()
    dialog.close()
    patterns = [p for text in filters[:2] for p in text[text.index("(") + 1 : -1].split()]
    assert all(any(fnmatch(name, pattern) for pattern in patterns) for name in names)


def test_no_image_is_over():
    for suffix in (*IMAGE_SUFFIXES, *(suffix.upper() for suffix in IMAGE_SUFFIXES)):
        shown = state_text(State.ENDED, f"face{suffix}", loading=False, size=(8, 8))
        assert shown.startswith(f"face{suffix} · 8")
    assert "over" in state_text(State.ENDED, "clip.mp4", loading=False, size=None)


def test_passwords_in_addresses_are_not_shown():
    shown = source_title("rtsp://user:secret@camera.local:554/live?key=hidden")
    assert shown.startswith("rtsp://camera.local:554/live")
    assert "secret" not in shown
    assert "hidden" not in shown
    assert source_title("http://user:secret@[bad") == "http://…"


def test_models_that_are_averaged_stay_chosen(app, tmp_path):
    both = f"{tmp_path / 'mine.safetensors'} + default"
    dialog = SettingsDialog(Settings(model=both))
    assert dialog.model.currentText() == "mine.safetensors + default"
    assert dialog.values().model == both


def test_models_that_cannot_be_listed_do_not_keep_the_settings_shut(app, monkeypatch):
    def fail():
        raise PermissionError(13, "no")

    monkeypatch.setattr("fer_live.gui.settings.dialog.model_names", fail)
    assert SettingsDialog(Settings()).model.count() == 1


def test_drawing_an_old_result_anew_is_no_latency(app):
    view, seen = VideoView(), []
    view.painted.connect(seen.append)
    old, picture = result(), np.zeros((120, 160, 3), np.uint8)
    for shown in (old, old, result()):
        view.show_result(shown, picture)
        view.grab()
    assert len(seen) == 2


def test_a_message_fits_the_view_when_that_changes(app):
    view = VideoView()
    view.set_offers([(name, QPushButton(name * 8)) for name in "abc"])
    view.resize(900, 500)
    view.show_message(Message("Title", "Words", ("a", "b", "c")))
    view.grab()
    assert view.pane.width() == PANE_WIDTH_PX
    buttons = view.pane.findChildren(QPushButton)
    assert len({b.y() for b in buttons}) == 1
    view.resize(320, 400)
    view.grab()
    assert view.pane.width() <= 320
    assert len({b.x() for b in buttons}) == 1
    assert len({b.y() for b in buttons}) == 3


def test_good_news_in_use_stays(app, monkeypatch):
    monkeypatch.setattr("fer_live.gui.widgets.notice.INFO_SHOWN_MS", 1)
    monkeypatch.setattr("fer_live.gui.widgets.notice.LINGER_MS", 1)
    asked = []
    monkeypatch.setattr(
        NoticeBar, "in_use", property(lambda bar: asked.append(1) or len(asked) < 4)
    )
    area = NoticeArea()
    area.show_notice(Notice("Saved.", kind="done"))
    wait_for(lambda: not area.notices, "it to go")
    assert len(asked) == 4


def test_bars_are_described_in_words(app):
    cards = FaceCards()
    cards.show_faces([face(1)], LABELS, None)
    assert "happy 70 %" in cards.cards[0].bars.accessibleDescription()


def test_cut_keeps_both_ends():
    assert cut("short", 10) == "short"
    assert cut("abcdefghij.mp4", 9) == "abcd….mp4"
