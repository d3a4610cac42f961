"""Addresses to listen on and to send to, and which web pages may ask a local server."""

import errno
import ipaddress
import os
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from fer_live.core.errors import ConfigError

LOOPBACK = "127.0.0.1"
"""Only programs on this computer reach it."""

BUSY_HINT = "Stop the other program, or choose another port."
LOOPBACK_HINT = f"Use the host {LOOPBACK}."


def parse_address(text: str, default_host: str | None = LOOPBACK) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``, ``[IPV6]:PORT`` or, with a default host, ``PORT``.

    Args:
        text: As a user types it.
        default_host: Host where the text has none; None demands one.

    Raises:
        ConfigError: It is no address, or the port is not in 0-65535.
    """
    text = text.strip()
    host, _, port_text = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or default_host or ""
    if port_text.isascii() and port_text.isdigit() and int(port_text) <= 65535 and host:
        return host, int(port_text)
    form = "HOST:PORT" if default_host is None else "PORT or HOST:PORT"
    raise ConfigError(
        f"{text!r} is not an address.",
        f"Write {form}, for example {default_host or LOOPBACK}:9000.",
    )


def bind(
    host: str,
    port: int,
    *,
    busy_hint: str = BUSY_HINT,
    host_hint: str = LOOPBACK_HINT,
) -> socket.socket:
    """A listening socket.

    Args:
        host: Address or name to listen on.
        port: 0 takes any free one.
        busy_hint, host_hint: What the user can do about a port that cannot be used, and about a
            host that cannot be used.

    Raises:
        ConfigError: It cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(f"There is no address called {host!r}.", host_hint) from error
    family, _, _, _, address = found[0]
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(f"Port {port} is already in use.", busy_hint) from error
        if error.errno == errno.EACCES:
            raise ConfigError(
                f"Port {port} may not be used without special rights.",
                "Choose a port from 1024 on.",
            ) from error
        why = os.strerror(error.errno) if error.errno else error
        raise ConfigError(
            f"It is not possible to listen on {host} port {port}: {why}.", host_hint
        ) from error


def is_loopback(listener: socket.socket) -> bool:
    """True if only this computer can reach the socket."""
    return is_loopback_address(str(listener.getsockname()[0]))


def is_loopback_address(address: str) -> bool:
    """True if an IP address, with or without a zone, is this computer's own."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def address_of(listener: socket.socket, scheme: str = "http") -> str:
    """Where a program on this computer finds what listens on the socket."""
    name, port = listener.getsockname()[:2]
    if ipaddress.ip_address(name.split("%")[0]).is_unspecified:
        name = "localhost"
    return f"{scheme}://[{name}]:{port}" if ":" in name else f"{scheme}://{name}:{port}"


def host_allowed(host: str, names: Collection[str] = ()) -> bool:
    """True if a Host header is an IP address, localhost, or one of the names; port left aside.

    An address is safe: DNS rebinding needs a name whose owner can point it elsewhere.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost") or name in names
    return True


def same_site(origin: str, host: str) -> bool:
    """True if an Origin header names the server that a Host header names: its own page asks."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False
