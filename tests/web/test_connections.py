"""Connections to the service: early answers, slow clients and bounds, over real sockets."""

import asyncio
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from fer_live.capture.decode import decode_image
from fer_live.web import connections
from fer_live.web.app import create_app
from fer_live.web.connections import Server
from fer_live.web.prediction_service import PredictionService
from tests.live.fakes import FakeClassifier, FakeDetector, boxes

from .support import encoded

TIMEOUT_S = 20
MAX_BYTES = 2_000_000

FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"


class Running:
    """The service on a thread of its own, with a model that answers at once."""

    def __init__(self, max_buffered=4 * MAX_BYTES):
        self._max_buffered = max_buffered
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(TIMEOUT_S)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(TIMEOUT_S)

    async def _run(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        with (
            PredictionService(FakeClassifier(), FakeDetector(boxes())) as service,
            ThreadPoolExecutor(4) as threads,
        ):
            server = Server(create_app(service, max_mb=2), threads, self._max_buffered)
            listener = socket.create_server(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
            listener.setblocking(False)
            server.add_socket(listener)
            self._ready.set()
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()

    def connect(self, data=b""):
        connection = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S)
        connection.sendall(data)
        return connection

    def get(self):
        """Status of a request of the page."""
        with self.connect(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
            return answer(connection)[0]


@pytest.fixture
def running():
    with Running() as server:
        yield server


def answer(connection):
    """Status and JSON of an answer; JSON is None for others."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    data = response.read()
    is_json = response.getheader("Content-Type") == "application/json"
    response.close()
    return response.status, json.loads(data) if is_json else None


def head(method, path, length, *lines):
    first = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n".encode()
    return first + b"".join(lines) + b"\r\n"


REFUSED = [
    ("POST", "/predict", 3_000_000, FORM, 413, "2 MB are allowed"),
    ("PUT", "/", 3_000_000, b"", 405, "Use "),
    ("POST", "/wrong", 3_000_000, FORM, 404, "POST /predict"),
    ("POST", "/predict", 1_000_000, b"Content-Type: image/png\r\n", 415, "multipart/form-data"),
]


@pytest.mark.parametrize(("method", "path", "length", "more", "status", "sentence"), REFUSED)
@pytest.mark.parametrize("waits", [True, False], ids=["waits for 100", "sends"])
def test_what_the_head_refuses_is_answered_at_once_and_closed(
    running, method, path, length, more, status, sentence, waits
):
    expect = b"Expect: 100-continue\r\n" if waits else b""
    with running.connect(head(method, path, length, more, expect)) as connection:
        if not waits:
            connection.sendall(b"x" * 1000)  # of the body, and no more
        received = b""
        while part := connection.recv(65536):
            received += part
    first, _, rest = received.partition(b"\r\n")
    assert first.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in rest
    assert sentence in json.loads(rest.partition(b"\r\n\r\n")[2])["error"]


def test_a_client_that_never_reads_before_it_has_sent_gets_the_answer(running):
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=TIMEOUT_S)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    connection.request("POST", "/predict", b"x" * 20_000_000, headers)
    response = connection.getresponse()
    assert response.status == 413
    assert "2 MB are allowed" in json.load(response)["error"]
    connection.close()


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(*arguments):
    """Status of curl's request, the bytes of the body that it sent, and the answer."""
    done = subprocess.run(
        ["curl", "-sSm", str(TIMEOUT_S), "-w", "\n%{http_code} %{size_upload}", *arguments],
        capture_output=True,
        text=True,
        timeout=2 * TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    body, _, end = done.stdout.rpartition("\n")
    status, sent = end.split()
    return int(status), int(sent), body


@needs_curl
@pytest.mark.parametrize(
    ("options", "path", "status"),
    [
        (["-F", "file=@{}"], "predict", 413),
        (["-X", "PUT", "--data-binary", "@{}"], "", 405),
        (["-T", "{}"], "wrong", 404),
        (["-F", "file=@{}"], "wrong", 404),
    ],
)
def test_curl_sends_no_body_that_is_refused(running, tmp_path, options, path, status):
    (tmp_path / "a.png").write_bytes(b"x" * 3_000_000)
    arguments = [option.format(tmp_path / "a.png") for option in options]
    got, sent, body = curl(*arguments, f"http://127.0.0.1:{running.port}/{path}")
    assert (got, sent) == (status, 0)
    assert json.loads(body)["error"]


@needs_curl
@pytest.mark.parametrize("chunked", [False, True])
def test_curl_sends_a_body_that_is_wanted(running, tmp_path, chunked):
    noise = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
    picture = encoded(noise, "PNG")
    assert 1_000_000 < len(picture) < MAX_BYTES
    (tmp_path / "a.png").write_bytes(picture)
    more = ["-H", "Transfer-Encoding: chunked"] if chunked else []
    url = f"http://127.0.0.1:{running.port}/predict"
    got, _, body = curl(*more, "-F", f"file=@{tmp_path / 'a.png'}", url)
    assert got == 200, body
    assert json.loads(body)["pictures"][0]["width"] == 700


def test_a_body_of_unknown_length_is_bounded(running):
    chunked = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    with running.connect(chunked + FORM + b"\r\n") as connection:
        for _ in range(5):
            connection.sendall(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n")
        status, told = answer(connection)
    assert status == 413
    assert "2 MB are allowed" in told["error"]


def test_bodies_share_a_bound_on_memory():
    with Running(max_buffered=1_000_000) as running, ExitStack() as stack:
        deadline_s = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline_s:
            first = stack.enter_context(running.connect(head("POST", "/predict", 900_000, FORM)))
            first.sendall(b"x" * 899_999)
            with running.connect(head("POST", "/predict", 800_000, FORM)) as second:
                second.sendall(b"y" * 800_000)
                status, told = answer(second)
            if status == 503:
                break
            # The second body was there before the first, which may have been refused for it.
            first.close()
        assert status == 503
        assert "busy" in told["error"]
        first.sendall(b"x")
        assert answer(first)[0] < 500  # all of it arrived, and is no form
        # The memory is free again.
        with running.connect(head("POST", "/predict", 900_000, FORM)) as third:
            third.sendall(b"x" * 900_000)
            assert answer(third)[0] < 500


SLOW = {
    "idle": b"",
    "in the head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "in the body": head("POST", "/predict", 100_000, FORM),
}


@pytest.mark.parametrize("begun", SLOW.values(), ids=SLOW)
def test_slow_clients_keep_nobody_out_and_are_closed(monkeypatch, begun):
    monkeypatch.setattr(connections, "HEAD_S", 1.5)
    monkeypatch.setattr(connections, "BODY_S", 1.5)
    with Running() as running, ExitStack() as stack:
        slow = [stack.enter_context(running.connect(begun)) for _ in range(80)]
        assert running.get() == 200
        waiting = set(slow)
        deadline_s = time.monotonic() + TIMEOUT_S
        while waiting and time.monotonic() < deadline_s:
            for connection in list(waiting):
                connection.settimeout(0.001)
                try:
                    if begun:
                        connection.sendall(b"x")  # drips
                    ended = not connection.recv(1000)
                except TimeoutError:
                    ended = False
                except OSError:
                    ended = True
                waiting.difference_update({connection} if ended else ())
        assert not waiting


def test_one_connection_too_many_closes_the_one_that_waits_longest(monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)
    with Running() as running, ExitStack() as stack:
        idle = [stack.enter_context(running.connect()) for _ in range(5)]
        assert running.get() == 200
        idle[0].settimeout(TIMEOUT_S)
        assert idle[0].recv(1) == b""
        idle[4].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer(idle[4])[0] == 200


def test_a_connection_serves_several_requests(running):
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            status, told = answer(connection)
            assert (status, told["ready"]) == (200, True)


def test_all_pictures_are_decoded_on_one_thread(running, monkeypatch):
    seen = []

    def spy(*arguments, **options):
        seen.append(threading.current_thread())
        return decode_image(*arguments, **options)

    monkeypatch.setattr("fer_live.web.prediction_service.decode_image", spy)
    picture = encoded(np.zeros((8, 8, 3), np.uint8), "PNG")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = part + picture + b"\r\n--x--\r\n"
    for _ in range(6):
        with running.connect(head("POST", "/predict", len(body), FORM) + body) as connection:
            assert answer(connection)[0] == 200
    assert len(seen) == 6
    assert len(set(seen)) == 1
