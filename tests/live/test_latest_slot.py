import threading

import pytest

from fer_live.live.latest_slot import LatestSlot, SlotClosedError

from .fakes import WAIT_S


def test_nothing_is_there_at_first():
    assert LatestSlot().get(0.0) is None


def test_the_latest_wins_and_the_numbers_show_the_gap():
    dropped = []
    slot = LatestSlot(on_drop=dropped.append)
    for item in "abc":
        assert slot.put(item)
    assert slot.get(0.0) == (2, "c")
    assert slot.get(0.0) is None
    assert slot.dropped == 2
    assert dropped == ["a", "b"]


def test_a_lossless_slot_refuses_while_it_is_full():
    slot = LatestSlot(lossless=True)
    assert slot.put("a", 0.0)
    assert not slot.put("b", 0.0)
    assert slot.get(0.0) == (0, "a")
    assert slot.put("b", 0.0)
    assert slot.get(0.0) == (1, "b")
    assert slot.dropped == 0


def test_a_lossless_slot_hands_over_everything_in_order():
    slot = LatestSlot(lossless=True)

    def write():
        for item in range(200):
            assert slot.put(item, WAIT_S)
        slot.close()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while len(seen) < 200:
        seen.append(slot.get(WAIT_S)[1])
    with pytest.raises(SlotClosedError):
        slot.get(WAIT_S)
    writer.join(WAIT_S)
    assert seen == list(range(200))


def test_what_waits_inside_is_read_after_closing():
    slot = LatestSlot()
    slot.put("last")
    slot.close()
    assert slot.closed
    assert slot.get(0.0) == (0, "last")
    with pytest.raises(SlotClosedError) as closed:
        slot.get(0.0)
    assert closed.value.error is None


def test_the_first_error_reaches_both_sides():
    slot = LatestSlot()
    error = OSError("gone")
    slot.close(error)
    slot.close(OSError("later"))
    for act in (lambda: slot.put("x"), lambda: slot.get(0.0)):
        with pytest.raises(SlotClosedError) as closed:
            act()
        assert closed.value.error is error


@pytest.mark.parametrize("side", ["put", "get"])
def test_closing_wakes_who_waits(side):
    slot = LatestSlot(lossless=True)
    if side == "put":
        slot.put("full")
    waiting, ended = threading.Event(), threading.Event()

    def wait():
        waiting.set()
        with pytest.raises(SlotClosedError):
            slot.put("more", 60.0) if side == "put" else slot.get(60.0)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(WAIT_S)
    slot.close()
    assert ended.wait(WAIT_S)
    thread.join(WAIT_S)


def test_what_is_discarded_counts_as_dropped():
    dropped = []
    slot = LatestSlot(on_drop=dropped.append)
    slot.put("a")
    assert slot.discard() == 1
    assert slot.discard() == 0
    assert slot.dropped == 1
    assert dropped == ["a"]
