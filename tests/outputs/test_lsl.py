"""The streams as real LSL inlets get them."""

import math
import subprocess
import sys
import time
import uuid

import numpy as np
import pytest

from fer_live.core.errors import OutputError
from fer_live.outputs.clock_offset import EVERY_S, READINGS, ClockOffset
from fer_live.outputs.lsl import SLOTS, LslSender, load_pylsl

from .support import ABOUT, LABELS, WAIT_S, face, outputs_of, result, wait_until

try:
    pylsl = load_pylsl()
except OutputError as error:
    pylsl = None
    why = str(error)
else:
    why = ""

with_lsl = pytest.mark.skipif(pylsl is None, reason=why)
WIDTH = 1 + len(LABELS)


@pytest.fixture
def name():
    """No other stream on this network has it."""
    return f"fer-test-{uuid.uuid4()}"


def inlet(name):
    found = pylsl.resolve_byprop("name", name, timeout=WAIT_S)
    assert len(found) == 1
    stream = pylsl.StreamInlet(found[0])
    stream.open_stream(timeout=WAIT_S)
    return stream


def pulled(stream):
    sample, stamp = stream.pull_sample(timeout=WAIT_S)
    assert sample is not None
    return sample, stamp


@with_lsl
def test_a_sample_has_the_probabilities_of_each_slot_at_capture_time(name):
    with outputs_of(LslSender(name)) as (live, output):
        live.submit(result(0, [face(5)]))
        wait_until(lambda: output.sent == 1)
        assert output.clients == 0
        stream = inlet(name)
        wait_until(lambda: output.clients == 1)
        captured_s, before_s = time.perf_counter() - 0.25, pylsl.local_clock()
        live.submit(result(1, [face(5), face(9, "sad", 0.6)], captured_s=captured_s))
        sample, stamp = pulled(stream)
        after_s = pylsl.local_clock()
        stream.close_stream()
    assert len(sample) == SLOTS * WIDTH
    slots = np.array(sample).reshape(SLOTS, WIDTH)
    assert slots[:2, 0].tolist() == [5, 9]
    assert slots[0, 1 + LABELS.index("happy")] == pytest.approx(0.9)
    assert slots[1, 1 + LABELS.index("sad")] == pytest.approx(0.6)
    assert np.isnan(slots[2:]).all()
    assert before_s - 0.26 < stamp < after_s - 0.25
    assert output.error is None


@with_lsl
def test_the_stream_describes_itself(name):
    with outputs_of(LslSender(name), derived=lambda: True) as (live, output):
        live.submit(result())
        wait_until(lambda: output.sent == 1)
        stream = inlet(name)
        info = stream.info(timeout=WAIT_S)
        stream.close_stream()
    assert info.type() == "Expression"
    assert info.nominal_srate() == pylsl.IRREGULAR_RATE
    assert info.channel_count() == SLOTS * (WIDTH + 2)
    described = info.desc()
    told = {key: described.child_value(key) for key in ("source", "model", "device")}
    assert told == {"source": ABOUT.source, "model": ABOUT.model, "device": ABOUT.device}
    assert info.get_channel_labels()[: WIDTH + 2] == [
        "face1_id",
        *(f"face1_{label}" for label in LABELS),
        "face1_valence",
        "face1_entropy_bits",
    ]
    units = info.get_channel_units()[: WIDTH + 2]
    assert units == ["number", *["probability"] * len(LABELS), "-1 to 1", "bits"]
    clock = described.child("synchronization")
    assert 0 < float(clock.child_value("offset_rms")) < 0.001


@with_lsl
def test_markers_and_events_are_a_stream_of_their_own(name):
    with outputs_of(LslSender(name)) as (live, _):
        stream = inlet(f"{name}-markers")
        live.submit(result())
        pressed, before_s = live.moment(), pylsl.local_clock()
        live.mark(3, "stimülus", pressed)
        live.note("source_lost", "Gone.")
        (marker,), stamp = pulled(stream)
        (event,), _ = pulled(stream)
        assert stream.info(timeout=WAIT_S).type() == "Markers"
        stream.close_stream()
    assert (marker, event) == ("marker 3 stimülus", "source_lost Gone.")
    assert stamp == pytest.approx(before_s, abs=0.05)


@with_lsl
def test_other_classes_open_another_stream_with_the_same_name(name):
    with outputs_of(LslSender(name)) as (live, output):
        live.submit(result(0))
        wait_until(lambda: output.sent == 1)
        live.submit(result(1, labels=("happy", "sad")))
        wait_until(lambda: output.sent == 2)
        stream = inlet(name)
        assert stream.info(timeout=WAIT_S).channel_count() == SLOTS * 3
        stream.close_stream()


@with_lsl
def test_the_streams_are_gone_at_the_end(name):
    with outputs_of(LslSender(name)) as (live, output):
        live.submit(result())
        wait_until(lambda: output.sent == 1)
    assert pylsl.resolve_byprop("name", name, timeout=1) == []


@with_lsl
def test_the_clocks_of_this_computer_differ_by_less_than_a_millisecond_more_than_measured():
    offset = ClockOffset(time.perf_counter, pylsl.local_clock)
    assert 0 < offset.error_s < 0.001
    before_s = pylsl.local_clock()
    converted_s = offset.convert(time.perf_counter())
    after_s = pylsl.local_clock()
    assert before_s - offset.error_s <= converted_s <= after_s + offset.error_s


class Clocks:
    """Two clocks that stand 7.25 s apart; reading the first takes a while, at times longer."""

    def __init__(self, costs):
        self.now_s = 100.0
        self.costs = costs
        self.reads = 0
        self.apart_s = 7.25

    def first(self):
        self.now_s += self.costs[self.reads % len(self.costs)]
        self.reads += 1
        return self.now_s

    def other(self):
        return self.now_s + self.apart_s


def test_the_best_of_several_readings_counts():
    clocks = Clocks([0.5] * 4 + [0.5, 0.002] + [0.5] * 26)
    offset = ClockOffset(clocks.first, clocks.other)
    assert clocks.reads == 2 * READINGS
    assert offset.error_s == pytest.approx(0.001)
    assert offset.offset_s == pytest.approx(7.25, abs=offset.error_s + 1e-9)


def test_clocks_that_drift_apart_are_compared_again():
    clocks = Clocks([1e-6])
    offset = ClockOffset(clocks.first, clocks.other)
    clocks.apart_s = 9.0
    assert offset.convert(50.0) == pytest.approx(57.25, abs=1e-5)
    clocks.now_s += EVERY_S + 1
    assert offset.convert(50.0) == pytest.approx(59.0, abs=1e-5)


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(OutputError, match=r'pip install "fer-live\[lsl\]"'):
        LslSender("x").open()


def test_without_liblsl_it_says_so(tmp_path):
    # What pylsl itself does where it finds no shared library.
    broken = tmp_path / "pylsl"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('LSL binary library file not found.')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from fer_live.core.errors import OutputError\n"
        "from fer_live.outputs.lsl import LslSender\n"
        "try: LslSender('x').open()\n"
        "except OutputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith(
        "The LSL output needs the library liblsl, which cannot be loaded."
    )
    assert "pylsl" in done.stdout


def test_before_the_start_the_clock_error_is_not_known():
    assert math.isnan(LslSender("x").clock_error_s)
