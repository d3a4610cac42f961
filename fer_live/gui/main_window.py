"""The main window: what each action does, and what each event shows."""

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMessageBox

from fer_live.core.errors import FerLiveError
from fer_live.core.formats import DEMO, LOG_SUFFIXES, matching_cameras
from fer_live.core.settings import Settings, settings_path
from fer_live.gui.controllers.cameras import CameraCheckRun, Cameras
from fer_live.gui.controllers.display_renderer import DisplayRenderer
from fer_live.gui.controllers.engine_bridge import EngineBridge
from fer_live.gui.controllers.faces_panel import FacesPanel, load_drawing_libraries
from fer_live.gui.controllers.heat_map import HeatMapSwitch
from fer_live.gui.controllers.live_outputs import LiveOutputsController
from fer_live.gui.controllers.markers import Markers
from fer_live.gui.controllers.mirror import MirrorSwitch
from fer_live.gui.controllers.outputs import Outputs
from fer_live.gui.controllers.session_view import SessionView
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.error_texts import localised
from fer_live.gui.language import tr
from fer_live.gui.player.controller import SKIP_S, Player
from fer_live.gui.protocols import CameraLike, EngineLike, RecorderLike, Services
from fer_live.gui.review.sessions import ReviewSessions
from fer_live.gui.settings.store import SettingsStore
from fer_live.gui.widgets.notice import Notice, NoticeBar
from fer_live.gui.window import source_messages
from fer_live.gui.window.camera_formats import offered_formats
from fer_live.gui.window.dialogs import (
    ShortcutsDialog,
    ask_address,
    ask_file,
    ask_folder,
    ask_log,
    ask_to_quit,
)
from fer_live.gui.window.layout import WindowLayout
from fer_live.gui.window.source_menu import DEMO_GROUP, camera_source, parse, source_title
from fer_live.live.states import EngineEvent, State

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraFormat
    from fer_live.core.types import FrameResult
    from fer_live.gui.settings.camera_controls import CameraControlsDialog

_log = logging.getLogger(__name__)

STATUS_INTERVAL_MS = 250
"""Interval at which the figures change; faster changes are hard to read."""
CLOSE_TIMEOUT_S = 1.8
"""Longest wait for the engine's threads when the window closes."""
RESTART_SETTINGS = (
    "device",
    "precision",
    "model",
    "prior",
    "detector",
    "width",
    "height",
    "fps",
    "pixel_format",
)
"""Settings that need a new engine."""
MOST_RECENT = 8
"""Sources that the source menu remembers."""
FILE_SETTINGS = ("every_frame",)
"""Settings that need a new engine for a file."""
STREAM_SETTINGS = ("ca_file",)
"""Settings that need a new engine for an address."""


class MainWindow(WindowLayout):
    """The application's window.

    Args:
        settings: The settings; changes are saved.
        services: The rest of the program.
        source_override: Source for this run only; None takes the one in the settings.
        problems: What went wrong while the settings were loaded, shown as notices.
        stored: The settings in the user's file; None if they equal `settings`.
    """

    closed = Signal()
    """Everything has ended; the window can be deleted."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        *,
        source_override: str | None = None,
        problems: tuple[str, ...] = (),
        stored: Settings | None = None,
    ) -> None:
        self.settings = settings
        self._rates: tuple[float | None, float | None] = (None, None)
        self._closing = self._ended = self._quiet = False
        self._asked_about: RecorderLike | None = None
        self.question: QMessageBox | None = None
        """Whether to quit while a recording runs; asked once for each."""
        super().__init__(self._handlers(), self._switches(), settings.theme)
        self._source = settings.source if source_override is None else source_override
        self.tasks = Tasks(self)
        self.bridge = EngineBridge(services.build_engine, self)
        self.mirror = MirrorSwitch(self.commands["mirror"], lambda: self.bridge.engine)
        self.heat_map = HeatMapSwitch(self, lambda: self.bridge.engine)
        self.cameras = Cameras(services.list_cameras, self.tasks, self)
        self.camera_check = CameraCheckRun(services.check_camera, self.tasks, self)
        self.renderer = DisplayRenderer(self.view, lambda: self.settings, lambda: self._rates)
        self.outputs = Outputs(self, services, self.tasks)
        self.live_outputs = LiveOutputsController(self, services, self.tasks)
        self.reviews = ReviewSessions(
            self,
            self.tasks,
            self.notices.show_error,
            lambda: self.settings.output_dir,
            self.choose_source,
        )
        self.session = SessionView(self, self.outputs)
        self.markers = Markers(self, self.outputs, self.live_outputs)
        self.player = Player(self, self.bridge, services.open_sound)
        self.faces = FacesPanel(self.cards, self._panel_column, self)
        self._state = State.IDLE
        self._failure: NoticeBar | None = None
        self._left_out: NoticeBar | None = None
        self._left_out_told = 0
        self.camera_controls: CameraControlsDialog | None = None
        self.setAcceptDrops(True)
        self._store = SettingsStore(stored or settings, services.save_settings, self.tasks)
        self._status_timer = QTimer(self, interval=STATUS_INTERVAL_MS)
        self._connect()
        self._show_settings()
        self.source_button.show_source(self._source)
        self.view.show_message(source_messages.welcome())
        self.first_start.setVisible(not settings.first_start_done)
        self.restore_arrangement(settings.window_geometry)
        for problem in problems:
            self.notices.show_notice(Notice(localised(problem), kind="warning"))
        self._status_timer.start()

    @property
    def ended(self) -> bool:
        """True once the window has closed and everything behind it has ended."""
        return self._ended

    @property
    def fps(self) -> float | None:
        """The frame rate drawn on the video, frames per second."""
        return self._rates[0]

    def begin(self) -> None:
        """Starts the source and searches for cameras; call it when the window is on screen."""
        self.cameras.search()
        self.start_source(self._source)
        self.tasks.run("libraries", load_drawing_libraries, lambda _: None, self.notices.show_error)

    def start_source(self, source: str, *, quiet: bool = False) -> None:
        """Stops what runs and starts a source.

        Args:
            source: The source string.
            quiet: Keep the message on screen, because the source is only tried again.
        """
        self._source, self._quiet = source, quiet
        self.player.begin()
        self.notices.withdraw(self._failure)
        self.notices.withdraw(self._left_out)
        self._left_out_told = 0
        # Only a camera is mirrored: it shows the person in front of the screen.
        self.mirror.begin(self.settings.mirror and self._is_camera)
        self.heat_map.begin()
        self.cameras.stop_waiting()
        self.outputs.source_changes()
        self.live_outputs.source_changes()
        self.faces.clear()
        self.renderer.clear()
        self._state = State.OPENING
        self.source_button.show_source(source)
        if not quiet:
            self.view.show_message(source_messages.opening(self._title()))
        self.bridge.start(source, self.settings)
        self._show_status()

    def stop_source(self) -> None:
        """Stops what runs."""
        self.outputs.source_ended()
        self.bridge.stop()
        self.cameras.stop_waiting()
        self._state = State.STOPPED
        self.view.show_message(source_messages.stopping())
        self._show_status()

    def choose_source(self, source: str) -> None:
        """Starts a source and saves it in the settings."""
        recent = (source, *(other for other in self.settings.recent_sources if other != source))
        self.change(source=source, recent_sources=recent[:MOST_RECENT])
        self.start_source(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes a file or folder that is dragged over the window."""
        if dropped_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Starts the file or folder that was dropped; opens a session log in a review."""
        path = dropped_path(event.mimeData())
        if path is None:
            return
        event.acceptProposedAction()
        if Path(path).suffix.lower() in LOG_SUFFIXES:
            self.reviews.open(Path(path))
        else:
            self.choose_source(path)

    def apply_settings(self, settings: Settings) -> None:
        """Takes new settings; restarts the source only if the engine needs it."""
        old, self.settings = self.settings, settings
        if settings.theme != old.theme:
            self.set_theme(settings.theme)
        self._show_settings()
        if settings.mirror != old.mirror:
            self.mirror.set(settings.mirror)
        stream = parse(self._source).kind == "url"
        needed = RESTART_SETTINGS + (FILE_SETTINGS if self._is_file else ())
        needed += STREAM_SETTINGS if stream else ()
        restart = any(getattr(settings, name) != getattr(old, name) for name in needed)
        if restart and self.tool_bar.running:
            self.start_source(self._source)
        else:
            self._tune()
        self.outputs.apply_settings(old, settings)
        self.live_outputs.apply_settings(old, settings)
        self._store.take(old, settings)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hides the window, ends everything on a worker thread, then closes."""
        if self._ended:
            event.accept()
            return
        event.ignore()
        if self._closing:
            return
        # The user pressed the close button; a signal or a program's end is not asked about.
        if event.spontaneous() and self._must_ask():
            return
        self._closing = True
        self.reviews.close()
        self.set_compact(False)
        geometry = {} if self.isFullScreen() else {"window_geometry": self.arrangement()}
        save_settings = self._store.final(**geometry)
        self._status_timer.stop()
        self.cameras.stop_waiting()
        self.player.close()
        self.hide()

        def work() -> None:
            self.bridge.close(CLOSE_TIMEOUT_S)
            self.outputs.close()
            self.live_outputs.close()
            try:
                save_settings()
            except FerLiveError as error:
                _log.warning("%s", error)

        self.tasks.run("close", work, lambda _none: self._finish(), self._finish)

    def quit(self) -> None:
        """Closes the window; asks first while a recording runs, once for each."""
        if not self._must_ask():
            self.close()

    def _must_ask(self) -> bool:
        """Asks whether to quit while a recording runs; False if there is nothing to ask."""
        recorder = self.outputs.recording.sink
        if recorder is None or recorder is self._asked_about:
            return False
        self._asked_about = recorder
        self.question = ask_to_quit(self, self.close)
        return True

    def _finish(self, error: Exception | None = None) -> None:
        if error is not None:
            _log.error("the window failed to close cleanly", exc_info=error)
        self._ended = True
        self.close()
        self.closed.emit()

    def _handlers(self) -> dict[str, Callable[[], object]]:
        """What the plain actions call, by name. Their parts are made after the actions."""
        return {
            "source": lambda: self.source_button.showMenu(),
            "refresh": lambda: self.cameras.search(),
            "check_camera": self.check_camera,
            "camera_controls": self.open_camera_controls,
            "open_file": lambda: ask_file(self, self.choose_source),
            "open_folder": lambda: ask_folder(self, self.choose_source),
            "open_address": lambda: ask_address(self, self.choose_source),
            "open_session": lambda: self.reviews.ask(self),
            "library": lambda: self.reviews.show_library(),
            "demo": lambda: self.choose_source(DEMO),
            "demo_group": lambda: self.choose_source(DEMO_GROUP),
            "start": self.start_or_stop,
            "step_back": lambda: self.player.step(-1),
            "step_forward": lambda: self.player.step(1),
            "skip_back": lambda: self.player.skip(-SKIP_S),
            "skip_forward": lambda: self.player.skip(SKIP_S),
            "to_start": lambda: self.player.seek(0.0),
            "slower": lambda: self.player.change_speed(-1),
            "faster": lambda: self.player.change_speed(1),
            "name_face": lambda: self.faces.ask_name(),
            "theme": self.toggle_theme,
            "snapshot": lambda: self.outputs.files.take_snapshot(),
            "output": lambda: self.outputs.files.open_folder(),
            "save_replay": lambda: self.outputs.replay.save(),
            "marker": lambda: self.markers.ask(),
            "report": self._ask_report,
            "settings": self.open_settings,
            "shortcuts": lambda: ShortcutsDialog(self).open(),
            "about": lambda: self.first_start.show(),
            "version": self.open_about,
            "quit": self.quit,
        }

    def _switches(self) -> dict[str, Callable[[bool], object]]:
        """What the checkable actions call with their new state, by name."""
        return {
            "hold": self._hold,
            "loop": lambda on: self.player.set_loop(on),
            "mute": lambda on: self.change(muted=on),
            "every_frame": lambda on: self.change(every_frame=on),
            "mirror": self.switch_mirror,
            "bars": lambda on: self.change(show_bars=on),
            "heat": self._switch_heat_map,
            "fps": lambda on: self.change(show_fps=on),
            "ids": lambda on: self.change(show_ids=on),
            "advice": lambda on: self.change(show_advice=on),
            "record": lambda on: self.outputs.record(on),
            "pause": lambda on: self.outputs.pause(on),
            "log": lambda on: self.outputs.switch_log(on),
            "replay": lambda on: self.change(replay=on),
            "from_left": lambda on: self.change(face_order="left" if on else "identity"),
            "on_top": lambda on: self.change(always_on_top=on),
            "screen_privacy": lambda on: self.change(privacy_on_screen=on),
        }

    def _switch_heat_map(self, on: bool) -> None:
        self.change(show_heat=on)
        if on:
            self.heat_map.explain()

    def _ask_report(self) -> None:
        def write(path: str) -> None:
            self.outputs.files.open_report(Path(path))

        ask_log(self, self.settings.output_dir, write)

    def _connect(self) -> None:
        self.source_button.chosen.connect(self.choose_source)
        self.first_start.accepted.connect(lambda: self.change(first_start_done=True))
        self.view.face_clicked.connect(self.faces.choose)
        self.view.rename_wanted.connect(self.faces.ask_name)
        self.faces.named.connect(self._name_face)
        self.default_model_wanted.connect(self._use_default_model)
        self.view.painted.connect(self.status.latency.add)
        self.bridge.event_received.connect(self._show_event)
        self.bridge.result_received.connect(self._show_result)
        self.bridge.request_done.connect(self._sync_engine)
        self._store.failed.connect(self.notices.show_error)
        self._status_timer.timeout.connect(self._show_status)
        self.cameras.search_started.connect(self.source_button.show_searching)
        self.cameras.found.connect(self.source_button.show_cameras)
        self.cameras.ready.connect(lambda quiet: self.start_source(self._source, quiet=quiet))
        self.player_bar.volume_chosen.connect(lambda volume: self.change(volume=volume))
        self.player.restart_wanted.connect(lambda: self.start_source(self._source))
        self.cameras.failed.connect(self.notices.show_error)

    def _title(self) -> str:
        return source_title(self._source, self.source_button.cameras)

    def _tune(self) -> None:
        """Gives the running engine what needs no new one."""
        engine, settings = self.bridge.engine, self.settings
        if engine is not None:
            from fer_live.tracking.smoothing import SmoothingOptions

            engine.set_smoothing(SmoothingOptions(settings.smoothing_s, settings.unsure_below))

    def _hold(self, on: bool) -> None:
        self.player.hold(on)
        self._show_status()

    def _name_face(self, track_id: int, name: str) -> None:
        engine, shown = self.bridge.engine, self.view.result
        if engine is not None:
            engine.set_name(track_id, name)
        if shown is not None:
            self.renderer.show(shown.with_name(track_id, name))
        self.faces.show_name(track_id, name)

    def _use_default_model(self) -> None:
        self.change(model="")
        self.start_source(self._source)

    def start_or_stop(self) -> None:
        """Starts the source, or stops it while it runs."""
        if self.tool_bar.running:
            self.stop_source()
        else:
            self.start_source(self._source)

    @property
    def _is_camera(self) -> bool:
        return parse(self._source, self.source_button.cameras).kind == "camera"

    @property
    def _is_file(self) -> bool:
        return parse(self._source).kind in ("video", "folder", "image")

    def switch_mirror(self, on: bool) -> None:
        """Switches mirroring; saves it only for a camera."""
        self.mirror.set(on)
        if self._is_camera:
            self.change(mirror=on)

    def change(self, **values: Any) -> None:
        """Changes single settings, by name."""
        self.apply_settings(replace(self.settings, **values))

    def _show_settings(self) -> None:
        settings = self.settings
        for name, on in (
            ("mute", settings.muted),
            ("every_frame", settings.every_frame),
            ("from_left", settings.face_order == "left"),
            ("bars", settings.show_bars),
            ("fps", settings.show_fps),
            ("ids", settings.show_ids),
            ("advice", settings.show_advice),
            ("replay", settings.replay),
            ("screen_privacy", settings.privacy_on_screen),
            ("on_top", settings.always_on_top),
        ):
            self.commands[name].setChecked(on)
        self.set_on_top(settings.always_on_top)
        self.player.set_volume(settings.volume, muted=settings.muted)
        self.heat_map.show_settings(settings)
        self.markers.show_settings(settings)
        self.session_bar.show_hidden(settings.privacy_on_screen and settings.hiding != "none")
        self.bridge.only_searched = settings.hiding != "none"
        self.source_button.show_recent(settings.recent_sources)
        self.faces.sort_from_left(settings.face_order == "left")
        self.renderer.redraw()

    def _show_result(self, result: "FrameResult") -> None:
        if self._state is not State.STREAMING or self._closing:
            return
        self.renderer.show(result)
        if self.view.message is not None:
            self.view.show_message(None)
        self.faces.add(result, always=self.player.paused)
        self.player.take(result)

    def _show_event(self, event: EngineEvent) -> None:
        previous, self._state = self._state, event.state
        self.outputs.log_event(event)
        self.live_outputs.take_event(event)
        survived = event.state is previous and event.error is not None
        if survived and event.error is not None:
            self.notices.show_error(event.error, event.details)
        waiting = self.cameras.wait_after(event, self._source, self._title())
        message = waiting
        keeps_message = survived or (self._quiet and event.state is State.OPENING)
        if message is None and not keeps_message:
            message = source_messages.message_for(event, self._title(), previous)
        if message is not None:
            self.view.show_message(message)
        if event.state is State.STREAMING and previous is State.RECONNECTING:
            back = tr("{source} is back.").format(source=self._title())
            self.notices.show_notice(Notice(back, kind="done"))
        if event.state.final:
            self.outputs.source_ended()
            if event.error is not None and waiting is None:
                self._failure = self.notices.show_error(event.error, event.details)
            elif event.state is State.ENDED:
                self._show_early_end()
        self._show_status()

    def _sync_engine(self) -> None:
        self.mirror.sync()
        self.heat_map.sync()
        self.player.sync()
        self._tune()
        self.outputs.source_ready()
        self.live_outputs.source_ready()
        if not self.bridge.has_source:
            self.view.show_message(source_messages.stopped())

    def _show_status(self) -> None:
        running = self._state in (State.OPENING, State.STREAMING, State.RECONNECTING)
        if running != self.tool_bar.running:
            self.show_start(running=running)
        engine = self.bridge.engine
        stats = engine.statistics() if engine else None
        self._rates = (stats.capture_fps or None, stats.analysis_fps) if stats else (None, None)
        self.status.show_figures(engine, stats)
        loading = engine is not None and engine.model_name is None
        info = engine.source_info if engine else None
        size = (info.width, info.height) if info else None
        title = info.name if info and info.name else self._title()
        recording = self.outputs.recording.sink is not None
        self.setWindowTitle(source_messages.window_title(title, self._state, recording=recording))
        camera = engine is not None and engine.camera is not None
        self.commands["camera_controls"].setEnabled(camera and self._state is State.STREAMING)
        self.player.show(self._state, is_file=self._is_file)
        text = source_messages.state_text(self._state, title, loading=loading, size=size)
        text = source_messages.with_left_out(text, self._show_left_out(engine))
        paused = self.player.paused and self._state is State.STREAMING
        self.status.show_state(" · ".join((tr("Paused"), text)) if paused else text)
        self.heat_map.update_support()
        self.faces.show_loading(loading and self._state is State.STREAMING)

    def _show_early_end(self) -> None:
        """Tells that a video file is shorter than it says."""
        text = self.bridge.engine.early_end if self.bridge.engine else None
        if text is not None:
            self._failure = self.notices.show_notice(Notice(localised(text), kind="warning"))

    def _show_left_out(self, engine: EngineLike | None) -> int:
        """Tells which pictures of a folder are left out; returns their number."""
        plays = self._state in (State.STREAMING, State.ENDED)
        reasons = engine.left_out if engine and plays else {}
        count, told = len(reasons), self._left_out_told
        # Not for each of many: when their number has doubled, and at the end.
        if count > told and (count >= 2 * told or self._state.final):
            self.notices.withdraw(self._left_out)
            self._left_out = self.notices.show_notice(source_messages.left_out(reasons))
            self._left_out_told = count
        return count

    def check_camera(self) -> None:
        """Stops what runs, measures the chosen camera, else the first, and starts again."""
        cameras, camera = self.source_button.cameras, self._camera
        if camera is None or self.camera_check.running:
            return
        was_running = self.tool_bar.running
        self.stop_source()
        self.camera_check.begin(camera)

        def free() -> None:
            self.bridge.request_done.disconnect(free)
            source = camera_source(camera, cameras)
            self.camera_check.measure(camera, source, self.settings)

        def again() -> None:
            self.camera_check.ended.disconnect(again)
            if was_running and not self._closing:
                self.start_source(self._source)

        self.bridge.request_done.connect(free)
        self.camera_check.ended.connect(again)

    def open_camera_controls(self) -> None:
        """Opens exposure, focus, white balance and zoom of the camera that runs."""
        from fer_live.gui.settings.camera_controls import CameraControlsDialog

        engine = self.bridge.engine
        camera, info = (engine.camera, engine.source_info) if engine else (None, None)
        if camera is None or info is None:
            return

        def keep(name: str, value: float | None) -> None:
            from fer_live.capture.camera_controls import with_control

            stored = with_control(self.settings.camera_controls, info.name, name, value)
            self.change(camera_controls=stored)

        self.camera_controls = CameraControlsDialog(info.name, camera, self.tasks, self)
        self.camera_controls.chosen.connect(keep)
        self.camera_controls.open()

    def open_settings(self) -> None:
        """Opens the settings dialog."""
        from fer_live.gui.settings.dialog import SettingsDialog

        before = self.settings
        dialog = SettingsDialog(before, self, self._offered())
        # What changed meanwhile stays: the list of sessions can start another source.
        dialog.applied.connect(lambda edited: self.change(**edited.changes_since(before)))
        dialog.open()

    def _offered(self) -> "tuple[CameraFormat, ...]":
        """What the camera offers; empty if that is not known."""
        camera = self._camera
        return () if camera is None else offered_formats(camera.name)

    @property
    def _camera(self) -> CameraLike | None:
        """The chosen camera, else the first; None if there is none."""
        cameras = self.source_button.cameras
        chosen = matching_cameras(self._source, cameras) if self._is_camera else cameras
        return chosen[0] if chosen else None

    def open_about(self) -> None:
        """Opens version, licences, paths and the diagnostic report."""
        from fer_live.gui.window import about_dialog

        engine = self.bridge.engine
        model = (engine.model_name if engine else None) or self.settings.model or "default"
        places = {
            tr("Settings"): str(settings_path()),
            tr("Model"): about_dialog.model_path(self.settings.model),
            tr("Recordings"): str(self.settings.output_dir),
        }
        stats = engine.statistics() if engine else None
        running = {
            "state": self._state.name,
            "source": parse(self._source, self.source_button.cameras).kind,
            "device": (engine.device_name if engine else None) or "",
            "model": Path(model).name,
        }
        report = about_dialog.diagnostic_report(
            {
                "Running": {**running, **(asdict(stats) if stats else {})},
                "Settings": about_dialog.shared_settings(self.settings),
            }
        )
        about_dialog.AboutDialog(places, report, self).open()

    def toggle_theme(self) -> None:
        """Switches between the light and the dark theme."""
        self.change(theme="light" if self.theme.name == "dark" else "dark")


def dropped_path(data: QMimeData) -> str | None:
    """Path of the first file or folder among what is dragged; None if there is none."""
    paths = (url.toLocalFile() for url in data.urls())
    return next((path for path in paths if path), None)
