"""The actions of a review window in one table, and its menus."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from fer_live.gui.language import tr_later, translated
from fer_live.gui.window.actions import ActionSpec, keys_text, native_key, range_text

MENUS = (
    *(tr_later("Session"), tr_later("Playback"), tr_later("Edit"), tr_later("View")),
    tr_later("Help"),
)

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", tr_later("Open a session…"), "", "", ("Ctrl+O",),
               tr_later("Open another session log"), "Session"),
    ActionSpec("video", tr_later("Choose the video…"), "", "", ("Ctrl+Shift+O",),
               tr_later("Choose the video that belongs to this log"), "Session"),
    ActionSpec("csv", tr_later("Export as CSV"), "", "", ("Ctrl+Shift+C",),
               tr_later("Write the log as corrected"), "Session", separator_before=True),
    ActionSpec("html", tr_later("Export the report"), "", "", ("Ctrl+R",),
               tr_later("Write the report on the log as corrected"), "Session"),
    ActionSpec("vtt", tr_later("Export subtitles"), "", "", ("Ctrl+Shift+V",),
               tr_later("Write the labels as subtitles (WebVTT)"), "Session"),
    ActionSpec("eaf", tr_later("Export for ELAN"), "", "", ("Ctrl+Shift+E",),
               tr_later("Write labels and markers as an annotation file for ELAN"), "Session"),
    ActionSpec("close", tr_later("Close"), "", "", ("Ctrl+W",),
               tr_later("Close this session"), "Session", separator_before=True),
    ActionSpec("play", tr_later("Play"), tr_later("Play"), "start", ("Space",),
               tr_later("Play or pause the video"), "Playback"),
    ActionSpec("back", tr_later("One frame back"), "", "", ("Left",),
               tr_later("Go one frame back"), "Playback", separator_before=True),
    ActionSpec("ahead", tr_later("One frame ahead"), "", "", ("Right",),
               tr_later("Go one frame ahead"), "Playback"),
    ActionSpec("back_5", tr_later("5 seconds back"), "", "", ("Shift+Left",),
               tr_later("Go 5 seconds back"), "Playback"),
    ActionSpec("ahead_5", tr_later("5 seconds ahead"), "", "", ("Shift+Right",),
               tr_later("Go 5 seconds ahead"), "Playback"),
    ActionSpec("begin", tr_later("To the start"), "", "", ("Home",),
               tr_later("Go to the start"), "Playback"),
    ActionSpec("end", tr_later("To the end"), "", "", ("End",),
               tr_later("Go to the end"), "Playback"),
    ActionSpec("previous", tr_later("Previous change"), tr_later("Previous change"), "", ("P",
               "Ctrl+Left"),
               tr_later("Go to the previous change of label, of the selected face or of all"),
               "Playback", separator_before=True),
    ActionSpec("next", tr_later("Next change"), tr_later("Next change"), "", ("N", "Ctrl+Right"),
               tr_later("Go to the next change of label, of the selected face or of all"),
               "Playback"),
    ActionSpec("previous_marker", tr_later("Previous marker"), "", "", ("Shift+P",),
               tr_later("Go to the previous marker"), "Playback"),
    ActionSpec("next_marker", tr_later("Next marker"), "", "", ("Shift+N",),
               tr_later("Go to the next marker"), "Playback"),
    ActionSpec("slower", tr_later("Slower"), "", "", (",",),
               tr_later("Play at half the speed, at least 0.25"), "Playback",
               separator_before=True),
    ActionSpec("faster", tr_later("Faster"), "", "", (".",),
               tr_later("Play at twice the speed, at most 4"), "Playback"),
    ActionSpec("from_here", tr_later("Start of the span"), "", "", ("[",),
               tr_later("Begin the selected span at the cursor"), "Edit", separator_before=True),
    ActionSpec("to_here", tr_later("End of the span"), "", "", ("]",),
               tr_later("End the selected span at the cursor"), "Edit"),
    ActionSpec("as_logged", tr_later("Label as logged"), "", "", ("Ctrl+0",),
               tr_later("Restore the logged label over the span"), "Edit", separator_before=True),
    ActionSpec("rename", tr_later("Name this face…"), tr_later("Name"), "", ("F2",),
               tr_later("Give the selected face a name"), "Edit", separator_before=True),
    ActionSpec("split", tr_later("Undo merging of this face"), "", "", ("Ctrl+Shift+M",),
               tr_later("Take apart what was merged into the selected face"), "Edit"),
    ActionSpec("leave_out", tr_later("Leave the span out"), tr_later("Leave out"), "", ("X",),
               tr_later("Leave the selected span out of exports and report"), "Edit",
               separator_before=True),
    ActionSpec("take_in", tr_later("Take the span back in"), "", "", ("Shift+X",),
               tr_later("Take the selected span, or the one at the cursor, back in"), "Edit"),
    ActionSpec("marker", tr_later("Set a marker with a note…"), tr_later("Marker"), "", ("0",),
               tr_later("Set a marker at the cursor and type a note"), "Edit",
               separator_before=True),
    ActionSpec("note", tr_later("Change the marker's note…"), "", "", ("Shift+F2",),
               tr_later("Change the note of the selected marker"), "Edit"),
    ActionSpec("delete", tr_later("Delete the marker"), "", "", ("Del",),
               tr_later("Delete the selected marker"), "Edit"),
    ActionSpec("up", tr_later("Face above"), "", "", ("Up",),
               tr_later("Select the face above"), "View"),
    ActionSpec("down", tr_later("Face below"), "", "", ("Down",),
               tr_later("Select the face below"), "View"),
    ActionSpec("boxes", tr_later("Boxes and labels"), tr_later("Boxes"), "", ("B",),
               tr_later("Draw boxes and labels on the video"), "View", checkable=True,
               separator_before=True),
    ActionSpec("zoom_in", tr_later("Zoom in"), "", "", ("+", "="),
               tr_later("Show a shorter part of the session"), "View", separator_before=True),
    ActionSpec("zoom_out", tr_later("Zoom out"), "", "", ("-",),
               tr_later("Show a longer part of the session"), "View"),
    ActionSpec("whole", tr_later("The whole session"), "", "", ("W",),
               tr_later("Show the whole session"), "View"),
    ActionSpec("keys", tr_later("Keyboard shortcuts"), "", "", ("F1",),
               tr_later("List the keyboard shortcuts"), "Help"),
)  # fmt: skip

MARKER_KEYS = (("1", "9"), tr_later("Set a marker at the cursor"))
LABEL_KEYS = (("Ctrl+1", "Ctrl+9"), tr_later("Give the span the first to ninth label"))
"""First and last key, and what they do."""
UNDO_KEYS = (
    ("Ctrl+Z", tr_later("Undo the last correction")),
    ("Ctrl+Shift+Z", tr_later("Redo it")),
)
"""Shortcuts without an entry in the table."""

TOOL_BAR = ("play", "previous", "next", "leave_out", "rename", "marker", "boxes")
"""Actions with a button, besides the menus of labels, faces and exports."""
COLUMNS = (("Session", "Playback"), ("Edit", "View", "Help"))
"""Menus in each column of the list of shortcuts."""


def shortcut_rows() -> dict[str, tuple[tuple[str, str], ...]]:
    """Shortcuts and what they do, by menu."""
    groups: dict[str, list[tuple[str, str]]] = {menu: [] for menu in MENUS}
    for spec in ACTIONS:
        groups[spec.menu].append((keys_text(spec.keys), translated(spec.tip)))
    ranges = [(range_text(*keys), translated(tip)) for keys, tip in (LABEL_KEYS, MARKER_KEYS)]
    undo = [(native_key(key), translated(tip)) for key, tip in UNDO_KEYS]
    groups["Edit"] = [*undo, *ranges, *groups["Edit"]]
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
    menus = {name: window.menuBar().addMenu(f"&{translated(name)}") for name in MENUS}
    for action in undo:
        menus["Edit"].addAction(action)
    actions: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(translated(spec.text), window)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{translated(spec.tip)} ({native_key(spec.keys[0])})")
        action.setIconText(translated(spec.short or spec.text))
        action.setCheckable(spec.checkable)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.triggered.connect(lambda _on=False, call=calls[spec.name]: call())
        if spec.separator_before:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(action)
        window.addAction(action)
        actions[spec.name] = action
    return actions, menus
