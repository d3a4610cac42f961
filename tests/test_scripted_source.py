import threading

import numpy as np
import pytest

from fer_live.core.errors import SourceBusyError, SourceError, SourceLostError, SourceNotFoundError
from tests.capture.conftest import picture
from tests.scripted_source import End, Lost, Pictures, Raise, ScriptedSource, Stall


def test_plays_frames_and_ends():
    source = ScriptedSource([picture(1), Pictures(picture(2), 2), End(), picture(3)])
    info = source.open()
    frames = [source.read() for _ in range(3)]
    assert (info.kind, info.width, info.height) == ("scripted", 160, 96)
    assert [int(f.image_bgr[-1, 0, 0]) for f in frames] == [8, 16, 16]
    assert [f.index for f in frames] == [0, 1, 2]
    assert source.read() is None
    assert source.read() is None
    source.close()
    assert (source.opens, source.closes, source.reads) == (1, 1, 3)


def test_an_empty_script_is_at_its_end():
    source = ScriptedSource([])
    source.open()
    assert source.read() is None


def test_the_scripts_own_picture_stays_writable():
    image = picture(1)
    source = ScriptedSource([image])
    source.open()
    source.read()
    image[0, 0] = 1


def test_a_loss_holds_until_a_reopening_succeeds():
    source = ScriptedSource([picture(1), Lost(failed_opens=2), picture(2)])
    source.open()
    source.read()
    for _ in range(2):
        with pytest.raises(SourceLostError):
            source.read()
    for _ in range(2):
        source.close()
        with pytest.raises(SourceNotFoundError):
            source.open()
    source.close()
    source.open()
    assert source.read().index == 1
    assert source.opens == 2


def test_openings_and_reads_fail_as_told():
    busy, fault = SourceBusyError("Held.", "Wait."), RuntimeError("fault")
    source = ScriptedSource([Raise(fault), picture(1)], open_errors=[busy, None])
    with pytest.raises(SourceBusyError):
        source.open()
    source.open()
    with pytest.raises(RuntimeError, match="fault"):
        source.read()
    assert source.read() is not None


def test_a_stall_passes_or_is_interrupted():
    source = ScriptedSource([Stall(0.01), picture(1), Stall()])
    source.open()
    assert source.read() is not None
    timer = threading.Timer(0.05, source.interrupt)
    timer.start()
    assert source.read() is None
    timer.join()


def test_a_deaf_stall_hears_only_release():
    source = ScriptedSource([Stall(deaf=True), picture(1)])
    source.open()
    results = []
    reader = threading.Thread(target=lambda: results.append(source.read()))
    reader.start()
    source.interrupt()
    reader.join(0.05)
    assert reader.is_alive()
    source.release()
    reader.join(1.0)
    assert results == [None]


def test_the_pace_is_kept_and_files_have_positions():
    now = [0.0]
    source = ScriptedSource([Pictures(picture(1), 3)], fps=50, live=False, clock=lambda: now[0])
    source.open()
    positions = []
    for _ in range(3):
        positions.append(source.read().position_s)
        now[0] += 0.02
    assert positions == pytest.approx([0, 0.02, 0.04])


def test_reading_while_closed_is_an_error():
    source = ScriptedSource([np.zeros((4, 4, 3), np.uint8)])
    with pytest.raises(SourceError, match="not open"):
        source.read()
