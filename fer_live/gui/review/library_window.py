"""The list of sessions, recordings and snapshots."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFile, QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QIcon, QImage, QImageReader, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import tr, tr_later, translated, word
from fer_live.gui.widgets.notice import Notice, NoticeArea
from fer_live.gui.window import geometry
from fer_live.report.formatting import clock
from fer_live.review.library import LibraryEntry, length_of, library, thumbnail_of

THUMBNAIL_PX = (112, 63)
SIZE = (820, 560)
COLUMNS = (tr_later("Name"), tr_later("Kind"), tr_later("Date"), tr_later("Length"))
MOST_NAMES = 12
"""File names that the question about deleting lists."""
DETAIL_MS = 0
"""Between reading the details of two entries: the event loop comes first."""


class LibraryWindow(QWidget):
    """Lists what a folder holds; opens sessions, plays videos, moves files to the bin.

    Args:
        folder: The recordings folder.
    """

    review_wanted = Signal(object)
    """Path of a log."""
    play_wanted = Signal(object)
    """Path of a video or picture."""
    closed = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Sessions and recordings"))
        self.tasks = Tasks(self)
        self._folder = folder
        self._entries: tuple[LibraryEntry, ...] = ()
        self._waiting: list[LibraryEntry] = []
        self._busy = self._ended = False
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search by name, kind or date"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([translated(title) for title in COLUMNS])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSortingEnabled(False)
        self.list.setIconSize(QSize(*THUMBNAIL_PX))
        self.list.setAccessibleName(tr("Sessions, recordings and snapshots"))
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(COLUMNS)):
            mode = QHeaderView.ResizeMode.ResizeToContents
            self.list.header().setSectionResizeMode(column, mode)
        self.list.itemActivated.connect(lambda item: self._open(item))
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.hint = QLabel()
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.notices = NoticeArea()
        self.review_button = QPushButton(tr("Review"))
        self.play_button = QPushButton(tr("Play"))
        self.delete_button = QPushButton(tr("Delete…"))
        self.review_button.clicked.connect(self._review)
        self.play_button.clicked.connect(self._play)
        self.delete_button.clicked.connect(self.ask_delete)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        row = QHBoxLayout()
        for button in (self.review_button, self.play_button, self.delete_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.notices)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hint)
        layout.addLayout(row)
        for keys, call in (
            ("Del", self.ask_delete),
            ("F5", self.reload),
            ("Ctrl+F", self.search.setFocus),
            ("Esc", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _on=False, do=call: do())
            self.addAction(action)
        self.resize(geometry.first_size(QSize(*SIZE), self.screen().availableGeometry()))
        self._show_buttons()
        self.reload()

    @property
    def entries(self) -> tuple[LibraryEntry, ...]:
        """All entries, the newest first."""
        return self._entries

    @property
    def selected(self) -> tuple[LibraryEntry, ...]:
        """The selected entries."""
        return tuple(_entry(item) for item in self.list.selectedItems())

    def reload(self) -> None:
        """Reads the folder again."""
        self.hint.setText(tr("Reading the folder…"))
        folder = self._folder
        self.tasks.run("library", lambda: library(folder), self._show, self._show_failure)

    def ask_delete(self) -> QMessageBox | None:
        """Asks whether the selected entries shall go to the bin."""
        chosen = self.selected
        if not chosen:
            return None
        files = [path for entry in chosen for path in entry.files]
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Delete"))
        if len(chosen) == 1:
            box.setText(tr("Move “{file}” to the bin?").format(file=chosen[0].path.name))
        else:
            box.setText(tr("Move %Ln entries to the bin?", None, len(chosen)))
        names = ", ".join(path.name for path in files[:MOST_NAMES])
        if len(files) > MOST_NAMES:
            more = tr("%Ln more", "files", len(files) - MOST_NAMES)
            names = tr("{files} and {more}").format(files=names, more=more)
        restore = tr("Files: {files}. You can restore them from the bin.").format(files=names)
        box.setInformativeText(restore)
        delete = box.addButton(tr("Move to the bin"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        delete.clicked.connect(lambda: self.delete(files))
        box.open()
        return box

    def delete(self, files: Sequence[Path]) -> None:
        """Moves files to the system's bin; says which could not be moved."""

        def work() -> list[Path]:
            return [path for path in files if path.exists() and not _to_bin(path)]

        def done(left: list[Path]) -> None:
            if left:
                names = ", ".join(path.name for path in left)
                message = tr("Can't move {files} to the bin.").format(files=names)
                hint = tr("This folder has no bin. Delete the files in the file manager.")
                self.notices.show_notice(Notice(message, hint))
            else:
                text = tr("Moved %Ln file(s) to the bin.", None, len(files))
                self.notices.show_notice(Notice(text, kind="done"))
            self.reload()

        self.tasks.run("bin", work, done, self.notices.show_error)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Drops what is still being read."""
        if not self._ended:
            self._ended = True
            self._waiting.clear()
            self.tasks.close(1.0)
            self.closed.emit()
        super().closeEvent(event)

    def _show(self, entries: tuple[LibraryEntry, ...]) -> None:
        self._entries = entries
        self.list.clear()
        blank = QPixmap(*THUMBNAIL_PX)
        blank.fill(Qt.GlobalColor.transparent)
        for entry in entries:
            date = f"{entry.began:%Y-%m-%d %H:%M}"
            item = QTreeWidgetItem([entry.path.name, word(entry.kind), date, ""])
            item.setData(0, Qt.ItemDataRole.UserRole, entry)
            item.setIcon(0, QIcon(blank))
            item.setToolTip(0, "\n".join(str(path) for path in entry.files))
            self.list.addTopLevelItem(item)
        self._waiting = list(entries)
        self._filter()
        self._show_buttons()
        self._read_details()

    def _show_failure(self, error: Exception) -> None:
        self.hint.setText("")
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            message = tr("Can't read the folder {folder}: {reason}.").format(
                folder=self._folder, reason=reason
            )
            hint = tr("Choose another folder in the settings.")
            self.notices.show_notice(Notice(message, hint))
        else:
            self.notices.show_error(error)

    def _read_details(self) -> None:
        """Reads length and thumbnail of one entry after the other."""
        if self._busy or not self._waiting or self._ended:
            return
        entry = self._waiting.pop(0)
        self._busy = True

        def work() -> tuple[float | None, QImage | None]:
            return length_of(entry), _thumbnail(entry)

        def done(found: tuple[float | None, QImage | None]) -> None:
            self._busy = False
            self._show_details(entry, *found)
            QTimer.singleShot(DETAIL_MS, self, self._read_details)

        self.tasks.run("details", work, done, lambda _error: done((None, None)))

    def _show_details(
        self, entry: LibraryEntry, length_s: float | None, image: QImage | None
    ) -> None:
        for number in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(number)
            if item is not None and _entry(item) is entry:
                item.setText(3, "" if length_s is None else clock(length_s))
                if image is not None:
                    icon = QIcon(QPixmap.fromImage(image))
                    # Qt would tint the picture of a selected entry.
                    icon.addPixmap(QPixmap.fromImage(image), QIcon.Mode.Selected)
                    item.setIcon(0, icon)

    def _filter(self) -> None:
        words, shown = self.search.text(), 0
        for number in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(number)
            if item is not None:
                item.setHidden(not (_entry(item).matches(words) or _is_kind(item, words)))
                shown += not item.isHidden()
        if not self._entries:
            nothing = tr("Nothing was recorded in {folder} yet.").format(folder=self._folder)
            self.hint.setText(nothing)
        elif not shown:
            self.hint.setText(tr("Nothing matches the search."))
        else:
            found = tr("{number} in {folder}").format(number=shown, folder=self._folder)
            self.hint.setText(found)

    def _show_buttons(self) -> None:
        chosen = self.selected
        one = chosen[0] if len(chosen) == 1 else None
        self.review_button.setEnabled(one is not None and one.kind == "session")
        self.play_button.setEnabled(
            one is not None and (one.kind == "snapshot" or one.video is not None)
        )
        self.delete_button.setEnabled(bool(chosen))

    def _open(self, item: QTreeWidgetItem) -> None:
        if _entry(item).kind == "session":
            self.review_wanted.emit(_entry(item).path)
        else:
            self.play_wanted.emit(_entry(item).path)

    def _review(self) -> None:
        for entry in self.selected[:1]:
            self.review_wanted.emit(entry.path)

    def _play(self) -> None:
        for entry in self.selected[:1]:
            self.play_wanted.emit(entry.video or entry.path)


def _entry(item: QTreeWidgetItem) -> LibraryEntry:
    entry = item.data(0, Qt.ItemDataRole.UserRole)
    assert isinstance(entry, LibraryEntry)
    return entry


def _is_kind(item: QTreeWidgetItem, words: str) -> bool:
    """Whether the kind, in the language of the window, holds what is searched."""
    return words.strip().casefold() in item.text(1).casefold()


def _thumbnail(entry: LibraryEntry) -> QImage | None:
    if entry.kind == "snapshot":
        reader = QImageReader(str(entry.path))
        reader.setAutoTransform(True)
        image = reader.read()
    else:
        picture = thumbnail_of(entry)
        if picture is None:
            return None
        height, width = picture.shape[:2]
        # A copy, because the QImage refers to the array's memory.
        image = QImage(
            picture.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888
        ).copy()
    if image.isNull():
        return None
    keep = Qt.AspectRatioMode.KeepAspectRatio
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(QSize(*THUMBNAIL_PX), keep, smooth)


def _to_bin(path: Path) -> bool:
    # Qt makes the bin, but not the folder of the user's data that holds it on Linux.
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    with contextlib.suppress(OSError):
        Path(data).mkdir(parents=True, exist_ok=True)
    return QFile(str(path)).moveToTrash()
