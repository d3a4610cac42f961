"""What an HLS playlist leads to: playlists, segments and keys, within bounds."""

import contextlib
import io
import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fer_live.capture.http.decryption import DecryptedBody
from fer_live.core.errors import SourceError, SourceNotFoundError

if TYPE_CHECKING:
    from fer_live.capture.http.client import HttpBody, HttpClient

_log = logging.getLogger(__name__)

PARTS_MAX = 40
"""FFmpeg may ask for this many parts before it gives a picture: a playlist of playlists, its
variants and their first segments."""

_PLAYLIST = b"#EXTM3U"
_SNIFFED = 1 << 16
"""Bytes of a playlist that are searched for keys: thousands of segments."""

_KEY = rb"#EXT-X-(?:SESSION-)?KEY:[^\r\n]*?METHOD="
_AES_128 = re.compile(_KEY + rb"AES-128\b")
_OTHER_METHOD = re.compile(_KEY + rb"(?!NONE\b|AES-128\b)")

_CRYPTO = re.compile(r"crypto[+:]")
"""Before the address of an encrypted segment; FFmpeg gives its key with it."""


def is_playlist(body: "HttpBody") -> bool:
    """True if a body begins as a playlist of HLS."""
    return body.peek(len(_PLAYLIST)) == _PLAYLIST


class PlaylistParts:
    """Fetches for FFmpeg what a playlist names. One thread uses it.

    Everything comes through the client, so that a key or segment is no file and has no other scheme
    than ``http`` and ``https``. Segments in AES-128 are decrypted. A part that cannot be had is
    empty, because PyAV prints the traceback of an error.

    Args:
        client: Fetches.
        title: The stream, for messages.
        clock: Monotonic seconds.

    Attributes:
        problem: Why the stream cannot be read, if that is known.
    """

    def __init__(
        self, client: "HttpClient", title: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._title = title
        self._clock = clock
        self._seconds = self._deadline_s = 0.0
        self._left = 0
        self.problem: SourceError | None = None

    def within(self, seconds: float) -> None:
        """Before a picture is asked for: after these seconds, or `PARTS_MAX` parts, all is empty.

        FFmpeg would ask for a live playlist for ever if its segments cannot be read.
        """
        self._seconds = seconds
        self._deadline_s, self._left = self._clock() + seconds, PARTS_MAX

    def open(self, url: str, _flags: int, options: dict[str, str]) -> Any:
        """A part, as PyAV's ``io_open`` takes it."""
        self._left -= 1
        if self._left < 0 or self._clock() > self._deadline_s:
            return io.BytesIO()
        try:
            return self._open(url, options)
        except SourceError as error:
            self.problem = error
        except (OSError, ValueError) as error:
            # The text of the error may hold the address.
            _log.debug("part of a playlist: %s", type(error).__name__)
        return io.BytesIO()

    def check(self, body: "HttpBody") -> None:
        """Raises SourceNotFoundError for a playlist of segments encrypted other than in AES-128."""
        if not is_playlist(body):
            return
        begin = body.peek(_SNIFFED)
        if _OTHER_METHOD.search(begin):
            raise SourceNotFoundError(
                f"{self._title} is encrypted in a way that cannot be read (HLS, not AES-128).",
                "Use an address of the camera that is not, such as RTSP or MJPEG.",
            )
        if _AES_128.search(begin) and self.problem is None:
            self.problem = SourceNotFoundError(  # told only if nothing can be decoded
                f"{self._title} is encrypted (HLS), and its key cannot be had or does not fit.",
                "Check that the server gives the key over HTTP or HTTPS, and user and password.",
            )

    def _open(self, url: str, options: dict[str, str]) -> "HttpBody | DecryptedBody":
        prefix = _CRYPTO.match(url)
        with contextlib.ExitStack() as undo:
            part = self._client.get(url[prefix.end() :] if prefix else url)
            undo.callback(part.close)
            part.within(self._seconds)
            self.check(part)
            opened: HttpBody | DecryptedBody = part
            if prefix is not None:
                opened = DecryptedBody(part, options["key"], options["iv"])
            undo.pop_all()
        return opened
