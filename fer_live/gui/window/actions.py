"""All actions of the window in one table: name, icon, shortcut, tooltip and menu."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from fer_live.gui.widgets.icons import icon
from fer_live.gui.widgets.theme import Theme


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Args:
        name: Key in the code.
        text: Text in menus, without a mnemonic.
        short: Text in the tool bar; empty if the action is not there.
        icon: One of `icons.NAMES`, or empty.
        keys: Shortcuts; the tooltip names the first one.
        tip: Tooltip, one sentence.
        menu: Menu that has it.
        checkable: The action is on or off.
        separator_before: A separator stands above it in the menu.
    """

    name: str
    text: str
    short: str
    icon: str
    keys: tuple[str, ...]
    tip: str
    menu: str
    checkable: bool = False
    separator_before: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("source", "Choose a camera…", "", "camera", ("Ctrl+L",),
               "Open the list of cameras and other sources", "Source"),
    ActionSpec("refresh", "Look for cameras again", "", "refresh", ("F5",),
               "Look for cameras again", "Source"),
    ActionSpec("check_camera", "Check the camera…", "", "", ("Shift+F5",),
               "Measure the camera's rate, exposure and delay, and say what to change", "Source"),
    ActionSpec("camera_controls", "Camera controls…", "", "", ("Ctrl+Shift+L",),
               "Set exposure, focus, white balance and zoom of the camera that runs", "Source"),
    ActionSpec("open_file", "Open a file…", "", "video", ("Ctrl+O",),
               "Play a video file or show a picture", "Source", separator_before=True),
    ActionSpec("open_folder", "Open a folder of pictures…", "", "images", ("Ctrl+Shift+O",),
               "Play the pictures in a folder", "Source"),
    ActionSpec("open_address", "Open an address…", "", "link", ("Ctrl+U",),
               "Play a network camera or stream (RTSP, MJPEG)", "Source"),
    ActionSpec("open_session", "Open a session…", "", "log", ("Ctrl+E",),
               "Review a session: its video, labels and markers over time", "Source"),
    ActionSpec("library", "Sessions and recordings…", "", "folder", ("Ctrl+B",),
               "List the sessions, recordings and snapshots in the recordings folder", "Source"),
    ActionSpec("demo", "Demo", "", "demo", ("Ctrl+D",),
               "Play the built-in demo: no camera and no network needed", "Source"),
    ActionSpec("demo_group", "Demo with four people", "", "demo", ("Ctrl+Shift+D",),
               "Play the built-in demo with four people", "Source"),
    ActionSpec("start", "Start", "Start", "start", ("Space",),
               "Start or stop the source", "Source", separator_before=True),
    ActionSpec("hold", "Pause the video", "", "pause", ("K",),
               "Hold a video file at this frame, or play on", "Playback", checkable=True),
    ActionSpec("step_back", "Previous frame or picture", "", "step_back", (",",),
               "Pause, and go back by one frame or picture", "Playback"),
    ActionSpec("step_forward", "Next frame or picture", "", "step_forward", (".",),
               "Pause, and go on by one frame or picture", "Playback"),
    ActionSpec("skip_back", "Back by 5 seconds", "", "", ("Left",),
               "Go back by 5 seconds", "Playback", separator_before=True),
    ActionSpec("skip_forward", "On by 5 seconds", "", "", ("Right",),
               "Go on by 5 seconds", "Playback"),
    ActionSpec("to_start", "To the beginning", "", "", ("Home",),
               "Go to the beginning of the file", "Playback"),
    ActionSpec("slower", "Slower", "", "", ("[",),
               "Play a file slower, down to a quarter of its speed", "Playback",
               separator_before=True),
    ActionSpec("faster", "Faster", "", "", ("]",),
               "Play a file faster, up to four times its speed", "Playback"),
    ActionSpec("loop", "Repeat", "", "loop", ("Y",),
               "Start the file again after its end", "Playback", checkable=True),
    ActionSpec("mute", "Mute the sound", "", "sound", ("U",),
               "Play files without sound, or with it again", "Playback", checkable=True),
    ActionSpec("every_frame", "Analyse every frame of a file", "", "", ("Shift+K",),
               "Analyse every frame, even if the file then plays slower than in real time",
               "Playback", checkable=True, separator_before=True),
    ActionSpec("mirror", "Mirror", "Mirror", "mirror", ("M",),
               "Show the video as in a mirror", "View", checkable=True),
    ActionSpec("bars", "Bars beside each face", "", "bars", ("B",),
               "Draw a bar for every expression beside each face", "View", checkable=True),
    ActionSpec("heat", "Heat map on each face", "", "", ("E",),
               "Show which areas of the face support the label", "View", checkable=True),
    ActionSpec("fps", "Frame rate", "", "", ("P",),
               "Draw the frame rate on the video", "View", checkable=True),
    ActionSpec("ids", "Face numbers", "", "", ("N",),
               "Draw the number of each face", "View", checkable=True),
    ActionSpec("advice", "Advice on each face", "", "", ("A",),
               "Say which faces are too small, too dark, turned away or otherwise hard to read",
               "View", checkable=True),
    ActionSpec("screen_privacy", "Hide faces on screen", "", "privacy", ("H",),
               "Make faces unrecognisable in the window and in files saved from now on", "View",
               checkable=True),
    ActionSpec("panel", "Side panel", "", "panel", ("F9",),
               "Show or hide the faces and the chart", "View", checkable=True,
               separator_before=True),
    ActionSpec("from_left", "Faces from left to right", "", "", ("O",),
               "Order the cards as the faces stand in the picture, not by number", "View",
               checkable=True),
    ActionSpec("name_face", "Name the selected face…", "", "", ("F2",),
               "Give the face in the chart a name", "View"),
    ActionSpec("theme", "Switch theme", "Theme", "theme", ("T",),
               "Switch between light and dark", "View"),
    ActionSpec("fullscreen", "Full screen", "Full screen", "fullscreen", ("F", "F11"),
               "Show only the video, on the whole screen; Esc leaves it", "View", checkable=True),
    ActionSpec("compact", "Compact window", "", "", ("C",),
               "Show only the video, without a frame: drag it to move it, its lower right corner "
               "to resize it; Esc leaves it", "View", checkable=True),
    ActionSpec("on_top", "Always on top", "", "", ("Ctrl+T",),
               "Keep the window above all others", "View", checkable=True),
    ActionSpec("snapshot", "Take a snapshot", "Snapshot", "snapshot", ("S",),
               "Save a picture, and its faces as JSON", "Capture"),
    ActionSpec("record", "Record", "Record", "record", ("R",),
               "Record a video", "Capture", checkable=True, separator_before=True),
    ActionSpec("pause", "Pause the recording", "Pause", "pause", ("Shift+R",),
               "Pause or resume the recording", "Capture", checkable=True),
    ActionSpec("log", "Session log", "Log", "log", ("L",),
               "Write one row for every face in every frame", "Capture", checkable=True),
    ActionSpec("marker", "Set a marker with a note…", "Marker", "marker", ("0",),
               "Set a marker and type a note", "Capture"),
    ActionSpec("report", "Report from a log…", "", "report", ("Ctrl+R",),
               "Create a report from a session log", "Capture"),
    ActionSpec("replay", "Instant replay", "", "", ("Shift+I",),
               "Hold the last seconds in memory, so that you can save them afterwards", "Capture",
               checkable=True, separator_before=True),
    ActionSpec("save_replay", "Save the replay", "Replay", "replay", ("I",),
               "Save the last seconds, held by the instant replay", "Capture"),
    ActionSpec("output", "Open the recordings folder", "Folder", "folder", ("Ctrl+Shift+F",),
               "Open the folder with snapshots and recordings", "Capture", separator_before=True),
    ActionSpec("settings", "Settings…", "Settings", "settings", ("Ctrl+,",),
               "Camera, model, overlay, recording and theme", "Capture", separator_before=True),
    ActionSpec("quit", "Quit", "", "", ("Ctrl+Q",), "Close the window", "Capture",
               separator_before=True),
    ActionSpec("shortcuts", "Keyboard shortcuts", "", "keyboard", ("F1",),
               "List the keyboard shortcuts", "Help"),
    ActionSpec("about", "What this program infers", "", "info", ("Shift+F1",),
               "What the program infers, where the data stays, and where its use is restricted",
               "Help"),
    ActionSpec("version", "About fer_live", "", "info", ("Ctrl+F1",),
               "Version, licences, where settings and model are, and a diagnostic report", "Help"),
)  # fmt: skip

ROLES = {
    "settings": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
    "version": QAction.MenuRole.AboutRole,
}
"""Actions that macOS expects in the menu with the program's name."""

LEAVE_FULL_SCREEN = ("Esc", "Leave full screen, or the compact window")
"""A shortcut without an action in a menu."""
MARKER_ROWS = (
    ("1 – 9", "Set a marker in the recording and the log"),  # noqa: RUF001
    ("Shift+1 – Shift+9", "Set a marker and type a note"),  # noqa: RUF001
)
"""Shortcuts without actions in a menu."""

MENUS = ("Source", "Playback", "View", "Capture", "Help")


def shortcut_groups() -> dict[str, tuple[tuple[str, str], ...]]:
    """Shortcuts and what they do, by menu."""
    groups = {
        menu: [
            (" or ".join(_native(key) for key in spec.keys), spec.tip)
            for spec in ACTIONS
            if spec.keys and spec.menu == menu
        ]
        for menu in MENUS
    }
    groups["View"].append((_native(LEAVE_FULL_SCREEN[0]), LEAVE_FULL_SCREEN[1]))
    groups["Capture"] += MARKER_ROWS
    return {menu: tuple(rows) for menu, rows in groups.items()}


class Actions(Mapping[str, QAction]):
    """The actions by name. They are in the menus and on the window, so that their keys work even
    while the menu bar is hidden.

    Args:
        window: Owner.
        handlers: What each plain action calls, by name.
        switches: What each checkable action calls with its new state, by name.
    """

    def __init__(
        self,
        window: QMainWindow,
        handlers: Mapping[str, Callable[[], object]],
        switches: Mapping[str, Callable[[bool], object]],
    ) -> None:
        self._actions: dict[str, QAction] = {}
        menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            key = f" ({_native(spec.keys[0])})" if spec.keys else ""
            action.setToolTip(f"{spec.tip}{key}")
            action.setIconText(button_text(spec.short or spec.text))
            action.setCheckable(spec.checkable)
            # An icon in a menu takes the place of the tick that says whether the action is on.
            # The icon of the start button is drawn for the button's accent colour alone.
            action.setIconVisibleInMenu(not spec.checkable and spec.name != "start")
            # Holding a key down must not trigger the action repeatedly.
            action.setAutoRepeat(False)
            action.setMenuRole(ROLES.get(spec.name, QAction.MenuRole.NoRole))
            if spec.checkable:
                action.triggered.connect(switches[spec.name])
            else:
                # Qt passes the checked state, which a plain action does not have.
                action.triggered.connect(lambda _on=False, call=handlers[spec.name]: call())
            if spec.separator_before:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(action)
            window.addAction(action)
            self._actions[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icons in the colours of a theme."""
        for spec in ACTIONS:
            if spec.icon:
                self._actions[spec.name].setIcon(icon(spec.icon, theme.text))


def button_text(text: str) -> str:
    """Text beside an icon, with a space in front, because Qt puts the two too close together."""
    return f" {text}"


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
