"""A network camera on loopback: MJPEG over HTTP, for tests and benchmarks."""

import base64
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

_BOUNDARY = "frame"
_SENDING_S = 5.0


class MjpegServer:
    """Serves one endless MJPEG stream to each client, from the start of its context to the end.

    Args:
        frame: Gives the picture of number n of a connection, (H, W, 3) uint8 or JPEG bytes;
            called in the connection's thread.
        fps: Frames per second.
        quality: JPEG quality, 0-100.
        stall_after: After so many frames of a connection nothing more is sent.
        close_after: After so many frames the connection is closed.
        credentials: ``user:password`` that a client must send; None for anybody.

    Attributes:
        connections: Streams begun so far.
        sent: Frames sent so far, over all connections.
        stalled: Set once a connection has reached `stall_after`.
        stopping: Set at the end of the context; ends all connections.
    """

    def __init__(
        self,
        frame: Callable[[int], NDArray[np.uint8] | bytes],
        fps: float = 30.0,
        *,
        quality: int = 90,
        stall_after: int | None = None,
        close_after: int | None = None,
        credentials: str | None = None,
    ) -> None:
        self.frame = frame
        self.fps = fps
        self.quality = quality
        self.stall_after = stall_after
        self.close_after = close_after
        self.credentials = credentials
        self.connections = 0
        self.sent = 0
        self.stopping = threading.Event()
        self.stalled = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="mjpeg server"
        )

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The stream's address."""
        return f"http://127.0.0.1:{self.port}/stream.mjpg"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()  # joins the connections' threads
        self._thread.join()

    def encode(self, number: int) -> bytes:
        """The JPEG of a frame."""
        picture = self.frame(number)
        if isinstance(picture, bytes):
            return picture
        success, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        assert success
        return data.tobytes()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, owner: MjpegServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is normal."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SENDING_S

    def do_GET(self) -> None:
        owner = self.server.owner
        if owner.credentials is not None and not self._authorized(owner.credentials):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        owner.connections += 1
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self._stream(owner)

    def _authorized(self, credentials: str) -> bool:
        expected = base64.b64encode(credentials.encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _stream(self, owner: MjpegServer) -> None:
        start_s = time.perf_counter()
        number = 0
        while not owner.stopping.is_set() and number != owner.close_after:
            if number == owner.stall_after:
                owner.stalled.set()
                owner.stopping.wait()
                return
            data = owner.encode(number)
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n"
            self.wfile.write(head.encode() + b"\r\n" + data + b"\r\n")
            owner.sent += 1
            number += 1
            owner.stopping.wait(max(start_s + number / owner.fps - time.perf_counter(), 0.0))

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
