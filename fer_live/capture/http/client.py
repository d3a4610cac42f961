"""An HTTP client for streams: bounded, verified, and credentials go to their own host only.

It stands on the standard library's `http.client`, which is loaded anyway: a larger client costs
0.07 to 0.15 s of CPU time before the first picture. `requests` answers what few streams need,
Digest authentication and the rules of proxies.
"""

import http
import http.client
import logging
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit
from urllib.request import getproxies

import certifi

from fer_live.capture.http.address import StreamAddress
from fer_live.capture.http.certificates import check_ca_file, unverified_error

_log = logging.getLogger(__name__)

REDIRECTS_MAX = 5
"""A camera redirects once or twice, to its login or its stream."""

REQUESTS_AT_ONCE = 40
"""This many requests may follow each other without a pause: a playlist of playlists, its
variants and their first segments."""

REQUESTS_PER_S = 5.0
"""Further requests may come at this rate: a live playlist asks for itself and a segment every
second at most."""

_PORTS = {"http": 80, "https": 443}
_CHUNK = 1 << 16
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"User-Agent": "fer_live", "Accept": "*/*"}
_IN_TARGETS = "%/?:@!$&'()*+,;=~[]"
"""Characters of a path and query that are sent as they are; others are percent-encoded."""

_Origin = tuple[str, str, int]
_Authorization = Callable[[str], str]
"""Gives the value of the header for a target."""


class RefusedError(OSError):
    """The server asks for something that is not allowed, or for too much of it."""


class LateError(TimeoutError):
    """The server took too long altogether, however often it sent a little."""


class HttpClient:
    """Fetches what a stream's address leads to. One thread uses it.

    Redirects and playlists lead to ``http`` and ``https`` only. User and password go to the scheme,
    host and port of the address only, after the server has asked for them, by Basic or Digest.
    Certificates are verified, against Mozilla's list or a file.

    Args:
        address: The stream's address.
        ca_file: PEM file of the certificates that are trusted; None trusts the public ones.
        connect_s: Longest wait for a connection.
        silence_s: Longest wait for the next bytes.

    Raises:
        ConfigError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        address: StreamAddress,
        ca_file: Path | None = None,
        connect_s: float = 10.0,
        silence_s: float = 10.0,
    ) -> None:
        self._address = address
        self._timeout = (connect_s, silence_s)
        self._authorization: _Authorization | None = None
        self._tokens = _TokenBucket(REQUESTS_AT_ONCE, REQUESTS_PER_S)
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[_Origin, http.client.HTTPConnection] = {}
        if ca_file is not None:
            check_ca_file(ca_file)

    def get(self, url: str | None = None) -> "HttpBody":
        """Requests an address; None is the stream's own.

        Raises:
            RefusedError: Another scheme, too many redirects or requests, or a status of failure.
            UnverifiedError: The certificate cannot be verified.
            OSError: The server cannot be reached or says nothing.
        """
        url = url or self._address.url
        for _ in range(REDIRECTS_MAX + 1):
            body = self._send(url)
            location = body.header("Location")
            if body.status in _REDIRECTS and location:
                body.close()
                url = urljoin(url, location)
                continue
            if body.status != http.HTTPStatus.OK:
                body.close()
                raise RefusedError(f"status {body.status}")
            return body
        raise RefusedError("too many redirects")

    def close(self) -> None:
        """Closes the connections that wait for a further request."""
        while self._idle:
            self._idle.popitem()[1].close()

    def _send(self, url: str) -> "HttpBody":
        own = _origin(url) == _origin(self._address.url)
        body = self._once(url, self._authorization if own else None)
        if body.status != http.HTTPStatus.UNAUTHORIZED or not own or self._address.user is None:
            return body
        body.close()
        self._authorization = _answer_to(
            body.header("WWW-Authenticate"), self._address.user, self._address.password or ""
        )
        return self._once(url, self._authorization)

    def _once(self, url: str, authorization: _Authorization | None) -> "HttpBody":
        origin = _origin(url)
        if origin[0] not in _PORTS:
            raise RefusedError("another scheme than http and https")
        if not self._tokens.take():
            raise RefusedError("too many requests")
        parts = urlsplit(url)
        target = quote(
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), _IN_TARGETS
        )
        headers = dict(_HEADERS)
        if authorization is not None:
            headers["Authorization"] = authorization(target)
        proxy = _proxy_for(url)
        if proxy is not None and origin[0] == "http":
            headers |= _proxy_headers(proxy)
            target = f"http://{parts.netloc.rpartition('@')[2]}{target}"
        idle = self._idle.pop(origin, None)
        try:
            if idle is not None:
                try:
                    return self._ask(idle, origin, url, target, headers)
                except TimeoutError:
                    idle.close()
                    raise
                except (OSError, http.client.HTTPException):
                    idle.close()  # the server has closed it meanwhile
            connection = self._connect(origin, proxy)
            try:
                return self._ask(connection, origin, url, target, headers)
            except BaseException:
                connection.close()
                raise
        except ssl.SSLCertVerificationError as error:
            raise unverified_error(origin[1]) from error
        except http.client.HTTPException as error:
            raise OSError(type(error).__name__) from error

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        origin: _Origin,
        url: str,
        target: str,
        headers: dict[str, str],
    ) -> "HttpBody":
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        # A server that ends the connection with its answer takes the socket away from it.
        keep = connection.sock is not None

        def ended(whole: bool) -> None:
            response.close()
            if keep and whole and origin not in self._idle:
                self._idle[origin] = connection
            else:
                connection.close()

        return HttpBody(response, url, ended)

    def _connect(self, origin: _Origin, proxy: SplitResult | None) -> http.client.HTTPConnection:
        scheme, host, port = origin
        address = (host, port)
        if proxy is not None:
            address = (proxy.hostname or "", proxy.port or _PORTS["http"])
        connect_s, silence_s = self._timeout
        connection = (
            http.client.HTTPConnection(*address, timeout=connect_s)
            if scheme == "http"
            else http.client.HTTPSConnection(*address, timeout=connect_s, context=self._context())
        )
        if proxy is not None and scheme == "https":
            connection.set_tunnel(host, port, _proxy_headers(proxy))
        connection.connect()
        connection.sock.settimeout(silence_s)
        return connection

    def _context(self) -> ssl.SSLContext:
        # Mozilla's list takes milliseconds to read.
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=str(self._ca_file or certifi.where()))
        return self._tls


class HttpBody:
    """The body of a response, read as it comes.

    Args:
        response: Its head has been read.
        url: Where it came from.
        ended: Called once, by `close`, with whether the whole body was read; then the connection
            can be used again.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        response: http.client.HTTPResponse,
        url: str,
        ended: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._response = response
        self._ended: Callable[[bool], None] | None = ended
        self._left = response.length
        """Bytes to come; None if the server does not say."""
        self._clock = clock
        self._ahead = b""
        self._deadline_s: float | None = None
        self.name = url
        """The address; FFmpeg resolves those in a playlist against it."""

    @property
    def status(self) -> int:
        """The status code."""
        return self._response.status

    @property
    def content_type(self) -> str:
        """The media type with its parameters; empty if there is none."""
        return self.header("Content-Type")

    @property
    def has_length(self) -> bool:
        """True if the server says how long the body is."""
        return bool(self.header("Content-Length"))

    def header(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        # http.client decodes as Latin-1, whatever the server wrote.
        return self._response.headers.get(name, "").encode("latin-1").decode("utf-8", "replace")

    def within(self, seconds: float | None) -> None:
        """From now on, reading takes so long at most, altogether; None lifts the bound."""
        self._deadline_s = None if seconds is None else self._clock() + seconds

    def read(self, size: int = _CHUNK) -> bytes:
        """The next bytes, `size` at most; empty at the end.

        Raises:
            LateError: The bound of `within` is over.
            OSError: The connection is broken or silent.
        """
        if self._deadline_s is not None and self._clock() > self._deadline_s:
            raise LateError("too slow")
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        size = min(size, _CHUNK) if self._left is None else min(size, _CHUNK, self._left)
        if size == 0:
            return b""
        try:
            # http.client counts what `read1` gives from Python 3.13 on only.
            data = self._response.read1(size)
            if self._left is not None:
                self._left -= len(data)
            return data
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(str(error)) from error

    def peek(self, size: int) -> bytes:
        """The first bytes, `size` or fewer at the end; `read` gives them again."""
        while len(self._ahead) < size:
            self._ahead, more = b"", self._ahead
            data = self.read()
            self._ahead = more + data
            if not data:
                break
        return self._ahead[:size]

    def close(self) -> None:
        """Closes the connection, or keeps it for the next request; harmless when it is closed."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(self._left == 0 or (self._left is None and self._response.isclosed()))


def _answer_to(challenge: str, user: str, password: str) -> _Authorization:
    if challenge.lower().startswith("digest"):
        return _digest(challenge, user, password)
    return lambda _: _basic(user, password)


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _digest(challenge: str, user: str, password: str) -> _Authorization:
    """Digest authentication with a challenge that has arrived; it never sends a request itself."""
    from requests.auth import HTTPDigestAuth
    from requests.utils import parse_dict_header

    auth = HTTPDigestAuth(user, password)
    auth.init_per_thread_state()
    auth._thread_local.chal = parse_dict_header(challenge.partition(" ")[2])
    return lambda target: auth.build_digest_header("GET", f"http://_{target}") or ""


def _proxy_for(url: str) -> SplitResult | None:
    """The proxy that the environment sets for an address; None if there is none."""
    if not getproxies():
        return None
    from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy

    found = select_proxy(url, get_environ_proxies(url))
    if not found:
        return None
    proxy = urlsplit(prepend_scheme_if_needed(found, "http"))
    if proxy.scheme.lower() != "http" or not proxy.hostname:
        raise RefusedError("a proxy that is no HTTP proxy")
    return proxy


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    return {"Proxy-Authorization": _basic(unquote(proxy.username), unquote(proxy.password or ""))}


def _origin(url: str) -> _Origin:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError as error:
        raise RefusedError("no valid port") from error
    return scheme, parts.hostname or "", port or _PORTS.get(scheme, 0)


class _TokenBucket:
    """Allows so many events at once, and further ones at a rate."""

    def __init__(
        self, most: int, per_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._per_s, self._clock = float(most), per_s, clock
        self._left, self._at_s = float(most), clock()

    def take(self) -> bool:
        """True if one more is allowed now."""
        now_s: Any = self._clock()
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
