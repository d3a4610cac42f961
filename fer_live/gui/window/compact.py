"""Compact mode: the video alone, in a window without a frame that the mouse moves."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

SIZE = QSize(480, 270)
"""Size of the first compact window, logical pixels."""
CORNER_PX = 24
"""The lower right corner of this size resizes the window."""


class CompactMode(QObject):
    """Takes the window's frame away and gives it back; the mouse then moves and resizes it.

    Args:
        window: The window.
        view: The widget that is dragged.
    """

    def __init__(self, window: QMainWindow, view: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._view = view
        self._before: QRect | None = None
        self._place: QRect | None = None
        self._grip: tuple[QPoint, QRect, bool] | None = None

    @property
    def on(self) -> bool:
        """Whether the window is compact."""
        return self._before is not None

    def enter(self) -> None:
        """Makes the window compact, where it was when it last was compact."""
        window = self._window
        self._before = window.geometry()
        corner = self._before.topRight() - QPoint(SIZE.width(), 0)
        window.setWindowFlag(Qt.WindowType.FramelessWindowHint, True)
        window.setMinimumSize(self._view.minimumSize())
        window.setGeometry(self._place or QRect(corner, SIZE))
        window.show()
        self._view.installEventFilter(self)

    def leave(self) -> None:
        """Gives the window its frame and its place back."""
        assert self._before is not None
        window, before = self._window, self._before
        self._view.removeEventFilter(self)
        self._place, self._before, self._grip = window.geometry(), None, None
        window.setWindowFlag(Qt.WindowType.FramelessWindowHint, False)
        window.setGeometry(before)
        window.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Moves or resizes the window while the left button is held."""
        if not isinstance(event, QMouseEvent) or watched is not self._view:
            return False
        position = event.globalPosition().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            if event.button() == Qt.MouseButton.LeftButton:
                place = self._window.geometry()
                corner = place.bottomRight() - position
                resizes = max(corner.x(), corner.y()) < CORNER_PX
                self._grip = position, place, resizes
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._grip = None
        elif event.type() == QEvent.Type.MouseMove and self._grip is not None:
            self._drag(position, *self._grip)
        return False

    def _drag(self, position: QPoint, begin: QPoint, place: QRect, resizes: bool) -> None:
        way = position - begin
        if way.manhattanLength() < QGuiApplication.styleHints().startDragDistance():
            return
        # The window system moves it, where it can: Wayland lets no program place its windows.
        handle = self._window.windowHandle()
        corner = Qt.Edge.BottomEdge | Qt.Edge.RightEdge
        if handle.startSystemResize(corner) if resizes else handle.startSystemMove():
            self._grip = None
        elif resizes:
            self._window.resize(place.size() + QSize(way.x(), way.y()))
        else:
            self._window.move(place.topLeft() + way)
