"""A page that scrolls where the screen is smaller than it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

SCROLL_BAR_PX = 14
"""Width of a scroll bar and its margin."""


class ScrollPage(QScrollArea):
    """A scroll area that asks for the whole size of its page.

    Args:
        page: What it shows.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = page
        self.setWidget(page)

    def sizeHint(self) -> QSize:
        """The page, with its texts wrapped at its width, and a scroll bar."""
        size = self._page.sizeHint()
        if self._page.hasHeightForWidth():
            size.setHeight(max(size.height(), self._page.heightForWidth(size.width())))
        return size + QSize(SCROLL_BAR_PX, 2)
