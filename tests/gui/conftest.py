"""Qt without a screen, one application for all, and nothing left behind by any test."""

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services
from fer_live.gui.language import install_language
from fer_live.gui.launch import configure
from fer_live.gui.main_window import MainWindow
from tests.gui.driver import close_and_delete
from tests.gui.fakes import FakeEngines, FakeServices, OneFaceProcessor
from tests.gui.waiting import wait_for


@pytest.fixture(scope="session")
def app() -> QApplication:
    application = QApplication.instance() or QApplication(["fer-live-tests"])
    configure(application)
    install_language(application, "en")
    return application


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch) -> None:
    """The texts that tests look for are English on every computer."""
    monkeypatch.setattr("fer_live.gui.language.system_languages", lambda: ("en-GB",))


@pytest.fixture(autouse=True)
def garbage_is_collected_between_tests() -> Iterator[None]:
    """As in the program (`gui.garbage`): many a test leaves a window that nobody holds."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def no_threads_left(app) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    wait_for(lambda: set(threading.enumerate()) <= before, "threads to end")


@pytest.fixture
def services(tmp_path) -> FakeServices:
    return FakeServices(FakeEngines(), tmp_path)


@pytest.fixture
def open_window(app, services, tmp_path):
    """Makes shown windows that have begun; closes them after the test."""
    windows = []

    def make(begin: bool = True, **options) -> MainWindow:
        values = {"first_start_done": True, "theme": "dark", "output_dir": tmp_path / "out"}
        settings = options.pop("settings", Settings(**{**values, "source": "demo"}))
        window = MainWindow(settings, services.made(), **options)
        windows.append(window)
        window.show()
        if begin:
            window.begin()
        return window

    yield make
    services.engines.release()
    for window in windows:
        close_and_delete(window)


@pytest.fixture
def real(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_LIVE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr("fer_live.live.assembly.processor_for", lambda *_: OneFaceProcessor())
    monkeypatch.setattr("fer_live.gui.controllers.services._list_cameras", lambda: ())
    return replace(real_services(), open_sound=lambda: None)


@pytest.fixture
def window(app, real, tmp_path):
    """A window on the real engine and sources; it has not begun."""
    settings = Settings(
        source="demo?width=320&height=180", first_start_done=True, output_dir=tmp_path / "out"
    )
    made = MainWindow(settings, real)
    made.show()
    yield made
    close_and_delete(made)


@pytest.fixture
def opened(monkeypatch):
    """What would have been opened in the browser or file manager."""
    paths = []
    monkeypatch.setattr("fer_live.gui.controllers.desktop.opener", lambda: None)
    monkeypatch.setattr(
        "PySide6.QtGui.QDesktopServices.openUrl",
        lambda url: paths.append(Path(url.toLocalFile())) or True,
    )
    return paths
