"""Serves the application on a socket until it is interrupted."""

import errno
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from waitress.server import create_server

from fer_live.core.errors import ConfigError
from fer_live.web.app import create_app
from fer_live.web.json_errors import Channel
from fer_live.web.prediction_service import PredictionService

_SPARE_THREADS = 4
"""Threads over those that may wait for the model, for the page and for saying "busy"."""

_MAX_CONNECTIONS = 64
"""Each may hold one request's body in memory."""

_IDLE_S = 30
"""After so long a silent connection is closed."""

_RECEIVE_BYTES = 1 << 18
"""Read at once from a connection: pictures are large."""

_BODY_SLACK = 1 << 16
"""Over the application's limit, so that its own sentence is what a slightly large body gets."""


def serve(
    host: str,
    port: int,
    load: Callable[[], PredictionService],
    *,
    max_mb: float,
    allowed_hosts: Sequence[str] = (),
    say: Callable[[str], None],
) -> None:
    """Serves until interrupted or terminated; call it from the main thread.

    Args:
        host: Address or name to listen on.
        port: 0 takes any free one.
        load: Loads the model, once the port is known to be free.
        max_mb: Most megabytes of one request.
        allowed_hosts: Names by which it may be called, besides `host`, localhost and addresses.
        say: Tells the user where it listens and when it ends.

    Raises:
        ConfigError: It cannot listen there.
        FerLiveError: Model, device or detector cannot be had.
    """
    with (
        bind(host, port) as listener,
        suppress(KeyboardInterrupt),
        _terminated_like_interrupted(),
    ):
        analyst = load()
        app = create_app(analyst, max_mb=max_mb, allowed_hosts=[host, *allowed_hosts])
        server = _server(app, listener, analyst.max_requests + _SPARE_THREADS)
        about = analyst.about()
        if not is_loopback(listener):
            say(
                "Warning: everybody who can reach this computer over the network can send pictures "
                "here, without a password and without encryption."
            )
        say(f"Serving on {address_of(listener)} (model {about['model']}, {about['device']}).")
        say("Press Ctrl-C to stop.")
        server.run()
    say("Stopped.")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError, with what to do, if it cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(
            f"There is no address called {host!r}.", "Use --host 127.0.0.1 or leave it out."
        ) from error
    family, _, _, _, address = found[0]
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        raise _cannot_bind(host, port, error) from error


def is_loopback(listener: socket.socket) -> bool:
    """True if only this computer can reach the socket."""
    return ipaddress.ip_address(str(listener.getsockname()[0]).split("%")[0]).is_loopback


def address_of(listener: socket.socket) -> str:
    """Where a browser on this computer finds the service."""
    name, port = listener.getsockname()[:2]
    if ipaddress.ip_address(name.split("%")[0]).is_unspecified:
        name = "localhost"
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _server(app: Flask, listener: socket.socket, threads: int) -> Any:
    most = app.config["MAX_CONTENT_LENGTH"] + _BODY_SLACK
    server = create_server(
        app,
        sockets=[listener],
        threads=threads,
        max_request_body_size=most,
        # Larger than any body: nothing is ever put into a temporary file.
        inbuf_overflow=most + 1,
        recv_bytes=_RECEIVE_BYTES,
        connection_limit=_MAX_CONNECTIONS,
        channel_timeout=_IDLE_S,
        ident=None,
    )
    server.channel_class = Channel
    return server


def _cannot_bind(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"Port {port} is already in use.",
            "Stop the other program, or choose another port with --port.",
        )
    if error.errno == errno.EACCES:
        return ConfigError(
            f"Port {port} may not be used without special rights.",
            "Choose a port from 1024 on: --port 8000.",
        )
    why = os.strerror(error.errno) if error.errno else error
    return ConfigError(
        f"It is not possible to listen on {host} port {port}: {why}.",
        "Use --host 127.0.0.1 or leave it out.",
    )


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
