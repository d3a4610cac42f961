"""Segments of HLS that are encrypted with METHOD=AES-128 (RFC 8216, section 4.3.2.4)."""

import importlib
from typing import Any, Protocol

from fer_live.core.errors import SourceError

_BLOCK_BYTES = 16


class Body(Protocol):
    """What an encrypted segment is read from, see `HttpClient.get`."""

    def read(self, size: int = ...) -> bytes: ...
    def close(self) -> None: ...


class DecryptedBody:
    """A segment in AES-128, CBC mode with PKCS#7 padding, decrypted as it is read.

    Args:
        body: The encrypted segment.
        key, iv: Hexadecimal, 16 bytes each.

    Raises:
        SourceError: The library that decrypts is not installed.
        ValueError: Key or initialisation vector is no 16 bytes.
    """

    def __init__(self, body: Body, key: str, iv: str) -> None:
        ciphers = _library("cryptography.hazmat.primitives.ciphers")
        pair = bytes.fromhex(key), bytes.fromhex(iv)
        if {len(value) for value in pair} != {_BLOCK_BYTES}:
            raise ValueError("key or initialisation vector is no 16 bytes")
        self._body = body
        self._decryptor = ciphers.Cipher(
            ciphers.algorithms.AES(pair[0]), ciphers.modes.CBC(pair[1])
        ).decryptor()
        self._plain = bytearray()
        self._ended = False

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; empty at the end. Raises as the body does."""
        # The last block is held back: it has the padding.
        while not self._ended and len(self._plain) <= _BLOCK_BYTES:
            more = self._body.read(size)
            self._plain += self._decryptor.update(more)
            if not more:
                self._ended = True
                self._remove_padding()
        ready = len(self._plain) if self._ended else len(self._plain) - _BLOCK_BYTES
        data = bytes(self._plain[: min(size, ready)])
        del self._plain[: len(data)]
        return data

    def close(self) -> None:
        """Closes the body."""
        self._body.close()

    def _remove_padding(self) -> None:
        # A segment that was cut off has none; its damaged end is passed over by the decoder.
        length = self._plain[-1] if self._plain else 0
        if 0 < length <= _BLOCK_BYTES and self._plain.endswith(bytes([length]) * length):
            del self._plain[-length:]


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SourceError(
            "Reading an encrypted HLS stream needs the library cryptography.",
            "Install it with: pip install 'fer-live[hls]'.",
        ) from error
