"""Everything the window can do: name, icon, shortcut, tooltip and menu, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from fer_live.gui.widgets.icons import icon
from fer_live.gui.widgets.theme import Look


@dataclass(frozen=True)
class Spec:
    """One action.

    Args:
        name: Key in the code.
        text: In menus; without a mnemonic.
        short: Beside the icon in the tool bar; empty if it is not there.
        icon: One of `icons.NAMES`, or empty.
        keys: Shortcuts, the first one is named in the tooltip.
        tip: One sentence.
        menu: Menu it is in.
        checkable: It is on or off.
        rule_before: A line above it in the menu.
    """

    name: str
    text: str
    short: str
    icon: str
    keys: tuple[str, ...]
    tip: str
    menu: str
    checkable: bool = False
    rule_before: bool = False


SPECS: tuple[Spec, ...] = (
    Spec("source", "Choose a camera…", "", "camera", ("Ctrl+L",),
         "Open the list of cameras and other sources", "Source"),
    Spec("refresh", "Look for cameras again", "", "refresh", ("F5",),
         "Look for cameras again", "Source"),
    Spec("open_file", "Open a file…", "", "film", ("Ctrl+O",),
         "Play a video file, or look at a picture", "Source", rule_before=True),
    Spec("open_folder", "Open a folder of pictures…", "", "images", ("Ctrl+Shift+O",),
         "Play the pictures in a folder", "Source"),
    Spec("open_address", "Open an address…", "", "link", ("Ctrl+U",),
         "Play a network camera or stream (RTSP, MJPEG)", "Source"),
    Spec("demo", "Demo", "", "demo", ("Ctrl+D",),
         "Play the built-in demo: no camera and no network needed", "Source"),
    Spec("start", "Start", "Start", "start", ("Space",),
         "Start or stop the source", "Source", rule_before=True),
    Spec("mirror", "Mirror", "Mirror", "mirror", ("M",),
         "Show the picture as in a mirror", "View", checkable=True),
    Spec("bars", "Bars beside each face", "", "bars", ("B",),
         "Draw a bar for every expression beside each face", "View", checkable=True),
    Spec("heat", "Heat map on each face", "", "", ("E",),
         "Show on each face which of its places speak for the label", "View", checkable=True),
    Spec("fps", "Frame rate in the picture", "", "", ("P",),
         "Draw the frame rate in the picture", "View", checkable=True),
    Spec("ids", "Numbers of the faces", "", "", ("N",),
         "Draw each face's number", "View", checkable=True),
    Spec("screen_privacy", "Hide faces on screen", "", "privacy", ("H",),
         "Make faces unrecognisable in the window and in what is kept from now on", "View",
         checkable=True),
    Spec("panel", "Side panel", "", "panel", ("F9",),
         "Show or hide the faces and the chart", "View", checkable=True, rule_before=True),
    Spec("theme", "Light or dark", "Theme", "theme", ("T",),
         "Switch between light and dark", "View"),
    Spec("fullscreen", "Full screen", "Full screen", "fullscreen", ("F", "F11"),
         "Only the picture, on the whole screen; Esc leaves it", "View", checkable=True),
    Spec("snapshot", "Take a snapshot", "Snapshot", "snapshot", ("S",),
         "Save the picture, and its faces as JSON", "Capture"),
    Spec("record", "Record", "Record", "record", ("R",),
         "Record a video as the settings say", "Capture", checkable=True, rule_before=True),
    Spec("pause", "Pause the recording", "Pause", "pause", ("Shift+R",),
         "Pause the recording, or go on with it", "Capture", checkable=True),
    Spec("log", "Session log", "Log", "log", ("L",),
         "Write a row for every face in every frame", "Capture", checkable=True),
    Spec("marker", "Set a marker with a text…", "Marker", "marker", ("0",),
         "Set a marker and type what it means", "Capture"),
    Spec("report", "Report of a log…", "", "report", ("Ctrl+R",),
         "Make a page to read from a session log", "Capture"),
    Spec("replay", "Instant replay", "", "", ("Shift+I",),
         "Keep the last seconds in memory, to be saved afterwards", "Capture", checkable=True,
         rule_before=True),
    Spec("save_replay", "Save the replay", "Replay", "replay", ("I",),
         "Save the last seconds, which the instant replay has kept", "Capture"),
    Spec("output", "Open the folder of recordings", "Folder", "folder", ("Ctrl+Shift+F",),
         "Open the folder of snapshots and recordings", "Capture", rule_before=True),
    Spec("settings", "Settings…", "Settings", "settings", ("Ctrl+,",),
         "Camera, model, overlay, recording and theme", "Capture", rule_before=True),
    Spec("quit", "Quit", "", "", ("Ctrl+Q",), "Close the window", "Capture", rule_before=True),
    Spec("shortcuts", "Keyboard shortcuts", "", "keyboard", ("F1",),
         "List the keyboard shortcuts", "Help"),
    Spec("about", "What this program infers", "", "info", ("Shift+F1",),
         "What is inferred, where it stays, and where its use is restricted", "Help"),
)  # fmt: skip

LEAVE_FULL_SCREEN = ("Esc", "Leave full screen")
"""Works without an action of its own in a menu."""
MARKER_ROWS = (
    ("1 – 9", "Set a marker in recording and log"),  # noqa: RUF001
    ("Shift+1 – Shift+9", "The same, and type what it means"),  # noqa: RUF001
)
"""Keys without actions of their own."""

MENUS = ("Source", "View", "Capture", "Help")


def shortcut_groups() -> dict[str, tuple[tuple[str, str], ...]]:
    """Keys and what they do, by menu, for the list of shortcuts."""
    groups = {
        menu: [
            (" or ".join(_native(key) for key in spec.keys), spec.tip)
            for spec in SPECS
            if spec.keys and spec.menu == menu
        ]
        for menu in MENUS
    }
    groups["View"].append((_native(LEAVE_FULL_SCREEN[0]), LEAVE_FULL_SCREEN[1]))
    groups["Capture"] += MARKER_ROWS
    return {menu: tuple(rows) for menu, rows in groups.items()}


class Actions(Mapping[str, QAction]):
    """The actions by name, in the menus and on the window, so that keys work without the menus.

    Args:
        window: Owner.
        handlers: What each action calls; a checkable one gets its new state.
    """

    def __init__(
        self,
        window: QMainWindow,
        handlers: Mapping[str, Callable[[], object]],
        switches: Mapping[str, Callable[[bool], object]],
    ) -> None:
        self._made: dict[str, QAction] = {}
        menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
        for spec in SPECS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            key = f" ({_native(spec.keys[0])})" if spec.keys else ""
            action.setToolTip(f"{spec.tip}{key}")
            action.setIconText(button_words(spec.short or spec.text))
            action.setCheckable(spec.checkable)
            # A key that is held down must not save, start or switch again and again.
            action.setAutoRepeat(False)
            action.setMenuRole(QAction.MenuRole.NoRole)
            if spec.checkable:
                action.triggered.connect(switches[spec.name])
            else:
                # Qt passes a flag that has no meaning here.
                action.triggered.connect(lambda _on=False, call=handlers[spec.name]: call())
            if spec.rule_before:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(action)
            window.addAction(action)
            self._made[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def dress(self, look: Look) -> None:
        """Draws the icons in the colours of a theme."""
        for spec in SPECS:
            if spec.icon:
                self._made[spec.name].setIcon(icon(spec.icon, look.text))


def button_words(text: str) -> str:
    """Text for beside an icon; Qt puts the two closer together than they read well."""
    return f" {text}"


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
