"""The messages as a real OSC server gets them."""

import queue
import sys
import threading

import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import ThreadingOSCUDPServer

from fer_live.core.errors import OutputError
from fer_live.outputs.osc import OscSender

from .support import ABOUT, LABELS, SIZE, WAIT_S, face, outputs_of, result, wait_until


@pytest.fixture
def receiver():
    """A server's port, and what came: addresses with their values."""
    came = queue.Queue()
    dispatcher = Dispatcher()
    dispatcher.set_default_handler(lambda address, *values: came.put((address, *values)))
    # Messages must stay in order, so no thread of their own for each.
    server = ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher)
    server.process_request = server.finish_request_and_shutdown = lambda request, client: (
        server.finish_request(request, client)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], came
    server.shutdown()
    server.server_close()
    thread.join()


def read(came, count):
    return [came.get(timeout=WAIT_S) for _ in range(count)]


def values(messages):
    return {address: rest[0] if len(rest) == 1 else rest for address, *rest in messages}


PER_FACE = 5 + len(LABELS)


def test_a_frame_becomes_one_message_per_figure(receiver):
    port, came = receiver
    with outputs_of(OscSender("127.0.0.1", port)) as (live, output):
        live.submit(result(41, [face(6, "sad", 0.6, name="Änna")]))
        assert read(came, 1) == [("/fer/session", ABOUT.source, *LABELS)]
        got = values(read(came, 3 + PER_FACE))
    assert output.sent == 1
    assert got["/fer/time"] == 0.0
    assert got["/fer/frame"] == 41
    assert got["/fer/faces"] == 1
    assert got["/fer/face/1/id"] == 6
    assert got["/fer/face/1/name"] == "Änna"
    assert got["/fer/face/1/label"] == "sad"
    assert got["/fer/face/1/confidence"] == pytest.approx(0.6, abs=1e-6)
    assert got["/fer/face/1/sad"] == pytest.approx(0.6, abs=1e-6)
    assert got["/fer/face/1/happy"] == pytest.approx(0.4 / 6, abs=1e-6)
    assert got["/fer/face/1/box"] == pytest.approx(
        [100 / SIZE[0], 50 / SIZE[1], 100 / SIZE[0], 120 / SIZE[1]], abs=1e-6
    )
    assert all(isinstance(got[f"/fer/face/1/{label}"], float) for label in LABELS)


def test_times_are_exact_after_days(receiver):
    port, came = receiver
    with outputs_of(OscSender("127.0.0.1", port)) as (live, _):
        live.submit(result(0, captured_s=0.0))
        live.submit(result(1, captured_s=300_000.033))
        got = read(came, 7)
    assert got[4] == ("/fer/time", pytest.approx(300_000.033, abs=1e-6))


def test_a_slot_that_is_left_is_emptied_once(receiver):
    port, came = receiver
    with outputs_of(OscSender("127.0.0.1", port)) as (live, _):
        live.submit(result(0, [face(1), face(2, "sad")]))
        live.submit(result(1, [face(2, "sad")]))
        live.submit(result(2, [face(2, "sad")]))
        read(came, 1 + 3 + 2 * PER_FACE)
        second = values(read(came, 3 + PER_FACE + 4 + len(LABELS)))
        third = values(read(came, 3 + PER_FACE))
    assert second["/fer/faces"] == 1
    assert second["/fer/face/2/id"] == 2
    assert (second["/fer/face/1/id"], second["/fer/face/1/label"]) == (0, "")
    assert all(second[f"/fer/face/1/{label}"] == 0.0 for label in LABELS)
    assert not [address for address in third if address.startswith("/fer/face/1/")]


def test_derived_figures_and_markers(receiver):
    port, came = receiver
    with outputs_of(OscSender("127.0.0.1", port), derived=lambda: True) as (live, _):
        live.submit(result(0, [face(1, "happy", 0.9)]))
        live.mark(4, "laugh")
        live.note("source_lost", "Gone.")
        got = values(read(came, 1 + 3 + PER_FACE + 2 + 2))
    assert got["/fer/face/1/valence"] == pytest.approx(0.9 - 0.1 / 6, abs=1e-5)
    assert got["/fer/face/1/entropy_bits"] == pytest.approx(0.7275, abs=1e-3)
    assert got["/fer/marker"] == [4, "laugh"]
    assert got["/fer/event"] == ["source_lost", "Gone."]


def test_a_face_that_is_not_classified_has_a_place_only(receiver):
    from fer_live.core.types import Face

    port, came = receiver
    with outputs_of(OscSender("127.0.0.1", port)) as (live, _):
        live.submit(result(0, [Face(1, (0.0, 0.0, 64.0, 36.0))]))
        got = values(read(came, 1 + 3 + 5))
        live.mark(1)
        assert read(came, 1)[0][0] == "/fer/marker"
    assert (got["/fer/face/1/label"], got["/fer/face/1/confidence"]) == ("", 0.0)
    assert got["/fer/face/1/box"] == pytest.approx([0, 0, 0.1, 0.1])


def test_nobody_needs_to_listen(receiver):
    port, _ = receiver
    with outputs_of(OscSender("127.0.0.1", port + 1 if port < 65535 else port - 1)) as (live, one):
        for index in range(3):
            live.submit(result(index))
        wait_until(lambda: one.sent == 3)
    assert (one.dropped, one.error) == (0, None)


def test_a_network_that_is_away_costs_frames_and_not_the_output(receiver, caplog):
    port, came = receiver
    sender = OscSender("127.0.0.1", port)
    with outputs_of(sender) as (live, output):
        live.submit(result(0))
        read(came, 4)
        right = sender._client._address
        sender._client._address = "255.255.255.255"  # refused: broadcasting is not allowed
        for index in (1, 2):
            live.submit(result(index))
        wait_until(lambda: output.dropped == 2)
        sender._client._address = right
        live.submit(result(3))
        assert values(read(came, 3))["/fer/frame"] == 3
    assert (output.sent, output.dropped, output.error) == (2, 2, None)
    assert caplog.text.count("OSC messages cannot be sent") == 1


def test_an_address_beyond_this_computer_is_warned_of():
    for host, warned in (("127.0.0.1", False), ("localhost", False), ("192.0.2.7", True)):
        with outputs_of(OscSender(host, 9000)) as (_, output):
            assert bool(output.warning) is warned
            assert output.warning.count("encryption.") == warned


@pytest.mark.parametrize(("host", "port"), [("no.such.invalid", 9000), ("127.0.0.1", 0)])
def test_a_bad_address_is_told_at_the_start(host, port):
    with pytest.raises(OutputError):
        OscSender(host, port).open()


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythonosc.udp_client", None)
    with pytest.raises(OutputError, match=r'pip install "fer-live\[stream\]"'):
        OscSender("127.0.0.1", 9000).open()
