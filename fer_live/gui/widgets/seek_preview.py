"""A small picture and a time above a point of the player's bar."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from fer_live.core.types import ImageBgr


GAP_PX = 6
"""Between the preview and what it belongs to."""


class SeekPreview(QFrame):
    """Lies over a window and takes no mouse clicks.

    Args:
        window: The window.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("seekPreview")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.time = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 2)
        column.setSpacing(2)
        column.addWidget(self.picture)
        column.addWidget(self.time)
        self.picture.hide()
        self.hide()
        self._above = QPoint()

    def show_at(self, above: QPoint, time: str) -> None:
        """Shows a time above a point of the window; the last picture stays until a newer comes."""
        self._above = above
        self.time.setText(time)
        self._place()
        self.show()
        self.raise_()

    def show_picture(self, image_bgr: "ImageBgr | None") -> None:
        """Shows a picture (H, W, 3) uint8, or none."""
        if image_bgr is None:
            self.picture.clear()
        else:
            height, width = image_bgr.shape[:2]
            image = QImage(image_bgr.tobytes(), width, height, 3 * width,
                           QImage.Format.Format_BGR888)  # fmt: skip
            self.picture.setPixmap(QPixmap.fromImage(image))
            self.picture.setFixedSize(QSize(width, height))
        self.picture.setVisible(image_bgr is not None)
        self._place()

    def _place(self) -> None:
        parent, layout = self.parentWidget(), self.layout()
        if parent is None or layout is None:
            return
        layout.activate()
        size = self.sizeHint()
        x = min(max(self._above.x() - size.width() // 2, 0), max(parent.width() - size.width(), 0))
        y = max(self._above.y() - size.height() - GAP_PX, 0)
        self.setGeometry(x, y, size.width(), size.height())
