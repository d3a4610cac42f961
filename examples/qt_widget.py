"""A Qt widget that shows a camera with its labels: python qt_widget.py --source demo

The analysis runs in a thread of its own; a signal brings each result to the widget's thread.
"""

import argparse
import sys

import numpy as np
from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

import fer_live


class Worker(QThread):
    """Analyses a source until it is stopped."""

    result = Signal(object)
    failed = Signal(str)

    def __init__(self, source: str, parent: QObject) -> None:
        super().__init__(parent)
        self._source = source

    def run(self) -> None:
        try:
            with fer_live.Analyzer() as analyzer, analyzer.stream(self._source) as results:
                for result in results:
                    if self.isInterruptionRequested():
                        return
                    drawn = fer_live.annotate(result.frame.image_bgr, result)
                    self.result.emit((drawn, [face.label for face in result.faces]))
        except fer_live.FerLiveError as error:
            self.failed.emit(str(error))


class FaceView(QLabel):
    """Shows what a `Worker` finds."""

    def __init__(self, source: str) -> None:
        super().__init__("Opening…")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.resize(960, 540)
        self.shown: list[str] = []
        self._worker = Worker(source, self)
        self._worker.result.connect(self._show)
        self._worker.failed.connect(self.setText)
        self._worker.start()

    def _show(self, drawn_and_labels: tuple[np.ndarray, list[str | None]]) -> None:
        drawn, labels = drawn_and_labels
        height, width = drawn.shape[:2]
        image = QImage(drawn.data, width, height, drawn.strides[0], QImage.Format.Format_BGR888)
        self.setPixmap(
            QPixmap.fromImage(image).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        )
        self.shown += [label for label in labels if label]

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._worker.requestInterruption()
        self._worker.wait()
        super().closeEvent(event)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Shows a camera with its labels.")
    parser.add_argument("--source", default="0")
    parser.add_argument("--seconds", type=float, help="close after this time")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    view = FaceView(options.source)
    view.show()
    if options.seconds:
        QTimer.singleShot(round(options.seconds * 1000), view.close)
    app.exec()
    print(f"{len(view.shown)} labels shown, the last one: {view.shown[-1:]}")
