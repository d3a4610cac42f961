"""What servers give over HTTP: MJPEG as cameras write it, pictures, playlists; and the bounds."""

import base64
import contextlib
import hashlib
import io
import re
import socket
import ssl
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
import numpy as np
import pytest
import trustme
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fer_live.capture.http import client, jpegs
from fer_live.capture.http.address import parse_stream_address
from fer_live.capture.http.certificates import UnverifiedError
from fer_live.capture.http.decryption import DecryptedBody
from fer_live.capture.http.jpegs import JpegSplitter, SnapshotPoller
from fer_live.capture.network_stream import UrlSource
from fer_live.core.errors import ConfigError, SourceError, SourceLostError, SourceNotFoundError
from fer_live.core.formats import public_address
from tests.capture.conftest import picture

FRAMES = 12


def jpeg(number):
    success, data = cv2.imencode(".jpg", picture(number))
    assert success
    return data.tobytes()


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the `respond` of its server."""

    timeout = 20

    def do_GET(self):
        self.server.requests.append((self.path, self.headers))
        self.server.respond(self)

    def log_message(self, *_):
        pass


class CameraServer(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, *_):
        """A client that goes away is normal."""


@contextmanager
def served(respond, certificate=None):
    """A server whose requests `respond(handler)` answers; gives it with its `url`."""
    with CameraServer(("127.0.0.1", 0), Handler) as server:
        server.respond, server.requests, server.stopping = respond, [], threading.Event()
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        server.url = f"{scheme}://127.0.0.1:{server.server_port}/video"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()


def reply(handler, body, kind=None, status=200, length=False, **headers):
    handler.send_response(status)
    if kind:
        handler.send_header("Content-Type", kind)
    if length:
        handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def frames_of(url, **options):
    """All pictures of a stream that ends."""
    source = UrlSource(url, **options)
    frames = []
    source.open()
    with pytest.raises(SourceLostError):
        source.stream(frames.append)
    source.close()
    return [frame.image_bgr for frame in frames]


def numbers_of(images):
    """Which of `FRAMES` pictures these are."""
    apart = [
        [np.abs(image.astype(int) - picture(n)).mean() for n in range(FRAMES)] for image in images
    ]
    assert all(min(row) < 4 for row in apart)
    return [int(np.argmin(row)) for row in apart]


def part(data, boundary="--frame", newline="\r\n", kind="image/jpeg", length=None):
    head = [boundary] if boundary else []
    head += [f"Content-Type: {kind}"] if kind else []
    head += [f"Content-Length: {length}"] if length is not None else []
    return (newline.join(head) + 2 * newline).encode() + data + newline.encode()


MIXED = "multipart/x-mixed-replace; boundary=frame"
PARTS = {
    "as it should be": (MIXED, lambda n, data: part(data, length=len(data))),
    "no first boundary": (MIXED, lambda n, data: part(data, boundary="--frame" if n else "")),
    "no boundary at all": (MIXED, lambda n, data: part(data, boundary="")),
    "image/jpg": (MIXED, lambda n, data: part(data, kind="image/jpg")),
    "image/pjpeg": (MIXED, lambda n, data: part(data, kind="image/pjpeg")),
    "a type with a parameter": (MIXED, lambda n, data: part(data, kind="image/jpeg;size=3")),
    "untyped parts": (MIXED, lambda n, data: part(data, kind="")),
    "lengths too small": (MIXED, lambda n, data: part(data, length=len(data) - 300)),
    "lengths too large": (MIXED, lambda n, data: part(data, length=len(data) + 300)),
    "dashes in the parameter": (
        "multipart/x-mixed-replace;boundary=--frame",
        lambda n, data: part(data),
    ),
    "quotes": ('multipart/x-mixed-replace; boundary="frame"', lambda n, data: part(data)),
    "another boundary": (MIXED, lambda n, data: part(data, boundary="--other")),
    "no parameter": ("multipart/x-mixed-replace", lambda n, data: part(data)),
    "line feeds": (MIXED, lambda n, data: part(data, newline="\n")),
    "an untyped body": (None, lambda n, data: part(data)),
    "a body of bytes": ("application/octet-stream", lambda n, data: part(data)),
    "pictures only": ("image/jpeg", lambda n, data: data),
    "in capitals": (MIXED.upper().replace("FRAME", "frame"), lambda n, data: part(data)),
}


@pytest.mark.parametrize(("kind", "make"), PARTS.values(), ids=PARTS)
def test_every_picture_of_a_stream_as_cameras_write_it(kind, make):
    def respond(handler):
        reply(handler, b"".join(make(n, jpeg(n)) for n in range(FRAMES)), kind)

    with served(respond) as server:
        images = frames_of(server.url)
        assert len(server.requests) == 1
    assert numbers_of(images)[-1] == FRAMES - 1
    # The reader of a live stream may pass over a picture that came at the same time as the next.
    assert numbers_of(images) == sorted(set(numbers_of(images)))


@pytest.mark.parametrize("boundary", [b"frame", b""])
@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_the_splitter_finds_all_pictures_whatever_the_pieces(boundary, size):
    pictures = [jpeg(n) for n in range(4)]
    stream = b"".join(part(data) for data in pictures)
    splitter = JpegSplitter(boundary)
    found = [
        one for at in range(0, len(stream), size) for one in splitter.feed(stream[at : at + size])
    ]
    assert [data.rstrip(b"\r") for data in found] == pictures


@pytest.mark.parametrize("boundary", [b"frame", b""])
@pytest.mark.parametrize("cut", [20, 300, -40, -2])
def test_a_picture_that_is_cut_off_costs_itself_only(boundary, cut):
    pictures = [jpeg(n) for n in range(4)]
    stream = b"".join(part(data[:cut] if n == 1 else data) for n, data in enumerate(pictures))
    found = [data.rstrip(b"\r") for data in JpegSplitter(boundary).feed(stream)]
    assert pictures[0] in found
    assert pictures[3] in found
    assert pictures[2] in found


@pytest.mark.parametrize("bad", [b"garbage" * 50, b"\xff\xd8\xff\xe0\xff\xff no picture", b""])
def test_bad_parts_cost_one_picture_each_and_no_connection(bad):
    reading = threading.Event()

    def respond(handler):
        reply(handler, part(bad) + part(jpeg(1)), MIXED)
        reading.wait(20)
        handler.wfile.write(
            b"".join(part(bad if n in (5, 6) else jpeg(n)) for n in range(2, FRAMES))
        )

    images = []

    def deliver(frame):
        images.append(frame.image_bgr)
        reading.set()

    with served(respond) as server:
        source = UrlSource(server.url)
        source.open()
        with pytest.raises(SourceLostError):
            source.stream(deliver)
        source.close()
        assert len(server.requests) == 1
    assert numbers_of(images) == [1, 2, 3, 4, 7, 8, 9, 10, 11]


def test_a_picture_is_there_before_the_next_one_begins():
    def respond(handler):
        reply(handler, part(jpeg(0))[:-2], MIXED)
        handler.server.stopping.wait(20)

    with served(respond) as server:
        source = UrlSource(server.url)
        assert source.open().width == 160
        source.close()


def test_an_address_of_one_picture_is_asked_again_and_again():
    def respond(handler):
        reply(handler, jpeg(len(handler.server.requests) - 1), "image/jpeg", length=True)

    with served(respond) as server:
        source = UrlSource(server.url)
        info = source.open()
        images = [source.read().image_bgr for _ in range(3)]
        source.close()
        asked = len(server.requests)
    assert info.fps == jpegs.POLL_HZ
    assert "5 times a second" in info.details
    assert numbers_of(images) == [0, 1, 2]
    assert 3 <= asked <= 5


@pytest.mark.parametrize("answers_each", [100, 1])
def test_snapshots_come_over_one_connection_while_the_server_keeps_it(answers_each):
    connections = []

    def respond(handler):
        if handler.connection not in connections:
            connections.append(handler.connection)
        handler.answered = getattr(handler, "answered", 0) + 1
        data = jpeg(len(handler.server.requests) - 1)
        reply(handler, data, "image/jpeg", length=True)
        # Without a word, as a server does whose time for idle connections is over.
        handler.close_connection = handler.answered >= answers_each

    with served(respond) as server:
        server.RequestHandlerClass = type("Keeping", (Handler,), {"protocol_version": "HTTP/1.1"})
        source = UrlSource(server.url)
        source.open()
        images = [source.read().image_bgr for _ in range(3)]
        source.close()
        asked = len(server.requests)
    assert numbers_of(images) == [0, 1, 2]
    assert len(connections) == (1 if answers_each > 1 else asked)


@pytest.mark.parametrize("exempt", ["", "127.0.0.0/8"])
def test_the_proxy_of_the_environment_is_used_unless_it_exempts_the_host(monkeypatch, exempt):
    with served(stream) as proxy, served(stream) as server:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://ann:s3cret@"))
        monkeypatch.setenv("no_proxy", exempt)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert len(frames_of(server.url)) >= 1
        if exempt:
            assert proxy.requests == []
        else:
            assert server.requests == []
            (path, headers), *_ = proxy.requests
            assert path == server.url
            assert headers["Proxy-Authorization"] == "Basic YW5uOnMzY3JldA=="
            assert headers["Host"] == server.url.split("/")[2]


def test_snapshots_are_asked_for_at_a_rate_and_one_may_fail():
    now_s, pauses, answers = [0.0], [], [b"damaged", None, jpeg(1), jpeg(2)]

    class Client:
        def get(self):
            data = answers.pop(0)
            if data is None:
                raise OSError("no answer")
            return Body(data)

        def close(self):
            pass

    class Body:
        def __init__(self, data):
            self._left = [data, b""]

        def within(self, seconds):
            pass

        def read(self):
            return self._left.pop(0)

        def close(self):
            pass

    def sleep(seconds):
        pauses.append(round(seconds, 3))
        now_s[0] += seconds

    poller = SnapshotPoller(Client(), jpeg(0), 1.0, lambda: now_s[0], sleep)
    assert all(poller.read()[0] for _ in range(3))
    assert pauses == [0.2] * 4
    answers[:] = [b"x"] * 3
    assert poller.read() == (False, None)


# User, password and certificates


@pytest.mark.parametrize(
    ("text", "user", "password", "url"),
    [
        ("http://cam/x", None, None, "http://cam/x"),
        ("RTSP://Ann:S3@cam:554/x?a=b@c", "Ann", "S3", "rtsp://cam:554/x?a=b@c"),
        ("http://ann:p@ss@cam/", "ann", "p@ss", "http://cam/"),
        ("http://ann:a%2Fb%23c@cam/", "ann", "a/b#c", "http://cam/"),
        ("http://ann@cam", "ann", None, "http://cam"),
        ("http://cam/path@2", None, None, "http://cam/path@2"),
    ],
)
def test_user_and_password_of_an_address(text, user, password, url):
    address = parse_stream_address(text)
    assert (address.user, address.password, address.url) == (user, password, url)


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "pa?ss", "1/2:3"])
def test_a_password_that_must_be_encoded_is_told_and_not_shown(password):
    url = f"http://ann:x{password}@127.0.0.1/x"
    with pytest.raises(ConfigError, match="percent-encoded") as caught:
        UrlSource(url)
    for shown in (str(caught.value), public_address(url)):
        assert password not in shown
        assert f"x{password[:2]}" not in shown


@pytest.mark.parametrize("url", ["http://cam:99999/x", "http://:80/x", "http://cam:x/"])
def test_an_address_without_host_or_port_is_told(url):
    with pytest.raises(ConfigError, match="names no host, or a port"):
        UrlSource(url)


def digest_right(headers, user, password):
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', headers.get("Authorization", "")))

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    first, second = md5(f"{user}:cam:{password}"), md5(f"GET:{fields.get('uri')}")
    middle = [fields.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
    return fields.get("response") == md5(":".join([first, *middle, second]))


@pytest.mark.parametrize("password", ["s3cret", "p@ss/#?ß"])
@pytest.mark.parametrize("scheme", ["Basic", "Digest"])
def test_the_server_chooses_how_the_password_is_sent(scheme, password):
    quoted = password.replace("/", "%2F").replace("#", "%23").replace("?", "%3F")

    def respond(handler):
        expected = base64.b64encode(f"ann:{password}".encode()).decode()
        basic = handler.headers.get("Authorization") == f"Basic {expected}"
        right = basic if scheme == "Basic" else digest_right(handler.headers, "ann", password)
        if right:
            reply(handler, b"".join(part(jpeg(n)) for n in range(3)), MIXED)
            return
        more = ', nonce="n1", qop="auth", algorithm=MD5' if scheme == "Digest" else ""
        reply(handler, b"", status=401, length=True, WWW_Authenticate=f'{scheme} realm="cam"{more}')

    with served(respond) as server:
        source = UrlSource(server.url.replace("://", f"://ann:{quoted}@"))
        assert source.open().name == server.url
        source.close()
        # It was asked for first.
        assert server.requests[0][1].get("Authorization") is None


def redirect(handler, to):
    reply(handler, b"", status=302, length=True, Location=to)


def test_a_password_goes_to_no_other_host():
    def challenge(handler):
        reply(handler, b"", status=401, length=True, WWW_Authenticate='Basic realm="cam"')

    with served(challenge) as other:

        def respond(handler):
            if handler.headers.get("Authorization") is None:
                challenge(handler)
            else:
                redirect(handler, other.url)

        with served(respond) as server:
            source = UrlSource(server.url.replace("://", "://ann:s3cret@"))
            with pytest.raises(SourceNotFoundError):
                source.open()
            source.close()
        assert len(other.requests) == 1
        assert all(headers.get("Authorization") is None for _, headers in other.requests)


def stream(handler):
    reply(handler, b"".join(part(jpeg(n)) for n in range(3)), MIXED)


@pytest.fixture(scope="module")
def authority():
    """Issues certificates that nobody trusts without its file."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_is_verified_before_anything_is_sent(authority, ca_file, trusted):
    with served(stream, authority.issue_cert("127.0.0.1")) as server:
        ca_file = ca_file if trusted else None
        source = UrlSource(server.url.replace("://", "://ann:s3cret@"), ca_file=ca_file)
        if trusted:
            assert source.open().width == 160
        else:
            with pytest.raises(UnverifiedError, match="cannot be verified") as caught:
                source.open()
            assert "--ca-file" in caught.value.hint
            assert server.requests == []
        source.close()


def test_a_certificate_for_another_host_is_refused(authority, ca_file):
    with served(stream, authority.issue_cert("camera.example")) as server:
        source = UrlSource(server.url, ca_file=ca_file)
        with pytest.raises(UnverifiedError, match=r"127\.0\.0\.1"):
            source.open()
        source.close()
        assert server.requests == []


@contextmanager
def tls_server(certificate):
    """A server that takes TLS connections and answers nothing; gives its port and what came."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    received, stopping = [], threading.Event()

    def serve():
        while not stopping.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                with connection, context.wrap_socket(connection, server_side=True) as secured:
                    received.append(secured.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], received
        finally:
            stopping.set()
            thread.join()


@pytest.mark.parametrize(
    ("name", "trusted"), [("127.0.0.1", True), ("127.0.0.1", False), ("camera.example", True)]
)
def test_rtsp_over_tls_is_verified_before_anything_is_sent(authority, ca_file, name, trusted):
    with tls_server(authority.issue_cert(name)) as (port, received):
        url = f"rtsps://ann:s3cret@127.0.0.1:{port}/live"
        source = UrlSource(url, ca_file=ca_file if trusted else None)
        verified = trusted and name == "127.0.0.1"
        with pytest.raises(SourceNotFoundError if verified else UnverifiedError):
            source.open()
        source.close()
    if verified:
        assert received[0].startswith(b"OPTIONS rtsps://")
    else:
        assert not any(received)


def test_a_file_without_certificates_is_told(tmp_path):
    (tmp_path / "a.pem").write_text("no certificate")
    for path in (tmp_path / "a.pem", tmp_path / "none.pem"):
        with pytest.raises(ConfigError, match="cannot be read"):
            UrlSource("https://cam/x", ca_file=path)


# Bounds


def opening_fails(server, match, error=SourceError):
    source = UrlSource(server.url, open_timeout_s=5)
    with pytest.raises(error, match=match):
        source.open()
    source.close()


def test_a_stream_of_enormous_pictures_is_refused():
    small = jpeg(0)
    at = small.index(b"\xff\xc0") + 5
    enormous = small[:at] + (16384).to_bytes(2) * 2 + small[at + 4 :]
    with served(lambda handler: reply(handler, part(enormous) * 3, MIXED)) as server:
        opening_fails(server, "more than 40 million pixels")


@pytest.mark.parametrize(
    "begin", [b"\xff\xd8\xff\xe0\x00\x10" + bytes(14) + b"\xff\xda\x00\x02", b""]
)
@pytest.mark.parametrize("kind", [MIXED, "image/jpeg"])
def test_a_part_without_an_end_is_given_up(monkeypatch, kind, begin):
    monkeypatch.setattr(jpegs, "PICTURE_BYTES_MAX", 1 << 20)
    monkeypatch.setattr("fer_live.capture.network_stream.PICTURE_BYTES_MAX", 1 << 20)
    monkeypatch.setattr(JpegSplitter.__init__, "__defaults__", (b"", 1 << 20))
    sent = []

    def respond(handler):
        reply(handler, part(begin), kind)
        while not handler.server.stopping.is_set() and sum(sent) < 1 << 26:
            handler.wfile.write(bytes(1 << 16))
            sent.append(1 << 16)

    with served(respond) as server:
        opening_fails(server, "gives no video")
    # What the system buffers for both sides comes on top.
    assert sum(sent) < 1 << 25


def test_redirects_are_followed_but_not_for_ever():
    def respond(handler):
        number = int(handler.path.rpartition("/")[2] or 0) if handler.path[-1].isdigit() else 0
        redirect(handler, f"/{number + 1}") if number != 3 else stream(handler)

    with served(respond) as server:
        assert len(frames_of(server.url)) >= 1
    with served(lambda handler: redirect(handler, "/video")) as server:
        opening_fails(server, "gives no video")
        assert len(server.requests) == client.REDIRECTS_MAX + 1


def test_the_body_of_a_redirect_is_not_read():
    sent = []

    def respond(handler):
        if handler.path != "/video":
            return stream(handler)
        reply(handler, b"", status=302, Location="/other")
        while not handler.server.stopping.is_set() and sum(sent) < 1 << 26:
            handler.wfile.write(bytes(1 << 16))
            sent.append(1 << 16)

    with served(respond) as server:
        assert len(frames_of(server.url)) >= 1
    assert sum(sent) < 1 << 25


@pytest.mark.parametrize("to", ["file://{}", "{}", "rtsp://127.0.0.1:1/", "ftp://127.0.0.1/x"])
def test_a_redirect_leads_to_no_file_or_other_scheme(video_path, to):
    with served(lambda handler: redirect(handler, to.format(video_path))) as server:
        opening_fails(server, "gives no video")


PLAYLISTS = {
    "of itself": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo\n",
    "with itself as a segment": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nvideo\n",
    "of many of itself": "#EXTM3U\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo\n" * 500,
    "of files": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{path}\n#EXT-X-ENDLIST\n",
    "of paths": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{path}\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("text", PLAYLISTS.values(), ids=PLAYLISTS)
def test_playlists_are_bounded(video_path, text):
    body = text.format(path=video_path).encode()

    def respond(handler):
        if handler.path == "/video":
            reply(handler, body, "application/vnd.apple.mpegurl", length=True)
        else:
            reply(handler, b"", status=404, length=True)

    with served(respond) as server:
        opening_fails(server, r"gives no video|did not answer")
        # Sixty at once, then five a second, until FFmpeg or the opening gives up.
        assert len(server.requests) <= client.REQUESTS_AT_ONCE + 10 * client.REQUESTS_PER_S


KEY = bytes(range(16))


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    """An H.264 video in MPEG transport streams of 25 frames each, each encrypted with `KEY`."""
    folder = tmp_path_factory.mktemp("hls")
    plain = []
    for number in range(3):
        path = folder / f"{number}.ts"
        with av.open(str(path), "w", format="mpegts") as container:
            stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
            for place in range(25):
                frame = av.VideoFrame.from_ndarray(picture((number * 25 + place) % FRAMES), "bgr24")
                frame.pts = number * 25 + place
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        plain.append(path.read_bytes())
    return plain, [encrypted(data, number) for number, data in enumerate(plain)]


def encrypted(data, number):
    """As a packager does it: the initialisation vector is the number of the segment."""
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(number.to_bytes(16))).encryptor()
    padded = padder.update(data) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def hls(segments, uri, key=KEY, method="AES-128", status=200, ends=False):
    """Answers with a playlist, which has an end or not, its segments and its key."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines += [f'#EXT-X-KEY:METHOD={method},URI="{uri}"']
    lines += [line for n in range(len(segments)) for line in ("#EXTINF:1.0,", f"{n}.ts")]
    lines += ["#EXT-X-ENDLIST"] * ends

    def respond(handler):
        name = handler.path.rpartition("/")[2]
        if name == "video":
            text = "\n".join(lines).encode()
            reply(handler, text, "application/vnd.apple.mpegurl", length=True)
        elif name == "key":
            reply(handler, key, status=status, length=True)
        elif name.endswith(".ts"):
            reply(handler, segments[int(name[0])], "video/mp2t", length=True)
        else:
            reply(handler, b"", status=404, length=True)

    return respond


def test_encrypted_hls_gives_the_pictures_that_it_gives_unencrypted(segments):
    plain, closed = segments
    with served(hls(plain, "", method="NONE")) as server:
        source = UrlSource(server.url)
        expected = source.open(), source.read().image_bgr
        source.close()
    with served(hls(closed, "key")) as server:
        source = UrlSource(server.url)
        info, image = source.open(), source.read().image_bgr
        source.close()
        paths = [path for path, _ in server.requests]
    assert "/key" in paths
    assert (info.width, info.height, info.details) == (160, 96, expected[0].details)
    assert numbers_of([image])
    assert numbers_of([expected[1]])


def test_every_byte_of_a_segment_is_decrypted_whatever_the_pieces(segments):
    plain, closed = segments
    for size in (1, 15, 16, 17, 4096, 1 << 20):
        body = DecryptedBody(io.BytesIO(closed[2]), KEY.hex(), (2).to_bytes(16).hex())
        assert b"".join(iter(lambda body=body, size=size: body.read(size), b"")) == plain[2]
    cut = DecryptedBody(io.BytesIO(closed[2][:1000]), KEY.hex(), (2).to_bytes(16).hex())
    assert b"".join(iter(lambda: cut.read(64), b"")) == plain[2][:992]


@pytest.mark.parametrize(
    "uri", ["file://{}", "{}", "data:;base64,AAECAwQFBgcICQoLDA0ODw==", "ftp://127.0.0.1/k"]
)
def test_the_key_of_a_stream_is_no_file_and_has_no_other_scheme(segments, tmp_path, uri):
    key = tmp_path / "local.key"
    key.write_bytes(KEY)  # it would fit
    with served(hls(segments[1], uri.format(key), ends=True)) as server:
        opening_fails(server, r"is encrypted \(HLS\), and its key cannot be had")


@pytest.mark.parametrize(("key", "status"), [(KEY[::-1], 200), (b"", 200), (KEY, 403)])
def test_a_key_that_does_not_fit_is_told(segments, key, status):
    with served(hls(segments[1], "key", key=key, status=status, ends=True)) as server:
        opening_fails(server, r"its key cannot be had or does not fit")


def test_the_key_may_lie_on_another_host_which_gets_no_password(segments):
    with served(hls([], "")) as other:

        def challenge(handler):
            if handler.headers.get("Authorization") is None:
                reply(handler, b"", status=401, length=True, WWW_Authenticate='Basic realm="c"')
            else:
                hls(segments[1], other.url.replace("/video", "/key"))(handler)

        with served(challenge) as server:
            source = UrlSource(server.url.replace("://", "://ann:s3cret@"))
            assert source.open().width == 160
            source.close()
        assert [path for path, _ in other.requests][:1] == ["/key"]
        assert all(headers.get("Authorization") is None for _, headers in other.requests)


@pytest.mark.parametrize("method", ["SAMPLE-AES", "SAMPLE-AES-CTR", "AES-256"])
def test_hls_that_is_encrypted_in_another_way_is_told(segments, method):
    with served(hls(segments[1], "key", method=method)) as server:
        opening_fails(server, r"is encrypted in a way that cannot be read \(HLS, not AES-128\)")


def test_without_the_library_it_says_what_to_install(segments, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with served(hls(segments[1], "key", ends=True)) as server:
        source = UrlSource(server.url, open_timeout_s=5)
        with pytest.raises(SourceError, match="needs the library cryptography") as caught:
            source.open()
        source.close()
    assert "fer-live[hls]" in caught.value.hint


def test_a_web_page_is_told():
    with served(lambda handler: reply(handler, b"<html>Login</html>", "text/html")) as server:
        opening_fails(server, "is a web page")


def test_a_server_that_drips_is_given_up():
    def respond(handler):
        reply(handler, b"", MIXED)
        while not handler.server.stopping.wait(0.02):
            handler.wfile.write(b"x")

    with served(respond) as server:
        source = UrlSource(server.url, open_timeout_s=0.2, stall_s=0.2)
        start_s = time.monotonic()
        with pytest.raises(SourceError, match=r"gives no video|did not answer"):
            source.open()
        source.close()
        for thread in threading.enumerate():
            if thread.name.startswith("capture "):
                thread.join(15)
                assert not thread.is_alive()
        assert time.monotonic() - start_s < 20
