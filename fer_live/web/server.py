"""Serves the application on a socket until it is interrupted."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from flask import Flask

from fer_live.core.network import address_of, bind, is_loopback
from fer_live.core.process import end_signals
from fer_live.web.app import create_app
from fer_live.web.connections import Server
from fer_live.web.prediction_service import PredictionService

_SPARE_THREADS = 4
"""Threads beyond those that wait for the model: for the page and for "busy" responses."""

_MIN_BODIES = 4
"""Bodies of the full size that may be in memory at once, at least; more requests are busy."""

_END_S = 5.0
"""Longest wait for the picture in progress when the service ends."""

_BUSY_HINT = "Stop the other program, or choose another port with --port."
_HOST_HINT = "Use --host 127.0.0.1 or leave it out."


def serve(
    host: str,
    port: int,
    load: Callable[[], PredictionService],
    *,
    max_mb: float,
    allowed_hosts: Sequence[str] = (),
    say: Callable[[str], None],
) -> None:
    """Serves until interrupted, terminated or hung up; call it from the main thread.

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
        _signals_as_interrupt(),
        load() as service,
    ):
        app = create_app(service, max_mb=max_mb, allowed_hosts=[host, *allowed_hosts])
        about = service.about()
        if not is_loopback(listener):
            say(
                "Warning: everybody who can reach this computer over the network can send pictures "
                "to it, without a password and without encryption."
            )

        def ready() -> None:
            say(f"Serving on {address_of(listener)} (model {about['model']}, {about['device']}).")
            say("Press Ctrl-C to stop.")

        finished = asyncio.run(_run(app, listener, service, ready))
        if not finished:
            say("Stopped.")
            # Python would wait for the thread of the picture in progress.
            sys.stderr.flush()
            os._exit(0)
    say("Stopped.")


async def _run(
    app: Flask, listener: socket.socket, service: PredictionService, ready: Callable[[], None]
) -> bool:
    """Serves until a signal; answers in progress are given up. False if a picture still is.

    `ready` is called when requests are accepted and a signal ends the service in order.
    """
    # Requests that clients get wrong are theirs to know, and they are told.
    logging.getLogger("tornado").setLevel(logging.ERROR)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(service.max_requests + _SPARE_THREADS, "fer-live-web")
    bodies = max(_MIN_BODIES, service.max_requests)
    server = Server(app, threads, bodies * app.config["MAX_CONTENT_LENGTH"])
    with _on_signals(lambda: loop.call_soon_threadsafe(stop.set)):
        listener.setblocking(False)
        server.add_socket(listener)
        ready()
        await stop.wait()
        server.stop()
        await server.close_all_connections()
        # What waits for the model ends at once, then the threads that wait for it.
        finished = service.close(_END_S)
        threads.shutdown(wait=finished, cancel_futures=True)
    return finished


@contextmanager
def _on_signals(act: Callable[[], object]) -> Iterator[None]:
    """Calls `act` on Ctrl-C and the signals that end a program."""
    numbers = (signal.SIGINT, *end_signals())
    before = {number: signal.signal(number, lambda *_: act()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def _signals_as_interrupt() -> Iterator[None]:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with _on_signals(interrupt):
        yield
