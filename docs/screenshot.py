"""Makes docs/window.png: the window on a video of two faces with different expressions.

The portraits are public domain (Eileen Collins, NASA; Grace Hopper, US Navy) and come with
scikit-image and Matplotlib. Needs a display:

    QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1400x900x24" python docs/screenshot.py
"""

import math
import sys
import tempfile
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from skimage import data

from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services
from fer_live.gui.launch import configure
from fer_live.gui.main_window import MainWindow

SIZE = (1280, 720)
FPS = 25
LENGTH_S = 300
SHOWN_AFTER_S = 30
"""After both faces have their labels: long enough for lines in the chart of the last minute."""
WINDOW = (1280, 800)
OUT = Path(__file__).with_name("window.png")


def portraits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Both portraits, (720, 640, 3) RGB."""
    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    half = SIZE[0] // 2, SIZE[1]
    first = Image.fromarray(data.astronaut()[10:289, 52:300]).resize(half)
    second = Image.open(hopper).convert("RGB").crop((0, 0, 512, 576)).resize(half)
    return np.asarray(first), np.asarray(second)


def write_video(path: Path) -> None:
    """Both side by side, swaying a little, as people do."""
    first, second = portraits()
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE)
    for number in range(FPS * LENGTH_S):
        sway = round(6 * math.sin(number / 20))
        image = np.hstack([np.roll(first, sway, axis=0), np.roll(second, -sway, axis=0)])
        out.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    out.release()


def main() -> None:
    """Opens the window, waits, and saves what it shows."""
    app = QApplication(sys.argv)
    configure(app)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "two people.mp4"
        write_video(clip)
        settings = Settings(theme="dark", first_start_done=True, output_dir=Path(folder))
        window = MainWindow(settings, real_services(), source_override=str(clip))
        window.resize(*WINDOW)
        window.closed.connect(app.quit)
        window.show()
        window.begin()

        def save() -> None:
            window.grab().save(str(OUT))
            window.close()

        def look() -> None:
            result = window.view.result
            if result is not None and sum(face.label is not None for face in result.faces) == 2:
                looking.stop()
                QTimer.singleShot(SHOWN_AFTER_S * 1000, window, save)

        looking = QTimer(window, interval=200)
        looking.timeout.connect(look)
        looking.start()
        app.exec()
        window.tasks.close(1.0)


if __name__ == "__main__":
    main()
