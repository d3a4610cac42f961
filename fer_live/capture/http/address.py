"""The address of a stream: where it is, and the user and password that it holds."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from fer_live.core.errors import ConfigError

_AUTHORITY_ENDS = re.compile(r"[/?#]")


@dataclass(frozen=True)
class StreamAddress:
    """An address taken apart.

    Args:
        url: Without user and password; its scheme in lower case.
        user, password: Decoded; None if the address holds none.
    """

    url: str
    user: str | None = None
    password: str | None = None

    @property
    def scheme(self) -> str:
        """The scheme, in lower case."""
        return self.url.partition("://")[0]

    @property
    def with_credentials(self) -> str:
        """The address with user and password percent-encoded, as FFmpeg takes it."""
        if self.user is None:
            return self.url
        secret = "" if self.password is None else f":{quote(self.password, safe='')}"
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{quote(self.user, safe='')}{secret}@{rest}"


def parse_stream_address(text: str) -> StreamAddress:
    """Takes an address apart. User and password may be percent-encoded; an ``@`` in them need not.

    Raises:
        ConfigError: A password holds ``/``, ``?`` or ``#`` that is not percent-encoded, or the
            address has no host or no valid port.
    """
    scheme, _, rest = text.strip().partition("://")
    scheme = scheme.lower()
    ends = _AUTHORITY_ENDS.search(rest)
    cut = ends.start() if ends else len(rest)
    credentials, at, host = rest[:cut].rpartition("@")
    try:
        parts = urlsplit(f"{scheme}://{host}")
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        if "@" in rest[cut:]:
            raise ConfigError(
                "The user or password in the address holds a /, ? or #.",
                "Write them percent-encoded: %2F for /, %3F for ?, %23 for # and %25 for %.",
            )
        raise ConfigError(
            "The address names no host, or a port that is no number from 1 to 65535.",
            f"Write it as {scheme}://HOST:PORT/PATH.",
        )
    url = f"{scheme}://{host}{rest[cut:]}"
    if not at:
        return StreamAddress(url)
    user, colon, password = credentials.partition(":")
    return StreamAddress(url, unquote(user), unquote(password) if colon else None)
