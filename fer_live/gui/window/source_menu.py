"""The source button and its menu of cameras, files, folders, addresses and the demo."""

from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from fer_live.core.formats import DEMO, SourceKind, SourceSpec, parse_source, public_address
from fer_live.gui.language import tr, translated
from fer_live.gui.protocols import CameraLike
from fer_live.gui.widgets.elide import elide_middle
from fer_live.gui.window.actions import Actions, native_key
from fer_live.gui.window.source_messages import DEMO_TITLE, FIRST_CAMERA_TITLE

DEMO_GROUP = f"{DEMO}?faces=4"
"""Source string of the demo with as many people as it has."""
LONGEST_RECENT = 48
"""Characters of a recent source in the menu."""
LONGEST_TITLE = 30
"""Characters of a source's title on the button; the tooltip shows all of it."""


def parse(source: str, cameras: Sequence[CameraLike] = ()) -> SourceSpec:
    """What a source string means, decided without waiting for a network disk.

    Args:
        source: The source string.
        cameras: The connected cameras.
    """
    return parse_source(source, lambda: [camera.name for camera in cameras], may_wait=False)


def source_title(source: str, cameras: Sequence[CameraLike] = ()) -> str:
    """A source's title for display."""
    spec = parse(source, cameras)
    if not spec.text:
        return translated(FIRST_CAMERA_TITLE)
    if spec.kind == "demo":
        return translated(DEMO_TITLE)
    if spec.index is not None:
        names = {camera.index: camera.name for camera in cameras}
        return names.get(spec.index) or tr("Camera {number}").format(number=spec.index)
    if spec.kind == "url":
        return public_address(spec.text)
    return PurePath(spec.text).name if spec.path is not None else spec.text


def camera_source(camera: CameraLike, cameras: Sequence[CameraLike]) -> str:
    """The source string of a camera: its name, which survives replugging, or else its index."""
    alike = [other for other in cameras if camera.name.casefold() in other.name.casefold()]
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
    """Shows the current source; its menu offers others."""

    chosen = Signal(str)
    """A source string, see `core.formats.parse_source`."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceButton")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._actions = actions
        self._cameras: tuple[CameraLike, ...] = ()
        self._recent: tuple[str, ...] = ()
        self._source = ""
        self._searching = False
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.setMenu(self._menu)
        self._fill()
        self.show_source("")

    @property
    def source(self) -> str:
        """The shown source string."""
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
        """Shows a source's title and icon on the button."""
        self._source = source
        title = source_title(source, self._cameras)
        short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
        self.setText(f" {short}  ▾")
        self.setToolTip(tr("Source: {title}").format(title=title) + f" ({native_key('Ctrl+L')})")
        self.setAccessibleName(tr("Source: {title}").format(title=title))
        name = ICONS[parse(source, self._cameras).kind]
        self.setIcon(self._actions[name].icon())
        for action in self._group.actions():
            action.setChecked(action.data() == source)

    def show_recent(self, sources: Sequence[str]) -> None:
        """Lists the sources chosen last; changes nothing if they are the same."""
        if tuple(sources) != self._recent:
            self._recent = tuple(sources)
            self._fill()
            self.show_source(self._source)

    def show_searching(self) -> None:
        """Says in the menu that cameras are being searched for."""
        self._searching = True
        self._fill()

    def show_cameras(self, cameras: Sequence[CameraLike]) -> None:
        """Lists the cameras; changes nothing, such as an open menu, if they are the same."""
        if tuple(cameras) == self._cameras and not self._searching:
            return
        self._searching = False
        self._cameras = tuple(cameras)
        self._fill()
        self.show_source(self._source)

    def _fill(self) -> None:
        self._menu.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        if self._searching:
            self._add_text(tr("Looking for cameras…"))
        elif not self._cameras:
            self._add_text(tr("No camera found"))
        for camera in self._cameras:
            backend = f"   {camera.backend}" if camera.backend else ""
            action = QAction(f"{camera.index}   {camera.name}{backend}", self._group)
            action.setCheckable(True)
            source = camera_source(camera, self._cameras)
            action.setData(source)
            action.triggered.connect(lambda _on=False, chosen=source: self.chosen.emit(chosen))
            self._menu.addAction(action)
        self._menu.addAction(self._actions["refresh"])
        self._menu.addAction(self._actions["check_camera"])
        self._menu.addAction(self._actions["camera_controls"])
        self._actions["check_camera"].setEnabled(bool(self._cameras))
        self._menu.addSeparator()
        for name in ("open_file", "open_folder", "open_address", "demo", "demo_group"):
            self._menu.addAction(self._actions[name])
        known = {camera_source(camera, self._cameras) for camera in self._cameras}
        known |= {"", DEMO, DEMO_GROUP}
        recent = [source for source in self._recent if source not in known]
        if recent:
            self._menu.addSeparator()
            self._add_text(tr("Recent"))
        for source in recent:
            # An ampersand in a name is no mnemonic.
            title = source_title(source, self._cameras).replace("&", "&&")
            action = self._menu.addAction(elide_middle(title, LONGEST_RECENT))
            action.setToolTip(public_address(source))
            action.triggered.connect(lambda _on=False, chosen=source: self.chosen.emit(chosen))

    def _add_text(self, text: str) -> None:
        action = self._menu.addAction(text)
        action.setEnabled(False)
