"""Widgets that nobody holds any more, while Qt goes through all widgets."""

import subprocess
import sys

WIDGETS = """
import gc, os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from fer_live.core.settings import Settings
from fer_live.gui.app import run_app
from fer_live.gui.main_window import MainWindow
from fer_live.gui.widgets.theme import DARK, LIGHT, apply_theme

class Busy(QWidget):
    def __init__(self):
        super().__init__()
        self.itself, self.label = self, QLabel("x", self)

    def changeEvent(self, event):
        super().changeEvent(event)
        [[[]] for _ in range(20_000)]

app, held = QApplication([]), []

def change():
    thresholds = gc.get_threshold()
    gc.set_threshold(1_000_000)
    for _ in range(20):
        Busy()
    held.append(Busy())
    for _ in range(20):
        Busy()
    gc.set_threshold(*thresholds)
    apply_theme(app, LIGHT)
    apply_theme(app, DARK)
    count()
    QTimer.singleShot(2500, close)

def count():
    print(sum(isinstance(one, Busy) for one in app.topLevelWidgets()))

def close():
    count()
    for one in app.topLevelWidgets():
        if isinstance(one, MainWindow):
            one.close()

QTimer.singleShot(500, change)
assert gc.isenabled()
code = run_app(Settings(first_start_done=True), "demo?width=160&height=120")
assert gc.isenabled()
raise SystemExit(code)
"""


def test_widgets_that_nobody_holds_are_deleted_soon_but_not_while_the_theme_changes():
    done = subprocess.run(
        [sys.executable, "-c", WIDGETS], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["41", "1"]), done.stderr
