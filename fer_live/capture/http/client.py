"""An HTTP client for streams: bounded, verified, and credentials go to their own host only."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from requests.utils import get_environ_proxies, parse_dict_header

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

_SCHEMES = ("http", "https")
_CHUNK = 1 << 16
_REDIRECTS = (301, 302, 303, 307, 308)


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
        self._auth: AuthBase | None = None
        self._tokens = _TokenBucket(REQUESTS_AT_ONCE, REQUESTS_PER_S)
        self._session = _Session()
        # No password from ~/.netrc, which nobody has chosen for a camera.
        self._session.trust_env = False
        self._session.headers["Accept-Encoding"] = "identity"
        if ca_file is not None:
            check_ca_file(ca_file)
            self._session.verify = str(ca_file)

    def get(self, url: str | None = None) -> "HttpBody":
        """Requests an address; None is the stream's own.

        Raises:
            RefusedError: Another scheme, too many redirects or requests, or a status of failure.
            UnverifiedError: The certificate cannot be verified.
            OSError: The server cannot be reached or says nothing.
        """
        url = url or self._address.url
        for _ in range(REDIRECTS_MAX + 1):
            response = self._send(url)
            location = response.headers.get("Location")
            if response.status_code in _REDIRECTS and location:
                response.close()
                url = urljoin(url, location)
                continue
            if response.status_code != 200:
                response.close()
                raise RefusedError(f"status {response.status_code}")
            return HttpBody(response, url)
        raise RefusedError("too many redirects")

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()

    def _send(self, url: str) -> requests.Response:
        own = _origin(url) == _origin(self._address.url)
        response = self._once(url, self._auth if own else None)
        challenge = response.headers.get("WWW-Authenticate", "")
        if response.status_code != 401 or not own or self._address.user is None:
            return response
        response.close()
        self._auth = _answer_to(challenge, self._address.user, self._address.password or "")
        return self._once(url, self._auth)

    def _once(self, url: str, auth: AuthBase | None) -> requests.Response:
        if urlsplit(url).scheme.lower() not in _SCHEMES:
            raise RefusedError("another scheme than http and https")
        if not self._tokens.take():
            raise RefusedError("too many requests")
        try:
            return self._session.get(
                url,
                auth=auth,
                stream=True,
                allow_redirects=False,
                timeout=self._timeout,
                proxies=get_environ_proxies(url),
            )
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise
            raise unverified_error(urlsplit(url).hostname or "") from error


class HttpBody:
    """The body of a response, read as it comes.

    Args:
        response: With `stream=True`, its body not read.
        url: Where it came from.
        clock: Monotonic seconds.
    """

    def __init__(
        self, response: requests.Response, url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._response = response
        self._clock = clock
        self._ahead = b""
        self._deadline_s: float | None = None
        self.name = url
        """The address; FFmpeg resolves those in a playlist against it."""

    @property
    def content_type(self) -> str:
        """The media type with its parameters; empty if there is none."""
        return str(self._response.headers.get("Content-Type", ""))

    @property
    def has_length(self) -> bool:
        """True if the server says how long the body is."""
        return "Content-Length" in self._response.headers

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
        try:
            return bytes(self._response.raw.read1(min(size, _CHUNK), decode_content=False))
        except OSError:
            raise
        except Exception as error:  # urllib3's errors are no OSError
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
        """Closes the connection."""
        self._response.close()


class _Session(requests.Session):
    """A session that leaves redirects alone: requests reads their whole bodies to prepare them."""

    def resolve_redirects(self, *arguments: Any, **options: Any) -> Iterator[Any]:  # type: ignore[override]
        return iter(())


class _Digest(HTTPDigestAuth):
    """Digest authentication with a challenge that has arrived; it never sends a request itself."""

    def __init__(self, user: str, password: str, challenge: str) -> None:
        super().__init__(user, password)
        self._challenge = parse_dict_header(challenge.partition(" ")[2])

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self.init_per_thread_state()
        self._thread_local.chal = self._challenge
        header = self.build_digest_header(request.method or "GET", request.url or "")
        if header:
            request.headers["Authorization"] = header
        return request


def _answer_to(challenge: str, user: str, password: str) -> AuthBase:
    if challenge.lower().startswith("digest"):
        return _Digest(user, password, challenge)
    # As UTF-8; requests itself encodes text as Latin-1.
    return HTTPBasicAuth(user.encode(), password.encode())


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError as error:
        raise RefusedError("no valid port") from error
    return scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(scheme, 0)


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
