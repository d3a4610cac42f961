"""Compact window, always on top, About, the demo with several people, and quitting."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from fer_live import __version__
from fer_live.core.settings import Settings
from fer_live.gui.window.about_dialog import AboutDialog
from tests.gui.driver import recording, streaming
from tests.gui.fakes import FakeRecorder
from tests.gui.waiting import settle, wait_for

FRAMELESS = Qt.WindowType.FramelessWindowHint
ON_TOP = Qt.WindowType.WindowStaysOnTopHint


def drag(window, begin: QPoint, way: QPoint) -> None:
    """Drags the video with the left button, as the window system reports it."""
    view = window.view
    for kind, at in (
        (QEvent.Type.MouseButtonPress, begin),
        (QEvent.Type.MouseMove, begin + way),
        (QEvent.Type.MouseButtonRelease, begin + way),
    ):
        buttons = Qt.MouseButton.NoButton
        if kind != QEvent.Type.MouseButtonRelease:
            buttons = Qt.MouseButton.LeftButton
        button = Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseMove:
            button = Qt.MouseButton.NoButton
        event = QMouseEvent(
            kind,
            QPointF(at),
            QPointF(window.geometry().topLeft() + at),
            button,
            buttons,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, event)


def test_the_compact_window_is_the_video_alone_and_esc_gives_all_back(open_window, services):
    window = open_window()
    streaming(window, services)
    before, panel = window.geometry(), window.panel.isVisible()
    window.commands["compact"].trigger()
    settle()
    assert window.isVisible()
    assert window.windowFlags() & FRAMELESS
    for part in (window.menuBar(), window.tool_bar, window.statusBar(), window.panel):
        assert not part.isVisible()
    assert window.view.size() == window.size()
    assert window.width() < before.width()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    settle()
    assert not window.windowFlags() & FRAMELESS
    assert window.isVisible()
    assert window.tool_bar.isVisible()
    assert window.panel.isVisible() == panel
    assert window.geometry() == before
    assert not window.commands["compact"].isChecked()


def test_the_mouse_moves_and_resizes_the_compact_window(open_window):
    window = open_window()
    window.commands["compact"].trigger()
    settle()
    place = window.geometry()
    drag(window, QPoint(100, 100), QPoint(-60, 40))
    assert window.geometry() == place.translated(-60, 40)
    corner = QPoint(place.width() - 5, place.height() - 5)
    drag(window, corner, QPoint(80, 45))
    assert (window.width(), window.height()) == (place.width() + 80, place.height() + 45)
    # It comes back where it was left; a window with a frame is not dragged.
    left = window.geometry()
    window.commands["compact"].trigger()
    settle()
    normal = window.geometry()
    drag(window, QPoint(100, 100), QPoint(-60, 40))
    assert window.geometry() == normal
    window.commands["compact"].trigger()
    settle()
    assert window.geometry() == left


def test_full_screen_and_compact_exclude_each_other(open_window):
    window = open_window()
    window.commands["compact"].trigger()
    window.commands["fullscreen"].trigger()
    settle()
    assert window.isFullScreen()
    assert not window.windowFlags() & FRAMELESS
    assert not window.commands["compact"].isChecked()
    window.commands["compact"].trigger()
    settle()
    assert not window.isFullScreen()
    assert not window.commands["fullscreen"].isChecked()
    assert window.windowFlags() & FRAMELESS


def test_the_place_that_is_saved_is_not_that_of_the_compact_window(open_window, services):
    window = open_window()
    window.resize(770, 500)
    settle()
    window.commands["compact"].trigger()
    settle()
    window.close()
    wait_for(lambda: window.ended, "the window to close")
    again = open_window(settings=services.saved[-1])
    assert (again.width(), again.height()) == (770, 500)


def test_always_on_top_is_kept(open_window, services):
    window = open_window()
    assert not window.windowFlags() & ON_TOP
    window.commands["on_top"].trigger()
    assert window.windowFlags() & ON_TOP
    assert window.isVisible()
    assert window.settings.always_on_top
    other = open_window(settings=Settings(always_on_top=True, first_start_done=True, source="demo"))
    assert other.windowFlags() & ON_TOP
    assert other.commands["on_top"].isChecked()
    window.commands["on_top"].trigger()
    assert not window.windowFlags() & ON_TOP


def test_about_names_version_licences_and_places(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["version"].trigger()
    dialog = window.findChild(AboutDialog)
    text = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert f"fer_live {__version__}" in text
    assert "settings.json" in text
    assert "default.safetensors" in text
    for words in ("PySide6", "LGPL", "x264", "GPL", "MIT"):
        assert words in text
    dialog.copy.click()
    report = QGuiApplication.clipboard().text()
    for words in (__version__, "Python", "cores", "device", "frames_captured", "av: "):
        assert words in report
    dialog.close()


def test_the_diagnostic_report_holds_no_secret(open_window):
    settings = Settings(
        source="rtsp://ann:secret1@host/x", websocket_token="secret2", osc_address="secret3:9",
        recent_sources=("secret4.mp4",), marker_texts=("secret5",), first_start_done=True,
        smoothing_s=0.4, lsl_name="secret6", record_name="secret7",
    )  # fmt: skip
    window = open_window(settings=settings)
    window.commands["version"].trigger()
    dialog = window.findChild(AboutDialog)
    dialog.copy.click()
    report = QGuiApplication.clipboard().text()
    assert "secret" not in report
    assert "smoothing_s: 0.4" in report
    dialog.close()


def test_macos_finds_settings_quit_and_about_where_it_expects_them(open_window):
    window = open_window(begin=False)
    roles = {name: action.menuRole() for name, action in window.commands.items()}
    role = QAction.MenuRole
    special = {name: r for name, r in roles.items() if r is not role.NoRole}
    assert special == {
        "settings": role.PreferencesRole,
        "quit": role.QuitRole,
        "version": role.AboutRole,
    }


def test_the_demo_with_several_people_is_in_the_menu(open_window, services):
    window = open_window()
    shown = [action.text() for action in window.source_button.menu().actions()]
    assert "Demo with four people" in shown
    window.commands["demo_group"].trigger()
    wait_for(lambda: services.engines.made[-1].source == "demo?faces=4", "the demo")
    window.commands["demo"].trigger()
    shown = [action.text() for action in window.source_button.menu().actions()]
    assert "Recent" not in shown


class CloseButton(QCloseEvent):
    """What the window system sends when the user presses the close button."""

    def spontaneous(self) -> bool:
        return True


def test_the_close_button_asks_too(open_window, services):
    window = open_window()
    recording(window, services)
    window.closeEvent(CloseButton())
    assert window.question.isVisible()
    assert window.isVisible()
    window.closeEvent(CloseButton())
    wait_for(lambda: window.ended, "the window to close")


def test_quitting_while_recording_asks_once(open_window, services):
    window = open_window()
    recording(window, services)
    window.commands["quit"].trigger()
    assert window.question.isVisible()
    assert not window._closing
    window.question.reject()
    settle()
    assert window.isVisible()
    assert window.outputs.recording.sink is not None
    window.commands["quit"].trigger()
    wait_for(lambda: window.ended, "the window to close")


def test_the_next_recording_is_asked_about_again(open_window, services):
    window = open_window()
    recording(window, services)
    window.commands["quit"].trigger()
    window.question.reject()
    window.commands["record"].trigger()
    wait_for(lambda: not window.outputs.recording.active, "the end of the recording")
    services.recorder = FakeRecorder(services.folder / "next.mp4")
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the next one")
    window.commands["quit"].trigger()
    assert not window._closing
    assert window.question.isVisible()


def test_the_answer_finish_closes_the_window(open_window, services):
    window = open_window()
    recording(window, services)
    window.commands["quit"].trigger()
    window.question.defaultButton()
    next(b for b in window.question.buttons() if b.text() == "Finish and quit").click()
    wait_for(lambda: window.ended, "the window to close")


def test_without_a_recording_and_on_signals_nothing_is_asked(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["quit"].trigger()
    assert window.question is None
    wait_for(lambda: window.ended, "the window to close")
    other = open_window()
    recording(other, services)
    other.close()  # as a signal and the end of --duration do
    assert other.question is None
    wait_for(lambda: other.ended, "the window to close")
