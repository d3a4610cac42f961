"""Connections of the web service: bounds on time, memory and number, and answers before a body.

Tornado bounds the time for a head and for a body, and asks a client that waits for
"100 Continue" for its body only after the head was seen. The bounds on memory and number, and what
is answered from the head alone, are added here.
"""

import asyncio
import copy
import logging
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, cast

from flask import Flask, Response
from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError
from tornado.wsgi import WSGIContainer

from fer_live.web.app import refusal

_log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
"""Most connections. One more closes the one whose request has been incomplete for longest, so
that idle and slow clients keep nobody out."""

HEAD_S = 10.0
"""Longest wait for the head of a request, also on a connection that is kept open."""

BODY_S = 60.0
"""Longest time for a body: 32 MB arrive in it at 4.3 Mbit/s."""

_DRAIN_S = 5.0
"""After an early answer, the body is received and dropped for so long: closing at once would reset
the connection, and many clients then never read the answer."""

_MOST = 1 << 50  # Tornado's own limit on a body answers 400 without a sentence; ours comes first


class Server(HTTPServer):
    """Serves a Flask application; the application runs on the threads of an executor.

    It answers a request that its head refuses, or whose body is too large, without waiting for the
    body. One thread, that of its event loop, uses it.
    """

    def initialize(  # type: ignore[override]
        self, app: Flask, executor: Executor, max_buffered: int
    ) -> None:
        """Called by the constructor.

        Args:
            app: The application; its `MAX_CONTENT_LENGTH` bounds a body.
            executor: Runs the application.
            max_buffered: Most bytes of all bodies in memory; a request that needs more is busy.
        """
        super().initialize(
            _never, idle_connection_timeout=HEAD_S, body_timeout=BODY_S, max_body_size=_MOST
        )
        self.app = app
        self.container = WSGIContainer(app, executor)
        self._left = max_buffered
        # In the order in which they began to wait for a complete request.
        self._waiting: dict[HTTP1ServerConnection, None] = {}
        self._open: set[HTTP1ServerConnection] = set()

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Called for each new connection, and again after each response."""
        connection = cast(HTTP1ServerConnection, server_conn)
        self.complete(connection)
        self._waiting[connection] = None
        self._open.add(connection)
        if len(self._open) > MAX_CONNECTIONS:
            next(iter(self._waiting)).stream.close()
        return _Message(self, connection, cast(HTTP1Connection, request_conn))

    def on_close(self, server_conn: object) -> None:
        """Called when a connection has ended."""
        connection = cast(HTTP1ServerConnection, server_conn)
        self.complete(connection)
        self._open.discard(connection)
        super().on_close(server_conn)

    def complete(self, connection: HTTP1ServerConnection) -> None:
        """The request of a connection has arrived; the connection is no longer waited for."""
        self._waiting.pop(connection, None)

    def take(self, size: int) -> bool:
        """Reserves memory for a part of a body; False if there is none left."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """Returns memory that was reserved."""
        self._left += size


class _Message(HTTPMessageDelegate):
    """One request, as it arrives."""

    def __init__(
        self, server: Server, connection: HTTP1ServerConnection, request: HTTP1Connection
    ) -> None:
        self._server = server
        self._connection = connection
        self._exchange = request
        self._request: HTTPServerRequest | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._answered = False
        self._work: asyncio.Task[None] | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        self._request = HTTPServerRequest(
            connection=self._exchange,
            start_line=cast(RequestStartLine, start_line),
            headers=headers,
        )
        if "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0":
            self._refuse_early()

    def data_received(self, chunk: bytes) -> None:
        if self._answered:
            return
        taken = self._server.take(len(chunk))
        if taken:
            self._size += len(chunk)
            self._body.append(chunk)
        self._refuse_early(busy=not taken)

    def finish(self) -> None:
        self._server.complete(self._connection)
        if self._answered:
            self._exchange.finish()
        else:
            self._work = asyncio.ensure_future(self._respond())

    def on_connection_close(self) -> None:
        self._drop_body()

    async def _respond(self) -> None:
        request = self._request
        assert request is not None
        request.body = b"".join(self._body)
        self._body.clear()
        if "Transfer-Encoding" in request.headers:
            # The body of a WSGI application ends where its length says.
            del request.headers["Transfer-Encoding"]
            request.headers["Content-Length"] = str(len(request.body))
        try:
            await self._server.container.handle_request(request)
        except StreamClosedError:
            _log.debug("a client left before its answer")
        except Exception:
            _log.exception("a request failed")
            self._exchange.close()
        finally:
            self._drop_body()

    def _refuse_early(self, *, busy: bool = False) -> None:
        """Answers now if the head, or the size so far, shows that the request is refused."""
        request = self._request
        assert request is not None
        if not busy and 0 < self._size <= self._server.app.config["MAX_CONTENT_LENGTH"]:
            return
        head = copy.copy(request)
        head.headers = request.headers.copy()  # `environ` takes the content type and length out
        environ = self._server.container.environ(head)
        if self._size:
            environ["CONTENT_LENGTH"] = str(self._size)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        response = refusal(self._server.app, environ, busy=busy)
        if response is None:
            return
        self._answered = True
        self._drop_body()
        sent = self._exchange.write_headers(*_start(response), response.get_data())
        if "Expect" in request.headers:
            self._exchange.finish()  # the client has not begun to send; this closes the connection
            return
        self._exchange.set_body_timeout(_DRAIN_S)
        sent.add_done_callback(_end_of(self._connection))

    def _drop_body(self) -> None:
        self._body.clear()
        self._server.give_back(self._size)
        self._size = 0


def _never(request: HTTPServerRequest) -> None:
    raise AssertionError("`Server.start_request` takes every request")


def _start(response: Response) -> tuple[ResponseStartLine, HTTPHeaders]:
    headers = HTTPHeaders()
    for name, value in response.headers:
        headers.add(name, value)
    headers["Connection"] = "close"
    headers["Content-Length"] = str(len(response.get_data()))
    code, _, reason = response.status.partition(" ")
    return ResponseStartLine("HTTP/1.1", int(code), reason), headers


def _end_of(connection: HTTP1ServerConnection) -> Callable[[Any], None]:
    """Ends the sending half of a connection, so that the client sees the end of the answer."""

    def end(sent: Any) -> None:
        with suppress(OSError, AttributeError):  # the client has left already
            connection.stream.socket.shutdown(socket.SHUT_WR)
        sent.exception()

    return end
