"""The source picker: cameras by name, files, folders, addresses and the demo in one menu."""

from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from fer_live.core.formats import SourceKind, SourceSpec, parse_source, public_address
from fer_live.gui.protocols import CameraLike
from fer_live.gui.window.actions import Actions

WIDEST_NAME = 30
"""Characters of a source's name on the button; the tooltip has it whole."""


def spec_of(source: str, cameras: Sequence[CameraLike] = ()) -> SourceSpec:
    """What a source string means, found without waiting for a network disk.

    Args:
        source: As `core.formats.parse_source` takes it.
        cameras: The cameras that are listed.
    """
    return parse_source(source, lambda: [camera.name for camera in cameras], may_wait=False)


def source_title(source: str, cameras: Sequence[CameraLike] = ()) -> str:
    """A source's name for display."""
    spec = spec_of(source, cameras)
    if not spec.text:
        return "First camera"
    if spec.kind == "demo":
        return "Demo"
    if spec.index is not None:
        names = {camera.index: camera.name for camera in cameras}
        return names.get(spec.index) or f"Camera {spec.index}"
    if spec.kind == "url":
        return public_address(spec.text)
    return PurePath(spec.text).name if spec.path is not None else spec.text


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


ICONS: dict[SourceKind, str] = {
    "camera": "source",
    "video": "open_file",
    "image": "open_file",
    "folder": "open_folder",
    "url": "open_address",
    "demo": "demo",
}
"""The action whose icon the button shows."""


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
        name = ICONS[spec_of(source, self._cameras).kind]
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
