"""What happens to the source stands in the log."""

import csv

import pytest

from fer_live.batch.headless import run_headless
from fer_live.core.errors import SourceError
from fer_live.live.engine import Engine
from fer_live.live.log_listener import LogListener, session_about
from fer_live.live.states import EngineOptions
from fer_live.session_log.log import SessionLog
from tests.scripted_source import Lost, Pictures, Raise, ScriptedSource

from .fakes import BLACK, Parts

QUICK = EngineOptions(poll_s=0.02, retry_first_s=0.01)


def logged_run(path, steps, live=True):
    listener = LogListener()
    source = ScriptedSource(steps, live=live, fps=200.0)
    engine = Engine(
        source, Parts().build, paced=False, lossless=True, on_event=listener, options=QUICK
    )
    log = listener.log = SessionLog(path, about=lambda: session_about(engine), wait=True)
    log.start()
    engine.add_sink(log)
    try:
        run_headless(engine)
    finally:
        assert log.stop().error is None


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_lost_source_and_its_return(tmp_path):
    logged_run(tmp_path / "s.csv", [Pictures(BLACK, 5), Lost(), Pictures(BLACK, 5)])
    found = rows(tmp_path / "s.csv")
    kinds = [row["kind"] for row in found]
    assert kinds.count("face") == 10
    assert [kind for kind in kinds if kind != "face"] == [
        "session", "source_lost", "source_back", "end",
    ]  # fmt: skip
    lost = found[kinds.index("source_lost")]
    assert lost["text"]
    assert lost["source"] == "script"
    # The last frame before may still be analysed while the source is lost: times tell the order.
    times = [float(row["time_s"]) for row in found if row["kind"] == "face"]
    assert times[3] < float(lost["time_s"]) < times[5]


def test_a_failure_stands_in_the_log_which_is_closed_properly(tmp_path):
    steps = [Pictures(BLACK, 3), Raise(SourceError("The video is torn."))]
    with pytest.raises(SourceError):
        logged_run(tmp_path / "s.csv", steps, live=False)
    found = rows(tmp_path / "s.csv")
    (failed,) = [row for row in found if row["kind"] == "source_failed"]
    assert "The video is torn." in failed["text"]
    assert found[-1]["kind"] == "end"
