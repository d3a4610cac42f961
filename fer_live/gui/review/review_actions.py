"""The actions of a review window in one table, and its menus."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from fer_live.gui.window.actions import ActionSpec

MENUS = ("Session", "Play", "Edit", "View", "Help")

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "Open a session…", "", "", ("Ctrl+O",),
               "Open another session log", "Session"),
    ActionSpec("video", "Choose the video…", "", "", ("Ctrl+Shift+O",),
               "Choose the video that belongs to this log", "Session"),
    ActionSpec("csv", "Export as CSV", "", "", ("Ctrl+Shift+C",),
               "Write the log as corrected", "Session", separator_before=True),
    ActionSpec("html", "Export the report", "", "", ("Ctrl+R",),
               "Write the report on the log as corrected", "Session"),
    ActionSpec("vtt", "Export subtitles", "", "", ("Ctrl+Shift+V",),
               "Write the labels as subtitles (WebVTT)", "Session"),
    ActionSpec("eaf", "Export for ELAN", "", "", ("Ctrl+Shift+E",),
               "Write labels and markers as an annotation file for ELAN", "Session"),
    ActionSpec("close", "Close", "", "", ("Ctrl+W",), "Close this session", "Session",
               separator_before=True),
    ActionSpec("play", "Play", "Play", "start", ("Space",), "Play or pause the video", "Play"),
    ActionSpec("back", "One frame back", "", "", ("Left",), "Go one frame back", "Play",
               separator_before=True),
    ActionSpec("ahead", "One frame ahead", "", "", ("Right",), "Go one frame ahead", "Play"),
    ActionSpec("back_5", "5 seconds back", "", "", ("Shift+Left",), "Go 5 seconds back", "Play"),
    ActionSpec("ahead_5", "5 seconds ahead", "", "", ("Shift+Right",), "Go 5 seconds ahead",
               "Play"),
    ActionSpec("begin", "To the start", "", "", ("Home",), "Go to the start", "Play"),
    ActionSpec("end", "To the end", "", "", ("End",), "Go to the end", "Play"),
    ActionSpec("previous", "Previous change", "Previous change", "", ("P", "Ctrl+Left"),
               "Go to the previous change of label, of the selected face or of all", "Play",
               separator_before=True),
    ActionSpec("next", "Next change", "Next change", "", ("N", "Ctrl+Right"),
               "Go to the next change of label, of the selected face or of all", "Play"),
    ActionSpec("previous_marker", "Previous marker", "", "", ("Shift+P",),
               "Go to the previous marker", "Play"),
    ActionSpec("next_marker", "Next marker", "", "", ("Shift+N",), "Go to the next marker",
               "Play"),
    ActionSpec("slower", "Slower", "", "", (",",), "Play at half the speed, at least 0.25",
               "Play", separator_before=True),
    ActionSpec("faster", "Faster", "", "", (".",), "Play at twice the speed, at most 4", "Play"),
    ActionSpec("from_here", "Start of the span", "", "", ("[",),
               "Begin the selected span at the cursor", "Edit", separator_before=True),
    ActionSpec("to_here", "End of the span", "", "", ("]",),
               "End the selected span at the cursor", "Edit"),
    ActionSpec("as_logged", "Label as logged", "", "", ("Ctrl+0",),
               "Restore the logged label over the span", "Edit", separator_before=True),
    ActionSpec("rename", "Name this face…", "Name", "", ("F2",),
               "Give the selected face a name", "Edit", separator_before=True),
    ActionSpec("split", "Undo merging of this face", "", "", ("Ctrl+Shift+M",),
               "Take apart what was merged into the selected face", "Edit"),
    ActionSpec("leave_out", "Leave the span out", "Leave out", "", ("X",),
               "Leave the selected span out of exports and report", "Edit", separator_before=True),
    ActionSpec("take_in", "Take the span back in", "", "", ("Shift+X",),
               "Take the selected span, or the one at the cursor, back in", "Edit"),
    ActionSpec("marker", "Set a marker with a note…", "Marker", "", ("0",),
               "Set a marker at the cursor and type a note", "Edit", separator_before=True),
    ActionSpec("note", "Change the marker's note…", "", "", ("Shift+F2",),
               "Change the note of the selected marker", "Edit"),
    ActionSpec("delete", "Delete the marker", "", "", ("Del",),
               "Delete the selected marker", "Edit"),
    ActionSpec("up", "Face above", "", "", ("Up",), "Select the face above", "View"),
    ActionSpec("down", "Face below", "", "", ("Down",), "Select the face below", "View"),
    ActionSpec("boxes", "Boxes and labels", "Boxes", "", ("B",),
               "Draw boxes and labels on the video", "View", checkable=True,
               separator_before=True),
    ActionSpec("zoom_in", "Zoom in", "", "", ("+", "="), "Show a shorter part of the session",
               "View", separator_before=True),
    ActionSpec("zoom_out", "Zoom out", "", "", ("-",), "Show a longer part of the session",
               "View"),
    ActionSpec("whole", "The whole session", "", "", ("W",), "Show the whole session", "View"),
    ActionSpec("keys", "Keyboard shortcuts", "", "", ("F1",), "List the keyboard shortcuts",
               "Help"),
)  # fmt: skip

MARKER_KEYS = ("1 – 9", "Set a marker at the cursor")  # noqa: RUF001
LABEL_KEYS = ("Ctrl+1 – Ctrl+9", "Give the span the first to ninth label")  # noqa: RUF001
UNDO_KEYS = (("Ctrl+Z", "Undo the last correction"), ("Ctrl+Shift+Z", "Redo it"))
"""Shortcuts without an entry in the table."""

TOOL_BAR = ("play", "previous", "next", "leave_out", "rename", "marker", "boxes")
"""Actions with a button, besides the menus of labels, faces and exports."""
COLUMNS = (("Session", "Play"), ("Edit", "View", "Help"))
"""Menus in each column of the list of shortcuts."""


def shortcut_rows() -> dict[str, tuple[tuple[str, str], ...]]:
    """Shortcuts and what they do, by menu."""
    native = QKeySequence.SequenceFormat.NativeText
    groups: dict[str, list[tuple[str, str]]] = {menu: [] for menu in MENUS}
    for spec in ACTIONS:
        keys = " or ".join(QKeySequence(key).toString(native) for key in spec.keys)
        groups[spec.menu].append((keys, spec.tip))
    groups["Edit"] = [*UNDO_KEYS, LABEL_KEYS, MARKER_KEYS, *groups["Edit"]]
    return {menu: tuple(rows) for menu, rows in groups.items()}


def add_actions(
    window: QMainWindow, calls: Mapping[str, Callable[[], object]], undo: tuple[QAction, QAction]
) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Makes the actions and the menus that have them.

    Args:
        window: Owner.
        calls: What each action calls, by name.
        undo: Undo and redo, which begin the Edit menu.

    Returns:
        Actions and menus by name.
    """
    menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
    for action in undo:
        menus["Edit"].addAction(action)
    actions: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        first = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{spec.tip} ({first})")
        action.setIconText(spec.short or spec.text)
        action.setCheckable(spec.checkable)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.triggered.connect(lambda _on=False, call=calls[spec.name]: call())
        if spec.separator_before:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(action)
        window.addAction(action)
        actions[spec.name] = action
    return actions, menus
