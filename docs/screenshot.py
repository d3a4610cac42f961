"""Makes docs/window.png: the window on the built-in demo with four people.

Needs a display, and a computer that keeps up with the demo:

    QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1400x900x24" python docs/screenshot.py
"""

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from fer_live.capture.demo import MAX_FACES
from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services
from fer_live.gui.launch import configure
from fer_live.gui.main_window import MainWindow
from fer_live.gui.window.source_menu import DEMO_GROUP

SHOWN_AFTER_S = 26.0
"""After all faces have their labels: the chart has lines, and each face shows something else."""
WINDOW = (1280, 800)
OUT = Path(__file__).with_name("window.png")


def main() -> None:
    """Opens the window, waits, and saves what it shows."""
    app = QApplication(sys.argv)
    configure(app)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(theme="dark", first_start_done=True, output_dir=Path(folder))
        window = MainWindow(settings, real_services(), source_override=DEMO_GROUP)
        window.resize(*WINDOW)
        window.closed.connect(app.quit)
        window.show()
        window.begin()

        def save() -> None:
            window.grab().save(str(OUT))
            window.close()

        def look() -> None:
            result = window.view.result
            named = [] if result is None else [face for face in result.faces if face.label]
            if len(named) == MAX_FACES:
                looking.stop()
                QTimer.singleShot(round(SHOWN_AFTER_S * 1000), window, save)

        looking = QTimer(window, interval=200)
        looking.timeout.connect(look)
        looking.start()
        app.exec()
        window.tasks.close(1.0)


if __name__ == "__main__":
    main()
