"""Opens review windows and the list of sessions, and closes them with the program.

What they need is imported when the first one opens, because the program's window opens before.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import tr_later
from fer_live.gui.window.dialogs import ask_log

if TYPE_CHECKING:
    from fer_live.gui.review.library_window import LibraryWindow
    from fer_live.gui.review.window import ReviewWindow
    from fer_live.review.session import Session

OPEN_TITLE = tr_later("Open a session")


class ReviewSessions(QObject):
    """The review windows that are open.

    Args:
        parent: Owner.
        tasks: Reads logs off the GUI thread.
        failed: Shows an error.
        folder: Gives the folder in which logs are looked for.
        play: Plays a video or shows a picture.
    """

    all_closed = Signal()
    """The last review was closed, and none is being read."""

    def __init__(
        self,
        parent: QObject,
        tasks: Tasks,
        failed: Callable[[Exception], object],
        folder: Callable[[], Path],
        play: Callable[[str], object],
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._failed = failed
        self._folder = folder
        self._play = play
        self.windows: list[ReviewWindow] = []
        self.library: LibraryWindow | None = None
        self._ended = False
        self._reading = 0

    def ask(self, over: QWidget, failed: Callable[[Exception], object] | None = None) -> None:
        """Asks for a log and opens it.

        Args:
            over: The window that asks.
            failed: Shows an error; None is the one given first.
        """
        ask_log(over, self._folder(), lambda path: self.open(Path(path), failed), OPEN_TITLE)

    def open(self, log: Path, failed: Callable[[Exception], object] | None = None) -> None:
        """Opens a log, or shows the window that has it already; arguments as for `ask`."""
        if self._show_again(log):
            return

        def read() -> "tuple[Session, str]":
            from fer_live.review.session import open_session

            return open_session(log)

        def done(found: "tuple[Session, str]") -> None:
            self._reading -= 1
            # Two windows on one log would overwrite each other's corrections.
            if not self._ended and not self._show_again(found[0].log):
                self.add(*found)

        def fail(error: Exception) -> None:
            self._reading -= 1
            (failed or self._failed)(error)
            self._tell_if_all_closed()

        self._reading += 1
        self._tasks.run("review", read, done, fail)

    def add(self, session: "Session", problem: str) -> "ReviewWindow":
        """Shows a session; arguments as `open_session` returns them."""
        from fer_live.gui.review.window import ReviewWindow

        window = ReviewWindow(session, problem)
        self.windows.append(window)
        window.open_wanted.connect(lambda: self.ask(window, partial(self._failed_in, window)))
        window.closed.connect(lambda: self._closed(window))
        window.show()
        return window

    def show_library(self) -> None:
        """Shows the list of sessions, recordings and snapshots."""
        from fer_live.gui.review.library_window import LibraryWindow

        if self.library is None:
            self.library = LibraryWindow(self._folder())
            self.library.review_wanted.connect(self.open)
            self.library.play_wanted.connect(lambda path: self._play(str(path)))
            self.library.closed.connect(self._library_closed)
        self.library.show()
        self.library.activateWindow()

    def close(self) -> None:
        """Closes all windows, for good; corrections are saved."""
        self._ended = True
        if self.library is not None:
            self.library.close()
        for window in list(self.windows):
            window.close()
            # A window that could not save stays open once, to say so; the program ends now.
            window.close()
        self._tell_if_all_closed()

    def _show_again(self, log: Path) -> bool:
        """Shows the window that has a log; False if none has it."""
        for window in self.windows:
            if window.session.log.resolve() == log.resolve():
                window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
                window.activateWindow()
                return True
        return False

    def _failed_in(self, window: "ReviewWindow", error: Exception) -> None:
        """Shows an error in the window that asked, if that is still open."""
        (window.notices.show_error if window in self.windows else self._failed)(error)

    def _library_closed(self) -> None:
        self.library = None

    def _closed(self, window: "ReviewWindow") -> None:
        if window in self.windows:
            self.windows.remove(window)
        self._tell_if_all_closed()

    def _tell_if_all_closed(self) -> None:
        if not self.windows and (not self._reading or self._ended):
            self.all_closed.emit()
