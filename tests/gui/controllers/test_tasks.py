"""Calls on worker threads, and from them."""

import subprocess
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject

import fer_live.gui
from fer_live.gui.controllers.tasks import GuiCalls, Tasks
from tests.gui.waiting import settle, wait_for


def test_tasks_bring_answers_and_errors_to_this_thread(app):
    tasks, heard = Tasks(), []
    tasks.run(
        "good", lambda: 7, lambda v: heard.append((v, threading.current_thread())), heard.append
    )
    wait_for(lambda: heard, "the answer")
    assert heard == [(7, threading.main_thread())]
    tasks.run("bad", lambda: 1 / 0, heard.append, heard.append)
    wait_for(lambda: len(heard) == 2, "the error")
    assert isinstance(heard[1], ZeroDivisionError)
    assert tasks.close(2.0)


def test_calls_of_several_threads_arrive_on_this_one_in_the_order_of_each(app):
    calls, heard = GuiCalls(app), []

    def work(name: int) -> None:
        for number in range(500):
            calls.call(lambda n=number: heard.append((name, n, threading.current_thread())))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(heard) == 2000, "all calls")
    assert {thread for _, _, thread in heard} == {threading.main_thread()}
    for name in range(4):
        assert [number for who, number, _ in heard if who == name] == list(range(500))
    for thread in threads:
        thread.join()


def test_a_call_comes_to_nothing_once_its_window_is_deleted(app):
    owner, heard = QObject(), []
    calls = GuiCalls(owner)
    calls.call(lambda: heard.append("waiting"))
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    calls.call(lambda: heard.append("late"))
    settle()
    assert heard == []


def test_windows_are_deleted_while_threads_call():
    code = """
import os, sys, threading
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from fer_live.gui.controllers.tasks import GuiCalls

app = QApplication([])
sys.setswitchinterval(1e-5)
for _ in range(300):
    window, ended, called = QWidget(), threading.Event(), threading.Event()
    calls = GuiCalls(window)

    def work():
        while not ended.is_set():
            calls.call(lambda: None)
            called.set()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    called.wait()
    app.processEvents()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    ended.set()
    for thread in threads:
        thread.join()
print("all deleted")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "all deleted"), done.stderr


def test_only_one_class_takes_signals_from_other_threads():
    folder = Path(fer_live.gui.__file__).parent
    found = [p.name for p in folder.rglob("*.py") if "QueuedConnection" in p.read_text("utf-8")]
    assert found == ["tasks.py"]
