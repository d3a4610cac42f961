"""Notices above the video."""

import weakref

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel
from shiboken6 import isValid

from fer_live.core.errors import ModelError, SourceError
from fer_live.core.formats import SOURCE_HINT
from fer_live.gui.widgets.notice import (
    MOST_NOTICES,
    Notice,
    NoticeAction,
    NoticeArea,
    NoticeBar,
    notice_for,
)
from tests.gui.waiting import wait_for


def test_notices_are_few_and_not_repeated(app):
    area = NoticeArea()
    for number in range(MOST_NOTICES + 2):
        area.show_notice(Notice(f"message {number}"))
    assert len(area.notices) == MOST_NOTICES
    assert area.notices[0].message == f"message {MOST_NOTICES + 1}"
    area.show_notice(area.notices[1])
    assert len(area.notices) == MOST_NOTICES
    done = []
    bar = area.show_notice(
        Notice("Saved.", actions=(NoticeAction("Open", lambda: done.append(1)),))
    )
    bar.action_buttons["Open"].click()
    assert done == [1]
    assert bar not in area.bars
    area.clear()
    assert area.isHidden()


def test_an_error_keeps_its_cause_and_a_fault_its_traceback():
    error = SourceError("It broke.", "Mend it.")
    error.__cause__ = OSError("no space")
    assert notice_for(error).details == "OSError('no space')"
    fault = notice_for(ZeroDivisionError("by zero"))
    assert "ZeroDivisionError" in fault.details
    assert fault.message == "Unexpected error."


def test_hints_name_the_ways_of_the_window():
    source = SourceError("There is no source 'x'.", f"{SOURCE_HINT} No camera was found here.")
    assert notice_for(source).hint == "Choose another source. No camera was found here."
    model = ModelError("There is no model 'x'.", "Name a .safetensors file.")
    assert notice_for(model).hint == "Choose another model in the settings."


def test_a_done_notice_in_use_stays(app, monkeypatch):
    monkeypatch.setattr("fer_live.gui.widgets.notice.DONE_SHOWN_MS", 1)
    monkeypatch.setattr("fer_live.gui.widgets.notice.LINGER_MS", 1)
    asked = []
    monkeypatch.setattr(
        NoticeBar, "in_use", property(lambda bar: asked.append(1) or len(asked) < 4)
    )
    area = NoticeArea()
    area.show_notice(Notice("Saved.", kind="done"))
    wait_for(lambda: not area.notices, "it to go")
    assert len(asked) == 4


def test_a_notice_that_waits_keeps_nothing_alive_that_owns_it(app):
    """Else what deletes the notice releases its owner, which deletes the notice again."""
    area = NoticeArea()
    bar = area.show_notice(Notice("Saved.", kind="done"))
    gone = weakref.ref(area)
    del area
    assert gone() is None
    assert not isValid(bar)


def test_the_text_of_a_notice_with_several_buttons_has_room_in_a_small_window(app):
    area = NoticeArea()
    area.resize(430, 200)
    texts = ("Bericht erstellen", "Öffnen", "Im Ordner zeigen", "Pfad kopieren")
    actions = tuple(NoticeAction(text, list) for text in texts)
    bar = area.show_notice(Notice("Saved snapshot-2026.png.", "/home/user/out", actions=actions))
    area.show()
    text = next(label for label in bar.findChildren(QLabel) if "Saved" in label.text())
    assert text.width() >= 250
    QCoreApplication.processEvents()
    for button in bar.action_buttons.values():
        assert button.width() >= button.sizeHint().width()
        assert bar.rect().contains(button.geometry())
    assert text.height() >= text.heightForWidth(text.width())
