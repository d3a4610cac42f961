"""Calls on worker threads."""

from fer_live.gui.controllers.tasks import Tasks
from tests.gui.waiting import wait_for


def test_tasks_bring_answers_and_errors_to_this_thread(app):
    import threading

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
