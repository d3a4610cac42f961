"""Live outputs of the window, with the real outputs and real clients."""

import json
import socket

import pytest
from websockets.sync.client import connect

from fer_live.core.settings import Settings
from fer_live.live.states import State
from tests.gui.driver import notice_messages, streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import wait_for

WAIT_S = 10.0


def settings(tmp_path, **more):
    values = {"source": "demo", "first_start_done": True, "theme": "dark"}
    return Settings(
        **{**values, "output_dir": tmp_path, "websocket_address": "127.0.0.1:0", **more}
    )


def output_of(window, count=1):
    live = window.live_outputs
    wait_for(lambda: live.live is not None and len(live.live.running) == count, "the outputs")
    return live.live.running[0]


def send(engine, *results):
    for one in results:
        for sink in engine.sinks:
            sink.submit(one)


def received(client):
    return json.loads(client.recv(timeout=WAIT_S))


@pytest.fixture
def served(open_window, services, tmp_path):
    """A window with a WebSocket server, its engine, and the server."""
    window = open_window(settings=settings(tmp_path, websocket=True))
    engine = streaming(window, services)
    window.live_outputs.begin()
    output = output_of(window)
    wait_for(lambda: engine.sinks, "the outputs at the engine")
    return window, engine, output


def test_nothing_is_opened_unless_it_is_switched_on(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    window.live_outputs.begin()
    assert window.live_outputs.live is None
    assert engine.sinks == []
    assert window.status.outputs.text() == ""


def test_a_chip_counts_the_clients_and_says_where_it_serves(served):
    window, engine, output = served
    wait_for(lambda: window.status.outputs.text() == "WebSocket 0", "the chip")
    assert window.status.outputs.isVisible()
    assert output.place in window.status.outputs.toolTip()
    with connect(output.place) as client:
        wait_for(lambda: window.status.outputs.text() == "WebSocket 1", "the client's count")
        send(engine, result(5, [face(1)]))
        assert received(client)["source"] == "Demo"
        assert received(client)["frame"] == 5
    wait_for(lambda: window.status.outputs.text() == "WebSocket 0", "its leaving")


def test_switching_off_in_the_settings_takes_the_chip_away(served):
    window, _, output = served
    window.change(websocket=False)
    wait_for(lambda: window.live_outputs.live is None, "the end")
    wait_for(lambda: not window.status.outputs.text(), "the chip to go")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(output.place.rpartition(":")[2])))
    window.change(websocket=True, json_output=True)
    output_of(window, 2)
    wait_for(lambda: "JSON lines" in window.status.outputs.text(), "the chip")


def test_outputs_go_on_with_the_next_source(served, services):
    window, first, output = served
    with connect(output.place) as client:
        wait_for(lambda: output.clients == 1, "the client")
        send(first, result(3))
        assert [received(client)["kind"] for _ in range(2)] == ["session", "frame"]
        window.choose_source("other.mp4")
        second = streaming(window, services, result(0), count=2)
        wait_for(lambda: second.sinks, "the outputs at the engine")
        assert first.sinks == []
        send(second, result(0))
        frame = received(client)
        assert (frame["kind"], frame["frame"]) == ("frame", 0)
        assert frame["time_s"] > 0


def test_markers_and_what_happens_to_the_source_are_told(served):
    window, engine, output = served
    with connect(output.place) as client:
        wait_for(lambda: output.clients == 1, "the client")
        send(engine, result(0))
        assert [received(client)["kind"] for _ in range(2)] == ["session", "frame"]
        window.markers.set(4)
        assert "Marker 4" in window.toast.text()
        marker = received(client)
        assert (marker["kind"], marker["marker"]) == ("marker", 4)
        engine.say(State.RECONNECTING)
        wait_for(lambda: window.view.message is not None, "the window to hear of it")
        assert received(client)["kind"] == "source_lost"


def test_an_output_that_cannot_be_opened_says_why_and_can_be_tried_again(open_window, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        window = open_window(
            settings=settings(tmp_path, websocket=True, websocket_address=str(port))
        )
        window.live_outputs.begin()
        wait_for(lambda: notice_messages(window), "the notice")
        assert notice_messages(window) == [f"Port {port} is already in use."]
        assert window.live_outputs.live is None
    window.change(websocket_address="127.0.0.1:0")
    output_of(window)


def test_an_output_that_ends_early_says_so_and_the_others_go_on(
    open_window, services, tmp_path, monkeypatch
):
    import pyvirtualcam.camera

    class Device:
        def __init__(self, *, width, height, **_):
            if width == 160:
                raise RuntimeError("not this size")

        def close(self):
            pass

        def device(self):
            return "Stand-in"

        def native_fourcc(self):
            return None

    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"stand-in": Device})
    window = open_window(settings=settings(tmp_path, websocket=True, virtual_camera=True))
    engine = streaming(window, services)
    window.live_outputs.begin()
    output_of(window, 2)
    wait_for(lambda: engine.sinks, "the outputs at the engine")
    wait_for(lambda: "Virtual camera" in window.status.outputs.text(), "the chip")
    send(engine, result(0))
    wait_for(lambda: notice_messages(window), "the notice")
    assert "Stand-in does not take pictures of 160" in notice_messages(window)[0]
    wait_for(lambda: window.status.outputs.text() == "WebSocket 0", "the chip without it")


def test_serving_the_network_is_warned_of(open_window, tmp_path):
    window = open_window(settings=settings(tmp_path, websocket=True, websocket_address="0.0.0.0:0"))
    window.live_outputs.begin()
    wait_for(lambda: notice_messages(window), "the warning")
    assert notice_messages(window)[0].startswith("Warning: everybody")


def test_a_file_of_the_command_line_is_written_beside_what_is_switched_on(
    open_window, services, tmp_path
):
    window = open_window(settings=settings(tmp_path, derived_figures=True))
    engine = streaming(window, services)
    window.live_outputs.begin(str(tmp_path / "out.jsonl"))
    output = output_of(window)
    wait_for(lambda: engine.sinks, "the outputs at the engine")
    send(engine, result(0, [face(1)]))
    wait_for(lambda: output.sent == 1, "the frame")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["session", "frame"]
    assert "valence" in lines[1]["faces"][0]


def test_closing_the_window_ends_the_outputs(served):
    window, _, output = served
    with connect(output.place) as client:
        wait_for(lambda: output.clients == 1, "the client")
        window.close()
        wait_for(lambda: window.ended, "the window to close")
        with pytest.raises(Exception, match="1001"):
            received(client)
