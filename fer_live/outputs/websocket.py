"""WebSocket server: the messages as JSON, and the overlay page that shows them."""

import asyncio
import hmac
import http
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fer_live.core.errors import OutputError
from fer_live.core.network import address_of, bind, host_allowed, is_loopback, same_site
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage
from fer_live.outputs.output import THREAD_PREFIX

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

_log = logging.getLogger(__name__)

MAX_CLIENTS = 32
"""Each costs its share of every frame."""
CLIENT_MESSAGES = 32
"""Messages that wait for one client, a second at 30 per second; then the oldest is dropped."""
MAX_INCOMING_BYTES = 4096
"""Clients have nothing to say; longer messages close the connection."""
PING_S = 10.0
"""A client that answers no ping for twice this time is disconnected."""
OPEN_S = 1.5
"""Longest wait for a client's handshake: a browser opens connections that it may never use, and the
end of the server waits for each of them."""
CLOSE_S = 0.5
"""Longest wait for clients to say goodbye."""
JOIN_S = 2.0
"""Longest wait for the server's thread at the end."""
EARLY = 0.2
"""A frame may come so much of its interval early and still be in time: a source's frames jitter."""

PAGES = {
    "/overlay": ("overlay.html", "text/html; charset=utf-8"),
    "/overlay.css": ("overlay.css", "text/css; charset=utf-8"),
    "/overlay.js": ("overlay.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Sent with the page: it can load nothing from, and send nothing to, anywhere else."""


class _Client:
    """What waits for one client. Used in the server's thread."""

    def __init__(self, connection: "ServerConnection", interval_s: float) -> None:
        self._connection = connection
        self._interval_s = interval_s
        self._next_s = float("-inf")
        self._waiting: deque[str] = deque()
        self._news = asyncio.Event()
        self.dropped = 0
        """Messages that this client has missed."""

    def take_frame(self, frame: FrameMessage, dropped: int) -> None:
        """Queues a frame, unless it comes too soon for the rate that the client asked for."""
        at_s = frame.captured_s
        if at_s < self._next_s - EARLY * self._interval_s:
            return
        # On a grid, so that the mean rate is the one asked for; a pause begins a new one.
        late = not self._next_s <= at_s + EARLY * self._interval_s <= self._next_s + 1.0
        self._next_s = (at_s if late else self._next_s) + self._interval_s
        self.take(frame.json(dropped + self.dropped))

    def take(self, text: str) -> None:
        """Queues a message; the oldest that waits goes if there are too many."""
        if len(self._waiting) >= CLIENT_MESSAGES:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(text)
        self._news.set()

    async def send(self) -> None:
        """Sends what is queued until the connection closes."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._connection.send(self._waiting.popleft())


class WebSocketSender:
    """Serves messages to any number of clients, and the overlay page.

    A client is answered if it names this computer by address or as localhost and, if it is a web
    page, if the page is the server's own. That keeps other sites' pages out, which a browser would
    let connect to this computer, also by a name of theirs that points here (DNS rebinding). Where
    a token is set, every client must give it; a page that knows it may be any.

    Args:
        host, port: Where to listen; port 0 takes any free one.
        token: Demanded of every client, as ``?token=`` or ``Authorization: Bearer``; '' demands
            none.
    """

    name = "WebSocket"
    capacity = 32
    pictures = False

    def __init__(self, host: str, port: int, token: str = "") -> None:
        self._host = host
        self._port = port
        self._token = token
        self._listener: socket.socket | None = None
        self._address = f"ws://{host}:{port}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._clients: set[_Client] = set()
        self._session: str | None = None
        self._failure: Exception | None = None
        self.warning = ""

    @property
    def place(self) -> str:
        """Address for clients."""
        return self._address

    @property
    def clients(self) -> int | None:
        """Clients connected now."""
        return len(self._clients)

    @property
    def missed(self) -> int:
        """Messages that clients connected now have missed, all together: they read too slowly."""
        return sum(client.dropped for client in tuple(self._clients))

    def open(self) -> None:
        """Listens. Raises ConfigError or OutputError."""
        try:
            import websockets.asyncio.server  # noqa: F401
        except ImportError as error:
            raise OutputError(
                "The WebSocket output needs the library websockets.",
                'Install it with: pip install "fer-live[stream]".',
            ) from error
        self._listener = bind(self._host, self._port)
        self._address = address_of(self._listener, "ws")
        if not is_loopback(self._listener):
            who = "everybody who knows the token and" if self._token else "everybody who"
            self.warning = (
                f"Warning: {who} can reach this computer over the network can read the "
                "expressions seen here, without encryption."
            )
        self._thread = threading.Thread(
            target=self._run, name=f"{THREAD_PREFIX}websocket-server", daemon=True
        )
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise OutputError(
                f"The WebSocket server could not be started: {self._failure}.", "Try another port."
            ) from self._failure

    def session(self, session: SessionMessage) -> None:
        """Tells every client, and first of all those to come."""
        self._call(self._take_session, session.json)

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Hands a frame to every client."""
        self._call(self._take_frame, frame, dropped)
        return True

    def event(self, event: EventMessage) -> bool:
        """Hands an event to every client."""
        self._call(self._take, event.json)
        return True

    def close(self) -> None:
        """Disconnects everybody and stops listening."""
        if self._thread is None or self._loop is None or self._stop is None:
            return
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(JOIN_S)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(function, *arguments)

    def _take_session(self, text: str) -> None:
        self._session = text
        self._take(text)

    def _take(self, text: str) -> None:
        for client in self._clients:
            client.take(text)

    def _take_frame(self, frame: FrameMessage, dropped: int) -> None:
        for client in self._clients:
            client.take_frame(frame, dropped)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            _log.warning("the WebSocket server ended", exc_info=error)
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        from websockets.asyncio.server import serve

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serve(
            self._attend,
            sock=self._listener,
            process_request=self._answer,
            # On this computer compressing costs more than sending.
            compression=None,
            max_size=MAX_INCOMING_BYTES,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            server_header=None,
        ):
            self._started.set()
            await self._stop.wait()

    async def _attend(self, connection: "ServerConnection") -> None:
        """One client, from the handshake to the end."""
        from websockets.exceptions import ConnectionClosed

        assert connection.request is not None
        fps = float(_query(connection.request).get("fps", 0))
        client = _Client(connection, 1 / fps if fps else 0.0)
        if self._session is not None:
            client.take(self._session)
        self._clients.add(client)
        sending = asyncio.create_task(client.send())
        try:
            async for _ in connection:  # answers to pings come only while somebody receives
                pass
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sending

    def _answer(self, connection: "ServerConnection", request: "Request") -> "Response | None":
        """The answer to a request; None lets it become a WebSocket."""
        path = urlsplit(request.path).path
        if refusal := self._refusal(request, path):
            return connection.respond(*refusal)
        if path in PAGES:
            return _page(connection, path)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return connection.respond(
                http.HTTPStatus.UPGRADE_REQUIRED,
                f"This is a WebSocket server: connect to {self._address}. "
                "A page to look at is at /overlay.\n",
            )
        return None

    def _refusal(self, request: "Request", path: str) -> tuple[http.HTTPStatus, str] | None:
        headers = request.headers
        hosts, origins = headers.get_all("Host"), headers.get_all("Origin")
        if len(hosts) != 1 or not host_allowed(hosts[0].lower(), (self._host.lower(),)):
            return (
                http.HTTPStatus.FORBIDDEN,
                "This server does not answer to that name. Use its IP address or localhost.\n",
            )
        query = _query(request)
        if path not in PAGES and self._token:
            given = query.get("token") or headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return http.HTTPStatus.UNAUTHORIZED, "The token is missing or wrong.\n"
        elif any(not same_site(origin, hosts[0]) for origin in origins):
            return (
                http.HTTPStatus.FORBIDDEN,
                "Another web page asks, which is not allowed without a token.\n",
            )
        if path not in (*PAGES, "/"):
            return http.HTTPStatus.NOT_FOUND, "There is nothing here. Use / or /overlay.\n"
        if not _rate_is_good(query.get("fps", "0")):
            return http.HTTPStatus.BAD_REQUEST, "fps must be a number from 0.1 to 1000.\n"
        if len(self._clients) >= MAX_CLIENTS and path not in PAGES:
            return (
                http.HTTPStatus.SERVICE_UNAVAILABLE,
                f"There are {MAX_CLIENTS} clients already.\n",
            )
        return None


def _page(connection: "ServerConnection", path: str) -> "Response":
    name, kind = PAGES[path]
    text = resources.files("fer_live.outputs").joinpath("page", name).read_text("utf-8")
    response = connection.respond(http.HTTPStatus.OK, text)
    del response.headers["Content-Type"]
    for key, value in {"Content-Type": kind, **HEADERS}.items():
        response.headers[key] = value
    return response


def _query(request: "Request") -> dict[str, str]:
    """The last value of each key in the address's query."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(request.path).query).items()}


def _rate_is_good(text: str) -> bool:
    """True for a rate of frames, and for 0, which is every frame."""
    try:
        fps = float(text)
    except ValueError:
        return False
    return fps == 0 or 0.1 <= fps <= 1000
