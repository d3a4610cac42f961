"""Dialogs that do not block: the list of shortcuts, and those that ask for an address or a path."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.formats import IMAGE_SUFFIXES, LOG_SUFFIXES, VIDEO_SUFFIXES
from fer_live.core.labels import clean_name
from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.widgets.scroll_page import ScrollPage
from fer_live.gui.window.actions import shortcut_groups
from fer_live.gui.window.geometry import dialog_size, first_size

SHORTCUT_COLUMNS = (("Source", "Playback", "Help"), ("View", "Capture"))
"""Menus in each column of the list of shortcuts; two columns fit a small screen."""
REPORT_TITLE = tr_later("Report from a session log")
TIP_PX = (170, 300)
"""Least and wanted width of the column that says what the keys do."""
GROUP_GAP_PX = 10
"""Space above the title of a menu."""


class ShortcutsDialog(QDialog):
    """The list of shortcuts and what they do.

    Args:
        parent: The window.
        groups: Shortcuts and their meanings by menu; None is those of the main window.
        columns: The menus in each column.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        groups: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        columns: Sequence[Sequence[str]] = SHORTCUT_COLUMNS,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups = shortcut_groups() if groups is None else groups
        page = QWidget()
        side_by_side = QHBoxLayout(page)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(36)
        for menus in columns:
            side_by_side.addLayout(_shortcut_grid({menu: groups[menu] for menu in menus}), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        column.addWidget(ScrollPage(page))
        column.addWidget(buttons)
        least = dialog_size(self)
        wider = QSize(least.width() + len(columns) * (TIP_PX[1] - TIP_PX[0]), least.height())
        self.resize(first_size(wider, self.screen().availableGeometry()))


def _shortcut_grid(groups: Mapping[str, Sequence[tuple[str, str]]]) -> QGridLayout:
    """Menus below each other, with the same width for the keys of all."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for menu, rows in groups.items():
        title = QLabel(translated(menu))
        title.setObjectName("sectionTitle")
        if grid.count():
            grid.setRowMinimumHeight(grid.rowCount(), GROUP_GAP_PX)
        grid.addWidget(title, grid.rowCount(), 0, 1, 2)
        for keys, tip in rows:
            key = QLabel(keys)
            key.setObjectName("noticeMessage")
            key.setAlignment(Qt.AlignmentFlag.AlignTop)
            what = QLabel(tip)
            # Wrapped where the window is narrow, so that no line is cut.
            what.setWordWrap(True)
            what.setMinimumWidth(TIP_PX[0])
            row = grid.rowCount()
            grid.addWidget(key, row, 0)
            grid.addWidget(what, row, 1)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


def ask_address(parent: QWidget, chosen: Callable[[str], None]) -> QInputDialog:
    """Asks for an address; calls `chosen` with it unless it is empty."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Open an address"))
    dialog.setLabelText(
        tr(
            "Address of a network camera or stream,\n"
            "such as rtsp://host/stream or http://host/video"
        )
    )
    dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
    dialog.setOkButtonText(tr("Open"))
    dialog.resize(460, dialog.sizeHint().height())

    def take(text: str) -> None:
        if text.strip():
            chosen(text.strip())

    dialog.textValueSelected.connect(take)
    dialog.open()
    return dialog


def ask_name(
    parent: QWidget, track_id: int, name: str, chosen: Callable[[str], object]
) -> QInputDialog:
    """Asks for the name of a face; calls `chosen` with it, empty to take the name away."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Name a face"))
    dialog.setLabelText(
        tr(
            "Name of face {number}, shown in the picture and written to log, report and "
            "recording.\nLeave it empty for no name."
        ).format(number=track_id)
    )
    dialog.setTextValue(name)
    dialog.setOkButtonText(tr("Name"))
    dialog.textValueSelected.connect(lambda text: chosen(clean_name(text)))
    dialog.open()
    return dialog


def ask_file(parent: QWidget, chosen: Callable[[str], None]) -> QFileDialog:
    """Asks for a video or image file; calls `chosen` with its path."""
    dialog = QFileDialog(parent, tr("Open a file"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
    videos = _name_filter(tr("Videos"), VIDEO_SUFFIXES)
    images = _name_filter(tr("Pictures"), IMAGE_SUFFIXES)
    dialog.setNameFilters([videos, images, _all_files()])
    return _open(dialog, chosen)


def ask_folder(parent: QWidget, chosen: Callable[[str], None]) -> QFileDialog:
    """Asks for a folder of images; calls `chosen` with its path."""
    dialog = QFileDialog(parent, tr("Open a folder of pictures"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return _open(dialog, chosen)


def ask_log(
    parent: QWidget,
    folder: Path,
    chosen: Callable[[str], object],
    title: str = REPORT_TITLE,
) -> QFileDialog:
    """Asks for a session log, starting in `folder`; calls `chosen` with its path."""
    dialog = QFileDialog(parent, translated(title), str(folder))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([_name_filter(tr("Session logs"), LOG_SUFFIXES), _all_files()])
    return _open(dialog, chosen)


def _all_files() -> str:
    return tr("All files (*)")


def _name_filter(title: str, suffixes: Iterable[str]) -> str:
    return f"{title} ({' '.join(f'*{suffix}' for suffix in sorted(suffixes))})"


def _open(dialog: QFileDialog, chosen: Callable[[str], object]) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


def ask_to_quit(parent: QWidget, quit_now: Callable[[], object]) -> QMessageBox:
    """Asks whether to quit while a recording runs; calls `quit_now` if so."""
    dialog = QMessageBox(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setIcon(QMessageBox.Icon.Question)
    dialog.setWindowTitle(tr("Recording"))
    dialog.setText(tr("A recording is running. Finish it and quit?"))
    finish = dialog.addButton(tr("Finish and quit"), QMessageBox.ButtonRole.AcceptRole)
    keep = dialog.addButton(tr("Keep recording"), QMessageBox.ButtonRole.RejectRole)
    dialog.setDefaultButton(keep)
    dialog.setEscapeButton(keep)
    finish.clicked.connect(quit_now)
    dialog.open()
    return dialog
