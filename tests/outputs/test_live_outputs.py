import threading
from datetime import datetime, timedelta

import pytest

from fer_live.core.errors import OutputError
from fer_live.outputs.live_outputs import LiveOutputs
from fer_live.outputs.output import QueuedOutput
from fer_live.session_log.log import SessionLog
from fer_live.session_log.reader import read_log

from .support import ABOUT, WAIT_S, FakeSender, face, outputs_of, result, wait_until


def test_times_are_those_of_the_log(tmp_path):
    path = tmp_path / "log.jsonl"
    log, sender = SessionLog(path, about=ABOUT), FakeSender(capacity=64)
    log.start()
    with outputs_of(sender) as (live, _):
        for index, at_s in ((0, 50.0), (3, 50.1), (4, 50.1333), (9, 52.0)):
            for sink in (log, live):
                sink.submit(result(index, [face()], captured_s=at_s))
        wait_until(lambda: len(sender.frames) == 4)
    log.stop()
    table = read_log(path)
    assert [m.moment.frame for m in sender.frames] == table.frame.tolist()
    assert [m.moment.time_s for m in sender.frames] == pytest.approx(
        table.time_s.tolist(), abs=1e-6
    )
    walls = [datetime.fromisoformat(m.wall_time).timestamp() for m in sender.frames]
    # Each begins with its own look at the wall's clock.
    assert walls == pytest.approx(table.wall_s.tolist(), abs=0.05)


def test_a_slow_output_loses_frames_and_costs_none_elsewhere():
    slow, quick = FakeSender("Slow", capacity=4), FakeSender("Quick", capacity=64)
    with outputs_of(slow, quick) as (live, slow_output, quick_output):
        slow.gate.clear()
        live.submit(result(0))
        assert slow.entered.wait(WAIT_S)
        for index in range(1, 21):
            live.submit(result(index))
        assert slow_output.dropped == 16
        wait_until(lambda: len(quick.frames) == 21)
        assert quick_output.dropped == 0
        slow.gate.set()
        wait_until(lambda: len(slow.frames) == 5)
        assert [m.moment.frame for m in slow.frames] == [0, 1, 2, 3, 4]
        live.submit(result(21))
        wait_until(lambda: len(slow.frames) == 6)
    assert slow.drops[-1] == 16
    assert (slow_output.sent, slow_output.dropped) == (6, 16)


def test_what_waits_holds_no_pictures_unless_they_are_wanted():
    plain, drawn = FakeSender("Plain"), FakeSender("Drawn", pictures=True)
    with outputs_of(plain, drawn) as (live, *_):
        live.submit(shown := result())
        wait_until(lambda: plain.frames and drawn.frames)
    assert plain.frames[0].result is None
    assert drawn.frames[0].result is shown


def test_an_output_that_fails_ends_alone_and_says_why():
    bad, good = FakeSender("Bad"), FakeSender("Good", capacity=64)
    told = []
    with outputs_of(bad, good, on_error=told.append) as (live, output, _):
        bad.error = ValueError("no luck")
        for index in range(6):
            live.submit(result(index))
            wait_until(lambda seen=index + 1: len(good.frames) == seen)
        wait_until(lambda: told)
        assert isinstance(output.error, OutputError)
        assert str(output.error) == "The output Bad ended: no luck. Switch it on again."
        assert (output.sent, output.dropped) == (0, 6)
    assert told == [output]
    assert bad.closed == 1


def test_an_error_with_a_sentence_of_its_own_is_kept():
    bad = FakeSender()
    bad.error = OutputError("The cable is out.", "Plug it in.")
    with outputs_of(bad) as (live, output):
        live.submit(result())
        wait_until(lambda: output.error)
    assert output.error is bad.error


def test_a_sender_that_cannot_be_closed_is_an_error():
    bad = FakeSender()
    bad.close_error = OSError("stuck")
    with outputs_of(bad) as (live, output):
        live.submit(result())
    assert "stuck" in str(output.error)
    assert (output.sent, output.dropped) == (1, 0)


def test_an_output_that_cannot_be_opened_is_not_there():
    sender = FakeSender()
    sender.open_error = OutputError("Not here.")
    live = LiveOutputs(lambda: ABOUT)
    with pytest.raises(OutputError, match="Not here"):
        live.open(QueuedOutput(sender))
    assert live.running == ()
    live.submit(result())
    assert live.stop() == []


def test_frames_that_could_not_be_sent_are_counted_and_the_output_goes_on():
    sender = FakeSender(capacity=64)
    with outputs_of(sender) as (live, output):
        sender.refuses = True
        live.submit(result(0))
        live.mark(1)
        wait_until(lambda: output.dropped == 2)
        sender.refuses = False
        live.submit(result(1))
        wait_until(lambda: sender.frames)
    assert (output.sent, output.dropped) == (1, 2)


def test_what_waits_is_sent_before_the_end_and_the_end_may_come_twice():
    sender = FakeSender(capacity=8)
    with outputs_of(sender) as (live, output):
        for index in range(5):
            live.submit(result(index))
        (summary,) = live.stop()
        assert (summary.sent, summary.dropped, summary.error) == (5, 0, None)
        assert output.stop() == summary
        live.submit(result(9))
    assert len(sender.frames) == 5
    assert sender.closed == 1


def test_one_that_hangs_at_the_end_holds_up_no_other():
    hung, fine = FakeSender("Hung"), FakeSender("Fine")
    with outputs_of(hung, fine) as (live, *_):
        hung.gate.clear()
        for index in range(3):
            live.submit(result(index))
        assert hung.entered.wait(WAIT_S)
        summaries = live.stop()
        hung.gate.set()
    assert [s.name for s in summaries] == ["Hung", "Fine"]
    assert "did not take what was left" in str(summaries[0].error)
    assert (summaries[0].sent, summaries[0].dropped) == (0, 3)
    assert (summaries[1].sent, summaries[1].error) == (3, None)


def test_where_sources_can_wait_nothing_is_dropped():
    sender = FakeSender(capacity=1)
    with outputs_of(sender, wait=True) as (live, output):
        sender.gate.clear()
        work = threading.Thread(target=lambda: [live.submit(result(i)) for i in range(9)])
        work.start()
        sender.gate.set()
        work.join(WAIT_S)
        wait_until(lambda: len(sender.frames) == 9)
    assert output.dropped == 0


def test_markers_and_notes_carry_the_time_at_which_they_were_set():
    now_s = [100.0]
    sender = FakeSender(capacity=64)
    with outputs_of(sender, clock=lambda: now_s[0]) as (live, _):
        live.submit(result(0, captured_s=100.0))
        now_s[0] = 101.5
        pressed = live.moment()
        now_s[0] = 105.0
        live.note("source_lost", "The camera\nis gone.")
        live.mark(3, "  a   smile ", pressed)
        wait_until(lambda: len(sender.events) == 2)
    lost, marker = sender.events
    assert (lost.kind, lost.text, lost.moment.time_s) == ("source_lost", "The camera is gone.", 5.0)
    assert (marker.marker, marker.text, marker.moment.time_s) == (3, "a smile", 1.5)
    assert marker.captured_s == 101.5
    assert marker.words == "marker 3 a smile"


def test_a_wall_clock_that_jumps_is_told_and_followed():
    started = datetime(2026, 1, 1, 12, 0, 0).astimezone()
    wall, now_s = [started], [100.0]
    sender = FakeSender(capacity=64)
    with outputs_of(sender, clock=lambda: now_s[0], now=lambda: wall[0]) as (live, _):
        live.submit(result(0, captured_s=100.0))
        now_s[0], wall[0] = 101.0, started + timedelta(hours=1, seconds=1)
        live.submit(result(1, captured_s=101.0))
        wait_until(lambda: len(sender.frames) == 2 and sender.events)
    assert sender.events[0].kind == "clock"
    assert sender.events[0].text.startswith("+3600.0 s")
    assert datetime.fromisoformat(sender.frames[1].wall_time) == wall[0]


def test_an_output_opened_later_begins_with_the_session():
    early, late = FakeSender("Early", capacity=64), FakeSender("Late", capacity=64)
    with outputs_of(early) as (live, _):
        live.submit(result(0))
        live.open(output := QueuedOutput(late))
        live.submit(result(1))
        wait_until(lambda: len(early.frames) == 2 and late.frames)
        assert len(late.sessions) == 1
        assert live.close(output).sent == 1
        live.submit(result(2))
        wait_until(lambda: len(early.frames) == 3)
    assert len(late.frames) == 1
    assert late.frames[0].moment.time_s == early.frames[1].moment.time_s
