"""The server with real clients of the websockets library."""

import json
import socket
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from fer_live.core.errors import ConfigError, OutputError
from fer_live.outputs.output import QueuedOutput
from fer_live.outputs.websocket import CLIENT_MESSAGES, MAX_CLIENTS, WebSocketSender

from .support import ABOUT, LABELS, WAIT_S, face, outputs_of, result, wait_until


def received(client):
    return json.loads(client.recv(timeout=WAIT_S))


def port_of(output):
    return int(output.place.rpartition(":")[2])


@pytest.fixture
def served():
    with outputs_of(WebSocketSender("127.0.0.1", 0)) as (live, output):
        yield live, output


def named(output, host, **more):
    """A connection to the output's server under any name, as a browser makes it."""
    peer = socket.create_connection(("127.0.0.1", port_of(output)))
    return connect(f"ws://{host}:{port_of(output)}/", sock=peer, **more)


def test_every_client_gets_a_session_then_the_frames(served):
    live, output = served
    with connect(output.place) as one, connect(output.place) as other:
        wait_until(lambda: output.clients == 2)
        live.submit(result(0, [face()]))
        live.mark(1, "now")
        for client in (one, other):
            session = received(client)
            assert session["kind"] == "session"
            assert session["labels"] == list(LABELS)
            assert session["source"] == ABOUT.source
            assert session["fer_live"]
            frame = received(client)
            assert (frame["kind"], frame["frame"], frame["dropped"]) == ("frame", 0, 0)
            assert frame["faces"][0]["label"] == "happy"
            assert received(client)["text"] == "now"
    wait_until(lambda: output.clients == 0)


def test_who_comes_late_begins_with_the_session_too(served):
    live, output = served
    live.submit(result(0))
    wait_until(lambda: output.sent == 1)
    with connect(output.place) as client:
        wait_until(lambda: output.clients == 1)
        live.submit(result(1))
        assert received(client)["kind"] == "session"
        assert received(client)["frame"] == 1


def test_a_client_may_ask_for_fewer_frames(served):
    live, output = served
    with connect(f"{output.place}/?fps=10") as thin, connect(output.place) as full:
        wait_until(lambda: output.clients == 2)
        for index in range(91):  # three seconds of a camera whose frames jitter
            jitter_s = 0.004 * (-1) ** index
            live.submit(result(index, captured_s=100 + index / 30 + jitter_s))
            wait_until(lambda seen=index + 1: output.sent == seen)
        live.mark(9)
        frames = {thin: [], full: []}
        for client, kept in frames.items():
            while (message := received(client))["kind"] != "marker":
                if message["kind"] == "frame":
                    kept.append(message)
    assert len(frames[full]) == 91
    assert len(frames[thin]) == 31
    assert all(frame["dropped"] == 0 for frame in frames[thin])


@pytest.mark.parametrize("fps", ["x", "-1", "0.01", "nan", "inf", "1e9"])
def test_a_rate_that_is_none_is_refused(served, fps):
    with pytest.raises(InvalidStatus) as refused, connect(f"{served[1].place}/?fps={fps}"):
        pass
    assert refused.value.response.status_code == 400
    assert b"fps must be a number" in refused.value.response.body


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_a_foreign_name_that_points_here_is_not_answered(served, host):
    # DNS rebinding: for the browser the page and this server are of one site, under that name.
    _, output = served
    origin = f"http://{host}:{port_of(output)}"
    with pytest.raises(InvalidStatus) as refused, named(output, host, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus), named(output, host):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:1", "https://127.0.0.1", "null", "file://"]
)
def test_a_page_of_another_site_is_not_answered(served, host, origin):
    with pytest.raises(InvalidStatus) as refused, named(served[1], host, origin=origin):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_its_own_page_and_programs_are_answered(served, host):
    _, output = served
    with named(output, host, origin=f"http://{host}:{port_of(output)}"), named(output, host):
        wait_until(lambda: output.clients == 2)


def test_a_token_is_demanded_of_everybody_and_opens_to_any_page():
    with outputs_of(WebSocketSender("127.0.0.1", 0, "gehéim")) as (_, output):
        for bad in ("/", "/?token=wrong", "/?token="):
            with pytest.raises(InvalidStatus) as refused, connect(output.place + bad):
                pass
            assert refused.value.response.status_code == 401
        # A page of its own needs the token as well.
        own = Origin(output.place.replace("ws", "http"))
        with pytest.raises(InvalidStatus), connect(output.place, origin=own):
            pass
        with (
            connect(
                f"{output.place}/?token=geh%C3%A9im", origin=Origin("http://elsewhere.example")
            ),
            connect(f"{output.place}/?token=geh%C3%A9im"),
        ):
            wait_until(lambda: output.clients == 2)
        # Neither does a token open the door to a name that points here.
        peer = socket.create_connection(("127.0.0.1", port_of(output)))
        address = f"ws://evil.example:{port_of(output)}/?token=geh%C3%A9im"
        with pytest.raises(InvalidStatus) as refused, connect(address, sock=peer):
            pass
        assert refused.value.response.status_code == 403


def test_a_token_may_come_in_a_header():
    with outputs_of(WebSocketSender("127.0.0.1", 0, "secret")) as (_, output):
        headers = {"Authorization": "Bearer secret"}
        with connect(output.place, additional_headers=headers):
            wait_until(lambda: output.clients == 1)


def test_listening_beyond_this_computer_warns_in_one_sentence():
    for sender, words in (
        (WebSocketSender("127.0.0.1", 0), ""),
        (
            WebSocketSender("0.0.0.0", 0),
            "Warning: everybody who can reach this computer over the network can read",
        ),
        (WebSocketSender("0.0.0.0", 0, "secret"), "Warning: everybody who knows the token and"),
    ):
        with outputs_of(sender) as (_, output):
            assert output.warning.startswith(words)
            assert output.warning.count(".") == bool(words)


def test_a_stalled_client_loses_its_own_frames_and_nobody_elses(served):
    live, output = served
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port_of(output)))
    crowd = [face(n) for n in range(1, 21)]
    count = 1200
    with (
        connect(output.place, sock=peer, max_queue=1) as stalled,
        connect(output.place) as good,
    ):
        wait_until(lambda: output.clients == 2)
        assert received_after(live, good, result(0, crowd))["kind"] == "session"
        assert received(good)["frame"] == 0
        for index in range(1, count):
            frame = received_after(live, good, result(index, crowd))
            assert (frame["frame"], frame["dropped"]) == (index, 0)
        assert output.dropped == 0
        live.mark(1)  # more than anything else waits behind a client that does not read
        seen = []
        while not seen or seen[-1]["kind"] != "marker":
            seen.append(received(stalled))
    frames = [message for message in seen if message["kind"] == "frame"]
    missed = count - len(frames)
    assert missed > 0
    # The last frame was queued when all but what it pushes out itself had been dropped.
    assert frames[-1]["dropped"] == pytest.approx(missed, abs=CLIENT_MESSAGES)
    assert frames[-1]["frame"] == count - 1


def received_after(live, client, one):
    live.submit(one)
    return received(client)


def silent_client(output):
    """A client that has connected and reads nothing."""
    peer = socket.create_connection(("127.0.0.1", port_of(output)))
    request = (
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    peer.sendall(request.encode())
    wait_until(lambda: output.clients == 1)
    return peer


def test_a_client_that_goes_without_a_word_is_forgotten(served):
    live, output = served
    silent_client(output).close()
    wait_until(lambda: output.clients == 0)
    live.submit(result())
    wait_until(lambda: output.sent == 1)
    assert output.error is None


def test_what_clients_say_is_not_heard_and_too_much_of_it_ends_the_connection(served):
    live, output = served
    with connect(output.place) as client:
        wait_until(lambda: output.clients == 1)
        for _ in range(50):
            client.send("hello")
        live.submit(result())
        assert received(client)["kind"] == "session"
        assert received(client)["kind"] == "frame"
        client.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            received(client)


def test_there_is_an_end_to_clients(served):
    _, output = served
    with ExitStack() as clients:
        for _ in range(MAX_CLIENTS):
            clients.enter_context(connect(output.place))
        wait_until(lambda: output.clients == MAX_CLIENTS)
        with pytest.raises(InvalidStatus) as refused, connect(output.place):
            pass
    assert refused.value.response.status_code == 503


def fetched(output, path, **headers):
    """Status, headers and text of a plain request."""
    address = output.place.replace("ws://", "http://") + path
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers=headers), timeout=WAIT_S
        ) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_a_browser_that_is_lost_is_told_the_way(served):
    status, _, text = fetched(served[1], "/")
    assert status == 426
    assert "/overlay" in text
    status, _, text = fetched(served[1], "/../../etc/passwd")
    assert status == 404
    assert "/overlay" in text


def test_the_page_may_load_and_reach_nothing_else(served):
    for path, kind in (
        ("/overlay?show=bars", "text/html"),
        ("/overlay.js", "text/javascript"),
        ("/overlay.css", "text/css"),
    ):
        status, headers, text = fetched(served[1], path)
        assert status == 200
        assert headers["Content-Type"].startswith(kind)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "://" not in text.replace("${secure}://", "")
    assert fetched(served[1], "/overlay", Host="evil.example")[0] == 403


def test_the_end_says_goodbye_to_clients_and_frees_the_port(served):
    live, output = served
    with connect(output.place) as client:
        wait_until(lambda: output.clients == 1)
        live.stop()
        with pytest.raises(ConnectionClosed) as closed:
            received(client)
    assert closed.value.rcvd.code == 1001
    with outputs_of(WebSocketSender("127.0.0.1", port_of(output))):
        pass


def test_a_stalled_client_does_not_hold_up_the_end(served):
    live, output = served
    peer = silent_client(output)
    crowd = [face(n) for n in range(1, 40)]
    for index in range(100):
        live.submit(result(index, crowd))
    (summary,) = live.stop()
    assert summary.error is None
    assert not any("websocket" in thread.name for thread in threading.enumerate())
    peer.close()


def test_a_port_in_use_is_told_at_the_start():
    with socket.create_server(("127.0.0.1", 0)) as other:
        output = QueuedOutput(WebSocketSender("127.0.0.1", other.getsockname()[1]))
        with pytest.raises(ConfigError, match="already in use"):
            output.start()


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "websockets.asyncio.server", None)
    with pytest.raises(OutputError, match=r'pip install "fer-live\[stream\]"'):
        WebSocketSender("127.0.0.1", 0).open()


def test_a_connection_that_says_nothing_does_not_hold_up_the_end():
    with outputs_of(WebSocketSender("127.0.0.1", 0)) as (_, output):
        silent = socket.create_connection(("127.0.0.1", port_of(output)))
        # The server takes connections in turn: once this one is in, so is the silent one.
        with connect(output.place):
            wait_until(lambda: output.clients == 1)
    with silent:
        assert not [t.name for t in threading.enumerate() if t.name.endswith("websocket-server")]
