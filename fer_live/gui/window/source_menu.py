"""The source picker: cameras by name, files, folders, addresses and the demo in one menu."""

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from fer_live.gui.protocols import CameraLike
from fer_live.gui.window.actions import Actions

WIDEST_NAME = 30
"""Characters of a source's name on the button; the tooltip has it whole."""
DEMO = "demo"


def source_title(source: str, cameras: Sequence[CameraLike] = ()) -> str:
    """A source as people call it."""
    if not source:
        return "First camera"
    if source == DEMO or source.startswith(f"{DEMO}?"):
        return "Demo"
    if source.isdecimal():
        names = {str(camera.index): camera.name for camera in cameras}
        return names.get(source) or f"Camera {source}"
    if "://" in source:
        return public_address(source)
    return PurePath(source).name or source


def source_kind(source: str) -> Literal["camera", "demo", "link", "open_file", "open_folder"]:
    """What a source looks like, from its text alone: a network disk may take long to answer."""
    if source == DEMO or source.startswith(f"{DEMO}?"):
        return "demo"
    if "://" in source:
        return "link"
    if re.search(r"\.\w{2,5}$", source):
        return "open_file"
    return "open_folder" if re.search(r"[/\\]", source) else "camera"


def public_address(url: str) -> str:
    """An address for people to see: no user, no password, no query, which may hold a key."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return url.partition("://")[0] + "://…"
    host = f"[{host}]" if ":" in host else host
    query = "…" if parts.query else ""
    return SplitResult(parts.scheme, host + port, parts.path, query, "").geturl()


def fitting(source: str, cameras: Sequence[CameraLike]) -> tuple[CameraLike, ...]:
    """The cameras that a source's text may mean; any for the empty one."""
    if not source:
        return tuple(cameras)
    if source.isdecimal():
        return tuple(c for c in cameras if c.index == int(source))
    wanted = source.strip().casefold()
    same = tuple(c for c in cameras if c.name.casefold() == wanted)
    return same or tuple(c for c in cameras if wanted in c.name.casefold())


def camera_source(camera: CameraLike, cameras: Sequence[CameraLike]) -> str:
    """The text that opens a camera: its name, which survives replugging, or else its index."""
    alike = [c for c in cameras if camera.name.casefold() in c.name.casefold()]
    return str(camera.index) if len(alike) > 1 or camera.name.isdecimal() else camera.name


class SourceButton(QToolButton):
    """Shows the present source; its menu chooses another."""

    chosen = Signal(str)
    """A source as text, as `capture.make_source` takes it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceButton")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._actions = actions
        self._cameras: tuple[CameraLike, ...] = ()
        self._source = ""
        self._looking = False
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.setMenu(self._menu)
        self._fill()
        self.show_source("")

    @property
    def source(self) -> str:
        """The source that is shown."""
        return self._source

    @property
    def cameras(self) -> tuple[CameraLike, ...]:
        """The cameras in the menu."""
        return self._cameras

    @property
    def camera_actions(self) -> tuple[QAction, ...]:
        """The menu's entries for cameras."""
        return tuple(self._group.actions())

    def show_source(self, source: str) -> None:
        """Names the present source on the button."""
        self._source = source
        title = source_title(source, self._cameras)
        short = title if len(title) <= WIDEST_NAME else title[: WIDEST_NAME - 1] + "…"
        self.setText(f" {short}  ▾")
        self.setToolTip(f"Source: {title} (Ctrl+L)")
        self.setAccessibleName(f"Source: {title}")
        kind = source_kind(source)
        name = {"camera": "source", "link": "open_address"}.get(kind, kind)
        self.setIcon(self._actions[name].icon())
        for action in self._group.actions():
            action.setChecked(action.data() == source)

    def show_looking(self) -> None:
        """Says that cameras are being looked for."""
        self._looking = True
        self._fill()

    def show_cameras(self, cameras: Sequence[CameraLike]) -> None:
        """Lists the cameras; an open menu is left alone when nothing has changed."""
        if tuple(cameras) == self._cameras and not self._looking:
            return
        self._looking = False
        self._cameras = tuple(cameras)
        self._fill()
        self.show_source(self._source)

    def _fill(self) -> None:
        self._menu.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        if self._looking:
            self._line("Looking for cameras…")
        elif not self._cameras:
            self._line("No camera found")
        for camera in self._cameras:
            backend = f"   {camera.backend}" if camera.backend else ""
            action = QAction(f"{camera.index}   {camera.name}{backend}", self._group)
            action.setCheckable(True)
            source = camera_source(camera, self._cameras)
            action.setData(source)
            action.triggered.connect(lambda _on=False, chosen=source: self.chosen.emit(chosen))
            self._menu.addAction(action)
        self._menu.addAction(self._actions["refresh"])
        self._menu.addSeparator()
        for name in ("open_file", "open_folder", "open_address", "demo"):
            self._menu.addAction(self._actions[name])

    def _line(self, text: str) -> None:
        action = self._menu.addAction(text)
        action.setEnabled(False)
