"""Serves the application on a socket until it is interrupted."""

import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from waitress.server import create_server

from fer_live.core.network import address_of, bind, is_loopback
from fer_live.web.app import create_app
from fer_live.web.json_errors import Channel
from fer_live.web.prediction_service import PredictionService

_SPARE_THREADS = 4
"""Threads beyond those that wait for the model: for the page and for "busy" responses."""

_MAX_CONNECTIONS = 64
"""Most connections; each can hold one request's body in memory."""

_IDLE_S = 30
"""Seconds after which an idle connection is closed."""

_RECEIVE_BYTES = 1 << 18
"""Bytes read at once from a connection; images are large."""

_BUSY_HINT = "Stop the other program, or choose another port with --port."
_HOST_HINT = "Use --host 127.0.0.1 or leave it out."

_BODY_SLACK = 1 << 16
"""Bytes above the application's limit, so that it responds to a slightly too large body itself."""


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
        port: 0 chooses a free port.
        load: Loads the model, after the port was found free.
        max_mb: Most megabytes of one request.
        allowed_hosts: Allowed host names, besides `host`, localhost and IP addresses.
        say: Shows the user a message.

    Raises:
        ConfigError: The address or the port cannot be used.
        FerLiveError: The model, the device or the detector is not available.
    """
    with (
        bind(host, port, busy_hint=_BUSY_HINT, host_hint=_HOST_HINT) as listener,
        suppress(KeyboardInterrupt),
        _sigterm_as_interrupt(),
    ):
        service = load()
        app = create_app(service, max_mb=max_mb, allowed_hosts=[host, *allowed_hosts])
        server = _server(app, listener, service.max_requests + _SPARE_THREADS)
        about = service.about()
        if not is_loopback(listener):
            say(
                "Warning: everybody who can reach this computer over the network can send pictures "
                "to it, without a password and without encryption."
            )
        say(f"Serving on {address_of(listener)} (model {about['model']}, {about['device']}).")
        say("Press Ctrl-C to stop.")
        server.run()
    say("Stopped.")


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


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
