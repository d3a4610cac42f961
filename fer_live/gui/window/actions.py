"""All actions of the window in one table: name, icon, shortcut, tooltip and menu."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.widgets.icons import icon
from fer_live.gui.widgets.theme import Theme


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Args:
        name: Key in the code.
        text: Text in menus, without a mnemonic, in English like all texts here.
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
    ActionSpec("source", tr_later("Choose a camera…"), "", "camera", ("Ctrl+L",),
               tr_later("Open the list of cameras and other sources"), "Source"),
    ActionSpec("refresh", tr_later("Look for cameras again"), "", "refresh", ("F5",),
               tr_later("Look for cameras again"), "Source"),
    ActionSpec("check_camera", tr_later("Check the camera…"), "", "", ("Shift+F5",),
               tr_later("Measure the camera's rate, exposure and delay, and say what to change"),
               "Source"),
    ActionSpec("camera_controls", tr_later("Camera controls…"), "", "", ("Ctrl+Shift+L",),
               tr_later("Set exposure, focus, white balance and zoom of the camera that runs"),
               "Source"),
    ActionSpec("open_file", tr_later("Open a file…"), "", "video", ("Ctrl+O",),
               tr_later("Play a video file or show a picture"), "Source", separator_before=True),
    ActionSpec("open_folder", tr_later("Open a folder of pictures…"), "", "images",
               ("Ctrl+Shift+O",),
               tr_later("Play the pictures in a folder"), "Source"),
    ActionSpec("open_address", tr_later("Open an address…"), "", "link", ("Ctrl+U",),
               tr_later("Play a network camera or stream (RTSP, MJPEG)"), "Source"),
    ActionSpec("open_session", tr_later("Open a session…"), "", "log", ("Ctrl+E",),
               tr_later("Review a session: its video, labels and markers over time"), "Source"),
    ActionSpec("library", tr_later("Sessions and recordings…"), "", "folder", ("Ctrl+B",),
               tr_later("List the sessions, recordings and snapshots in the recordings folder"),
               "Source"),
    ActionSpec("demo", tr_later("Demo"), "", "demo", ("Ctrl+D",),
               tr_later("Play the built-in demo: no camera and no network needed"), "Source"),
    ActionSpec("demo_group", tr_later("Demo with four people"), "", "demo", ("Ctrl+Shift+D",),
               tr_later("Play the built-in demo with four people"), "Source"),
    ActionSpec("start", tr_later("Start"), tr_later("Start"), "start", ("Space",),
               tr_later("Start or stop the source"), "Source", separator_before=True),
    ActionSpec("hold", tr_later("Pause the video"), "", "pause", ("K",),
               tr_later("Hold a video file at this frame, or play on"), "Playback", checkable=True),
    ActionSpec("step_back", tr_later("Previous frame or picture"), "", "step_back", (",",),
               tr_later("Pause, and go back by one frame or picture"), "Playback"),
    ActionSpec("step_forward", tr_later("Next frame or picture"), "", "step_forward", (".",),
               tr_later("Pause, and go on by one frame or picture"), "Playback"),
    ActionSpec("skip_back", tr_later("Back by 5 seconds"), "", "", ("Left",),
               tr_later("Go back by 5 seconds"), "Playback", separator_before=True),
    ActionSpec("skip_forward", tr_later("On by 5 seconds"), "", "", ("Right",),
               tr_later("Go on by 5 seconds"), "Playback"),
    ActionSpec("to_start", tr_later("To the beginning"), "", "", ("Home",),
               tr_later("Go to the beginning of the file"), "Playback"),
    ActionSpec("slower", tr_later("Slower"), "", "", ("[",),
               tr_later("Play a file slower, down to a quarter of its speed"), "Playback",
               separator_before=True),
    ActionSpec("faster", tr_later("Faster"), "", "", ("]",),
               tr_later("Play a file faster, up to four times its speed"), "Playback"),
    ActionSpec("loop", tr_later("Repeat"), "", "loop", ("Y",),
               tr_later("Start the file again after its end"), "Playback", checkable=True),
    ActionSpec("mute", tr_later("Mute the sound"), "", "sound", ("U",),
               tr_later("Play files without sound, or with it again"), "Playback", checkable=True),
    ActionSpec("every_frame", tr_later("Analyse every frame of a file"), "", "", ("Shift+K",),
               tr_later("Analyse every frame, even if the file then plays slower than in real "
                        "time"), "Playback", checkable=True, separator_before=True),
    ActionSpec("mirror", tr_later("Mirror"), tr_later("Mirror"), "mirror", ("M",),
               tr_later("Show the video as in a mirror"), "View", checkable=True),
    ActionSpec("bars", tr_later("Bars beside each face"), "", "bars", ("B",),
               tr_later("Draw a bar for every expression beside each face"), "View",
               checkable=True),
    ActionSpec("heat", tr_later("Heat map on each face"), "", "", ("E",),
               tr_later("Show which areas of the face support the label"), "View", checkable=True),
    ActionSpec("fps", tr_later("Frame rate"), "", "", ("P",),
               tr_later("Draw the frame rate on the video"), "View", checkable=True),
    ActionSpec("ids", tr_later("Face numbers"), "", "", ("N",),
               tr_later("Draw the number of each face"), "View", checkable=True),
    ActionSpec("advice", tr_later("Advice on each face"), "", "", ("A",),
               tr_later("Say which faces are too small, too dark, turned away or otherwise hard "
                        "to read"), "View", checkable=True),
    ActionSpec("screen_privacy", tr_later("Hide faces on screen"), "", "privacy", ("H",),
               tr_later("Make faces unrecognisable in the window and in files saved from now on"),
               "View", checkable=True),
    ActionSpec("panel", tr_later("Side panel"), "", "panel", ("F9",),
               tr_later("Show or hide the faces and the chart"), "View", checkable=True,
               separator_before=True),
    ActionSpec("from_left", tr_later("Faces from left to right"), "", "", ("O",),
               tr_later("Order the cards as the faces stand in the picture, not by number"),
               "View", checkable=True),
    ActionSpec("name_face", tr_later("Name the selected face…"), "", "", ("F2",),
               tr_later("Give the face in the chart a name"), "View"),
    ActionSpec("theme", tr_later("Switch theme"), tr_later("Theme"), "theme", ("T",),
               tr_later("Switch between light and dark"), "View"),
    ActionSpec("fullscreen", tr_later("Full screen"), tr_later("Full screen"), "fullscreen", ("F",
               "F11"),
               tr_later("Show only the video, on the whole screen; Esc leaves it"), "View",
               checkable=True),
    ActionSpec("compact", tr_later("Compact window"), "", "", ("C",),
               tr_later("Show only the video, without a frame: drag it to move it, its lower "
                        "right corner to resize it; Esc leaves it"), "View", checkable=True),
    ActionSpec("on_top", tr_later("Always on top"), "", "", ("Ctrl+T",),
               tr_later("Keep the window above all others"), "View", checkable=True),
    ActionSpec("snapshot", tr_later("Take a snapshot"), tr_later("Snapshot"), "snapshot", ("S",),
               tr_later("Save a picture, and its faces as JSON"), "Capture"),
    ActionSpec("record", tr_later("Record"), tr_later("Record"), "record", ("R",),
               tr_later("Record a video"), "Capture", checkable=True, separator_before=True),
    ActionSpec("pause", tr_later("Pause the recording"), tr_later("Pause"), "pause", ("Shift+R",),
               tr_later("Pause or resume the recording"), "Capture", checkable=True),
    ActionSpec("log", tr_later("Session log"), tr_later("Log"), "log", ("L",),
               tr_later("Write one row for every face in every frame"), "Capture", checkable=True),
    ActionSpec("marker", tr_later("Set a marker with a note…"), tr_later("Marker"), "marker",
               ("0",),
               tr_later("Set a marker and type a note"), "Capture"),
    ActionSpec("report", tr_later("Report from a log…"), "", "report", ("Ctrl+R",),
               tr_later("Create a report from a session log"), "Capture"),
    ActionSpec("replay", tr_later("Instant replay"), "", "", ("Shift+I",),
               tr_later("Hold the last seconds in memory, so that you can save them afterwards"),
               "Capture", checkable=True, separator_before=True),
    ActionSpec("save_replay", tr_later("Save the replay"), tr_later("Replay"), "replay", ("I",),
               tr_later("Save the last seconds, held by the instant replay"), "Capture"),
    ActionSpec("output", tr_later("Open the recordings folder"), tr_later("Folder"), "folder",
               ("Ctrl+Shift+F",),
               tr_later("Open the folder with snapshots and recordings"), "Capture",
               separator_before=True),
    ActionSpec("settings", tr_later("Settings…"), tr_later("Settings"), "settings", ("Ctrl+,",),
               tr_later("Camera, model, overlay, recording and theme"), "Capture",
               separator_before=True),
    ActionSpec("quit", tr_later("Quit"), "", "", ("Ctrl+Q",),
               tr_later("Close the window"), "Capture", separator_before=True),
    ActionSpec("shortcuts", tr_later("Keyboard shortcuts"), "", "keyboard", ("F1",),
               tr_later("List the keyboard shortcuts"), "Help"),
    ActionSpec("about", tr_later("What this program infers"), "", "info", ("Shift+F1",),
               tr_later("What the program infers, where the data stays, and where its use is "
                        "restricted"), "Help"),
    ActionSpec("version", tr_later("About fer_live"), "", "info", ("Ctrl+F1",),
               tr_later("Version, licences, where settings and model are, and a diagnostic "
                        "report"), "Help"),
)  # fmt: skip

ROLES = {
    "settings": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
    "version": QAction.MenuRole.AboutRole,
}
"""Actions that macOS expects in the menu with the program's name."""

LEAVE_FULL_SCREEN = ("Esc", tr_later("Leave full screen, or the compact window"))
"""A shortcut without an action in a menu."""
MARKER_ROWS = (
    (("1", "9"), tr_later("Set a marker in the recording and the log")),
    (("Shift+1", "Shift+9"), tr_later("Set a marker and type a note")),
)
"""First and last key of shortcuts without actions in a menu, and what they do."""

MENUS = (
    *(tr_later("Source"), tr_later("Playback"), tr_later("View"), tr_later("Capture")),
    tr_later("Help"),
)


def shortcut_groups() -> dict[str, tuple[tuple[str, str], ...]]:
    """Shortcuts and what they do, by menu."""
    groups = {
        menu: [
            (keys_text(spec.keys), translated(spec.tip))
            for spec in ACTIONS
            if spec.keys and spec.menu == menu
        ]
        for menu in MENUS
    }
    groups["View"].append((native_key(LEAVE_FULL_SCREEN[0]), translated(LEAVE_FULL_SCREEN[1])))
    groups["Capture"] += [(range_text(*keys), translated(tip)) for keys, tip in MARKER_ROWS]
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
        menus = {name: window.menuBar().addMenu(f"&{translated(name)}") for name in MENUS}
        for spec in ACTIONS:
            action = QAction(translated(spec.text), window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            key = f" ({native_key(spec.keys[0])})" if spec.keys else ""
            action.setToolTip(f"{translated(spec.tip)}{key}")
            action.setIconText(button_text(translated(spec.short or spec.text)))
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


def native_key(key: str) -> str:
    """A key as the system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def keys_text(keys: Iterable[str]) -> str:
    """Keys of which each does the same."""
    return tr(" or ", "between two keys").join(native_key(key) for key in keys)


def range_text(first: str, last: str) -> str:
    """Keys that follow each other."""
    return f"{native_key(first)} – {native_key(last)}"  # noqa: RUF001
