"""The command and its server, over real connections."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest

from fer_live.core.errors import ConfigError
from fer_live.core.network import address_of, bind, is_loopback
from fer_live.web.server import serve

from .service import Service
from .support import encoded, portrait

TIMEOUT_S = 30


@pytest.fixture(scope="module")
def service(model):
    service = Service("--model", str(model), "--max-mb", "4")
    yield service
    service.end()


def send(service, *contents):
    """Status and JSON of a request with these files."""
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n%b\r\n'
        % content
        for content in contents
    )
    request = urllib.request.Request(
        f"{service.address}/predict",
        body + b"--x--\r\n",
        {"Content-Type": "multipart/form-data; boundary=x"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_large_picture_is_answered_without_a_temporary_file(service):
    noise = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
    noise[:300, :300] = portrait()
    picture = encoded(noise, "PNG")
    assert len(picture) > 1_000_000
    status, answer = send(service, picture, encoded(portrait(), "PNG"))
    assert status == 200
    assert [bool(picture["faces"]) for picture in answer["pictures"]] == [True, True]


@pytest.mark.parametrize("size", [4_000_001, 5_000_000, 40_000_000])
def test_a_body_that_is_too_large_is_refused_with_a_sentence(service, size):
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=30)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    connection.request("POST", "/predict", b"x" * size, headers)
    response = connection.getresponse()
    assert response.status == 413
    assert "smaller pictures" in json.load(response)["error"]
    connection.close()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n", 501),
    ],
    ids=["foreign-host", "encoding"],
)
def test_broken_requests_are_refused_in_json(service, raw, code):
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
        connection.sendall(raw)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == code
        assert json.loads(response.read())["error"]
        response.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
    ],
    ids=["nonsense", "no host", "a head without end"],
)
def test_what_is_no_http_is_refused(service, raw):
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
        received = b""
        with contextlib.suppress(ConnectionError):
            connection.sendall(raw)
            while part := connection.recv(65536):
                received += part
    assert received[:12] in (b"HTTP/1.1 400", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("host", "number"),
    [("127.0.0.1", signal.SIGINT), ("0.0.0.0", signal.SIGTERM), ("127.0.0.1", signal.SIGHUP)],
)
def test_it_ends_cleanly_and_warns_only_of_public_addresses(model, host, number):
    service = Service("--model", str(model), "--host", host)
    assert service.end(number) == 0
    *warning, start, hint, end = service.said
    if host == "0.0.0.0":
        assert "without a password" in warning.pop()
        assert service.address.startswith("http://localhost:")
    assert not warning
    assert "model tiny, CPU" in start
    assert "Ctrl-C" in hint
    assert end == "Stopped."


def test_a_port_in_use_is_told_before_the_model_is_loaded():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "fer_live", "serve", "--port", port, "--model", "none"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"fer-live: Port {port} is already in use. "
        "Stop the other program, or choose another port with --port."
    )


def test_a_missing_library_is_told():
    code = (
        "import sys; sys.modules['flask'] = None\n"
        "sys.argv = ['fer-live', 'serve']\n"
        "from fer_live.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "fer-live: This command needs flask, which is not installed. "
        'Install the optional part: pip install "fer-live[web]".'
    )


@pytest.mark.parametrize("host", ["no.such.host.invalid", "8.8.8.8", "x" * 300])
def test_an_address_that_is_not_here_is_told(host):
    with pytest.raises(ConfigError) as caught:
        serve(host, 0, pytest.fail, max_mb=1.0, say=pytest.fail)
    assert "--host" in caught.value.hint


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_only_loopback_is_private(host, loopback):
    with bind(host, 0) as listener:
        assert is_loopback(listener) is loopback
        name = "127.0.0.1" if loopback else "localhost"
        assert address_of(listener) == f"http://{name}:{listener.getsockname()[1]}"
